package io.narthex.promql.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.time.Clock;
import io.narthex.promql.engine.Engine;
import io.narthex.promql.engine.EngineOptions;
import io.narthex.testkit.Conformance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Upstream's scripts, all of them; the count of those that pass may only grow. */
class ConformanceTest {

  private static final int FLOOR = 1693;

  /** Less those whose expectation is that of delayed removal. */
  private static final int FLOOR_OF_NAMES_DROPPED_AT_ONCE = 1671;

  @Test
  void upstreamScripts() throws IOException {
    assertThat(passed(ScriptRunner.OPTIONS, "promql-conformance.txt"))
        .isGreaterThanOrEqualTo(FLOOR);
  }

  /**
   * The scripts are written for delayed removal of metric names. Without it, which is the default,
   * only those may fail that are about names or print them.
   */
  @Test
  void upstreamScriptsWithNamesDroppedAtOnce() throws IOException {
    EngineOptions o = ScriptRunner.OPTIONS;
    EngineOptions atOnce =
        new EngineOptions(
            o.timeout(),
            o.maxSamples(),
            o.maxMemory(),
            o.maxConcurrency(),
            o.lookback(),
            o.subqueryStep(),
            false,
            o.startTimestamps(),
            o.typeLabels(),
            o.parser());
    assertThat(passed(atOnce, "promql-conformance-names-at-once.txt"))
        .isGreaterThanOrEqualTo(FLOOR_OF_NAMES_DROPPED_AT_ONCE);
  }

  private static int passed(EngineOptions options, String details) throws IOException {
    ScriptRunner runner =
        new ScriptRunner(new Engine(options, Clock.SYSTEM), MemoryScriptStorage::new);
    List<Path> files;
    try (Stream<Path> all = Files.list(Conformance.path("promql"))) {
      files = all.filter(p -> p.toString().endsWith(".test")).sorted().toList();
    }
    int passed = 0;
    int failed = 0;
    StringBuilder reports = new StringBuilder();
    for (Path file : files) {
      ScriptReport report = runner.run(file.getFileName().toString(), Files.readString(file));
      reports.append(report).append('\n');
      System.out.println(
          report.file() + ": " + report.passed() + " passed, " + report.failed() + " failed");
      passed += report.passed();
      failed += report.failed();
    }
    Files.writeString(Path.of("target", details), reports);
    System.out.println(passed + " passed, " + failed + " failed");
    return passed;
  }
}
