package io.narthex.tsdb.exemplar;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.Exemplar;
import io.narthex.storage.ExemplarQuerier.SeriesExemplars;
import io.narthex.storage.ExemplarResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ExemplarStorageTest {

  private static final List<List<Matcher>> ALL = List.of(List.of());

  private static Labels series(int number) {
    return Labels.of("__name__", "s", "n", Integer.toString(number));
  }

  private static Labels trace(String id) {
    return Labels.of("trace_id", id);
  }

  private static ExemplarResult add(
      ExemplarStorage storage,
      int series,
      long time,
      boolean explicit,
      double value,
      Labels labels) {
    byte[] packed = labels.packed();
    return storage.add(
        series, () -> series(series), time, explicit, value, packed, 0, packed.length);
  }

  private static ExemplarResult add(ExemplarStorage storage, int series, long time, String trace) {
    return add(storage, series, time, true, time, trace(trace));
  }

  /** The exemplars of all series: labels, value, time. */
  private static Map<Labels, List<Exemplar>> content(ExemplarStorage storage) {
    Map<Labels, List<Exemplar>> all = new TreeMap<>();
    storage
        .select(Long.MIN_VALUE, Long.MAX_VALUE, ALL)
        .forEach(one -> all.put(one.series(), one.exemplars()));
    return all;
  }

  @Test
  void aStorageWithoutRoomTakesNone() {
    ExemplarStorage storage = new ExemplarStorage(0);
    assertThat(storage.isEnabled()).isFalse();
    assertThat(storage.check(1, 1, true, 1, trace("a"))).isEqualTo(ExemplarResult.DISABLED);
    assertThat(add(storage, 1, 1, "a")).isEqualTo(ExemplarResult.DISABLED);
    assertThat(content(storage)).isEmpty();
    storage.resize(1);
    assertThat(add(storage, 1, 1, "a")).isEqualTo(ExemplarResult.OK);
    storage.resize(-3);
    assertThat(storage.isEnabled()).isFalse();
    assertThat(content(storage)).isEmpty();
    assertThat(storage.series()).isZero();
    assertThat(storage.oldestTime()).isZero();
  }

  @Test
  void labelsOf128CharactersAreTaken() {
    ExemplarStorage storage = new ExemplarStorage(10);
    Labels longest = Labels.of("ä".repeat(40), "€".repeat(80), "b", "c".repeat(7));
    assertThat(add(storage, 1, 1, true, 1, longest)).isEqualTo(ExemplarResult.OK);
    Labels longer = Labels.of("ä".repeat(40), "€".repeat(80), "b", "c".repeat(8));
    assertThat(storage.check(1, 2, true, 1, longer)).isEqualTo(ExemplarResult.TOO_LONG);
    assertThat(add(storage, 1, 2, true, 1, longer)).isEqualTo(ExemplarResult.TOO_LONG);
    assertThat(add(storage, 1, 3, true, 1, Labels.EMPTY)).isEqualTo(ExemplarResult.OK);
    assertThat(content(storage).get(series(1)))
        .containsExactly(new Exemplar(longest, 1, 1), new Exemplar(Labels.EMPTY, 1, 3));
  }

  @Test
  void theNewestOfASeriesIsKnownAgain() {
    ExemplarStorage storage = new ExemplarStorage(10);
    assertThat(add(storage, 1, 10, false, 5, trace("a"))).isEqualTo(ExemplarResult.OK);
    // Without timestamps of their own it is the same one, whenever it is shown.
    assertThat(add(storage, 1, 20, false, 5, trace("a"))).isEqualTo(ExemplarResult.DUPLICATE);
    assertThat(add(storage, 1, 20, true, 5, trace("a"))).isEqualTo(ExemplarResult.OK);
    assertThat(add(storage, 1, 20, true, 5, trace("a"))).isEqualTo(ExemplarResult.DUPLICATE);
    assertThat(add(storage, 1, 30, false, 5, trace("a"))).isEqualTo(ExemplarResult.OK);
    assertThat(storage.appended()).isEqualTo(3);
    assertThat(storage.outOfOrder()).isZero();
  }

  @Test
  void ofOneTimeTheyComeInTheOrderOfValueAndLabels() {
    ExemplarStorage storage = new ExemplarStorage(10);
    assertThat(add(storage, 1, 10, true, 5, trace("a"))).isEqualTo(ExemplarResult.OK);
    assertThat(add(storage, 1, 10, true, 4, trace("a"))).isEqualTo(ExemplarResult.OUT_OF_ORDER);
    assertThat(add(storage, 1, 10, true, 6, trace("a"))).isEqualTo(ExemplarResult.OK);
    // The hash decides which of two is the later one: of two orders one is refused.
    ExemplarStorage other = new ExemplarStorage(10);
    add(other, 1, 10, true, 5, trace("b"));
    ExemplarStorage same = new ExemplarStorage(10);
    add(same, 1, 10, true, 5, trace("a"));
    assertThat(
            List.of(add(other, 1, 10, true, 5, trace("a")), add(same, 1, 10, true, 5, trace("b"))))
        .containsExactlyInAnyOrder(ExemplarResult.OK, ExemplarResult.OUT_OF_ORDER);
    assertThat(storage.outOfOrder()).isEqualTo(1);
  }

  @Test
  void checkingCountsNothing() {
    ExemplarStorage storage = new ExemplarStorage(10);
    add(storage, 1, 10, "a");
    assertThat(storage.check(1, 9, true, 1, trace("b"))).isEqualTo(ExemplarResult.OUT_OF_ORDER);
    assertThat(storage.check(2, 9, true, 1, trace("b"))).isEqualTo(ExemplarResult.OK);
    assertThat(storage.outOfOrder()).isZero();
    assertThat(storage.size()).isEqualTo(1);
  }

  @Test
  void aSeriesThatCameBackGoesOn() {
    ExemplarStorage storage = new ExemplarStorage(10);
    byte[] packed = trace("a").packed();
    storage.add(1, () -> series(7), 10, true, 1, packed, 0, packed.length);
    assertThat(storage.add(2, () -> series(7), 10, true, 1, packed, 0, packed.length))
        .isEqualTo(ExemplarResult.DUPLICATE);
    assertThat(storage.add(2, () -> series(7), 20, true, 1, packed, 0, packed.length))
        .isEqualTo(ExemplarResult.OK);
    assertThat(content(storage)).hasSize(1);
    assertThat(storage.series()).isEqualTo(1);
  }

  @Test
  void selectsByRangeAndBySelectors() {
    ExemplarStorage storage = new ExemplarStorage(10);
    for (int s = 3; s > 0; s--) {
      for (int t = 1; t <= 3; t++) {
        add(storage, s, t * 10, "t" + s + t);
      }
    }
    List<Matcher> first = List.of(Matcher.equal("n", "1"));
    List<Matcher> third = List.of(Matcher.equal("__name__", "s"), Matcher.equal("n", "3"));
    assertThat(storage.select(11, 30, List.of(third, first)))
        .containsExactly(
            new SeriesExemplars(
                series(1),
                List.of(new Exemplar(trace("t12"), 20, 20), new Exemplar(trace("t13"), 30, 30))),
            new SeriesExemplars(
                series(3),
                List.of(new Exemplar(trace("t32"), 20, 20), new Exemplar(trace("t33"), 30, 30))));
    assertThat(storage.select(31, 40, ALL)).isEmpty();
    assertThat(storage.select(0, 100, List.of())).isEmpty();
  }

  @Test
  void readersSeeWholeExemplarsWhileOthersWriteAndResize() throws InterruptedException {
    ExemplarStorage storage = new ExemplarStorage(50);
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> writers = new ArrayList<>();
    for (int w = 0; w < 3; w++) {
      int writer = w;
      writers.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 1; i < 20_000; i++) {
                  add(storage, writer * 10 + i % 10, i, Integer.toString(i));
                  if (i % 1000 == 0) {
                    storage.resize(20 + i / 1000 * 10 % 60);
                  }
                }
              }));
    }
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    Thread reader =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((thread, failure) -> failures.add(failure))
            .start(() -> {
              while (!over.get()) {
                content(storage).values().stream()
                    .flatMap(List::stream)
                    .forEach(e ->
                        assertThat(e)
                            .isEqualTo(
                                new Exemplar(
                                    trace(Long.toString(e.timestamp())),
                                    e.timestamp(),
                                    e.timestamp())));
              }
            });
    for (Thread writer : writers) {
      writer.join();
    }
    over.set(true);
    reader.join();
    assertThat(failures).isEmpty();
    assertThat(storage.size()).isEqualTo(storage.capacity());
  }

  @Test
  void aFullStorageIsSmall() {
    int most = 100_000;
    ExemplarStorage storage = new ExemplarStorage(most);
    Random random = new Random(1);
    for (int i = 0; i < 3 * most; i++) {
      String id = Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
      assertThat(add(storage, i % 5000, i, id)).isEqualTo(ExemplarResult.OK);
    }
    assertThat(storage.size()).isEqualTo(most);
    // Labels of some 43 bytes.
    assertThat(storage.bytes()).isLessThan(most * 90L);
    assertThat(storage.oldestTime()).isEqualTo(2L * most);
  }
}
