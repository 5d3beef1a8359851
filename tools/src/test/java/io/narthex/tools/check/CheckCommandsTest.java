package io.narthex.tools.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.testkit.Conformance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CheckCommandsTest {

  @TempDir private Path folder;

  private String write(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text).toString();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Files whose names do not end in good or bad, and what is wrong with them. */
  private static final Map<String, String> WRONG =
      Map.of(
          "config_with_rule_files.yml", "non-existent-file.yml\" does not point to an existing",
          "config_with_tls_files.yml", "error checking client cert file");

  @Test
  void upstreamsConfigurationsBehaveAsNamed() throws IOException {
    int checked = 0;
    List<String> others = new ArrayList<>();
    try (Stream<Path> files = Files.list(Conformance.path("promtool"))) {
      for (Path file : files.filter(f -> isConfiguration(f.getFileName().toString())).toList()) {
        String name = file.getFileName().toString();
        checked++;
        Tool.Said said = Tool.run("check", "config", file.toString());
        String wrong = WRONG.getOrDefault(name, "");
        boolean bad = name.contains(".bad.") || !wrong.isEmpty();
        if (said.code() != (bad ? 1 : 0) || !said.err().contains(wrong)) {
          others.add(name + ": " + said);
        }
      }
    }
    System.out.println("\n> promtool's configurations that behave as named: " + checked);
    assertThat(others).isEmpty();
    assertThat(checked).isEqualTo(14);
  }

  private static boolean isConfiguration(String name) {
    return (name.startsWith("prometheus-") && !name.contains("rules"))
        || name.startsWith("config_with")
        || name.startsWith("url_in")
        || name.startsWith("authorization_");
  }

  @Test
  void upstreamsRuleFilesBehaveAsNamed() throws IOException {
    int checked = 0;
    List<String> others = new ArrayList<>();
    List<String> bad =
        List.of(
            "bad-rules-syntax.yml", "rules-bad.yml", "rules_extrafields.yml", "invalid_rules.yaml");
    List<Path> files = new ArrayList<>();
    for (String each : List.of("rules/format", "rules/fixtures", "promtool")) {
      try (Stream<Path> all = Files.list(Conformance.path(each))) {
        all.filter(
                file -> {
                  String name = file.getFileName().toString();
                  return !each.equals("promtool")
                      || (name.contains("rules")
                          && !name.contains("_run")
                          && !name.contains("test")
                          && !name.startsWith("config_"));
                })
            .forEach(files::add);
      }
    }
    for (Path file : files) {
      String name = file.getFileName().toString();
      // Names that only the old scheme refuses are right here, where all of UTF-8 is allowed.
      boolean wrong = bad.contains(name) || (name.contains(".bad.") && !name.startsWith("legacy_"));
      checked++;
      Tool.Said said = Tool.run("check", "rules", file.toString());
      if (said.code() != (wrong ? 1 : 0)) {
        others.add(name + ": " + said);
      }
    }
    System.out.println("> rule files that behave as named: " + checked);
    assertThat(others).isEmpty();
    assertThat(checked).isGreaterThanOrEqualTo(40);
  }

  @Test
  void filesOfTargetsAreReadByTheirExtension() {
    for (String good : List.of("good-sd-file.json", "good-sd-file.yml", "good-sd-file.yaml")) {
      String file =
          write(
              "c.yml",
              "scrape_configs: [{job_name: j, file_sd_configs: [{files: ['"
                  + Conformance.path("promtool").resolve(good)
                  + "']}]}]");
      assertThat(Tool.run("check", "config", file).code()).as(good).isZero();
    }
    String file =
        write(
            "c.yml",
            "scrape_configs: [{job_name: j, file_sd_configs: [{files: ['"
                + Conformance.path("promtool").resolve("bad-sd-file-format.yml")
                + "']}]}]");
    Tool.Said said = Tool.run("check", "config", file);
    assertThat(said.code()).isEqualTo(1);
    assertThat(said.err()).startsWith("  FAILED: checking SD file \"");
    write("d.yml", "scrape_configs: [{job_name: j, file_sd_configs: [{files: [a.nonexistent]}]}]");
    assertThat(Tool.run("check", "config", folder + "/d.yml").err())
        .contains("path name \"a.nonexistent\" is not valid for file discovery");
  }

  /** What the server refuses as still to come is right all the same. */
  @Test
  void whatIsStillToComePasses() {
    String file =
        write(
            "c.yml",
            """
            remote_write: [{url: http://a}]
            remote_read: [{url: http://a}]
            tracing: {endpoint: a}
            alerting: {alertmanagers: [{static_configs: [{targets: [a]}]}]}
            otlp: {promote_scope_metadata: true}
            scrape_configs:
            - job_name: k
              kubernetes_sd_configs: [{role: pod}]
            """);
    Tool.Said said = Tool.run("check", "config", file);
    assertThat(said)
        .isEqualTo(
            new Tool.Said(
                0,
                "Checking "
                    + file
                    + "\n SUCCESS: "
                    + file
                    + " is valid prometheus config file syntax\n\n",
                ""));
  }

  @Test
  void anAgentsConfiguration() {
    String file = write("c.yml", "rule_files: [a]\n");
    assertThat(Tool.run("check", "config", "--agent", file).err())
        .isEqualTo("  FAILED: field rule_files is not allowed in agent mode\n");
    String right = write("d.yml", "remote_write: [{url: http://a}]\n");
    assertThat(Tool.run("check", "config", "--agent", right).code()).isZero();
  }

  @Test
  void lintIsFatalWhereAsked() {
    String file =
        write(
            "r.yml",
            """
            groups:
            - name: g
              rules:
              - {record: b, expr: '1', labels: {l: v}}
              - {record: a, expr: '1'}
              - {record: b, expr: '2', labels: {l: v}}
            """);
    Tool.Said said = Tool.run("check", "rules", "--lint-fatal", file);
    assertThat(said.code()).isEqualTo(3);
    assertThat(said.err())
        .isEqualTo(
            """
              FAILED:
            lint error 1 duplicate rule(s) found.
            Metric: b
            Label(s):
            \tl: v
            Might cause inconsistency while recording expressions
            """);
    assertThat(Tool.run("check", "rules", file).code()).isZero();
    assertThat(Tool.run("check", "rules", "--lint=none", "--lint-fatal", file).code()).isZero();
    assertThat(Tool.run("check", "rules", "--lint=foo", file).out())
        .startsWith("WARNING: unknown lint option: \"foo\"\n");
    String slow = write("c.yml", "scrape_configs: [{job_name: j, scrape_interval: 5m}]");
    assertThat(Tool.run("check", "config", "--lint=too-long-scrape-interval", "--lint-fatal", slow))
        .satisfies(told -> {
          assertThat(told.code()).isEqualTo(3);
          assertThat(told.err())
              .isEqualTo(
                  "  FAILED: too long scrape interval found, data point will be marked as stale -"
                      + " job: j, interval: 5m\n");
        });
    assertThat(
            Tool.run(
                    "check",
                    "--query.lookback-delta=10m",
                    "config",
                    "--lint=all",
                    "--lint-fatal",
                    slow)
                .code())
        .isZero();
  }

  @Test
  void rulesFromTheInput() {
    Tool.Said said =
        Tool.runWith("groups: [{name: g, rules: [{record: a, expr: '1'}]}]", "check", "rules");
    assertThat(said)
        .isEqualTo(new Tool.Said(0, "Checking standard input\n  SUCCESS: 1 rules found\n\n", ""));
  }

  @Test
  void featuresOfTheLanguageAreAllowedByName() {
    String rules = "groups: [{name: g, rules: [{record: a, expr: 'sort_by_label(up, \"a\")'}]}]";
    assertThat(Tool.runWith(rules, "check", "rules").code()).isEqualTo(1);
    assertThat(
            Tool.runWith(rules, "check", "--enable-feature=promql-experimental-functions", "rules")
                .code())
        .isZero();
  }

  @Test
  void filesThatAreNotThere() {
    assertThat(Tool.run("check", "config", folder + "/absent.yml"))
        .isEqualTo(
            new Tool.Said(
                1,
                "",
                "promtool: error: path '" + folder + "/absent.yml' does not exist, try --help\n"));
  }

  @Test
  void webConfigurations() {
    String good = write("web.yml", "http_server_config: {http2: true}\n");
    String bad = write("bad.yml", "x: 1\n");
    Tool.Said said = Tool.run("check", "web-config", good, bad);
    assertThat(said.code()).isEqualTo(1);
    assertThat(said.err())
        .startsWith(good + " SUCCESS\n" + bad + " FAILED: ")
        .contains("field x not found in type web.Config");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          TYPE a counter;a 1                | a counter metrics should have "_total" suffix
          TYPE a_total gauge;a_total 1      | a_total non-counter metrics should not have "_total" suffix
          TYPE aB gauge;aB 1                | aB metric names should be written in 'snake_case' not 'camelCase'
          TYPE a gauge;a{bC="1"} 1          | a label names should be written in 'snake_case' not 'camelCase'
          TYPE a_milliseconds gauge;a_milliseconds 1 | a_milliseconds use base unit "seconds" instead of "milliseconds"
          TYPE a_ms gauge;a_ms 1            | a_ms metric names should not contain abbreviated units
          TYPE a:b gauge;a:b 1              | a:b metric names should not contain ':'
          TYPE a_gauge gauge;a_gauge 1      | a_gauge metric name should not include type 'gauge'
          TYPE a gauge;a{le="1"} 1          | a non-histogram metrics should not have "le" label
          TYPE a gauge;a{quantile="1"} 1    | a non-summary metrics should not have "quantile" label
          TYPE a_bucket gauge;a_bucket 1    | a_bucket non-histogram metrics should not have "_bucket" suffix
          TYPE a_sum gauge;a_sum 1          | a_sum non-histogram and non-summary metrics should not have "_sum" suffix
          TYPE a gauge;a{b="1"} 1;a{b="1"} 1 | a metric not unique
          """)
  void conventionsOfMetrics(String page, String problem) {
    String name = problem.substring(0, problem.indexOf(' '));
    String text = "# HELP " + name + " h\n# " + page.replace(';', '\n') + "\n";
    Tool.Said said = Tool.runWith(text, "check", "metrics");
    assertThat(said).isEqualTo(new Tool.Said(3, "", problem + "\n"));
    assertThat(Tool.runWith(text, "check", "metrics", "--lint=none").code()).isZero();
  }

  @Test
  void theTableOfMetrics() {
    String page =
        """
        # HELP h_seconds y
        # TYPE h_seconds histogram
        h_seconds_bucket{le="1"} 1
        h_seconds_bucket{le="+Inf"} 2
        h_seconds_sum 1
        h_seconds_count 2
        # HELP b_bytes y
        # TYPE b_bytes gauge
        b_bytes{a="1"} 1
        b_bytes{a="2"} 1
        """;
    assertThat(Tool.runWith(page, "check", "metrics", "--extended"))
        .isEqualTo(
            new Tool.Said(
                0,
                "Metric       Cardinality    Percentage    \n"
                    + "h_seconds    4              66.67%        \n"
                    + "b_bytes      2              33.33%        \n"
                    + "Total        6              100%          \n",
                ""));
    assertThat(Tool.runWith("a b c {\n", "check", "metrics").code()).isEqualTo(1);
  }
}
