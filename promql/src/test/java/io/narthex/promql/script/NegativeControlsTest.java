package io.narthex.promql.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.time.Clock;
import io.narthex.promql.engine.Engine;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The runner itself: it must fail whenever anything that a script says is changed. */
class NegativeControlsTest {

  private static final String SCRIPT =
      """
      load 1m
        metric{a="1"} 0+10x10
        metric{a="2"} 0+20x10
        counter_total 0 1 2 0 1 2
        hist {{schema:0 count:4 sum:5 buckets:[1 2 1]}}x10
        stale_one 1 2 stale
        started@st _ -30sx2
        started    _ 10+10x2

      eval instant at 5m metric
        metric{a="1"} 50
        metric{a="2"} 100

      eval instant at 5m sort_desc(metric)
        expect ordered
        metric{a="2"} 100
        metric{a="1"} 50

      eval range from 0 to 2m step 1m sum(metric)
        {} 0 30 60

      eval instant at 5m rate(metric[5m])
        expect info msg: PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "metric" (1:6)
        {a="1"} 0.16666666666666666
        {a="2"} 0.3333333333333333

      eval instant at 5m histogram_quantile(2, hist)
        expect warn msg: PromQL warning: quantile value should be between 0 and 1, got 2 (1:20)
        {} Inf

      eval instant at 5m metric + on() metric
        expect fail msg: found duplicate series for the match group {} on the right hand-side of the operation: [{__name__="metric", a="1"}, {__name__="metric", a="2"}];many-to-many matching not allowed: matching labels must be unique on one side

      eval instant at 5m scalar(counter_total)
        2

      eval instant at 5m hist
        hist {{schema:0 count:4 sum:5 buckets:[1 2 1]}}

      eval instant at 5m stale_one

      eval instant at 5m "text"
        expect string "text"

      eval instant at 2m metric[2m]
        expect range vector from 1m to 2m step 1m
        metric{a="1"} 10 20
        metric{a="2"} 20 40

      eval instant at 3m increase(started[1m])
        expect info
        {} 30

      eval_fail instant at 5m metric == bool

      eval instant at 5m counter_total
        expect no_info
        expect no_warn
        counter_total 2
      """;

  private static ScriptReport run(String script) {
    Engine engine = new Engine(ScriptRunner.OPTIONS, Clock.SYSTEM);
    return new ScriptRunner(engine, MemoryScriptStorage::new).run("control", script);
  }

  @Test
  void theScriptHoldsAsItIs() {
    ScriptReport report = run(SCRIPT);

    assertThat(report.toString()).isEqualTo("control: 14 passed, 0 failed");
  }

  static Stream<Arguments> changes() {
    String histogram = "hist {{schema:0 count:4 sum:5 buckets:[1 2 1]}}\n\neval";
    return Stream.of(
        Arguments.of(
            "metric{a=\"1\"} 50\n  metric{a=\"2\"} 100",
            "metric{a=\"1\"} 50.001\n  metric{a=\"2\"} 100"),
        Arguments.of("{} 0 30 60", "{} 0 30 _"),
        Arguments.of("{} 0 30 60", "{} 0 31 60"),
        Arguments.of("{} 0 30 60", "{} 0 30 60 90"),
        Arguments.of("{} 0 30 60", "{other=\"x\"} 0 30 60"),
        Arguments.of("  {} 0 30 60\n", ""),
        Arguments.of("sort_desc(metric)", "sort(metric)"),
        Arguments.of("name does not end in", "name does end in"),
        Arguments.of("\"metric\" (1:6)", "\"metric\" (1:7)"),
        Arguments.of("got 2 (1:20)", "got 3 (1:20)"),
        Arguments.of("expect warn msg: PromQL warning: quantile", "expect no_warn msg: PromQL"),
        Arguments.of("group {} on the right", "group {} on the left"),
        Arguments.of("\n  2\n", "\n  3\n"),
        Arguments.of(histogram, "hist {{schema:0 count:4 sum:5 buckets:[1 1 2]}}\n\neval"),
        Arguments.of(histogram, "hist {{schema:0 count:4 sum:6 buckets:[1 2 1]}}\n\neval"),
        Arguments.of(histogram, "hist {{schema:1 count:4 sum:5 buckets:[1 2 1]}}\n\neval"),
        Arguments.of(histogram, "hist 4\n\neval"),
        Arguments.of(
            histogram,
            "hist {{schema:0 count:4 sum:5 buckets:[1 2 1] counter_reset_hint:gauge}}\n\neval"),
        Arguments.of("at 5m stale_one", "at 1m stale_one"),
        Arguments.of("expect string \"text\"", "expect string \"test\""),
        Arguments.of("metric{a=\"1\"} 10 20", "metric{a=\"1\"} 10 21"),
        Arguments.of("vector from 1m to 2m", "vector from 0m to 1m"),
        Arguments.of("{} 30\n", "{} 20\n"),
        Arguments.of("expect info\n", "expect no_info\n"),
        Arguments.of("expect info\n", "expect warn\n"),
        Arguments.of("metric == bool\n", "metric == bool 1\n"),
        Arguments.of("expect no_warn\n  counter_total 2", "expect warn\n  counter_total 2"),
        Arguments.of("  counter_total 2\n", "  counter_tot 2\n"));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void anyChangeIsNoticed(String from, String to) {
    assertThat(SCRIPT).contains(from);

    ScriptReport report = run(SCRIPT.replace(from, to));

    assertThat(report.failed()).isPositive();
  }

  @Test
  void aResultThatDependsOnTheTimeOfEvaluationIsNoticed() {
    // The middle step of the range query around it is another one's if lookback hides a gap.
    ScriptReport report =
        run(
            """
            load 1m
              metric 0 1 2

            eval instant at 1m metric unless on() vector(time() < 60)
              metric 1
            """);

    assertThat(report.failed()).isPositive();
  }

  @Test
  void aFailureNamesFileAndLine() {
    ScriptReport report =
        run(
            """
            load 1m
              metric 1

            eval instant at 0 metric
              metric 2
            """);

    assertThat(report.toString())
        .isEqualTo(
            """
            control: 0 passed, 1 failed
              control:4: metric: expected 2 for {__name__="metric"} but got 1\
            """);
  }

  @Test
  void whatCannotBeReadIsAFailure() {
    ScriptReport report =
        run(
            """
            lode 1m
              metric 1

            eval instant at 0 vector(1)
              {} 1
            """);

    assertThat(report.passed()).isEqualTo(1);
    assertThat(report.failures())
        .containsExactly(
            new ScriptReport.Failure(
                1,
                "lode 1m",
                "invalid command \"lode\", expected load, load_with_nhcb, clear or eval"));
  }
}
