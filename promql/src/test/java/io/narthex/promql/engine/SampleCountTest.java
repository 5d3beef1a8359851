package io.narthex.promql.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.promql.engine.core.Cancellation;
import io.narthex.promql.engine.core.QueryStats;
import io.narthex.testkit.MemoryStorage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Samples count as they do in Prometheus' statistics: in all, and by step. */
class SampleCountTest {

  private final MemoryStorage storage = new MemoryStorage();
  private final Engine engine = new Engine(EngineOptions.DEFAULT, Clock.SYSTEM);

  @BeforeEach
  void fill() {
    for (int i = 0; i <= 100; i++) {
      storage.add(Labels.of("__name__", "x"), i * 1000L, i);
      storage.add(Labels.of("__name__", "y", "n", "1"), i * 1000L, i);
      storage.add(Labels.of("__name__", "y", "n", "2"), i * 1000L, i);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x                                      | 1 1 1    | 1 1 1",
        "sum(y)                                 | 2 2 2    | 2 2 2",
        "rate(x[10s])                           | 10 10 10 | 10 5 5",
        "rate(y[3s])                            | 6 6 6    | 6 6 6",
        "x @ 95                                 | 1 1 1    | 1 0 0",
        "sum(rate(y[10s] @ 95))                 | 20 20 20 | 20 0 0",
        "x + x                                  | 2 2 2    | 2 2 2",
        "max_over_time(x[20s:10s])              | 2 2 2    | 4 0 2",
        "max_over_time(rate(x[4s])[20s:10s])    | 2 2 2    | 10 0 5",
        "max_over_time(x[20s:10s] @ 90)         | 2 2 2    | 4 0 0",
        "sum_over_time(sum(y)[20s:10s])         | 2 2 2    | 6 0 3",
        "1 + 2                                  | 0 0 0    | 0 0 0"
      })
  void byStep(String query, String looked, String read) {
    QueryOptions perStep = new QueryOptions(null, null, true, new Cancellation());
    QueryStats stats = engine.range(storage, query, 90_000, 100_000, 5000, perStep).stats();

    assertThat(stats.samplesPerStep()).isEqualTo(numbers(looked));
    assertThat(stats.readPerStep()).isEqualTo(numbers(read));
    QueryStats whole =
        engine.range(storage, query, 90_000, 100_000, 5000, QueryOptions.plain()).stats();
    assertThat(whole.samples()).isEqualTo(sum(looked));
    assertThat(whole.samplesPerStep()).isEmpty();
    if (!query.equals("x + x")) {
      assertThat(whole.samplesRead()).isEqualTo(sum(read));
    }
  }

  private static List<Long> numbers(String text) {
    return Arrays.stream(text.strip().split(" ")).map(Long::valueOf).toList();
  }

  private static long sum(String text) {
    return numbers(text).stream().flatMapToLong(LongStream::of).sum();
  }

  @Test
  void samplesAsTheyAreCountOnce() {
    assertThat(instant("x[10s]")).containsExactly(10, 10);
    assertThat(instant("x[10s:5s]")).containsExactly(2, 2);
    // What a subquery reads, and then what windows see of its result.
    assertThat(instant("max_over_time(x[30s:10s])")).containsExactly(3, 6);
  }

  @Test
  void whatIsSharedIsReadOnceAndCountsTwice() {
    assertThat(instant("rate(x[10s]) + rate(x[10s])")).containsExactly(20, 10);
    assertThat(instant("sum(y) / sum(y)")).containsExactly(4, 2);
  }

  private long[] instant(String query) {
    QueryStats stats = engine.instant(storage, query, 100_000, QueryOptions.plain()).stats();
    return new long[] {stats.samples(), stats.samplesRead()};
  }
}
