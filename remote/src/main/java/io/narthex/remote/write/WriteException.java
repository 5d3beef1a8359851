package io.narthex.remote.write;

/**
 * A request to write that is not taken, with the HTTP status and the text of the answer. Nothing of
 * the request was stored unless the text says so.
 */
public final class WriteException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final int status;

  WriteException(int status, String message) {
    // Whoever sends nonsense in a loop must not cost a stack trace each time.
    super(message, null, false, false);
    this.status = status;
  }

  /** A request that is not in the form that it should be. */
  static WriteException malformed(String message) {
    return new WriteException(400, message);
  }

  /** The HTTP status: 5xx if it makes sense to send the same again. */
  public int status() {
    return status;
  }

  /** The text of the answer. */
  public String text() {
    return String.valueOf(getMessage());
  }
}
