package io.narthex.tools.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.testkit.Conformance;
import io.narthex.testkit.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What Prometheus' own promtool says of upstream's files, and what ours says: equal line by line,
 * but for what ours adds (the line behind a complaint, a suggestion, the true place of a group).
 */
final class PromtoolPeerTest {

  private static final String PEER = "promtool35";

  /** Where 3.5 and 3.14 differ, or ours says more on purpose. */
  private static final Map<String, String> DIFFERENT =
      Map.of(
          "prometheus-aws-sd-empty-region.good.yml", "3.5 asks the network for the region",
          "features.yml", "3.5 has fewer features",
          "bad-promql.yml", "not a rule file, and of other keys in later versions",
          "labelmap.bad.yml", "the words of another YAML library");

  private static List<Path> files(String folder) throws IOException {
    try (Stream<Path> files = Files.list(Conformance.path(folder))) {
      return files
          .filter(file -> file.toString().endsWith(".yml") || file.toString().endsWith(".yaml"))
          .sorted()
          .toList();
    }
  }

  private static String comparable(String text) {
    return text
        // A file that is no map is told twice, once for each of two readings.
        .replaceAll("(?m)^\\S+: yaml: unmarshal errors:\n.* into rulefmt.ruleGroups\n", "")
        .replaceAll(" \\(did you mean \"[^\"]*\"\\?\\)", "")
        .replaceAll("(?m) \\(line \\d+\\)$", "")
        .replaceAll("(?m)\\d+:\\d+: (\\d+:\\d+: )?(?=group|Groupname)", "PLACE: ")
        .strip();
  }

  private static void compare(List<Path> files, List<String> differences, String... words)
      throws IOException, InterruptedException {
    for (Path file : files) {
      if (DIFFERENT.containsKey(file.getFileName().toString())) {
        continue;
      }
      List<String> all = new ArrayList<>(List.of(words));
      all.add(file.toString());
      Peers.Result theirs = Peers.run(PEER, all.toArray(String[]::new));
      Tool.Said ours = Tool.run(all.toArray(String[]::new));
      if (theirs.exitCode() != ours.code()
          || !comparable(theirs.out()).equals(comparable(ours.out()))
          || !comparable(theirs.err()).equals(comparable(ours.err()))) {
        differences.add(
            String.join(" ", words)
                + " "
                + file.getFileName()
                + "\n--- theirs "
                + theirs.exitCode()
                + "\n"
                + theirs.out()
                + theirs.err()
                + "\n--- ours "
                + ours.code()
                + "\n"
                + ours.out()
                + ours.err());
      }
    }
  }

  private static void judge(String what, int count, List<String> differences) {
    System.out.println(
        "> " + what + " as promtool 3.5: " + (count - differences.size()) + " of " + count);
    differences.forEach(System.out::println);
    assertThat(differences).isEmpty();
  }

  @Test
  void configurations() throws IOException, InterruptedException {
    List<Path> files = new ArrayList<>(files("promtool"));
    List<String> differences = new ArrayList<>();
    compare(files, differences, "check", "config");
    compare(files, differences, "check", "config", "--syntax-only");
    compare(files, differences, "check", "config", "--lint=all", "--lint-fatal");
    judge("check config", 3 * files.size(), differences);
  }

  @Test
  void rules() throws IOException, InterruptedException {
    List<Path> files = new ArrayList<>(files("promtool"));
    files.addAll(files("rules/format"));
    files.addAll(files("rules/fixtures"));
    List<String> differences = new ArrayList<>();
    compare(files, differences, "check", "rules");
    compare(files, differences, "check", "rules", "--lint=none");
    compare(files, differences, "check", "rules", "--lint-fatal", "--ignore-unknown-fields");
    judge("check rules", 3 * files.size(), differences);
  }

  @Test
  void discovery() throws IOException, InterruptedException {
    Path file = Files.createTempFile("discovery", ".yml");
    try {
      Files.writeString(
          file,
          """
          scrape_configs:
          - job_name: j
            relabel_configs:
            - {source_labels: [__address__], regex: drop.*, action: drop}
            - {regex: __convert_classic.*|__always_scrape.*|__scrape_native.*, action: labeldrop}
            static_configs:
            - targets: ['a:1', 'drop:2', '<x>&']
              labels: {l: v}
          - job_name: empty
          """);
      for (String job : List.of("j", "empty", "none")) {
        Peers.Result theirs =
            Peers.run(PEER, "check", "service-discovery", "--timeout=1s", file.toString(), job);
        Tool.Said ours =
            Tool.run("check", "service-discovery", "--timeout=1s", file.toString(), job);
        assertThat(ours.code()).as(job).isEqualTo(theirs.exitCode());
        // Later versions tell three options of the job more.
        assertThat(
                ours.out()
                    .replaceAll(
                        "\\s*\"__(convert_classic_histograms_to_nhcb|always_scrape_classic_histograms|scrape_native_histograms)__\": \"false\",",
                        ""))
            .as(job)
            .isEqualTo(theirs.out());
        assertThat(ours.err()).as(job).isEqualTo(theirs.err());
      }
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void servers() throws IOException, InterruptedException {
    for (String what : List.of("healthy", "ready")) {
      Peers.Result theirs = Peers.run(PEER, "check", what, "--url=http://127.0.0.1:1");
      Tool.Said ours = Tool.run("check", what, "--url=http://127.0.0.1:1");
      assertThat(ours.code()).isEqualTo(theirs.exitCode());
      assertThat(ours.out() + ours.err()).isEqualTo(theirs.out() + theirs.err());
    }
  }
}
