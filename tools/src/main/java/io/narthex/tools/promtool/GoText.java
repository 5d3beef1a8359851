package io.narthex.tools.promtool;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers with units, as Go's libraries print them. */
final class GoText {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss '+0000 UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private GoText() {}

  /** A {@code time.Duration}, as {@code 2h0m0s} and {@code 1.5s}. */
  static String duration(long millis) {
    if (millis == 0) {
      return "0s";
    }
    String sign = millis < 0 ? "-" : "";
    long all = Math.abs(millis);
    if (all < 1000) {
      return sign + all + "ms";
    }
    StringBuilder text = new StringBuilder(sign);
    long hours = all / 3_600_000;
    long minutes = all / 60_000 % 60;
    if (hours > 0) {
      text.append(hours).append('h');
    }
    if (hours > 0 || minutes > 0) {
      text.append(minutes).append('m');
    }
    text.append(all / 1000 % 60);
    long rest = all % 1000;
    if (rest > 0) {
      String digits = Long.toString(1000 + rest).substring(1);
      while (digits.endsWith("0")) {
        digits = digits.substring(0, digits.length() - 1);
      }
      text.append('.').append(digits);
    }
    return text.append('s').toString();
  }

  /** A time of whole seconds in UTC, as {@code time.Time} prints itself. */
  static String time(long millis) {
    // Go's division truncates.
    return TIME.format(Instant.ofEpochSecond(millis / 1000));
  }

  /** Bytes in powers of 1024, each power that is not zero, as {@code 1KiB512B}. */
  static String bytes(long bytes) {
    if (bytes == 0) {
      return "0B";
    }
    String text = "";
    long left = bytes;
    for (int unit = 0; left != 0 && unit < UNITS.length; unit++) {
      if (left % 1024 != 0) {
        text = left % 1024 + UNITS[unit] + text;
      }
      left /= 1024;
    }
    return text;
  }
}
