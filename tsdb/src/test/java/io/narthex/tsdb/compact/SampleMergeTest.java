package io.narthex.tsdb.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.histogram.SpanHistogram;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SampleMergeTest {

  /** Samples with a name each. */
  private static final class Listed implements SampleCursor {
    private final long[] times;
    private final double value;
    private int at = -1;

    Listed(double value, long... times) {
      this.value = value;
      this.times = times;
    }

    @Override
    public boolean next() {
      return ++at < times.length;
    }

    @Override
    public long time() {
      return times[at];
    }

    @Override
    public long startTimestamp() {
      return 0;
    }

    @Override
    public boolean isHistogram() {
      return false;
    }

    @Override
    public double value() {
      return value;
    }

    @Override
    public SpanHistogram histogram() {
      throw new IllegalStateException("a float");
    }
  }

  private static String merged(Listed... cursors) {
    List<String> all = new ArrayList<>();
    SampleMerge merge = new SampleMerge(List.of(cursors));
    while (merge.next()) {
      all.add(merge.time() + "=" + (int) merge.value());
    }
    assertThat(merge.next()).isFalse();
    return String.join(" ", all);
  }

  @Test
  void samplesComeInTheOrderOfTime() {
    assertThat(merged(new Listed(1, 10, 30, 31), new Listed(2, 20, 40)))
        .isEqualTo("10=1 20=2 30=1 31=1 40=2");
    assertThat(merged(new Listed(1), new Listed(2, 5))).isEqualTo("5=2");
    assertThat(merged(new Listed(1, 5), new Listed(2))).isEqualTo("5=1");
    assertThat(merged(new Listed(1), new Listed(2))).isEmpty();
    assertThat(merged(new Listed(1, 1, 2))).isEqualTo("1=1 2=1");
  }

  /** Worked out by hand from how Prometheus walks (storage.chainSampleIterator). */
  @Test
  void ofEqualTimesPrometheusChoiceStays() {
    assertThat(merged(new Listed(1, 10, 20, 30), new Listed(2, 10, 20, 30)))
        .isEqualTo("10=2 20=2 30=2");
    assertThat(
            merged(new Listed(1, 10, 20, 30), new Listed(2, 10, 20, 30), new Listed(3, 10, 20, 30)))
        .isEqualTo("10=2 20=1 30=3");
    // Who is alone in front stays in front until he meets somebody.
    assertThat(merged(new Listed(1, 5, 10, 20), new Listed(2, 10, 20))).isEqualTo("5=1 10=2 20=2");
    assertThat(merged(new Listed(1, 10, 20), new Listed(2, 5, 10, 20))).isEqualTo("5=2 10=1 20=1");
    // The least time there is counts as any other.
    assertThat(merged(new Listed(1, Long.MIN_VALUE, 0), new Listed(2, 0)))
        .isEqualTo(Long.MIN_VALUE + "=1 0=2");
  }

  @Property
  void everyTimeOnce(
      @ForAll @NotEmpty @Size(max = 6)
          List<@Size(max = 20) List<@IntRange(max = 40) Integer>> all) {
    TreeSet<Long> times = new TreeSet<>();
    List<Listed> cursors = new ArrayList<>();
    for (List<Integer> list : all) {
      long[] sorted = list.stream().mapToLong(Integer::longValue).sorted().distinct().toArray();
      cursors.add(new Listed(cursors.size(), sorted));
      list.forEach(time -> times.add(time.longValue()));
    }
    SampleMerge merge = new SampleMerge(cursors);
    List<Long> found = new ArrayList<>();
    while (merge.next()) {
      found.add(merge.time());
      int owner = (int) merge.value();
      assertThat(all.get(owner)).contains((int) merge.time());
    }
    assertThat(found).containsExactlyElementsOf(times);
  }
}
