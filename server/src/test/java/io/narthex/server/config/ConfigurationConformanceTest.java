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

/** Upstream's good and bad configurations. */
final class ConfigurationConformanceTest {

  private static final int GOOD = 54;
  private static final int BAD = 147;
  private static final int BAD_WITH_TEXT = 136;

  private static @Nullable String load(Path file) {
    return load(file, false);
  }

  private static @Nullable String load(Path file, boolean agent) {
    try {
      LoadOptions options = LoadOptions.DEFAULT.withEnvironment(name -> null).withAgent(agent);
      assertThat(Configuration.check(file, options).yaml()).isNotEmpty();
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
    List<String> loading = new ArrayList<>();
    List<Path> bad = files(folder, ".bad.yml");
    for (Path file : bad) {
      if (load(file) == null) {
        loading.add(file.getFileName().toString());
      }
    }
    System.out.println(
        "> configurations that fail with the text that is given: "
            + asExpected
            + " of "
            + cases.items().size()
            + "; bad ones that fail at all: "
            + (bad.size() - loading.size())
            + " of "
            + bad.size());
    assertThat(others).isEmpty();
    assertThat(loading).isEmpty();
    assertThat(asExpected).isEqualTo(BAD_WITH_TEXT);
    assertThat(bad).hasSize(BAD);
  }

  private static List<Path> files(Path folder, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  @Test
  void goodFilesLoad() throws IOException {
    Path folder = Conformance.path("config");
    List<Path> files = files(folder, ".good.yml");
    List<String> refused = new ArrayList<>();
    for (Path file : files) {
      String error = load(file, file.getFileName().toString().startsWith("agent_mode"));
      if (error != null) {
        refused.add(file.getFileName() + ": " + error);
      }
    }
    System.out.println(
        "> good configurations that load: "
            + (files.size() - refused.size())
            + " of "
            + files.size());
    assertThat(refused).isEmpty();
    assertThat(files).hasSize(GOOD);
  }

  /** What is printed loads again and prints the same. */
  @Test
  void goodFilesPrintWhatLoadsAgain() throws IOException {
    Path folder = Conformance.path("config");
    int equal = 0;
    List<String> others = new ArrayList<>();
    for (Path file : files(folder, ".good.yml")) {
      // What external labels take from the environment is shown filled in.
      if (file.getFileName().toString().startsWith("external_labels")) {
        continue;
      }
      Configuration configuration =
          Configuration.check(file, LoadOptions.DEFAULT.withEnvironment(name -> null));
      String printed = configuration.yaml();
      Path again = Files.writeString(Files.createTempFile("printed", ".yml"), printed);
      try {
        String second = Configuration.check(again, LoadOptions.DEFAULT).yaml();
        if (second.equals(printed)) {
          equal++;
        } else {
          others.add(file.getFileName() + " prints otherwise the second time");
        }
      } catch (ConfigException e) {
        others.add(file.getFileName() + ": " + e.getMessage());
      } finally {
        Files.delete(again);
      }
    }
    System.out.println("> good configurations that print what loads again: " + equal);
    assertThat(others).isEmpty();
    assertThat(equal).isEqualTo(GOOD - 1);
  }

  /** The others say by their names which of them are right, and where. */
  @Test
  void othersBehaveAsTheirNamesSay() throws IOException {
    Path folder = Conformance.path("config");
    int seen = 0;
    for (Path file : files(folder, ".yml")) {
      String name = file.getFileName().toString();
      if (name.endsWith(".good.yml") || name.endsWith(".bad.yml")) {
        continue;
      }
      seen++;
      boolean agent = name.startsWith("agent_mode.");
      String error = load(file, agent);
      String expected =
          switch (name) {
            case "agent_mode.with_alert_manager.yml", "agent_mode.with_alert_relabels.yml" ->
                "field alerting is not allowed in agent mode";
            case "agent_mode.with_rule_files.yml" ->
                "field rule_files is not allowed in agent mode";
            case "agent_mode.with_remote_reads.yml" ->
                "field remote_read is not allowed in agent mode";
            case "agent_mode.without_remote_writes.yml" ->
                "at least one remote_write target must be specified in agent mode";
            case "config_with_deprecated_am_api_config.yml" ->
                "expected Alertmanager api version to be one of [v2] but got v1";
            case "otlp_allow_utf8.incompatible.yml" ->
                "OTLP translation strategy \"NoUTF8EscapingWithSuffixes\" is not allowed when UTF8 is"
                    + " disabled";
            case "otlp_no_translation.incompatible.yml" ->
                "OTLP translation strategy \"NoTranslation\" is not allowed when UTF8 is disabled";
            default -> "";
          };
      if (expected.isEmpty()) {
        assertThat(error).as(name).isNull();
      } else {
        assertThat(error).as(name).contains(expected);
      }
      if (agent) {
        assertThat(load(file, false)).as("%s, not as an agent's", name).isNull();
      }
    }
    System.out.println("> other configurations that behave as named: " + seen);
  }
}
