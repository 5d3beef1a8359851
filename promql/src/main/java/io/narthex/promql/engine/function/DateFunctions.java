package io.narthex.promql.engine.function;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** The functions that read a date, in UTC, from seconds since the epoch. */
final class DateFunctions {

  private DateFunctions() {}

  static @Nullable DoubleUnaryOperator of(String name) {
    ToIntFunction<ZonedDateTime> part = part(name);
    return part == null ? null : seconds -> at(seconds, part);
  }

  private static @Nullable ToIntFunction<ZonedDateTime> part(String name) {
    return switch (name) {
      case "minute" -> ZonedDateTime::getMinute;
      case "hour" -> ZonedDateTime::getHour;
      case "day_of_week" -> date -> date.getDayOfWeek().getValue() % 7;
      case "day_of_month" -> ZonedDateTime::getDayOfMonth;
      case "day_of_year" -> ZonedDateTime::getDayOfYear;
      case "days_in_month" -> date -> date.toLocalDate().lengthOfMonth();
      case "month" -> ZonedDateTime::getMonthValue;
      case "year" -> ZonedDateTime::getYear;
      default -> null;
    };
  }

  private static double at(double seconds, ToIntFunction<ZonedDateTime> part) {
    try {
      return part.applyAsInt(Instant.ofEpochSecond((long) seconds).atZone(ZoneOffset.UTC));
    } catch (DateTimeException e) {
      // Beyond the years that a date can have.
      return Double.NaN;
    }
  }
}
