package io.narthex.exporter.collector;

import java.io.IOException;

/** Open files of the whole machine, from /proc/sys/fs/file-nr. */
record FilefdCollector(MachineFiles files) implements Collector {

  @Override
  public String name() {
    return "filefd";
  }

  @Override
  public void collect(Page page) throws IOException {
    String[] words = MachineFiles.words(MachineFiles.text(files.proc().resolve("sys/fs/file-nr")));
    page.gauge("node_filefd_allocated", "File descriptor statistics: allocated.")
        .add(Double.parseDouble(words[0]));
    page.gauge("node_filefd_maximum", "File descriptor statistics: maximum.")
        .add(Double.parseDouble(words[2]));
  }
}
