package io.narthex.base.compress;

/** Bytes that are not what their format says they are. */
public final class CompressionException extends RuntimeException {

  private static final long serialVersionUID = 1;

  CompressionException(String message, Throwable cause) {
    super(message, cause);
  }

  CompressionException(String message) {
    super(message);
  }
}
