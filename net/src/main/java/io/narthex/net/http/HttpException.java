package io.narthex.net.http;

import org.jspecify.annotations.Nullable;

/** HTTP cannot be served or spoken as asked; the message is for the user. */
public final class HttpException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public HttpException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
