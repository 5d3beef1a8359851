package io.narthex.base.regex;

/** An expression that is not valid RE2 syntax. The message is Go's. */
public final class RegexException extends RuntimeException {

  private static final long serialVersionUID = 1;

  RegexException(String message) {
    super(message);
  }

  RegexException(String message, Throwable cause) {
    super(message, cause);
  }
}
