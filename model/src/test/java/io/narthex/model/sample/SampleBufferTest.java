package io.narthex.model.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SampleBufferTest {

  private static FloatHistogram histogram(double count, ResetHint hint) {
    return new FloatHistogram(0).count(count).hint(hint);
  }

  /** Time, value or count and hint, start. */
  private static List<String> lines(SampleBuffer run) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < run.size(); i++) {
      FloatHistogram h = run.histogram(i);
      String value = h == null ? "" + run.values()[i] : h.count() + "/" + h.hint();
      long start = run.startTimestamp(i);
      lines.add(run.timestamps()[i] + " " + value + (start == 0 ? "" : " since " + start));
    }
    return lines;
  }

  private static SampleBuffer floats(int from, int to) {
    SampleBuffer run = new SampleBuffer();
    for (int i = from; i < to; i++) {
      run.add(i * 10L, i);
    }
    return run;
  }

  private static SampleBuffer histograms(int from, int to) {
    SampleBuffer run = new SampleBuffer();
    for (int i = from; i < to; i++) {
      run.add(i * 10L + 5, histogram(i, i == from ? ResetHint.UNKNOWN : ResetHint.NO_RESET));
      run.startedAt(i == from ? 0 : 3);
    }
    return run;
  }

  @Test
  void runsOfAnyKindAreJoined() {
    SampleBuffer run = new SampleBuffer();
    run.addAll(floats(0, 2));
    run.addAll(histograms(2, 4));
    run.addAll(floats(6, 7));
    assertThat(lines(run))
        .containsExactly("0 0.0", "10 1.0", "25 2.0/UNKNOWN", "35 3.0/NO_RESET since 3", "60 6.0");
    SampleBuffer many = new SampleBuffer();
    many.addAll(floats(0, 1000));
    many.addAll(histograms(1000, 1500));
    many.addAll(floats(2000, 2500));
    assertThat(many.size()).isEqualTo(2000);
    assertThat(many.histogram(999)).isNull();
    assertThat(many.histogram(1000)).isNotNull();
    assertThat(many.histogram(1500)).isNull();
    assertThat(many.startTimestamp(1499)).isEqualTo(3);
    assertThat(many.startTimestamp(1999)).isZero();
  }

  @Test
  void mergingKeepsTheFirstOfEqualTimes() {
    SampleBuffer first = floats(0, 4);
    SampleBuffer second = new SampleBuffer();
    second.add(10, -1);
    second.add(15, -2);
    second.add(40, -3);
    SampleBuffer merged = new SampleBuffer();
    merged.addMerged(first, second);
    assertThat(lines(merged))
        .containsExactly("0 0.0", "10 1.0", "15 -2.0", "20 2.0", "30 3.0", "40 -3.0");
  }

  @Test
  void aHistogramBehindOneOfAnotherRunSaysNothingOfResets() {
    SampleBuffer other = new SampleBuffer();
    other.add(18, histogram(9, ResetHint.NO_RESET));
    other.add(25, histogram(9.5, ResetHint.NO_RESET));
    other.add(60, histogram(10, ResetHint.GAUGE));
    SampleBuffer merged = new SampleBuffer();
    merged.addMerged(histograms(0, 4), other);
    assertThat(lines(merged))
        .containsExactly(
            "5 0.0/UNKNOWN",
            "15 1.0/NO_RESET since 3",
            "18 9.0/UNKNOWN",
            "25 2.0/UNKNOWN since 3",
            "35 3.0/NO_RESET since 3",
            "60 10.0/GAUGE");
    assertThat(other.histogram(0)).isNotNull().matches(h -> h.hint() == ResetHint.NO_RESET);
  }

  @Test
  void whatIsDroppedDoesNotComeBack() {
    SampleBuffer run = histograms(0, 4);
    run.move(3, 1);
    run.truncate(2);
    assertThat(lines(run)).containsExactly("5 0.0/UNKNOWN", "35 3.0/NO_RESET since 3");
    // As decoders do it.
    run.timestamps()[2] = 100;
    run.values()[2] = 1;
    run.size(3);
    assertThat(lines(run)).endsWith("100 1.0");
    run.clear();
    run.add(1, 2);
    assertThat(lines(run)).containsExactly("1 2.0");
  }
}
