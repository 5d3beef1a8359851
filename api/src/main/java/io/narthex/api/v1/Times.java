package io.narthex.api.v1;

import io.narthex.base.text.GoQuote;
import io.narthex.model.duration.DurationException;
import io.narthex.model.duration.Durations;
import io.narthex.net.http.Parameters;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.OptionalDouble;

/** Times and durations as clients write them: float seconds, or RFC 3339 and Prometheus' form. */
final class Times {

  /** The earliest time, milliseconds since the epoch; upstream's. */
  static final long MIN = (Long.MIN_VALUE / 1000 + 62135596801L) * 1000;

  /** The latest time. */
  static final long MAX = (Long.MAX_VALUE / 1000 - 62135596801L) * 1000 + 999;

  private static final String MIN_TEXT = "-292273086-05-16T16:47:06Z";
  private static final String MAX_TEXT = "292277025-08-18T07:12:54.999999999Z";

  private Times() {}

  /** A parameter that may be absent. */
  static long optional(Parameters form, String name, long absent) throws ApiException {
    String text = form.first(name);
    if (text.isEmpty()) {
      return absent;
    }
    try {
      return parse(text);
    } catch (DateTimeException e) {
      throw ApiException.invalid(name, "invalid time value for '" + name + "': " + e.getMessage());
    }
  }

  /** A parameter that must be there. */
  static long required(Parameters form, String name) throws ApiException {
    try {
      return parse(form.first(name));
    } catch (DateTimeException e) {
      throw ApiException.invalid(name, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Reads a time, in milliseconds since the epoch.
   *
   * @throws DateTimeException with upstream's message
   */
  private static long parse(String text) {
    OptionalDouble number = GoFloats.parse(text);
    if (number.isPresent() && Math.abs(number.getAsDouble()) < 9.2e15) {
      double seconds = number.getAsDouble();
      double whole = seconds < 0 ? Math.ceil(seconds) : Math.floor(seconds);
      return (long) whole * 1000 + Math.round((seconds - whole) * 1000);
    }
    if (text.equals(MIN_TEXT)) {
      return MIN;
    }
    if (text.equals(MAX_TEXT)) {
      return MAX;
    }
    // Java leaves seconds out where Go does not.
    if (text.length() >= 20 && text.charAt(16) == ':') {
      try {
        return OffsetDateTime.parse(text).toInstant().toEpochMilli();
      } catch (DateTimeException e) {
        throw noTime(text);
      }
    }
    throw noTime(text);
  }

  private static DateTimeException noTime(String text) {
    return new DateTimeException("cannot parse " + GoQuote.quote(text) + " to a valid timestamp");
  }

  /**
   * Reads a duration, in nanoseconds.
   *
   * @throws DateTimeException with upstream's message
   */
  static long nanos(String text) {
    OptionalDouble number = GoFloats.parse(text);
    if (number.isPresent()) {
      double nanos = number.getAsDouble() * 1e9;
      if (nanos > Long.MAX_VALUE || nanos < Long.MIN_VALUE) {
        throw new DateTimeException(
            "cannot parse " + GoQuote.quote(text) + " to a valid duration. It overflows int64");
      }
      return (long) nanos;
    }
    try {
      return Durations.parse(text).toNanos();
    } catch (DurationException e) {
      throw new DateTimeException(
          "cannot parse " + GoQuote.quote(text) + " to a valid duration", e);
    }
  }

  /** A duration that is a parameter; 0 where it is absent. */
  static long optionalNanos(Parameters form, String name) throws ApiException {
    String text = form.first(name);
    return text.isEmpty() ? 0 : requiredNanos(form, name);
  }

  /** A duration that is a parameter. */
  static long requiredNanos(Parameters form, String name) throws ApiException {
    try {
      return nanos(form.first(name));
    } catch (DateTimeException e) {
      throw ApiException.invalid(name, String.valueOf(e.getMessage()));
    }
  }

  /** A time as Go's RFC3339Nano prints it, in UTC. */
  static String text(long millis) {
    OffsetDateTime time = Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC);
    StringBuilder out = new StringBuilder(32);
    pad(out, time.getYear(), 4).append('-');
    pad(out, time.getMonthValue(), 2).append('-');
    pad(out, time.getDayOfMonth(), 2).append('T');
    pad(out, time.getHour(), 2).append(':');
    pad(out, time.getMinute(), 2).append(':');
    pad(out, time.getSecond(), 2);
    int fraction = time.getNano() / 1_000_000;
    if (fraction > 0) {
      out.append('.');
      pad(out, fraction, 3);
      while (out.charAt(out.length() - 1) == '0') {
        out.setLength(out.length() - 1);
      }
    }
    return out.append('Z').toString();
  }

  /** The same, where 0 stands for no time at all. */
  static String textOrZero(long millis) {
    return millis == 0 ? "0001-01-01T00:00:00Z" : text(millis);
  }

  private static StringBuilder pad(StringBuilder out, int number, int digits) {
    String text = Integer.toString(number);
    return out.repeat('0', digits - text.length()).append(text);
  }
}
