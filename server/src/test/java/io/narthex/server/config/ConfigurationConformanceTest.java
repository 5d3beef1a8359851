package io.narthex.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.testkit.Conformance;
import io.narthex.testkit.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Upstream's good and bad configurations. Many of them need sections whose work is still to come;
 * the counts here only ever grow.
 */
final class ConfigurationConformanceTest {

  private static final int BAD_AS_EXPECTED = 58;
  private static final int GOOD_LOADED = 14;

  private static @Nullable String load(Path file) {
    try {
      assertThat(Configuration.load(file, name -> "").yaml()).isNotEmpty();
      return null;
    } catch (ConfigException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void badFilesFailWithUpstreamsText() throws IOException {
    Path folder = Conformance.path("config");
    Json cases =
        Json.parse(Files.readString(folder.resolve("config_expected_errors.json"))).get("cases");
    int asExpected = 0;
    List<String> others = new ArrayList<>();
    for (Json test : cases.items()) {
      String file = test.get("file").text();
      String expected =
          test.get("err_contains").text().replace("testdata/", folder.toString() + "/");
      String error = load(folder.resolve(file));
      if (error != null && error.contains(expected)) {
        asExpected++;
      } else {
        others.add(file + "\n    expected " + expected + "\n    got      " + error);
      }
    }
    int unlisted = countUnlisted(folder, cases);
    System.out.println(
        "configurations that fail as expected: "
            + asExpected
            + " of "
            + cases.items().size()
            + "; others that fail at all: "
            + unlisted);
    others.forEach(System.out::println);
    assertThat(asExpected).isGreaterThanOrEqualTo(BAD_AS_EXPECTED);
    assertThat(others).noneMatch(other -> other.endsWith("null"));
  }

  /** Bad files without an expected text must fail all the same. */
  private static int countUnlisted(Path folder, Json cases) throws IOException {
    List<String> listed = cases.items().stream().map(test -> test.get("file").text()).toList();
    int failing = 0;
    for (Path file : files(folder, ".bad.yml")) {
      if (!listed.contains(file.getFileName().toString())) {
        System.out.println(file.getFileName() + ": " + load(file));
        failing += load(file) == null ? 0 : 1;
      }
    }
    return failing;
  }

  private static List<Path> files(Path folder, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  @Test
  void goodFilesLoadOrSayWhatIsNotYetThere() throws IOException {
    Path folder = Conformance.path("config");
    int loaded = 0;
    List<Path> files = files(folder, ".good.yml");
    List<String> refused = new ArrayList<>();
    for (Path file : files) {
      String error = load(file);
      if (error == null) {
        loaded++;
      } else {
        refused.add(file.getFileName() + ": " + error);
      }
    }
    System.out.println("good configurations that load: " + loaded + " of " + files.size());
    refused.forEach(System.out::println);
    assertThat(refused).allMatch(error -> error.contains("not supported by Narthex yet"));
    assertThat(loaded).isGreaterThanOrEqualTo(GOOD_LOADED);
  }
}
