package io.narthex.api.v1;

import io.narthex.base.text.GoQuote;
import java.util.List;

/** A request that has no answer; the message is for the user. */
final class ApiException extends Exception {

  private static final long serialVersionUID = 1;

  private final ErrorType type;

  @SuppressWarnings("serial") // Exceptions are not serialised here.
  private final List<String> warnings;

  ApiException(ErrorType type, String message) {
    this(type, message, List.of());
  }

  ApiException(ErrorType type, String message, List<String> warnings) {
    super(message);
    this.type = type;
    this.warnings = warnings;
  }

  static ApiException badData(String message) {
    return new ApiException(ErrorType.BAD_DATA, message);
  }

  /** A parameter that is wrong. */
  static ApiException invalid(String parameter, String reason) {
    return badData("invalid parameter " + GoQuote.quote(parameter) + ": " + reason);
  }

  ErrorType type() {
    return type;
  }

  List<String> warnings() {
    return warnings;
  }
}
