package io.narthex.exporter.collector;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How long processes waited for a resource, from /proc/pressure. */
record PressureCollector(MachineFiles files) implements Collector {

  @Override
  public String name() {
    return "pressure";
  }

  @Override
  public void collect(Page page) throws IOException {
    Path folder = files.proc().resolve("pressure");
    if (!Files.isDirectory(folder)) {
      throw new NoDataException(
          "pressure information is unavailable, you need a Linux kernel >= 4.20 and/or CONFIG_PSI enabled for your kernel");
    }
    waiting(page, "cpu", "waited for CPU time", folder);
    waiting(page, "io", "waited due to IO congestion", folder);
    stalled(page, "io", "IO congestion", folder);
    waiting(page, "memory", "waited for memory", folder);
    stalled(page, "memory", "memory congestion", folder);
    stalled(page, "irq", "IRQ congestion", folder);
  }

  private static void waiting(Page page, String resource, String what, Path folder)
      throws IOException {
    add(
        page,
        "node_pressure_" + resource + "_waiting_seconds_total",
        "Total time in seconds that processes have " + what,
        folder.resolve(resource),
        "some ");
  }

  private static void stalled(Page page, String resource, String what, Path folder)
      throws IOException {
    add(
        page,
        "node_pressure_" + resource + "_stalled_seconds_total",
        "Total time in seconds no process could make progress due to " + what,
        folder.resolve(resource),
        "full ");
  }

  private static void add(Page page, String family, String help, Path file, String line)
      throws IOException {
    if (!Files.exists(file)) {
      return; // Older kernels lack irq.
    }
    for (String text : MachineFiles.lines(file)) {
      int total = text.indexOf("total=");
      if (text.startsWith(line) && total > 0) {
        page.counter(family, help)
            // Microseconds; two divisions, as upstream rounds them.
            .add(Double.parseDouble(text.substring(total + "total=".length())) / 1000 / 1000);
      }
    }
  }
}
