package io.narthex.exporter.collector;

import java.io.IOException;

/** The load averages, from /proc/loadavg. */
record LoadavgCollector(MachineFiles files) implements Collector {

  @Override
  public String name() {
    return "loadavg";
  }

  @Override
  public void collect(Page page) throws IOException {
    String[] words = MachineFiles.words(MachineFiles.text(files.proc().resolve("loadavg")));
    String[] minutes = {"1", "5", "15"};
    for (int i = 0; i < minutes.length; i++) {
      page.gauge("node_load" + minutes[i], minutes[i] + "m load average.")
          .add(Double.parseDouble(words[i]));
    }
  }
}
