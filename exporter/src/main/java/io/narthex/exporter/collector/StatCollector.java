package io.narthex.exporter.collector;

import java.io.IOException;
import java.util.Locale;

/** Interrupts, context switches, forks and processes, from /proc/stat. */
record StatCollector(MachineFiles files, boolean softirq) implements Collector {

  private static final String[] VECTORS = {
    "hi", "timer", "net_tx", "net_rx", "block", "block_iopoll", "tasklet", "sched", "hrtimer", "rcu"
  };

  @Override
  public String name() {
    return "stat";
  }

  @Override
  public void collect(Page page) throws IOException {
    for (String line : MachineFiles.lines(files.proc().resolve("stat"))) {
      int space = line.indexOf(' ');
      String key = space < 0 ? line : line.substring(0, space);
      switch (key) {
        case "intr" ->
            page.counter("node_intr_total", "Total number of interrupts serviced.")
                .add(first(line));
        case "ctxt" ->
            page.counter("node_context_switches_total", "Total number of context switches.")
                .add(first(line));
        case "processes" ->
            page.counter("node_forks_total", "Total number of forks.").add(first(line));
        case "btime" ->
            page.gauge("node_boot_time_seconds", "Node boot time, in unixtime.").add(first(line));
        case "procs_running" ->
            page.gauge("node_procs_running", "Number of processes in runnable state.")
                .add(first(line));
        case "procs_blocked" ->
            page.gauge(
                    "node_procs_blocked",
                    "Number of processes blocked waiting for I/O to complete.")
                .add(first(line));
        case "softirq" -> softirqs(page, MachineFiles.words(line));
        default -> {
          // The lines of the processors belong to the cpu collector.
        }
      }
    }
  }

  private void softirqs(Page page, String[] words) {
    if (!softirq) {
      return;
    }
    Page.Family family = page.counter("node_softirqs_total", "Number of softirq calls.");
    for (int i = 0; i < VECTORS.length && i + 2 < words.length; i++) {
      family.add(Double.parseDouble(words[i + 2]), "vector", VECTORS[i].toLowerCase(Locale.ROOT));
    }
  }

  private static double first(String line) {
    int from = line.indexOf(' ') + 1;
    int end = line.indexOf(' ', from);
    return Double.parseDouble(line.substring(from, end < 0 ? line.length() : end));
  }
}
