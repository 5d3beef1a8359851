package io.narthex.net.http;

import java.io.IOException;

/** Answers requests. Called on the thread of the connection, which may block. */
@FunctionalInterface
public interface HttpHandler {

  /**
   * Answers one request, whole: when it returns the response is over.
   *
   * @throws IOException if the client is gone; the connection is closed
   */
  void handle(HttpRequest request, HttpResponse response) throws IOException;
}
