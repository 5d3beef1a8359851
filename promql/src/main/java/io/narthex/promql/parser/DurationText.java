package io.narthex.promql.parser;

import io.narthex.model.labels.GoQuote;

/**
 * Durations as they are written: numbers with units, largest unit first, each at most once. A year
 * has 365 days.
 */
final class DurationText {

  private static final String[] UNITS = {"y", "w", "d", "h", "m", "s", "ms"};
  private static final long[] MILLIS = {
    31_536_000_000L, 604_800_000, 86_400_000, 3_600_000, 60_000, 1_000, 1
  };

  /** Upstream counts nanoseconds in 64 bits. */
  private static final long MAX_MILLIS = Long.MAX_VALUE / 1_000_000;

  private DurationText() {}

  /**
   * The length in milliseconds.
   *
   * @throws IllegalArgumentException if it is not one; the message is for the user
   */
  static long parse(String text) {
    long millis = 0;
    int lastUnit = -1;
    int i = 0;
    while (i < text.length()) {
      int from = i;
      while (i < text.length() && isDigit(text.charAt(i))) {
        i++;
      }
      String number = text.substring(from, i);
      from = i;
      while (i < text.length() && !isDigit(text.charAt(i))) {
        i++;
      }
      String unit = text.substring(from, i);
      // Eighteen digits fit for certain; no number of more than nineteen is in range.
      if (number.isEmpty() || unit.isEmpty() || number.length() > 20) {
        throw invalid(text);
      }
      int index = unit(unit, text);
      if (index <= lastUnit) {
        throw invalid(text);
      }
      lastUnit = index;
      if (number.length() > 18
          || Long.parseLong(number) > MAX_MILLIS / MILLIS[index]
          || millis + Long.parseLong(number) * MILLIS[index] > MAX_MILLIS) {
        throw new IllegalArgumentException("duration out of range");
      }
      millis += Long.parseLong(number) * MILLIS[index];
    }
    return millis;
  }

  private static int unit(String unit, String text) {
    for (int i = 0; i < UNITS.length; i++) {
      if (UNITS[i].equals(unit)) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "unknown unit " + GoQuote.quote(unit) + " in duration " + GoQuote.quote(text));
  }

  private static IllegalArgumentException invalid(String text) {
    return new IllegalArgumentException("not a valid duration string: " + GoQuote.quote(text));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
