package io.narthex.exporter.collector;

import io.narthex.base.regex.AnchoredRegex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What network devices are, from /sys/class/net. */
record NetclassCollector(MachineFiles files, AnchoredRegex ignored, boolean ignoreInvalidSpeed)
    implements Collector {

  /** A family's name behind {@code node_network_}, and the file it comes from. */
  private static final Map<String, String> GAUGES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("address_assign_type", "addr_assign_type"),
              Map.entry("carrier", "carrier"),
              Map.entry("device_id", "dev_id"),
              Map.entry("dormant", "dormant"),
              Map.entry("flags", "flags"),
              Map.entry("iface_id", "ifindex"),
              Map.entry("iface_link", "iflink"),
              Map.entry("iface_link_mode", "link_mode"),
              Map.entry("mtu_bytes", "mtu"),
              Map.entry("name_assign_type", "name_assign_type"),
              Map.entry("net_dev_group", "netdev_group"),
              Map.entry("protocol_type", "type"),
              Map.entry("transmit_queue_length", "tx_queue_len")));

  private static final Map<String, String> COUNTERS =
      Map.of(
          "carrier_changes_total", "carrier_changes",
          "carrier_down_changes_total", "carrier_down_count",
          "carrier_up_changes_total", "carrier_up_count");

  private static final double BYTES_PER_MEGABIT = 125_000;

  @Override
  public String name() {
    return "netclass";
  }

  @Override
  public void collect(Page page) throws IOException {
    for (Path device : MachineFiles.list(files.sys().resolve("class/net"))) {
      String name = device.getFileName().toString();
      if (!Files.isDirectory(device) || ignored.matches(name)) {
        continue;
      }
      String state = text(device, "operstate");
      page.gauge("node_network_up", "Value is 1 if operstate is 'up', 0 otherwise.")
          .add(state.equals("up") ? 1 : 0, "device", name);
      Long flags = MachineFiles.number(device.resolve("flags"));
      page.gauge(
              "node_network_info",
              "Non-numeric data from /sys/class/net/<iface>, value is always 1.")
          .add(
              1,
              "address",
              text(device, "address"),
              "adminstate",
              flags == null ? "unknown" : (flags & 1) == 1 ? "up" : "down",
              "broadcast",
              text(device, "broadcast"),
              "device",
              name,
              "duplex",
              text(device, "duplex"),
              "ifalias",
              text(device, "ifalias"),
              "operstate",
              state);
      GAUGES.forEach((family, file) -> add(page, Page.Type.GAUGE, family, device, file));
      COUNTERS.forEach((family, file) -> add(page, Page.Type.COUNTER, family, device, file));
      // A device without a link says -1.
      Long speed = MachineFiles.number(device.resolve("speed"));
      if (speed != null && (speed >= 0 || !ignoreInvalidSpeed)) {
        page.gauge("node_network_speed_bytes", "Network device property: speed_bytes")
            .add(speed * BYTES_PER_MEGABIT, "device", name);
      }
    }
  }

  private static void add(Page page, Page.Type type, String family, Path device, String file) {
    Long value = MachineFiles.number(device.resolve(file));
    if (value != null) {
      page.family("node_network_" + family, type, "Network device property: " + family)
          .add(value, "device", device.getFileName().toString());
    }
  }

  private static String text(Path device, String file) {
    String text = MachineFiles.trimmed(device.resolve(file));
    return text == null ? "" : text;
  }
}
