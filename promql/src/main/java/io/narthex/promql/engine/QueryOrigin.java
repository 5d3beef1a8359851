package io.narthex.promql.engine;

/**
 * Where a query comes from, as far as it is known.
 *
 * @param client the address of who asks, or the empty text: places are shared fairly among clients
 * @param method the HTTP method, or the empty text where it did not come by HTTP
 * @param path the path of the request, or the empty text
 */
public record QueryOrigin(String client, String method, String path) {

  /** Nothing is known. */
  public static final QueryOrigin UNKNOWN = new QueryOrigin("", "", "");
}
