package io.narthex.exporter.collector;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Where the time of each processor went, from /proc/stat; isolation and throttling from /sys. */
final class CpuCollector implements Collector {

  private static final double TICKS_PER_SECOND = 100;
  private static final double HOTPLUG_SECONDS = 3;
  private static final String[] MODES = {
    "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"
  };
  private static final int[] MODES_BY_NAME = {3, 4, 5, 1, 6, 7, 2, 0};
  private static final int IDLE = 3;
  private static final int GUEST = 8;
  private static final int COLUMNS = 10;

  private final MachineFiles files;
  private final boolean guest;
  // The kernel's counters step back now and then; what is shown never does.
  private final Map<String, double[]> last = new HashMap<>();

  CpuCollector(MachineFiles files, boolean guest) {
    this.files = files;
    this.guest = guest;
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public void collect(Page page) throws IOException {
    times(page);
    isolated(page);
    throttles(page);
  }

  private void times(Page page) throws IOException {
    Page.Family seconds =
        page.counter("node_cpu_seconds_total", "Seconds the CPUs spent in each mode.");
    Map<String, double[]> current = new TreeMap<>();
    for (String line : MachineFiles.lines(files.proc().resolve("stat"))) {
      if (line.startsWith("cpu") && !line.startsWith("cpu ")) {
        String[] words = MachineFiles.words(line);
        double[] times = new double[COLUMNS];
        for (int i = 0; i < COLUMNS && i + 1 < words.length; i++) {
          times[i] = Double.parseDouble(words[i + 1]) / TICKS_PER_SECOND;
        }
        current.put(words[0].substring("cpu".length()), times);
      }
    }
    synchronized (last) {
      current.replaceAll((cpu, times) -> monotonic(last.getOrDefault(cpu, times), times));
      last.clear();
      last.putAll(current);
    }
    current.forEach((cpu, times) -> {
      for (int mode : MODES_BY_NAME) {
        seconds.add(times[mode], "cpu", cpu, "mode", MODES[mode]);
      }
    });
    if (guest) {
      Page.Family guests =
          page.counter(
              "node_cpu_guest_seconds_total",
              "Seconds the CPUs spent in guests (VMs) for each mode.");
      current.forEach((cpu, times) -> {
        guests.add(times[GUEST + 1], "cpu", cpu, "mode", "nice");
        guests.add(times[GUEST], "cpu", cpu, "mode", "user");
      });
    }
  }

  /** A big step back of the idle time means that the processor went away and came back. */
  private static double[] monotonic(double[] before, double[] now) {
    if (before[IDLE] - now[IDLE] >= HOTPLUG_SECONDS) {
      return now;
    }
    double[] result = new double[now.length];
    Arrays.setAll(result, i -> Math.max(before[i], now[i]));
    return result;
  }

  private void isolated(Page page) {
    String ranges = MachineFiles.trimmed(files.sys().resolve("devices/system/cpu/isolated"));
    if (ranges == null || ranges.isEmpty()) {
      return;
    }
    Page.Family isolated =
        page.gauge(
            "node_cpu_isolated",
            "Whether each core is isolated, information from /sys/devices/system/cpu/isolated.");
    for (String range : ranges.split(",", -1)) {
      int dash = range.indexOf('-');
      int from = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
      int to = Integer.parseInt(dash < 0 ? range : range.substring(dash + 1));
      for (int cpu = from; cpu <= to; cpu++) {
        isolated.add(1, "cpu", Integer.toString(cpu));
      }
    }
  }

  private void throttles(Page page) throws IOException {
    Map<Long, Map<Long, Long>> cores = new TreeMap<>();
    Map<Long, Long> packages = new TreeMap<>();
    Set<String> seen = new HashSet<>();
    for (Path cpu : MachineFiles.list(files.sys().resolve("devices/system/cpu"))) {
      Path topology = cpu.resolve("topology");
      Long packageId = MachineFiles.number(topology.resolve("physical_package_id"));
      Long coreId = MachineFiles.number(topology.resolve("core_id"));
      if (packageId == null
          || coreId == null
          || !Files.isDirectory(cpu.resolve("thermal_throttle"))) {
        continue;
      }
      Long core = MachineFiles.number(cpu.resolve("thermal_throttle/core_throttle_count"));
      if (core != null && seen.add(packageId + "/" + coreId)) {
        cores.computeIfAbsent(packageId, p -> new TreeMap<>()).put(coreId, core);
      }
      Long whole = MachineFiles.number(cpu.resolve("thermal_throttle/package_throttle_count"));
      if (whole != null) {
        packages.putIfAbsent(packageId, whole);
      }
    }
    if (!packages.isEmpty()) {
      Page.Family family =
          page.counter(
              "node_cpu_package_throttles_total",
              "Number of times this CPU package has been throttled.");
      packages.forEach((id, count) -> family.add(count, "package", Long.toString(id)));
    }
    if (!cores.isEmpty()) {
      Page.Family family =
          page.counter(
              "node_cpu_core_throttles_total", "Number of times this CPU core has been throttled.");
      cores.forEach((id, counts) ->
          counts.forEach((core, count) ->
              family.add(count, "core", Long.toString(core), "package", Long.toString(id))));
    }
  }
}
