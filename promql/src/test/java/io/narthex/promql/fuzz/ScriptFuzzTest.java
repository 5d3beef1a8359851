package io.narthex.promql.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.narthex.base.time.Clock;
import io.narthex.promql.engine.Engine;
import io.narthex.promql.engine.EngineOptions;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.promql.script.MemoryScriptStorage;
import io.narthex.promql.script.ScriptReport;
import io.narthex.promql.script.ScriptRunner;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;

/** The runner of scripts: whatever stands in one, each failure has a line of it and a reason. */
@Tag("fuzz")
class ScriptFuzzTest {

  /** Many values only take long. */
  private static final Pattern LONG_NUMBER = Pattern.compile("\\d{4,}");

  private static final EngineOptions OPTIONS =
      new EngineOptions(
          Duration.ofSeconds(1),
          10_000,
          64 << 20,
          1,
          Duration.ofMinutes(5),
          Duration.ofMinutes(1),
          true,
          true,
          false,
          ParserOptions.ALL);

  private static final ScriptRunner RUNNER =
      new ScriptRunner(new Engine(OPTIONS, Clock.SYSTEM), MemoryScriptStorage::new);

  @FuzzTest(maxDuration = "2m")
  void script(byte[] data) {
    Inputs.run(data, ScriptFuzzTest::run);
  }

  @AfterAll
  static void report() {
    Inputs.report("scripts");
  }

  private static void run(String text) {
    String script = LONG_NUMBER.matcher(text).replaceAll("999");
    ScriptReport report = RUNNER.run("script", script);
    int lines = (int) script.lines().count();
    assertThat(report.failures())
        .allSatisfy(failure -> {
          assertThat(failure.line()).isBetween(1, lines);
          assertThat(failure.reason()).isNotEmpty();
        });
  }
}
