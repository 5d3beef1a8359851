package io.narthex.promql.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.promql.engine.core.MemoryBudget;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.engine.core.Workers;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.testkit.MemoryStorage;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The memory of queries: what is refused, in which words, and that all of it is given back. */
final class MemoryTest {

  private static final int SERIES = 1000;
  private static final long STEPS = 1000;

  private final MemoryStorage storage = new MemoryStorage();
  private final MemoryBudget budget = new MemoryBudget(4 << 20);

  @BeforeEach
  void fill() {
    try (AppendGroup group = storage.group()) {
      Appender appender = group.appender();
      for (int i = 0; i < SERIES; i++) {
        long series =
            appender.series(
                Labels.of("__name__", "x", "i", Integer.toString(i), "half", "" + i % 2));
        appender.append(series, 0, i);
        appender.append(series, STEPS * 1000, i);
      }
      appender.commit();
    }
  }

  private Engine engine(long maxMemory) {
    return engine(maxMemory, budget);
  }

  private static Engine engine(long maxMemory, MemoryBudget budget) {
    EngineOptions options =
        new EngineOptions(
            Duration.ofMinutes(1),
            0,
            maxMemory,
            20,
            Duration.ofMinutes(60),
            Duration.ofMinutes(1),
            false,
            false,
            false,
            ParserOptions.DEFAULT);
    return new Engine(options, Clock.SYSTEM, Workers.NONE, budget);
  }

  private QueryAnswer range(Engine engine, String query) {
    return engine.range(storage, query, 0, STEPS * 1000, 1000, QueryOptions.plain());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x | x",
        "-x | -x",
        "sum by (i) (x) | sum by (i) (x)",
        "max(quantile by (half) (0.5, x)) | quantile by (half) (0.5, x)",
        "1 + topk by (i) (1, x) | topk by (i) (1, x)",
        "sort(x) | sort(x)"
      })
  void aQueryOverItsLimitEndsAndNamesThePartThatGrew(String query, String part) {
    assertThatThrownBy(() -> range(engine(1 << 20), query))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining("query would need more memory than the 1MiB that query.max-memory")
        .hasMessageEndingWith("for: " + part);
    assertThat(budget.taken()).isZero();
  }

  @Test
  void whatIsFoldedAtOnceNeedsLittle() {
    try (QueryAnswer answer = range(engine(1 << 20), "sum(x)")) {
      assertThat(answer.result()).isInstanceOf(QueryResult.Matrix.class);
      assertThat(budget.taken()).isBetween(8 * STEPS, 100 * STEPS);
    }
    assertThat(budget.taken()).isZero();
  }

  @Test
  void allTogetherHaveALimitUntilAnswersAreClosed() {
    Engine engine = engine(0);
    String query = "x{i=~\"[0-3]..\"}";
    QueryAnswer first = range(engine, query);
    assertThat(budget.taken()).isGreaterThan(2 << 20);
    assertThatThrownBy(() -> range(engine, query))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining("left of the 4MiB that query.max-memory-total allows");
    first.close();
    first.close();
    assertThat(budget.taken()).isZero();
    range(engine, query).close();
    assertThat(budget.taken()).isZero();
  }

  @Test
  void theStepsOfASubqueryCount() {
    assertThatThrownBy(() ->
            engine(1 << 20).instant(storage, "sum_over_time(x[100d:1s])", 0, QueryOptions.plain()))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining("query would need more memory than the 1MiB")
        .hasMessageEndingWith("for: x");
    assertThatThrownBy(() ->
            engine(1 << 20).instant(storage, "sum_over_time(x[100y:1ms])", 0, QueryOptions.plain()))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining("too many samples");
    assertThat(budget.taken()).isZero();
  }

  @Test
  void aBudgetWithRoomCountsWhatTheCollectorNeeds() {
    MemoryBudget roomy = MemoryBudget.withRoom(8 << 20);
    Engine engine = engine(0, roomy);
    try (QueryAnswer answer = range(engine, "x{i=~\"[0-3]..\"}")) {
      long held = answer.memory().taken();
      assertThat(held).isGreaterThan(2 << 20);
      assertThat(roomy.taken()).isBetween(held / 5 * 8 - 10_000, held / 5 * 8 + 10_000);
    }
    assertThat(roomy.taken()).isZero();
    // The operand is kept for the other place that it stands in.
    String operand = "max_over_time(x{i=~\"1..\"}[1h])";
    try (QueryAnswer answer = range(engine, operand + " + " + operand)) {
      long held = answer.memory().taken();
      assertThat(held).isGreaterThan(2 * 100 * 8 * STEPS);
      assertThat(roomy.taken()).isBetween(held / 5 * 8 - 10_000, held / 5 * 8 + 10_000);
    }
    assertThat(roomy.taken()).isZero();
    assertThatThrownBy(() -> range(engine, "x"))
        .hasMessageMatching(
            "query would need more memory than is left of the 8MiB that query.max-memory-total"
                + " allows all queries \\(it holds 7MiB.*, others 0B\\), for: x");
    assertThat(roomy.taken()).isZero();
  }

  @Test
  void samplesOfALongWindowCount() {
    try (AppendGroup group = storage.group()) {
      Appender appender = group.appender();
      long series = appender.series(Labels.of("__name__", "long"));
      for (int i = 0; i < 100_000; i++) {
        appender.append(series, i, i);
      }
      appender.commit();
    }
    assertThatThrownBy(
            () -> engine(1 << 20).instant(storage, "rate(long[1h])", 100_000, QueryOptions.plain()))
        .isInstanceOf(QueryException.class)
        .hasMessageEndingWith("for: rate(long[1h])");
    assertThat(budget.taken()).isZero();
  }
}
