package io.narthex.api.v1;

import io.narthex.base.text.GoQuote;

/** Switches among the parameters. */
final class Booleans {

  private Booleans() {}

  /**
   * As Go's {@code strconv.ParseBool}; an empty text is false.
   *
   * @param parameter its name, for the message
   */
  static boolean parse(String parameter, String text) throws ApiException {
    return switch (text) {
      case "1", "t", "T", "true", "TRUE", "True" -> true;
      case "", "0", "f", "F", "false", "FALSE", "False" -> false;
      default ->
          throw ApiException.invalid(
              parameter,
              "unable to parse boolean: strconv.ParseBool: parsing "
                  + GoQuote.quote(text)
                  + ": invalid syntax");
    };
  }
}
