package io.narthex.api.v1;

import java.util.OptionalDouble;

/** Floats as Go's {@code strconv.ParseFloat} reads them, as far as clients write them. */
final class GoFloats {

  private GoFloats() {}

  /** The finite number that a text means, or nothing. */
  static OptionalDouble parse(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Java also takes spaces, and the suffixes d and f.
      if ((c < '0' || c > '9') && "+-.eE".indexOf(c) < 0) {
        return OptionalDouble.empty();
      }
    }
    try {
      double value = Double.parseDouble(text);
      return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }
}
