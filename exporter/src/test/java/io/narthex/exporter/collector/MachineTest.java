package io.narthex.exporter.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.time.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The collectors on the machine that runs the test, and on files made for the purpose. */
final class MachineTest {

  @TempDir private Path folder;

  @Test
  void everyCollectorMeasuresThisMachine() throws IOException {
    for (Collector collector :
        Collectors.all(Collectors.Options.defaults(MachineFiles.DEFAULT), Clock.SYSTEM)) {
      Page page = new Page();
      try {
        collector.collect(page);
        assertThat(page.byFamily()).as(collector.name()).isNotEmpty();
      } catch (Collector.NoDataException e) {
        assertThat(collector.name()).isEqualTo("pressure");
      }
    }
  }

  @Test
  void unameAndFilesystemAskTheKernel() throws IOException {
    assertThat(Kernel.uname().sysname()).isEqualTo("Linux");
    assertThat(Kernel.uname().release())
        .isEqualTo(Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
    Kernel.Statfs statfs = Kernel.statfs(folder);
    assertThat(statfs.blocks() * statfs.blockSize())
        .isEqualTo(Files.getFileStore(folder).getTotalSpace());
  }

  @Test
  void networkDevicesComeFromProc() throws IOException {
    write(
        "proc/net/dev",
        """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
          eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
        """);
    write("sys/class/net/eth0/statistics/rx_nohandler", "17\n");
    Page page = new Page();
    new NetdevCollector(files(), null, null).collect(page);
    String text = String.join("", page.byFamily().values());
    assertThat(text)
        .contains("node_network_receive_bytes_total{device=\"eth0\"} 1\n")
        .contains("node_network_receive_multicast_total{device=\"eth0\"} 8\n")
        .contains("node_network_transmit_carrier_total{device=\"eth0\"} 15\n")
        .contains("node_network_receive_nohandler_total{device=\"eth0\"} 17\n")
        .contains(
            "# HELP node_network_transmit_colls_total Network device statistic transmit_colls.");
  }

  @Test
  void processorTimesNeverStepBack() throws IOException {
    CpuCollector collector = new CpuCollector(files(), false);
    write("proc/stat", "cpu0 100 0 0 500 0 0 0 0 0 0\n");
    assertThat(text(collector)).contains("mode=\"user\"} 1\n").contains("mode=\"idle\"} 5\n");
    write("proc/stat", "cpu0 90 0 0 499 0 0 0 0 0 0\n");
    assertThat(text(collector)).contains("mode=\"user\"} 1\n").contains("mode=\"idle\"} 5\n");
    write("proc/stat", "cpu0 1 0 0 2 0 0 0 0 0 0\n");
    assertThat(text(collector)).contains("mode=\"user\"} 0.01\n").contains("mode=\"idle\"} 0.02\n");
  }

  @Test
  void labelsAreEscapedAndFloatsAreGos() {
    Page page = new Page();
    page.gauge("a", "one\\two\nthree").add(1.5e-7, "path", "C:\\\"x\"\n");
    assertThat(new String(page.toBytes(), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo(
            "# HELP a one\\\\two\\nthree\n# TYPE a gauge\na{path=\"C:\\\\\\\"x\\\"\\n\"} 1.5e-07\n");
    assertThat(List.of(0.0, 1e6, 999999.0, 123456.789, 2.30883328e8, 0.0001, 0.00001, -1.25, 1e22))
        .extracting(io.narthex.base.bytes.GoFloat::text)
        .containsExactly(
            "0",
            "1e+06",
            "999999",
            "123456.789",
            "2.30883328e+08",
            "0.0001",
            "1e-05",
            "-1.25",
            "1e+22");
  }

  private String text(Collector collector) throws IOException {
    Page page = new Page();
    collector.collect(page);
    return String.join("", page.byFamily().values());
  }

  private MachineFiles files() {
    return new MachineFiles(
        folder.resolve("proc"), folder.resolve("sys"), folder, folder.resolve("udev"));
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
