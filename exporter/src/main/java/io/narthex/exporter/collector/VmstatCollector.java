package io.narthex.exporter.collector;

import io.narthex.base.regex.AnchoredRegex;
import java.io.IOException;

/** The fields of /proc/vmstat that a pattern chooses. */
record VmstatCollector(MachineFiles files, AnchoredRegex fields) implements Collector {

  /** The fields that are shown unless the user says otherwise. */
  static final String DEFAULT_FIELDS = "^(oom_kill|pgpg|pswp|pg.*fault).*";

  @Override
  public String name() {
    return "vmstat";
  }

  @Override
  public void collect(Page page) throws IOException {
    for (String line : MachineFiles.lines(files.proc().resolve("vmstat"))) {
      String[] words = MachineFiles.words(line);
      if (words.length == 2 && fields.matches(words[0])) {
        page.untyped("node_vmstat_" + words[0], "/proc/vmstat information field " + words[0] + ".")
            .add(Double.parseDouble(words[1]));
      }
    }
  }
}
