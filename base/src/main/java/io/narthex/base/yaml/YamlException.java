package io.narthex.base.yaml;

/** A file that cannot be used; the message is for the user and names the lines. */
public class YamlException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public YamlException(String message) {
    super(message);
  }

  public YamlException(String message, Throwable cause) {
    super(message, cause);
  }

  YamlException(String message, boolean withStack) {
    super(message, null, false, withStack);
  }

  /**
   * A part of the file whose errors have been collected already: decoding goes on elsewhere, so
   * that all of them are told at once.
   */
  static final class Collected extends YamlException {

    private static final long serialVersionUID = 1;

    Collected() {
      super("an error that was collected", false);
    }
  }
}
