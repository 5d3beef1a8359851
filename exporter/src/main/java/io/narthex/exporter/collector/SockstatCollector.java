package io.narthex.exporter.collector;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Sockets by protocol and state, from /proc/net/sockstat and sockstat6. */
record SockstatCollector(MachineFiles files) implements Collector {

  private static final double PAGE_BYTES = 4096;

  @Override
  public String name() {
    return "sockstat";
  }

  @Override
  public void collect(Page page) throws IOException {
    for (String file : new String[] {"net/sockstat", "net/sockstat6"}) {
      Path path = files.proc().resolve(file);
      if (!Files.exists(path)) {
        continue;
      }
      for (String line : MachineFiles.lines(path)) {
        String[] words = MachineFiles.words(line);
        String protocol = words[0].substring(0, words[0].length() - 1);
        for (int i = 1; i + 1 < words.length; i += 2) {
          add(page, protocol, words[i], Double.parseDouble(words[i + 1]));
        }
      }
    }
  }

  private static void add(Page page, String protocol, String state, double value) {
    if (protocol.equals("sockets")) {
      page.gauge("node_sockstat_sockets_used", "Number of IPv4 sockets in use.").add(value);
      return;
    }
    gauge(page, protocol, state, value);
    if (state.equals("mem")) {
      gauge(page, protocol, "mem_bytes", value * PAGE_BYTES);
    }
  }

  private static void gauge(Page page, String protocol, String state, double value) {
    page.gauge(
            "node_sockstat_" + protocol + "_" + state,
            "Number of " + protocol + " sockets in state " + state + ".")
        .add(value);
  }
}
