package io.narthex.exporter.collector;

import io.narthex.base.regex.AnchoredRegex;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What network devices carry, from /proc/net/dev; packets without a handler, which that file lacks,
 * from /sys.
 */
final class NetdevCollector implements Collector {

  private static final List<String> COLUMNS =
      List.of(
          "receive_bytes",
          "receive_packets",
          "receive_errs",
          "receive_drop",
          "receive_fifo",
          "receive_frame",
          "receive_compressed",
          "receive_multicast",
          "transmit_bytes",
          "transmit_packets",
          "transmit_errs",
          "transmit_drop",
          "transmit_fifo",
          "transmit_colls",
          "transmit_carrier",
          "transmit_compressed");

  private final MachineFiles files;
  private final @Nullable AnchoredRegex exclude;
  private final @Nullable AnchoredRegex include;

  NetdevCollector(
      MachineFiles files, @Nullable AnchoredRegex exclude, @Nullable AnchoredRegex include) {
    this.files = files;
    this.exclude = exclude;
    this.include = include;
  }

  @Override
  public String name() {
    return "netdev";
  }

  @Override
  public void collect(Page page) throws IOException {
    for (String line : MachineFiles.lines(files.proc().resolve("net/dev"))) {
      int colon = line.lastIndexOf(':');
      if (colon < 0) {
        continue; // The two lines of the head have none.
      }
      String device = line.substring(0, colon).strip();
      if ((exclude != null && exclude.matches(device))
          || (include != null && !include.matches(device))) {
        continue;
      }
      String[] words = MachineFiles.words(line.substring(colon + 1));
      for (int i = 0; i < COLUMNS.size() && i < words.length; i++) {
        add(page, COLUMNS.get(i), Double.parseDouble(words[i]), device);
      }
      Long unhandled =
          MachineFiles.number(
              files.sys().resolve("class/net/" + device + "/statistics/rx_nohandler"));
      if (unhandled != null) {
        add(page, "receive_nohandler", unhandled, device);
      }
    }
  }

  private static void add(Page page, String statistic, double value, String device) {
    page.counter(
            "node_network_" + statistic + "_total", "Network device statistic " + statistic + ".")
        .add(value, "device", device);
  }
}
