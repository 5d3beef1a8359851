package io.narthex.promql.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.time.Clock;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.promql.engine.Engine;
import io.narthex.storage.Queryable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One thing of every kind of expectation is changed, and the runner must fail at that evaluation
 * and nowhere else.
 */
class ExpectationControlsTest {

  private static final String SCRIPT =
      """
      load 1m
        metric{a="1"} 0+10x10
        metric{a="2"} 0+20x10
        counter_total 0 1 2 0 1 2
        odd NaN Inf -Inf
        gone 1 2 stale
        hist {{schema:1 count:12 sum:5 z_bucket:2 z_bucket_w:0.01 buckets:[1 2 1] offset:1 n_buckets:[3 3] n_offset:-1}}x10
        gauge {{schema:0 count:1 sum:1 buckets:[1] counter_reset_hint:gauge}}x10
        custom {{schema:-53 count:4 sum:5 custom_values:[1 2] buckets:[1 2 1]}}x10
        mixed 1 {{schema:0 count:1 sum:1 buckets:[1]}}x10

      # one value
      eval instant at 5m sum(metric)
        {} 150

      # two series
      eval instant at 5m metric * 2
        {a="1"} 100
        {a="2"} 200

      # in order
      eval instant at 5m sort_desc(metric)
        expect ordered
        metric{a="2"} 100
        metric{a="1"} 50

      # as it was written before
      eval_ordered instant at 5m sort(metric)
        metric{a="1"} 50
        metric{a="2"} 100

      # not a number
      eval instant at 0 odd * 1
        {} NaN

      # infinite
      eval instant at 1m odd + 1
        {} Inf

      # infinite the other way
      eval instant at 2m odd - 1
        {} -Inf

      # nothing
      eval instant at 5m nothing

      # steps
      eval range from 0 to 4m step 1m sum(metric) > 30
        {} _ _ 60 90 120

      # two rows
      eval range from 0 to 1m step 1m -metric
        {a="1"} 0 -10
        {a="2"} 0 -20

      # a scalar
      eval instant at 5m scalar(counter_total) + 1
        3

      # a text
      eval instant at 5m "te\\"xt"
        expect string "te\\"xt"

      # samples
      eval instant at 2m gone[3m]
        expect range vector from 0 to 1m step 1m
        gone 1 2

      # any warning
      eval instant at 5m quantile(3, metric)
        expect warn
        {} Inf

      # this warning
      eval instant at 5m histogram_quantile(2, hist)
        expect warn msg: PromQL warning: quantile value should be between 0 and 1, got 2 (1:20)
        {} Inf

      # such warnings
      eval instant at 5m quantile(-4, metric)
        expect warn regex: ^PromQL warning: quantile .* got -4
        {} -Inf

      # a warning as it was written before
      eval_warn instant at 5m quantile(5, metric)
        {} Inf

      # any info
      eval instant at 5m rate(metric{a="1"}[5m])
        expect info
        {a="1"} 0.16666666666666666

      # this info
      eval instant at 5m rate(metric{a="2"}[5m])
        expect info msg: PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "metric" (1:6)
        {a="2"} 0.3333333333333333

      # an info as it was written before
      eval_info instant at 5m increase(metric{a="2"}[5m])
        {a="2"} 100

      # neither
      eval instant at 5m rate(counter_total[1m1s])
        expect no_warn
        expect no_info
        {} 0.016666666666666666

      # an error
      eval instant at 5m metric + on() metric
        expect fail

      # this error
      eval instant at 5m topk(NaN, metric)
        expect fail msg: Parameter value is NaN

      # such errors
      eval range from 0 to 1m step 1m count_values("\\xff", metric)
        expect fail regex: invalid label name

      # an error as it was written before
      eval_fail instant at 5m bottomk(NaN, metric)
        expected_fail_message Parameter value is NaN

      # errors as they were written before
      eval_fail instant at 5m limitk(NaN, metric)
        expected_fail_regexp Parameter .* NaN

      # all of a histogram
      eval instant at 5m hist
        hist {{schema:1 count:12 sum:5 z_bucket:2 z_bucket_w:0.01 buckets:[1 2 1] offset:1 n_buckets:[3 3] n_offset:-1}}

      # how it was counted
      eval instant at 5m gauge
        gauge {{schema:0 count:1 sum:1 buckets:[1] counter_reset_hint:gauge}}

      # its bounds
      eval instant at 5m custom
        custom {{schema:-53 count:4 sum:5 custom_values:[1 2] buckets:[1 2 1]}}

      # both kinds
      eval range from 0 to 1m step 1m mixed
        mixed 1 {{schema:0 count:1 sum:1 buckets:[1]}}
      """;

  private static ScriptReport run(String script) {
    return run(script, MemoryScriptStorage::new);
  }

  private static ScriptReport run(String script, ScriptStorage.Factory storages) {
    Engine engine = new Engine(ScriptRunner.OPTIONS, Clock.SYSTEM);
    return new ScriptRunner(engine, storages).run("control", script);
  }

  @Test
  void theScriptHoldsAsItIs() {
    assertThat(run(SCRIPT).toString()).isEqualTo("control: 30 passed, 0 failed");
  }

  private static Arguments change(String block, String from, String to) {
    return Arguments.of(block, from, to);
  }

  static Stream<Arguments> changes() {
    return Stream.of(
        change("one value", "150", "150.001"),
        change("one value", "150", "-150"),
        change("one value", "150", "NaN"),
        change("one value", "150", "stale"),
        change("one value", "150", "_"),
        change("one value", "150", "{{count:150}}"),
        change("one value", "  {} 150\n", "  150\n"),
        change("one value", "  {} 150\n", ""),
        change("one value", "  {} 150\n", "  expect string \"150\"\n"),
        change("one value", "  {} 150\n", "  {} 150\n  {a=\"1\"} 50\n"),
        change("one value", "  {}", "  {a=\"1\"}"),
        change("one value", "  {}", "  metric"),
        change("one value", "  {} 150\n", "  expect warn\n  {} 150\n"),
        change("one value", "  {} 150\n", "  expect info\n  {} 150\n"),
        change("one value", "  {} 150\n", "  expect fail\n  {} 150\n"),
        change("one value", "at 5m", "at 4m"),
        change("one value", "sum", "avg"),
        change("two series", "  {a=\"1\"} 100\n", ""),
        change("two series", "{a=\"1\"} 100", "{a=\"2\"} 100"),
        change("two series", "{a=\"1\"} 100", "{a=\"1\", b=\"2\"} 100"),
        change("two series", "{a=\"1\"} 100", "{b=\"1\"} 100"),
        change("two series", "{a=\"1\"} 100", "metric{a=\"1\"} 100"),
        change("two series", "{a=\"1\"} 100", "{a=\"1\"} 200"),
        change(
            "in order",
            "  metric{a=\"2\"} 100\n  metric{a=\"1\"} 50\n",
            "  metric{a=\"1\"} 50\n  metric{a=\"2\"} 100\n"),
        change("in order", "sort_desc", "sort"),
        change("as it was written before", "sort(", "sort_desc("),
        change("not a number", "NaN", "0"),
        change("infinite", "Inf", "-Inf"),
        change("infinite", "Inf", "NaN"),
        change("infinite the other way", "-Inf", "Inf"),
        change("nothing", "m nothing\n", "m nothing\n  nothing 1\n"),
        change("nothing", "5m nothing\n", "5m metric\n"),
        change("nothing", "5m nothing\n", "5m nothing +\n"),
        change("steps", "_ _ 60", "_ 30 60"),
        change("steps", "_ _ 60", "_ _ _"),
        change("steps", "_ _ 60 90 120", "_ _ 60 91 120"),
        change("steps", "_ _ 60 90 120", "_ _ 60 90"),
        change("steps", "_ _ 60 90 120", "_ _ 60 90 120 150"),
        change("steps", "_ _ 60 90 120", "60 90 120"),
        change("steps", "to 4m step", "to 5m step"),
        change("steps", "to 4m step 1m", "to 4m step 2m"),
        change("steps", "  {} _ _ 60 90 120\n", "  60\n"),
        change("steps", "  {} _ _ 60 90 120\n", "  expect ordered\n  {} _ _ 60 90 120\n"),
        change("two rows", "  {a=\"2\"} 0 -20\n", ""),
        change("two rows", "  {a=\"2\"}", "  {a=\"3\"}"),
        change("a scalar", "  3\n", "  3.1\n"),
        change("a scalar", "  3\n", "  NaN\n"),
        change("a scalar", "  3\n", "  {} 3\n"),
        change("a scalar", "  3\n", ""),
        change("a text", "string \"te\\\"xt\"", "string \"text\""),
        change("a text", "  expect string \"te\\\"xt\"\n", ""),
        change("a text", "  expect string \"te\\\"xt\"\n", "  {} 1\n"),
        change("samples", "gone 1 2", "gone 1 3"),
        change("samples", "gone 1 2", "gone 1"),
        change("samples", "gone 1 2", "gone 1 2 3"),
        change("samples", "from 0 to 1m", "from 1m to 2m"),
        change("samples", "to 1m step 1m", "to 1m step 30s"),
        change("samples", "  gone 1 2\n", ""),
        change("any warning", "expect warn", "expect no_warn"),
        change("any warning", "expect warn", "expect info"),
        change("any warning", "quantile(3", "quantile(1"),
        change("this warning", "got 2", "got 3"),
        change("this warning", "(1:20)", "(1:21)"),
        change("this warning", "expect warn", "expect info"),
        change("such warnings", "got -4", "got -5"),
        change("such warnings", "regex: ^PromQL", "regex: ^quantile"),
        change("such warnings", "quantile(-4, metric)", "quantile(-4, metric) or quantile(7, odd)"),
        change("a warning as it was written before", "quantile(5", "quantile(1"),
        change("any info", "expect info", "expect no_info"),
        change("any info", "expect info", "expect warn"),
        change("this info", "\"metric\" (1:6)", "\"metric\" (1:7)"),
        change("this info", "name does not", "name does"),
        change(
            "an info as it was written before",
            "increase(metric{a=\"2\"}",
            "delta(metric{a=\"2\"}"),
        change("neither", "rate(counter_total", "rate(metric"),
        change("neither", "rate(counter_total[1m1s])", "quantile(2, counter_total)"),
        change("neither", "expect no_warn", "expect warn"),
        change("neither", "expect no_info", "expect info"),
        change("an error", "metric + on() metric", "metric + metric"),
        change("an error", "  expect fail\n", ""),
        change("this error", "value is NaN", "value is Inf"),
        change("this error", "msg: Parameter", "msg: The parameter"),
        change("this error", "topk(NaN", "topk(1"),
        change("such errors", "regex: invalid label name", "regex: invalid name"),
        change("such errors", "\\xff", "x"),
        change("an error as it was written before", "value is NaN\n", "value is\n"),
        change("an error as it was written before", "bottomk(NaN", "bottomk(1"),
        change("errors as they were written before", "Parameter .* NaN", "Parameter .* Inf"),
        change("all of a histogram", "count:12", "count:13"),
        change("all of a histogram", "sum:5", "sum:6"),
        change("all of a histogram", "{{schema:1", "{{schema:2"),
        change("all of a histogram", "z_bucket:2", "z_bucket:3"),
        change("all of a histogram", "z_bucket_w:0.01", "z_bucket_w:0.02"),
        change("all of a histogram", " buckets:[1 2 1]", " buckets:[1 2 2]"),
        change("all of a histogram", " buckets:[1 2 1]", " buckets:[1 2]"),
        change("all of a histogram", " offset:1", " offset:2"),
        change("all of a histogram", "n_buckets:[3 3]", "n_buckets:[3 4]"),
        change("all of a histogram", "n_offset:-1", "n_offset:0"),
        change("all of a histogram", "n_offset:-1}}", "n_offset:-1 counter_reset_hint:reset}}"),
        change("how it was counted", "hint:gauge", "hint:not_reset"),
        change("its bounds", "custom_values:[1 2]", "custom_values:[1 3]"),
        change("its bounds", "buckets:[1 2 1]", "buckets:[2 1 1]"),
        change("both kinds", "mixed 1 {{", "mixed {{count:1}} {{"),
        change("both kinds", " {{schema:0 count:1 sum:1 buckets:[1]}}", " 1"));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void aChangeFailsAtItsEvaluation(String block, String from, String to) {
    failsAt(block, 0, from, to);
  }

  /** A line that makes no sense any more is named itself. */
  @ParameterizedTest
  @CsvSource({
    "an error as it was written before, 1, eval_fail, eval",
    "its bounds, 1, schema:-53 count, schema:0 count",
    "its bounds, 1, sum:5, sun:5",
    "two rows, 2, -20, 20x",
    "samples, 1, range vector from, range vector at",
    "any warning, 1, expect warn, expect warning",
  })
  void aLineThatCannotBeReadFails(String block, int below, String from, String to) {
    failsAt(block, below, from, to);
  }

  private static void failsAt(String block, int below, String from, String to) {
    int start = SCRIPT.indexOf("# " + block + "\n");
    assertThat(start).isPositive();
    int end = SCRIPT.indexOf("\n\n", start);
    int at = SCRIPT.indexOf(from, start);
    assertThat(at).isPositive();
    assertThat(end < 0 || at + from.length() <= end + 1).as("it is in the block").isTrue();
    String changed = SCRIPT.substring(0, at) + to + SCRIPT.substring(at + from.length());
    int line = (int) SCRIPT.substring(0, start).chars().filter(c -> c == '\n').count() + 2 + below;

    ScriptReport report = run(changed);

    assertThat(report.failures()).as(report.toString()).hasSize(1);
    assertThat(report.failures().getFirst().line()).isEqualTo(line);
    assertThat(report.passed()).isEqualTo(29);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "1 | loud 1m | invalid command \"loud\", expected load, load_with_nhcb, clear or eval",
        "1 | load | empty duration string",
        "1 | load 1q | unknown unit \"q\" in duration \"1q\"",
        "1 | eval sometimes at 1m x | expected \"instant\" or \"range\", got \"sometimes\"",
        "1 | eval instant on 1m x | expected \"at\", got \"on\"",
        "1 | eval instant at 1m | expected an expression",
        "1 | eval range from 1m to 0 step 1m x | end timestamp is before start timestamp",
        "1 | eval range from 0 to 1m step 0 x | expected a positive step",
        "1 | eval_maybe instant at 1m x | eval_maybe",
        "2 | load 1m;m 1 2 x | expected a number at \"x\"",
        "2 | load 1m;m{a=\"1 1 | the labels are not closed",
        "2 | load 1m;m{a=~\"1\"} 1 | not a series",
        "2 | load 1m;m 1x | expected a number of repetitions",
        "2 | load 1m;m 1+ | expected a number",
        "2 | load 1m;m {{schema:0 | expected a histogram",
        "2 | load 1m;m {{sch:0}} | unknown fields of a histogram: [sch]",
        "2 | load 1m;m {{buckets:1}} | expected a list of a histogram, got \"1\"",
        "3 | load 1m;m 1;m 1 y | expected a number at \"y\"",
        "2 | eval instant at 0 x;expect nothing | expected ordered, fail, warn",
        "2 | eval instant at 0 x;expect fail msq: x | expected \"msg:\" or \"regex:\"",
        "2 | eval instant at 0 x;expect fail regex: ( | not a regular expression",
        "3 | eval instant at 0 x;expect info;expect no_info | cannot be used together",
        "3 | eval instant at 0 x;expect fail;expect fail | multiple expect fail lines",
        "2 | eval instant at 0 x;expect string x | expected string literal not valid",
        "2 | eval instant at 0 x;x 1 2 | expecting multiple values in instant evaluation",
        "3 | eval instant at 0 1;1;2 | invalid command \"2\"",
      })
  void whatCannotBeReadSaysWhereAndWhatWasExpected(int line, String script, String reason) {
    ScriptReport report = run(script.replace(';', '\n') + "\n\neval instant at 0 1\n  1\n");

    assertThat(report.failures()).hasSize(1);
    assertThat(report.failures().getFirst().line()).isEqualTo(line);
    assertThat(report.failures().getFirst().reason()).contains(reason);
  }

  /** Loses its data after some queries. */
  private static final class Forgetful implements ScriptStorage {
    private final MemoryScriptStorage storage = new MemoryScriptStorage();
    private final MemoryScriptStorage empty = new MemoryScriptStorage();
    private final List<Queryable> later;
    private int asked;

    Forgetful(int queries) {
      later = new ArrayList<>(Collections.nCopies(queries, storage));
    }

    @Override
    public void append(Labels labels, long time, double value, long start) {
      storage.append(labels, time, value, start);
    }

    @Override
    public void append(Labels labels, long time, FloatHistogram histogram, long start) {
      storage.append(labels, time, histogram, start);
    }

    @Override
    public void commit() {
      storage.commit();
    }

    @Override
    public Queryable queryable() {
      return asked < later.size() ? later.get(asked++) : empty;
    }

    @Override
    public void close() {}
  }

  static IntStream numbersOfQueries() {
    return IntStream.rangeClosed(0, 11);
  }

  /** As written and at five other times, each also as a range: twelve queries that must agree. */
  @ParameterizedTest
  @MethodSource("numbersOfQueries")
  void everyReevaluationCounts(int good) {
    String script = "load 1m\n  m 1+1x10\n\neval instant at 5m m\n  m 6\n";

    assertThat(run(script, () -> new Forgetful(12)).failures()).isEmpty();
    ScriptReport report = run(script, () -> new Forgetful(good));

    assertThat(report.failures()).hasSize(1);
    assertThat(report.failures().getFirst().line()).isEqualTo(4);
  }

  /** At time 0 the other times are a second before, and a second behind. */
  @Test
  void atTimeZeroThereAreEight() {
    String script = "load 1m\n  m 1+1x10\n\neval instant at 0 m\n  m 1\n";

    assertThat(run(script, () -> new Forgetful(8)).failures()).isEmpty();
    assertThat(run(script, () -> new Forgetful(7)).failures()).hasSize(1);
  }
}
