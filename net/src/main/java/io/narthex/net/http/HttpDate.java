package io.narthex.net.http;

import io.narthex.base.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The text of the {@code Date} header, made once a second. Thread-safe. */
final class HttpDate {

  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private record Made(long second, String text) {}

  private final Clock clock;
  private volatile Made last = new Made(Long.MIN_VALUE, "");

  HttpDate(Clock clock) {
    this.clock = clock;
  }

  String now() {
    long second = Math.floorDiv(clock.millis(), 1000L);
    Made made = last;
    if (made.second != second) {
      made = new Made(second, FORMAT.format(Instant.ofEpochSecond(second)));
      last = made;
    }
    return made.text;
  }
}
