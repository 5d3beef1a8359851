package io.narthex.base.flag;

/** A command line that cannot be used; the message is for the user. */
public final class FlagException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final int exitCode;

  public FlagException(String message, int exitCode) {
    super(message);
    this.exitCode = exitCode;
  }

  /** What the program ends with: 1 for a line that is no sentence, 2 for a value that is wrong. */
  public int exitCode() {
    return exitCode;
  }
}
