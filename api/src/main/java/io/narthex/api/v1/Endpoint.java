package io.narthex.api.v1;

import io.narthex.net.http.HttpRequest;
import java.io.IOException;

/** Answers requests for one path of the API. */
@FunctionalInterface
interface Endpoint {

  /**
   * @throws ApiException if there is no answer
   * @throws IOException if the request cannot be read
   */
  Answer answer(HttpRequest request) throws ApiException, IOException;
}
