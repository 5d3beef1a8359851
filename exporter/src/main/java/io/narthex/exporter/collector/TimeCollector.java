package io.narthex.exporter.collector;

import io.narthex.base.time.Clock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.TextStyle;
import java.util.Arrays;
import java.util.Locale;

/** The time of day, its zone, and the kernel's clock sources. */
record TimeCollector(MachineFiles files, Clock clock) implements Collector {

  private static final String PREFIX = "clocksource";

  @Override
  public String name() {
    return "time";
  }

  @Override
  public void collect(Page page) throws IOException {
    long now = clock.millis();
    page.gauge("node_time_seconds", "System time in seconds since epoch (1970).").add(now / 1e3);
    ZoneId zone = ZoneId.systemDefault();
    Instant instant = Instant.ofEpochMilli(now);
    page.gauge("node_time_zone_offset_seconds", "System time zone offset in seconds.")
        .add(
            zone.getRules().getOffset(instant).getTotalSeconds(),
            "time_zone",
            zone.getRules().isFixedOffset()
                ? zone.getDisplayName(TextStyle.SHORT, Locale.ROOT)
                : java.time.format.DateTimeFormatter.ofPattern("zzz", Locale.ENGLISH)
                    .format(instant.atZone(zone)));
    for (Path source : MachineFiles.list(files.sys().resolve("devices/system/clocksource"))) {
      String folder = source.getFileName().toString();
      if (!folder.startsWith(PREFIX)) {
        continue;
      }
      String device = folder.substring(PREFIX.length());
      String available = MachineFiles.trimmed(source.resolve("available_clocksource"));
      String current = MachineFiles.trimmed(source.resolve("current_clocksource"));
      if (available != null) {
        Page.Family family =
            page.gauge(
                "node_time_clocksource_available_info",
                "Available clocksources read from '/sys/devices/system/clocksource'.");
        String[] names = MachineFiles.words(available);
        Arrays.sort(names);
        for (String each : names) {
          family.add(1, PREFIX, each, "device", device);
        }
      }
      if (current != null) {
        page.gauge(
                "node_time_clocksource_current_info",
                "Current clocksource read from '/sys/devices/system/clocksource'.")
            .add(1, PREFIX, current, "device", device);
      }
    }
  }
}
