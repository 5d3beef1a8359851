package io.narthex.net.http;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** One request. It belongs to the handler's thread, but for {@link #clientGone}. */
public interface HttpRequest {

  /** The method in capitals. */
  String method();

  /** The path as it was sent, without the query, percent-decoded. */
  String path();

  /** The part of the path that the route's {@code {name}} matched, percent-decoded. */
  String pathParameter(String name);

  /** The first header of this name in any case, or null. */
  @Nullable String header(String name);

  /** The parameters of the query string. */
  Parameters query();

  /**
   * The parameters of the query string and, for a form body, of the body before them, as Go's
   * {@code ParseForm} gives them. Reads the body at the first call.
   *
   * @throws IOException if the body cannot be read
   */
  Parameters form() throws IOException;

  /** The body as it comes in. */
  InputStream body();

  /** The address of the client, without its port. */
  String remoteAddress();

  /**
   * Whether the client has closed its connection; checks the socket without reading from it. Any
   * thread may ask.
   */
  boolean clientGone();
}
