package io.narthex.promql.engine.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.promql.engine.Engine;
import io.narthex.promql.engine.EngineOptions;
import io.narthex.promql.engine.QueryOptions;
import io.narthex.promql.engine.QueryResult;
import io.narthex.testkit.MemoryStorage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The heaps of topk and bottomk choose what sorting would. */
class BestOfGroupTest {

  private record Sample(int number, double value) {}

  @Test
  void theBestAreThoseOfTheSortedWhole() {
    Random random = new Random(11);
    for (int round = 0; round < 60; round++) {
      MemoryStorage storage = new MemoryStorage();
      List<Sample> samples = new ArrayList<>();
      int size = 1 + random.nextInt(40);
      for (int i = 0; i < size; i++) {
        double value = random.nextInt(10) == 0 ? Double.NaN : random.nextInt(8);
        samples.add(new Sample(i, value));
        storage.add(Labels.of("__name__", "m", "i", String.valueOf(i)), 0, value);
      }
      int count = 1 + random.nextInt(12);
      check(storage, samples, count, true);
      check(storage, samples, count, false);
    }
  }

  private static void check(
      MemoryStorage storage, List<Sample> samples, int count, boolean largest) {
    Comparator<Sample> better =
        (a, b) -> {
          boolean aNan = Double.isNaN(a.value());
          boolean bNan = Double.isNaN(b.value());
          if (aNan || bNan) {
            return Boolean.compare(aNan, bNan);
          }
          return largest
              ? Double.compare(b.value(), a.value())
              : Double.compare(a.value(), b.value());
        };
    List<Sample> expected = samples.stream().sorted(better).limit(count).toList();
    List<QueryResult.Sample> chosen = best(storage, count, largest);
    assertThat(chosen)
        .extracting(QueryResult.Sample::value)
        .containsExactlyElementsOf(expected.stream().map(Sample::value).toList());
    assertThat(chosen).extracting(QueryResult.Sample::labels).doesNotHaveDuplicates();
    for (QueryResult.Sample each : chosen) {
      int number = Integer.parseInt(each.labels().get("i"));
      assertThat(each.value()).isEqualTo(Double.valueOf(samples.get(number).value()));
    }
  }

  /**
   * Of equal values Prometheus keeps those that are not at its heap's top when better ones come,
   * and the heap's order decides which follows which. Traced by hand; Prometheus 3.5.3 agrees.
   */
  @Test
  void ofEqualValuesThoseThatPrometheusChooses() {
    MemoryStorage storage = new MemoryStorage();
    double[] values = {3, 3, 5, 3};
    for (int i = 0; i < values.length; i++) {
      storage.add(Labels.of("__name__", "m", "i", String.valueOf(i)), 0, values[i]);
    }
    assertThat(best(storage, 2, true))
        .extracting(s -> s.labels().get("i"))
        .containsExactly("2", "1");
    assertThat(best(storage, 3, true))
        .extracting(s -> s.labels().get("i"))
        .containsExactly("2", "0", "1");
    assertThat(best(storage, 2, false))
        .extracting(s -> s.labels().get("i"))
        .containsExactly("0", "1");
    assertThat(best(storage, 3, false))
        .extracting(s -> s.labels().get("i"))
        .containsExactly("3", "1", "0");
  }

  private static List<QueryResult.Sample> best(MemoryStorage storage, int count, boolean largest) {
    String query = (largest ? "topk(" : "bottomk(") + count + ", m)";
    return ((QueryResult.Vector)
            new Engine(EngineOptions.DEFAULT, Clock.SYSTEM)
                .instant(storage, query, 0, QueryOptions.plain())
                .result())
        .samples();
  }
}
