package io.narthex.api.v1;

import io.narthex.base.regex.AnchoredRegex;
import io.narthex.net.http.HttpRequest;
import io.narthex.net.http.HttpResponse;

/** Says which pages of other origins may read the answers. */
final class Cors {

  private final String pattern;
  private final AnchoredRegex origins;

  /**
   * @param pattern the origins, as a regular expression over the whole of them
   */
  Cors(String pattern) {
    this.pattern = pattern;
    this.origins = AnchoredRegex.compile(pattern);
  }

  void apply(HttpRequest request, HttpResponse response) {
    response.header("Vary", "Origin");
    String origin = request.header("Origin");
    if (origin == null || origin.isEmpty()) {
      return;
    }
    response
        .header("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, Origin")
        .header("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
        .header("Access-Control-Expose-Headers", "Date");
    if (pattern.equals(".*")) {
      response.header("Access-Control-Allow-Origin", "*");
    } else if (origins.matches(origin)) {
      response.header("Access-Control-Allow-Origin", origin);
    }
  }
}
