package io.narthex.net.http;

import java.io.IOException;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * What stands before all handlers of a server: TLS for each connection; passwords and headers for
 * each request. Thread-safe.
 */
public interface Entrance {

  /** No TLS, and everybody may pass. */
  Entrance OPEN =
      new Entrance() {
        @Override
        public @Nullable SSLEngine tls() {
          return null;
        }

        @Override
        public boolean admits(@Nullable String authorization, HttpResponse response) {
          return true;
        }
      };

  /**
   * TLS for a new connection, in server mode, or null for none.
   *
   * @throws IOException if it cannot be had; the connection is closed and the message logged
   */
  @Nullable SSLEngine tls() throws IOException;

  /**
   * Sets the headers that all answers have, and answers in the place of the handler if the request
   * may not pass.
   *
   * @param authorization the header of that name
   * @return whether it may pass
   */
  boolean admits(@Nullable String authorization, HttpResponse response) throws IOException;
}
