package io.narthex.model.duration;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import java.time.Duration;

/**
 * Prometheus' durations: numbers with the units y (365 days), w, d, h, m, s, ms, each at most once
 * and in this order, or a lone 0. They are never negative and end at 2^63-1 nanoseconds, about 292
 * years; their grain is the millisecond.
 */
public final class Durations {

  private static final String[] UNITS = {"y", "w", "d", "h", "m", "s", "ms"};
  private static final long[] MILLIS = {
    365L * 86_400_000, 7L * 86_400_000, 86_400_000, 3_600_000, 60_000, 1_000, 1
  };
  private static final long MAX_NANOS = Long.MAX_VALUE;

  private Durations() {}

  /**
   * Reads a duration.
   *
   * @throws DurationException if the text is none; the message is Prometheus'
   */
  public static Duration parse(String text) {
    if (text.isEmpty()) {
      throw new DurationException("empty duration string");
    }
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    long nanos = 0;
    int lastUnit = -1;
    int at = 0;
    while (at < text.length()) {
      int from = at;
      while (at < text.length() && isDigit(text.charAt(at))) {
        at++;
      }
      if (at == from || at == text.length()) {
        throw invalid(text);
      }
      long number = number(text.substring(from, at));
      from = at;
      while (at < text.length() && !isDigit(text.charAt(at))) {
        at++;
      }
      int unit = unit(text.substring(from, at), text);
      if (unit <= lastUnit) {
        throw invalid(text);
      }
      lastUnit = unit;
      nanos = add(nanos, number, MILLIS[unit] * 1_000_000);
    }
    return Duration.ofNanos(nanos);
  }

  /** Decodes a value of a configuration file. */
  public static Duration decode(YamlValue value) {
    try {
      return parse(value.text());
    } catch (DurationException e) {
      throw value.error(String.valueOf(e.getMessage()));
    }
  }

  /** Writes a duration into a configuration file, unless it is zero. */
  public static void write(YamlWriter.Map out, String key, Duration duration) {
    if (!duration.isZero()) {
      out.put(key, print(duration));
    }
  }

  /**
   * Prints a duration in the same form; what is below a millisecond is left out. Years and weeks
   * are used only where nothing remains below them, as {@code 2w} but {@code 15d}.
   */
  public static String print(Duration duration) {
    long millis = duration.toMillis();
    if (millis == 0) {
      return "0s";
    }
    StringBuilder out = new StringBuilder();
    for (int unit = 0; unit < UNITS.length; unit++) {
      boolean onlyExact = unit < 2;
      if (onlyExact && millis % MILLIS[unit] != 0) {
        continue;
      }
      long number = millis / MILLIS[unit];
      if (number > 0) {
        out.append(number).append(UNITS[unit]);
        millis -= number * MILLIS[unit];
      }
    }
    return out.toString();
  }

  private static int unit(String name, String text) {
    for (int i = 0; i < UNITS.length; i++) {
      if (UNITS[i].equals(name)) {
        return i;
      }
    }
    throw new DurationException(
        "unknown unit " + GoQuote.quote(name) + " in duration " + GoQuote.quote(text));
  }

  private static long number(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw new DurationException("duration out of range");
    }
  }

  private static long add(long sum, long number, long unit) {
    if (number > MAX_NANOS / unit || sum > MAX_NANOS - number * unit) {
      throw new DurationException("duration out of range");
    }
    return sum + number * unit;
  }

  private static DurationException invalid(String text) {
    return new DurationException("not a valid duration string: " + GoQuote.quote(text));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
