package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.testkit.FakeClock;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The values of a label are told in the order of their bytes, whatever came and went since. */
class LabelValuesTest {

  private static final long RANGE = 600_000;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;

  @TempDir Path path;
  private Database database;

  @BeforeEach
  void open() {
    database =
        Database.open(
            path,
            DatabaseOptions.DEFAULT.withMinBlockMillis(RANGE).withCheckMemory(true),
            Disk.SYSTEM,
            new FakeClock(T0),
            new PrometheusRegistry());
    database.replay();
  }

  @AfterEach
  void close() {
    database.close();
  }

  private void write(long time, Collection<String> values) {
    try (AppendGroup group = database.group()) {
      Appender appender = group.appender();
      for (String value : values) {
        long series = appender.series(Labels.of("__name__", "m", "value", value));
        assertThat(appender.append(series, time, 1)).isEqualTo(AppendResult.OK);
      }
      appender.commit();
    }
  }

  private List<String> values(int limit) {
    try (Querier querier = database.querier(0, Long.MAX_VALUE)) {
      return querier.labelValues("value", List.of(), limit);
    }
  }

  private static List<String> sorted(Collection<String> values) {
    TreeSet<String> sorted = new TreeSet<>(Utf8::compare);
    sorted.addAll(values);
    return List.copyOf(sorted);
  }

  @Test
  void newValuesAreFoundAmongOldOnes() {
    List<String> first = List.of("b", "\ud83d\ude00", "abcdefghij", "\uffee", "abcdefgh", "é", "B");
    write(T0, first);
    assertThat(values(0)).isEqualTo(sorted(first));
    assertThat(values(0)).isEqualTo(sorted(first)); // kept from before
    write(T0 + 1000, List.of("abcdefghi", "a"));
    assertThat(values(0))
        .containsExactly(
            "B", "a", "abcdefgh", "abcdefghi", "abcdefghij", "b", "é", "\uffee", "\ud83d\ude00");
    assertThat(values(3)).containsExactly("B", "a", "abcdefgh");
  }

  @Test
  void valuesOfHeadAndBlocksAreToldOnceEach() {
    List<String> leaving = IntStream.range(0, 50).mapToObj(i -> "old-" + i % 40).toList();
    List<String> staying = IntStream.range(0, 300).mapToObj(i -> "v" + i).toList();
    write(T0, leaving);
    write(T0 + 1000, staying);
    assertThat(values(0)).hasSize(340);
    write(T0 + RANGE, staying);
    write(T0 + 2 * RANGE, staying);
    write(T0 + 2 * RANGE, List.of("new"));
    database.maintain(); // the first range becomes a block, and some values leave the head
    assertThat(database.blockMetas()).isNotEmpty();
    TreeSet<String> all = new TreeSet<>(leaving);
    all.addAll(staying);
    all.add("new");
    assertThat(values(0)).isEqualTo(sorted(all));
    assertThat(values(2)).containsExactly("new", "old-0");
    try (Querier young = database.querier(T0 + 2 * RANGE, Long.MAX_VALUE)) {
      all.removeAll(leaving);
      Matcher some = new Matcher(Matcher.Type.REGEX, "value", "v1|v.*9|new|x");
      TreeSet<String> found = new TreeSet<>(all);
      found.removeIf(value -> !some.matches(value));
      assertThat(young.labelValues("value", List.of(some), 0)).isEqualTo(sorted(found));
      assertThat(young.labelValues("value", List.of(some), 2)).containsExactly("new", "v1");
      assertThat(young.labelValues("value", List.of(), 0)).isEqualTo(sorted(all));
      assertThat(young.labelNames(List.of(), 0)).containsExactly("__name__", "value");
    }
  }
}
