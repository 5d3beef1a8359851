package io.narthex.net.http;

import java.io.IOException;
import java.io.OutputStream;

/** The answer to one request: status and headers first, then the body. */
public interface HttpResponse {

  /** Sets the status, 200 by default. */
  HttpResponse status(int status);

  /** Sets a header, replacing earlier values. */
  HttpResponse header(String name, String value);

  /**
   * Opens the body; status and headers are fixed from here on. Buffered; the length need not be
   * known. The server compresses it when the client asks for that and {@link #header} has set no
   * encoding.
   */
  OutputStream body() throws IOException;

  /** Sends a whole body of the given type. */
  default void send(String contentType, byte[] content) throws IOException {
    header("Content-Type", contentType);
    try (OutputStream out = body()) {
      out.write(content);
    }
  }

  /** Sends a text as {@code text/plain; charset=utf-8}. */
  default void sendText(String text) throws IOException {
    send("text/plain; charset=utf-8", text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  /** Sends no body. */
  void sendEmpty() throws IOException;
}
