package io.narthex.exporter.collector;

import java.io.IOException;

/** How memory is used, from /proc/meminfo: every line is a gauge. */
record MeminfoCollector(MachineFiles files) implements Collector {

  @Override
  public String name() {
    return "meminfo";
  }

  @Override
  public void collect(Page page) throws IOException {
    for (String line : MachineFiles.lines(files.proc().resolve("meminfo"))) {
      String[] words = MachineFiles.words(line);
      if (words.length < 2) {
        continue;
      }
      double value = Double.parseDouble(words[1]);
      // "Active(anon):" becomes "Active_anon".
      String key = words[0].substring(0, words[0].length() - 1).replace("(", "_").replace(")", "");
      if (words.length > 2) {
        value *= 1024;
        key += "_bytes";
      }
      page.gauge("node_memory_" + key, "Memory information field " + key + ".").add(value);
    }
  }
}
