package io.narthex.promql.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.time.Clock;
import io.narthex.promql.engine.Engine;
import io.narthex.testkit.Conformance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Upstream's scripts, all of them; the count of those that pass may only grow. */
class ConformanceTest {

  private static final int FLOOR = 0;

  @Test
  void upstreamScripts() throws IOException {
    Engine engine = new Engine(ScriptRunner.OPTIONS, Clock.SYSTEM);
    ScriptRunner runner = new ScriptRunner(engine, MemoryScriptStorage::new);
    List<Path> files;
    try (Stream<Path> all = Files.list(Conformance.path("promql"))) {
      files = all.filter(p -> p.toString().endsWith(".test")).sorted().toList();
    }
    int passed = 0;
    int failed = 0;
    for (Path file : files) {
      String only = System.getProperty("script");
      if (only != null && !file.getFileName().toString().startsWith(only)) {
        continue;
      }
      ScriptReport report = runner.run(file.getFileName().toString(), Files.readString(file));
      System.out.println(
          only == null
              ? report.file() + ": " + report.passed() + " passed, " + report.failed() + " failed"
              : report.toString());
      passed += report.passed();
      failed += report.failed();
    }
    System.out.println(passed + " passed, " + failed + " failed");
    assertThat(passed).isGreaterThanOrEqualTo(FLOOR);
  }
}
