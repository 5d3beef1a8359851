package io.narthex.tools.promtool;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.testkit.Conformance;
import io.narthex.tools.Directories;
import io.narthex.tools.Directories.Said;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The test tool for queries, as its users have it. */
final class ScriptTestsTest {

  private static final Pattern EVAL = Pattern.compile("(?m)^\\s*eval");

  private static final String GOOD =
      """
      load 1m
        metric{a="1"} 0+10x10

      eval instant at 5m metric
        metric{a="1"} 50

      eval range from 0 to 2m step 1m sum(metric)
        {} 0 10 20
      """;

  @TempDir Path folder;

  private static Said ours(List<String> files) {
    List<String> words = new ArrayList<>(List.of("test", "promql"));
    words.addAll(files);
    return Directories.run(Promtool::run, words.toArray(String[]::new));
  }

  private String script(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  /** None is skipped: as many pass as the scripts have. */
  @Test
  void everyEvaluationOfUpstreamsScriptsPasses() throws IOException {
    List<String> files;
    try (Stream<Path> all = Files.list(Conformance.path("promql"))) {
      files = all.map(Path::toString).filter(f -> f.endsWith(".test")).sorted().toList();
    }
    int evaluations = 0;
    for (String file : files) {
      Matcher matcher = EVAL.matcher(Files.readString(Path.of(file)));
      while (matcher.find()) {
        evaluations++;
      }
    }

    Said said = ours(files);

    System.out.println("> promtool test promql: " + said.lines().getLast());
    assertThat(said.out()).isEqualTo(evaluations + " passed, 0 failed\n");
    assertThat(said.err()).isEmpty();
    assertThat(said.code()).isZero();
  }

  @Test
  void aFailureNamesFileAndLineAndTheOtherFilesStillRun() throws IOException {
    String wrong = script("wrong.test", GOOD.replace("1\"} 50", "1\"} 51"));
    String good = script("good.test", GOOD);

    Said said = ours(List.of(wrong, good));

    assertThat(said.code()).isEqualTo(1);
    assertThat(said.out())
        .isEqualTo(
            wrong
                + ":4: metric: expected 51 for {__name__=\"metric\", a=\"1\"} but got 50\n"
                + "3 passed, 1 failed\n");
  }

  @Test
  void whatCannotBeReadFailsWithItsPlaceAndTheOtherFilesStillRun() throws IOException {
    String missing = folder.resolve("missing.test").toString();
    String broken = script("broken.test", "load 1m\n  metric 1 2 z\n");
    Path bytes = folder.resolve("bytes.test");
    Files.write(bytes, "load 1m\n  metric \377\n".getBytes(StandardCharsets.ISO_8859_1));
    String good = script("good.test", GOOD);

    Said said = ours(List.of(missing, broken, bytes.toString(), folder.toString(), good));

    assertThat(said.code()).isEqualTo(1);
    assertThat(said.lines())
        .containsExactly(
            missing + ": no such file or directory",
            broken + ":2: metric 1 2 z: expected a number at \"z\"",
            bytes + ":2: expected UTF-8",
            folder + ": java.io.IOException: Is a directory",
            "2 passed, 4 failed");
  }

  @Test
  void aLoadThatTheDatabaseRefusesFails() throws IOException {
    String script =
        script(
            "refused.test",
            """
            load 1m
              metric 1 2 3

            load 1m
              metric 4
            """);

    Said said = ours(List.of(script));

    assertThat(said.code()).isEqualTo(1);
    assertThat(said.lines().getLast()).isEqualTo("0 passed, 1 failed");
    assertThat(said.lines().getFirst()).startsWith(script + ":4: load: ").contains("out of order");
  }

  @Test
  void clearDropsAllAndNothingStaysOnDisk() throws IOException {
    String script = script("clear.test", GOOD + "\nclear\n\neval instant at 5m metric\n");
    List<Path> before = leftovers();

    Said said = ours(List.of(script));

    assertThat(said.out()).isEqualTo("3 passed, 0 failed\n");
    assertThat(leftovers()).isEqualTo(before);
  }

  private static List<Path> leftovers() throws IOException {
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return all.filter(p -> p.getFileName().toString().startsWith("narthex-test-promql"))
          .sorted()
          .toList();
    }
  }

  @Test
  void aQueryThatWantsTooMuchFailsAlone() throws IOException {
    String script =
        script("much.test", GOOD + "\neval range from 0 to 100y step 10s metric\n\n" + GOOD);

    Said said = ours(List.of(script));

    assertThat(said.code()).isEqualTo(1);
    assertThat(said.lines()).hasSize(3);
    assertThat(said.lines().getFirst()).contains(":10: ").contains("more memory than");
    // The second load is refused: its samples are there.
    assertThat(said.lines().get(1)).contains(":12: load: ");
    assertThat(said.lines().getLast()).isEqualTo("4 passed, 2 failed");
  }

  @Test
  void withoutAFileItSaysWhatIsMissing() {
    Said said = ours(List.of());

    assertThat(said.code()).isEqualTo(1);
    assertThat(said.err())
        .isEqualTo(
            "promtool: error: required argument 'test-script-file' not provided, try --help\n");
  }
}
