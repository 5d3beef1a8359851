package io.narthex.promql.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.promql.engine.core.MemoryBudget;
import io.narthex.promql.engine.core.PlanNote;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.engine.core.Workers;
import io.narthex.promql.engine.explain.NoStorage;
import io.narthex.promql.engine.explain.Plan;
import io.narthex.promql.engine.explain.PlanRecorder;
import io.narthex.promql.engine.explain.PlanText;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.testkit.MemoryStorage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What an explained plan says of what the planner did, and of what it cost. */
class ExplainTest {

  private static final int STEPS = 11;

  private final MemoryStorage storage = new MemoryStorage();
  private final Engine engine = new Engine(EngineOptions.DEFAULT, Clock.SYSTEM);

  private void fill(String name, int series) {
    for (int s = 0; s < series; s++) {
      Labels labels = Labels.of("__name__", name, "instance", "i" + s, "job", "j" + s % 2);
      for (int i = 0; i <= 100; i++) {
        storage.add(labels, i * 1000L, i * (s + 1));
      }
    }
  }

  private Plan explain(Queryable from, Engine engine, String query) {
    PlanRecorder recorder = engine.recorder();
    try (QueryAnswer answer =
        engine.range(
            from,
            query,
            engine.parse(query),
            50_000,
            50_000 + (STEPS - 1) * 5000,
            5000,
            QueryOptions.plain(),
            Probe.watching(recorder))) {
      return recorder.plan(
          query, true, STEPS, answer.stats(), answer.memory().taken(), answer.result().size());
    }
  }

  private Plan explain(String query) {
    return explain(storage, engine, query);
  }

  private Plan explainInstant(Queryable from, String query) {
    PlanRecorder recorder = engine.recorder();
    try (QueryAnswer answer =
        engine.instant(
            from,
            query,
            engine.parse(query),
            100_000,
            QueryOptions.plain(),
            Probe.watching(recorder))) {
      return recorder.plan(
          query, true, 1, answer.stats(), answer.memory().taken(), answer.result().size());
    }
  }

  private static Stream<String> notes(Plan plan, PlanNote.Kind kind) {
    return plan.nodes().stream()
        .flatMap(node ->
            node.notes().stream()
                .filter(note -> note.kind() == kind)
                .map(note -> node.expr() + " | " + note.detail()));
  }

  private static Plan.Node node(Plan plan, String expr) {
    return plan.nodes().stream()
        .filter(node -> node.expr().equals(expr) && node.kind() != Plan.Kind.RESULT)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no node " + expr + " in " + plan));
  }

  @Test
  void eachPartTellsItsSeriesSamplesTimeAndMemory() {
    fill("x_total", 6);

    Plan plan = explain("sum by (job) (rate(x_total[10s])) > 1");

    assertThat(plan.nodes().stream().map(n -> n.kind() + " " + n.expr()))
        .containsExactly(
            "RESULT sum by (job) (rate(x_total[10s])) > 1",
            "OPERATOR sum by (job) (rate(x_total[10s])) > 1",
            "AGGREGATION sum by (job) (rate(x_total[10s]))",
            "FUNCTION rate(x_total[10s])",
            "RANGE_SELECTOR x_total[10s]",
            "LITERAL 1");
    Plan.Node rate = node(plan, "rate(x_total[10s])");
    assertThat(rate.series()).isEqualTo(6);
    assertThat(rate.samples()).isEqualTo(6L * STEPS);
    assertThat(rate.samplesRead()).isEqualTo(6L * 60);
    assertThat(rate.selfNanos()).isPositive();
    assertThat(rate.start()).isEqualTo(14);
    assertThat(rate.end()).isEqualTo(32);
    Plan.Node sum = node(plan, "sum by (job) (rate(x_total[10s]))");
    assertThat(sum.series()).isEqualTo(2);
    assertThat(sum.samples()).isEqualTo(2L * STEPS);
    assertThat(sum.selfBytes()).isGreaterThan(2L * STEPS * 8);
    assertThat(sum.nanos()).isEqualTo(sum.selfNanos() + rate.nanos());
    assertThat(plan.root().bytes()).isEqualTo(plan.bytes());
    assertThat(plan.root().nanos()).isLessThanOrEqualTo(plan.stats().evaluationNanos());
    assertThat(plan.resultSeries()).isEqualTo(2);
    assertThat(plan.stats().samples()).isEqualTo(6L * STEPS * 10);
    assertThat(plan.stats().samplesRead()).isEqualTo(6L * 60);
  }

  @Test
  void constantsAreFolded() {
    fill("x", 1);

    Plan plan = explain("x * (2 + 3 * pi()) > bool 1 + scalar(vector(2))");

    assertThat(notes(plan, PlanNote.Kind.CONSTANT_FOLDED))
        .containsExactly("2 + 3 * pi() | is 11.42477796076938", "1 + scalar(vector(2)) | is 3");
  }

  @Test
  void theConstantLeftEndOfAChainIsFolded() {
    fill("x", 1);

    Plan plan = explain("1 + 2 + x");

    assertThat(notes(plan, PlanNote.Kind.CONSTANT_FOLDED)).containsExactly("1 + 2 | is 3");
  }

  @Test
  void longChainsOfConstantsNeedNoStack() {
    String query = "1" + " + 1".repeat(20_000);

    Plan plan = explain(query);

    assertThat(notes(plan, PlanNote.Kind.CONSTANT_FOLDED).toList())
        .singleElement()
        .asString()
        .endsWith("| is 20001");
  }

  @Test
  void whatIsTheSameAtAllStepsIsEvaluatedOnce() {
    fill("x", 2);

    Plan plan = explain("x - on () group_left () sum(x @ 60)");

    assertThat(notes(plan, PlanNote.Kind.STEP_INVARIANT))
        .contains("sum(x @ 60.000) | evaluated once for 11 steps");
    assertThat(node(plan, "x @ 60.000").samples()).isEqualTo(2);
    // It counts as often as it is seen, and is read once.
    assertThat(plan.stats().samples()).isEqualTo(2L * STEPS + 2 * STEPS);
    assertThat(plan.stats().samplesRead()).isEqualTo(2L * STEPS + 2);
  }

  @Test
  void equalPartsAreEvaluatedOnce() {
    fill("x_total", 4);
    List<String> selected = Collections.synchronizedList(new ArrayList<>());

    Plan plan =
        explain(
            noting(selected),
            engine,
            "rate(x_total[10s]) / on () group_left () sum((rate(x_total[10s]))) * 2");

    assertThat(selected).hasSize(1);
    assertThat(notes(plan, PlanNote.Kind.SHARED))
        .containsExactly(
            "rate(x_total[10s]) | stands at 2 places; what it yields is kept",
            "rate(x_total[10s]) | evaluated at #2");
    Plan.Node reference =
        plan.nodes().stream()
            .filter(n -> n.kind() == Plan.Kind.REFERENCE)
            .findFirst()
            .orElseThrow();
    assertThat(reference.refersTo()).isEqualTo(2);
    assertThat(node(plan, "rate(x_total[10s])").samplesRead()).isEqualTo(4 * 60);
    // As without sharing, as Prometheus counts.
    assertThat(plan.stats().samples()).isEqualTo(2L * 4 * STEPS * 10);
  }

  @Test
  void equalAggregationsWithinSubqueriesOverTheSameMomentsAreEvaluatedOnce() {
    fill("x", 4);

    Plan plan = explain("max_over_time(sum(x)[20s:5s]) - min_over_time(sum(x)[20s:5s]) + sum(x)");

    assertThat(notes(plan, PlanNote.Kind.SHARED))
        .containsExactly(
            "sum(x) | stands at 3 places; what it yields lies in memory anyway",
            "sum(x) | evaluated at #3",
            "sum(x) | stands at 3 places; what it yields lies in memory anyway");
  }

  @Test
  void differentTimesAreNotTheSame() {
    fill("x", 1);

    Plan plan = explain("x - x offset 5s + sum_over_time(x[10s]) + sum_over_time(x[20s])");

    assertThat(notes(plan, PlanNote.Kind.SHARED)).isEmpty();
  }

  @Test
  void matchersAreGivenToTheOtherSideOfAJoin() {
    fill("x", 4);
    fill("y", 4);
    List<String> selected = Collections.synchronizedList(new ArrayList<>());

    Plan plan =
        explain(noting(selected), engine, "x{instance=~\"i[01]\"} * rate(y{job=\"j0\"}[10s])");

    assertThat(selected)
        .containsExactly(
            "[job=\"j0\", instance=~\"i[01]\", __name__=\"x\"]",
            "[instance=~\"i[01]\", job=\"j0\", __name__=\"y\"]");
    assertThat(notes(plan, PlanNote.Kind.MATCHERS_PROPAGATED))
        .containsExactly(
            "x{instance=~\"i[01]\",job=\"j0\"} | job=\"j0\" from the other side of the join",
            "y{instance=~\"i[01]\",job=\"j0\"}[10s] | instance=~\"i[01]\" from the other side of"
                + " the join");
    assertThat(plan.resultSeries()).isEqualTo(1);
  }

  @Test
  void matchersGoThroughAggregationsThatKeepTheLabel() {
    assertThat(propagated("x{job=\"j0\"} / on (job) group_left () sum by (job) (y)"))
        .containsExactly("y{job=\"j0\"} | job=\"j0\" from the other side of the join");
    assertThat(propagated("x / on (job) group_left () sum by (job) (y{job=\"j0\", z=\"\"})"))
        .containsExactly("x{job=\"j0\"} | job=\"j0\" from the other side of the join");
    assertThat(propagated("x{job=\"j0\"} unless y{job=\"j1\"}"))
        .containsExactly("y{job=\"j0\",job=\"j1\"} | job=\"j0\" from the other side of the join");
  }

  @Test
  void matchersStayWhereAnErrorOrAValueCouldChange() {
    // Two of the one side may have the same job: an error, whatever is on the other side.
    assertThat(propagated("x{job=\"j0\"} / on (job) group_left () y")).isEmpty();
    assertThat(propagated("x{job=\"j0\"} / ignoring (instance) y")).isEmpty();
    assertThat(propagated("x{job=\"j0\"} or y")).isEmpty();
    assertThat(propagated("x unless y{job=\"j0\"}")).isEmpty();
    assertThat(propagated("x{job=\"j0\"} / on (instance) sum by (instance) (y)")).isEmpty();
    assertThat(propagated("sum(x{job=\"j0\"}) / sum(y)")).isEmpty();
    assertThat(propagated("x{job=\"j0\"} / {__name__=~\"y|z\"}")).isEmpty();
    assertThat(propagated("label_replace(x{job=\"j0\"}, \"job\", \"a\", \"\", \"\") / y"))
        .isEmpty();
    assertThat(propagated("topk(1, x) / y{job=\"j0\"}")).isEmpty();
    assertThat(propagated("absent(x{job=\"j0\"}) / y")).isEmpty();
  }

  private List<String> propagated(String query) {
    return notes(explain(NoStorage.INSTANCE, engine, query), PlanNote.Kind.MATCHERS_PROPAGATED)
        .toList();
  }

  @Test
  void selectorFunctionAndAggregationAreOne() {
    fill("x_total", 2);

    Plan plan = explain("avg(rate(x_total[10s]))");

    assertThat(notes(plan, PlanNote.Kind.FUSED))
        .containsExactly(
            "avg(rate(x_total[10s])) | each series is added to its group when it is read; none is"
                + " kept",
            "rate(x_total[10s]) | each series is decoded and rate computes all its steps at once");
    assertThat(node(plan, "rate(x_total[10s])").selfBytes()).isZero();
  }

  @Test
  void seriesAreCountedWithoutTheirLabels() {
    fill("x", 5);
    Queryable nameless =
        (min, max) ->
            new Forwarding(storage.querier(min, max)) {
              @Override
              public SeriesSet select(boolean sorted, SelectHints hints, List<Matcher> matchers) {
                SeriesSet found = super.select(sorted, hints, matchers);
                return new SeriesSet() {
                  @Override
                  public int size() {
                    return found.size();
                  }

                  @Override
                  public Labels labels(int series) {
                    throw new AssertionError("labels of " + series);
                  }

                  @Override
                  public Reader reader() {
                    return found.reader();
                  }
                };
              }
            };

    Plan plan = explainInstant(nameless, "count({__name__=~\".+\"})");

    assertThat(notes(plan, PlanNote.Kind.POSTINGS_ONLY)).hasSize(1);
    assertThat(node(plan, "count({__name__=~\".+\"})").samples()).isEqualTo(1);
    assertThat(node(plan, "{__name__=~\".+\"}").samples()).isEqualTo(5);
    Plan range = explain(nameless, engine, "count({__name__=~\".+\"})");
    assertThat(notes(range, PlanNote.Kind.POSTINGS_ONLY)).isEmpty();
    assertThat(notes(range, PlanNote.Kind.LABELS_PROJECTED))
        .containsExactly("count({__name__=~\".+\"}) | no labels");
    assertThatThrownBy(() -> explain(nameless, engine, "count by (job) ({__name__=~\".+\"})"))
        .hasMessage("labels of 0");
  }

  @Test
  void onlyTheLabelsThatAreNeededAreAskedFor() {
    fill("x_total", 4);
    List<String> asked = Collections.synchronizedList(new ArrayList<>());
    Queryable watched =
        (min, max) ->
            new Forwarding(storage.querier(min, max)) {
              @Override
              public SeriesSet select(boolean sorted, SelectHints hints, List<Matcher> matchers) {
                SeriesSet found = super.select(sorted, hints, matchers);
                return new SeriesSet() {
                  @Override
                  public int size() {
                    return found.size();
                  }

                  @Override
                  public Labels labels(int series) {
                    throw new AssertionError("all labels of " + series);
                  }

                  @Override
                  public Labels labels(int series, List<String> names) {
                    asked.addAll(names);
                    return found.labels(series);
                  }

                  @Override
                  public Reader reader() {
                    return found.reader();
                  }
                };
              }
            };

    Plan plan = explain(watched, engine, "sum by (job) (-rate(x_total[10s]))");
    Plan direct = explain(watched, engine, "sum by (job) (rate(x_total[10s]))");

    assertThat(plan.resultSeries()).isEqualTo(2);
    // The metadata is for a remark on what is not a counter.
    assertThat(asked).containsOnly("job", "__name__", "__type__", "__unit__");
    assertThat(notes(direct, PlanNote.Kind.LABELS_PROJECTED))
        .containsExactly("sum by (job) (rate(x_total[10s])) | only job");
  }

  @Test
  void severalThreadsAreTold() {
    fill("x", 300);
    try (ExecutorService pool = Executors.newFixedThreadPool(3)) {
      Engine helped = new Engine(EngineOptions.DEFAULT, Clock.SYSTEM, new Workers(pool, 3));
      PlanRecorder recorder = helped.recorder();
      String query = "sum(rate(x[10s]))";
      try (QueryAnswer answer =
          helped.range(
              storage,
              query,
              helped.parse(query),
              10_000,
              90_000,
              100,
              QueryOptions.plain(),
              Probe.watching(recorder))) {
        Plan plan =
            recorder.plan(
                query, true, 801, answer.stats(), answer.memory().taken(), answer.result().size());

        assertThat(notes(plan, PlanNote.Kind.PARALLEL))
            .containsExactly(
                "sum(rate(x[10s])) | up to 3 threads read 300 series in batches of 18, folded in"
                    + " order");
        assertThat(node(plan, "rate(x[10s])").samples()).isEqualTo(300L * 801);
        assertThat(PlanText.of(plan)).contains("parallel: up to 3 threads");
      }
    }
  }

  @Test
  void aPlanAloneReadsNothing() {
    PlanRecorder recorder = engine.recorder();
    String query = "sum(x) / sum(x)";
    try (QueryAnswer answer =
        engine.instant(
            NoStorage.INSTANCE,
            query,
            engine.parse(query),
            0,
            QueryOptions.plain(),
            Probe.watching(recorder))) {
      Plan plan = recorder.plan(query, false, 1, answer.stats(), 0, 0);

      assertThat(PlanText.of(plan))
          .isEqualTo(
              """
              sum(x) / sum(x)
              1 step, planned only

              result
              └─ #1 operator  sum(x) / sum(x)
                 ├─ #2 aggregation  sum(x)
                 │  │  fused: each series is added to its group when it is read; none is kept
                 │  │  labels-projected: no labels
                 │  │  shared: stands at 2 places; what it yields lies in memory anyway
                 │  └─ #3 selector  x
                 └─ #4 reference  sum(x)
                       shared: evaluated at #2
              """);
    }
  }

  @Test
  void theTreeIsForPeople() {
    fill("x_total", 6);

    String text = PlanText.of(explain("sum(rate(x_total[10s]))"));

    assertThat(text.replaceAll("[0-9.]+(ms|us|s)\\b", "TIME").replaceAll("[0-9]+B", "BYTES"))
        .isEqualTo(
            """
            sum(rate(x_total[TIME]))
            11 steps, 1 series in the result, TIME (before it TIME, in the queue TIME), BYTES, 660\
             samples looked at, 360 read

            result
            │  1 series; TIME of TIME; BYTES of BYTES
            └─ #1 aggregation  sum(rate(x_total[TIME]))
               │  1 series, 11 values; TIME of TIME; BYTES of BYTES
               │  fused: each series is added to its group when it is read; none is kept
               │  labels-projected: no labels
               └─ #2 function  rate(x_total[TIME])
                  │  6 series, 66 values, 360 samples read; TIME of TIME
                  │  fused: each series is decoded and rate computes all its steps at once
                  └─ #3 range-selector  x_total[TIME]
                        6 series
            """);
  }

  @Test
  void aQueryThatFailsLeavesNothingBehind() {
    fill("x", 300);
    MemoryBudget budget = new MemoryBudget(1 << 10);
    Engine small = new Engine(EngineOptions.DEFAULT, Clock.SYSTEM, Workers.NONE, budget);

    assertThatThrownBy(() -> explain(storage, small, "sort(sum by (instance) (x))"))
        .isInstanceOf(QueryException.class);
    assertThat(budget.taken()).isZero();
    assertThat(explain("sum(x)").root().children()).hasSize(1);
  }

  private Queryable noting(List<String> selected) {
    return (min, max) ->
        new Forwarding(storage.querier(min, max)) {
          @Override
          public SeriesSet select(boolean sorted, SelectHints hints, List<Matcher> matchers) {
            selected.add(matchers.toString());
            return super.select(sorted, hints, matchers);
          }
        };
  }

  /** A querier that asks another. */
  private static class Forwarding implements Querier {
    private final Querier other;

    Forwarding(Querier other) {
      this.other = other;
    }

    @Override
    public SeriesSet select(boolean sorted, SelectHints hints, List<Matcher> matchers) {
      return other.select(sorted, hints, matchers);
    }

    @Override
    public List<String> labelValues(String name, List<Matcher> matchers, int limit) {
      return other.labelValues(name, matchers, limit);
    }

    @Override
    public List<String> labelNames(List<Matcher> matchers, int limit) {
      return other.labelNames(matchers, limit);
    }

    @Override
    public void close() {
      other.close();
    }
  }
}
