package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.storage.StopSignal;
import io.narthex.testkit.FakeClock;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whoever asks a database something big can call it off: its loops look often enough, in the head
 * and in a block. What lies between two looks is measured in time of the processor, which a busy
 * machine does not stretch.
 */
final class StoppingTest {

  private static final int SERIES = 300_000;
  private static final long T0 = 1_600_000_000_000L;
  private static final long MOST_MILLIS = 100;

  /**
   * What a loop over half of the head's series, or over those that an expression finds, has at
   * least. A block has some questions answered without such a loop.
   */
  private static final int FEWEST_LOOKS = 100;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  @TempDir private Path folder;

  private static Database open(Path path) {
    Database database =
        Database.open(
            path,
            DatabaseOptions.DEFAULT,
            Disk.SYSTEM,
            new FakeClock(T0),
            new PrometheusRegistry());
    database.replay();
    return database;
  }

  private static Map<String, Consumer<Querier>> questions() {
    List<Matcher> all = List.of(Matcher.equal(Labels.METRIC_NAME, "x"));
    List<Matcher> regex = List.of(new Matcher(Matcher.Type.REGEX, "number", ".*7.*9.*"));
    List<Matcher> few =
        List.of(
            Matcher.equal("half", "1"),
            new Matcher(Matcher.Type.NOT_REGEX, "number", ".*[13]0?4.*"));
    SelectHints hints = SelectHints.range(0, Long.MAX_VALUE);
    Map<String, Consumer<Querier>> questions = new TreeMap<>();
    questions.put("selection", q -> q.select(false, hints, all));
    questions.put("sorted selection", q -> q.select(true, hints, all));
    questions.put("regular expression", q -> q.select(false, hints, regex));
    questions.put("few and an expression", q -> q.select(false, hints, few));
    questions.put("values", q -> q.labelValues("number", List.of(), 0));
    questions.put("values of some", q -> q.labelValues("number", all, 0));
    questions.put("values of fewer", q -> q.labelValues("half", regex, 0));
    questions.put("names of some", q -> q.labelNames(all, 0));
    return questions;
  }

  @Test
  void theHeadAndABlockLookOftenEnough() {
    Path copy;
    try (Database database = open(folder.resolve("head"))) {
      try (var group = database.group()) {
        Appender appender = group.appender();
        for (int i = 0; i < SERIES; i++) {
          long series =
              appender.series(
                  Labels.of("__name__", "x", "half", "" + i % 2, "number", "n" + i * 7919L));
          appender.append(series, T0, i);
        }
        appender.commit();
      }
      copy = database.snapshot(false);
      check("head", () -> database.querier(0, Long.MAX_VALUE));
    }
    try (Database database = open(copy)) {
      check("block", () -> database.querier(T0 - 1, T0 + 1));
    }
  }

  private static void check(String where, Supplier<Querier> opened) {
    questions()
        .forEach((name, question) -> {
          try (Querier querier = opened.get()) {
            // Once without looking: what is compiled and mapped on the way is not the question.
            question.accept(querier);
            long[] longest = new long[1];
            long[] last = {THREADS.getCurrentThreadCpuTime()};
            int[] looks = new int[1];
            Runnable look =
                () -> {
                  long now = THREADS.getCurrentThreadCpuTime();
                  longest[0] = Math.max(longest[0], now - last[0]);
                  last[0] = now;
                  looks[0]++;
                };
            StopSignal.during(look, () -> question.accept(querier));
            look.run();
            assertThat(longest[0] / 1_000_000).as(where + ": " + name).isLessThan(MOST_MILLIS);
            if (where.equals("head")) {
              assertThat(looks[0]).as("looks, " + name).isGreaterThan(FEWEST_LOOKS);
            }
            IllegalStateException end = new IllegalStateException("enough");
            Runnable stop =
                () -> {
                  throw end;
                };
            if (looks[0] > 1) {
              assertThatThrownBy(() -> StopSignal.during(stop, () -> question.accept(querier)))
                  .isSameAs(end);
            }
            // Nothing stays locked.
            assertThat(
                    querier.select(
                        false, SelectHints.range(0, 1), List.of(Matcher.equal("number", "n0"))))
                .isInstanceOf(SeriesSet.class);
          }
        });
  }
}
