package io.narthex.exporter.collector;

import io.narthex.base.regex.AnchoredRegex;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What block devices do, from /proc/diskstats; what they are, from /sys/block and udev's database.
 */
final class DiskstatsCollector implements Collector {

  static final String DEFAULT_DEVICE_EXCLUDE =
      "^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$";

  private static final double SECTOR_BYTES = 512;
  private static final double MILLIS = 0.001;

  /** A column of the file: its family, and what one of its units is worth. */
  private record Column(String family, Page.Type type, String help, double unit) {}

  private static Column counter(String name, String help, double unit) {
    return new Column("node_disk_" + name, Page.Type.COUNTER, help, unit);
  }

  private static final List<Column> COLUMNS =
      List.of(
          counter("reads_completed_total", "The total number of reads completed successfully.", 1),
          counter("reads_merged_total", "The total number of reads merged.", 1),
          counter("read_bytes_total", "The total number of bytes read successfully.", SECTOR_BYTES),
          counter(
              "read_time_seconds_total", "The total number of seconds spent by all reads.", MILLIS),
          counter(
              "writes_completed_total", "The total number of writes completed successfully.", 1),
          counter("writes_merged_total", "The number of writes merged.", 1),
          counter(
              "written_bytes_total",
              "The total number of bytes written successfully.",
              SECTOR_BYTES),
          counter(
              "write_time_seconds_total",
              "This is the total number of seconds spent by all writes.",
              MILLIS),
          new Column(
              "node_disk_io_now", Page.Type.GAUGE, "The number of I/Os currently in progress.", 1),
          counter("io_time_seconds_total", "Total seconds spent doing I/Os.", MILLIS),
          counter(
              "io_time_weighted_seconds_total",
              "The weighted # of seconds spent doing I/Os.",
              MILLIS),
          counter(
              "discards_completed_total",
              "The total number of discards completed successfully.",
              1),
          counter("discards_merged_total", "The total number of discards merged.", 1),
          counter(
              "discarded_sectors_total", "The total number of sectors discarded successfully.", 1),
          counter(
              "discard_time_seconds_total",
              "This is the total number of seconds spent by all discards.",
              MILLIS),
          counter(
              "flush_requests_total",
              "The total number of flush requests completed successfully",
              1),
          counter(
              "flush_requests_time_seconds_total",
              "This is the total number of seconds spent by all flush requests.",
              MILLIS));

  private final MachineFiles files;
  private final @Nullable AnchoredRegex exclude;
  private final @Nullable AnchoredRegex include;

  DiskstatsCollector(
      MachineFiles files, @Nullable AnchoredRegex exclude, @Nullable AnchoredRegex include) {
    this.files = files;
    this.exclude = exclude;
    this.include = include;
  }

  @Override
  public String name() {
    return "diskstats";
  }

  @Override
  public void collect(Page page) throws IOException {
    for (String line : MachineFiles.lines(files.proc().resolve("diskstats"))) {
      String[] words = MachineFiles.words(line);
      if (words.length < 4) {
        continue;
      }
      String device = words[2];
      if ((exclude != null && exclude.matches(device))
          || (include != null && !include.matches(device))) {
        continue;
      }
      for (int i = 0; i < COLUMNS.size() && i + 3 < words.length; i++) {
        Column column = COLUMNS.get(i);
        page.family(column.family, column.type, column.help)
            .add(Double.parseDouble(words[i + 3]) * column.unit, "device", device);
      }
      describe(page, device, words[0], words[1]);
    }
  }

  private void describe(Page page, String device, String major, String minor) {
    Map<String, String> udev = udev(major, minor);
    String rotational =
        MachineFiles.trimmed(files.sys().resolve("block/" + device + "/queue/rotational"));
    // Each driver of udev names the serial number in its own way.
    String serial =
        udev.getOrDefault(
            "SCSI_IDENT_SERIAL",
            udev.getOrDefault("ID_SERIAL_SHORT", udev.getOrDefault("ID_SERIAL", "")));
    page.gauge("node_disk_info", "Info of /sys/block/<block_device>.")
        .add(
            1,
            "device",
            device,
            "major",
            major,
            "minor",
            minor,
            "model",
            udev.getOrDefault("ID_MODEL", ""),
            "path",
            udev.getOrDefault("ID_PATH", ""),
            "revision",
            udev.getOrDefault("ID_REVISION", ""),
            "rotational",
            rotational == null ? "0" : rotational,
            "serial",
            serial,
            "wwn",
            udev.getOrDefault("ID_WWN", ""));
    if (udev.containsKey("DM_NAME")) {
      page.gauge("node_disk_device_mapper_info", "Info about disk device mapper.")
          .add(
              1,
              "device",
              device,
              "lv_layer",
              udev.getOrDefault("DM_LV_LAYER", ""),
              "lv_name",
              udev.getOrDefault("DM_LV_NAME", ""),
              "name",
              udev.getOrDefault("DM_NAME", ""),
              "uuid",
              udev.getOrDefault("DM_UUID", ""),
              "vg_name",
              udev.getOrDefault("DM_VG_NAME", ""));
    }
    if (!udev.getOrDefault("ID_FS_USAGE", "").isEmpty()) {
      page.gauge("node_disk_filesystem_info", "Info about disk filesystem.")
          .add(
              1,
              "device",
              device,
              "type",
              udev.getOrDefault("ID_FS_TYPE", ""),
              "usage",
              udev.getOrDefault("ID_FS_USAGE", ""),
              "uuid",
              udev.getOrDefault("ID_FS_UUID", ""),
              "version",
              udev.getOrDefault("ID_FS_VERSION", ""));
    }
    if (udev.getOrDefault("ID_ATA", "").equals("1")) {
      ata(page, device, udev);
    }
  }

  private static void ata(Page page, String device, Map<String, String> udev) {
    String writeCache = udev.get("ID_ATA_WRITE_CACHE");
    if (writeCache != null) {
      page.gauge("node_disk_ata_write_cache", "ATA disk has a write cache.")
          .add(Double.parseDouble(writeCache), "device", device);
    }
    String enabled = udev.get("ID_ATA_WRITE_CACHE_ENABLED");
    if (enabled != null) {
      page.gauge("node_disk_ata_write_cache_enabled", "ATA disk has its write cache enabled.")
          .add(Double.parseDouble(enabled), "device", device);
    }
    String rate = udev.get("ID_ATA_ROTATION_RATE_RPM");
    if (rate != null) {
      page.gauge("node_disk_ata_rotation_rate_rpm", "ATA disk rotation rate in RPMs (0 for SSDs).")
          .add(Double.parseDouble(rate), "device", device);
    }
  }

  /** The properties that udev keeps of a device: lines {@code E:NAME=value}. */
  private Map<String, String> udev(String major, String minor) {
    Map<String, String> properties = new TreeMap<>();
    String text = MachineFiles.trimmed(files.udev().resolve("b" + major + ":" + minor));
    if (text != null) {
      for (String line : text.lines().toList()) {
        int equals = line.indexOf('=');
        if (line.startsWith("E:") && equals > 0) {
          properties.put(line.substring(2, equals), line.substring(equals + 1));
        }
      }
    }
    return properties;
  }
}
