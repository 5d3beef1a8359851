package io.narthex.exporter.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.testkit.Conformance;
import io.narthex.testkit.FakeClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Our collectors over upstream's fixture tree write what upstream's own wrote. */
final class GoldenTest {

  /**
   * Families that the golden run made with options or a kernel interface that the fixtures lack.
   */
  private static final List<String> ELSEWHERE =
      List.of(
          "node_cpu_info", "node_cpu_flag_info", "node_cpu_bug_info", "node_cpu_frequency_hertz");

  @Test
  void familiesEqualUpstreams() throws IOException {
    Path root = Conformance.path("node-exporter");
    Map<String, List<String>> golden = families(Files.readString(root.resolve("e2e-output.txt")));
    MachineFiles files =
        new MachineFiles(
            root.resolve("fixtures/proc"),
            root.resolve("fixtures/sys"),
            root.resolve("fixtures"),
            root.resolve("fixtures/udev/data"));
    Collectors.Options d = Collectors.Options.defaults(files);
    Collectors.Options options =
        new Collectors.Options(
            files,
            true,
            true,
            "^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$",
            "",
            d.mountPointsExclude(),
            "",
            d.filesystemTypesExclude(),
            "",
            d.mountTimeout(),
            "",
            "",
            "(dmz|int)",
            true,
            d.netstatFields(),
            d.vmstatFields());
    // The data holds eth0, a link upstream, as a plain file: no fixture, so nothing to compare.
    boolean hasEth0 = Files.isDirectory(files.sys().resolve("class/net/eth0"));
    Predicate<String> present = line -> hasEth0 || !line.contains("device=\"eth0\"");
    int compared = 0;
    for (Collector collector : Collectors.all(options, new FakeClock(0))) {
      if (List.of("filesystem", "uname", "netdev").contains(collector.name())) {
        continue; // They ask the kernel of this machine; see their own tests.
      }
      Page page = new Page();
      collector.collect(page);
      for (Map.Entry<String, String> family : page.byFamily().entrySet()) {
        String name = family.getKey();
        if (name.equals("node_time_seconds") || name.equals("node_time_zone_offset_seconds")) {
          continue;
        }
        assertThat(golden).as(collector.name()).containsKey(name);
        assertThat(sorted(family.getValue().lines().toList()))
            .as("%s of %s", name, collector.name())
            .containsExactlyElementsOf(
                sorted(golden.getOrDefault(name, List.of()).stream().filter(present).toList()));
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(130);
    // And nothing that upstream has of these collectors is missing.
    for (String prefix :
        List.of(
            "node_cpu_s", "node_cpu_g", "node_cpu_i", "node_disk_", "node_load", "node_memory_M")) {
      for (String name : golden.keySet()) {
        if (name.startsWith(prefix)
            && !name.startsWith("node_cpu_scaling")
            && !ELSEWHERE.contains(name)) {
          assertThat(ours(options)).contains(name);
        }
      }
    }
  }

  private static TreeSet<String> ours(Collectors.Options options) throws IOException {
    TreeSet<String> names = new TreeSet<>();
    for (Collector collector : Collectors.all(options, new FakeClock(0))) {
      if (List.of("cpu", "diskstats", "loadavg", "meminfo").contains(collector.name())) {
        Page page = new Page();
        collector.collect(page);
        names.addAll(page.byFamily().keySet());
      }
    }
    return names;
  }

  private static List<String> sorted(List<String> lines) {
    return lines.stream().sorted().toList();
  }

  private static Map<String, List<String>> families(String text) {
    Map<String, List<String>> families = new LinkedHashMap<>();
    String current = "";
    for (String line : text.lines().toList()) {
      if (line.startsWith("# HELP ")) {
        current = line.split(" ", 4)[2];
      }
      families.computeIfAbsent(current, n -> new ArrayList<>()).add(line);
    }
    return families;
  }
}
