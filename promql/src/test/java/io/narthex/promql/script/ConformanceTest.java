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

  private static final int FLOOR = 1693;

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
    StringBuilder details = new StringBuilder();
    for (Path file : files) {
      ScriptReport report = runner.run(file.getFileName().toString(), Files.readString(file));
      details.append(report).append('\n');
      System.out.println(
          report.file() + ": " + report.passed() + " passed, " + report.failed() + " failed");
      passed += report.passed();
      failed += report.failed();
    }
    Files.writeString(Path.of("target", "promql-conformance.txt"), details);
    System.out.println(passed + " passed, " + failed + " failed");
    assertThat(passed).isGreaterThanOrEqualTo(FLOOR);
  }
}
