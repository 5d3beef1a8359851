package io.narthex.model.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.histogram.FloatHistogram;
import org.junit.jupiter.api.Test;

final class SampleBufferTest {

  private final SampleBuffer buffer = new SampleBuffer();

  @Test
  void takesFloatsHistogramsAndStartsOfAnotherRun() {
    FloatHistogram histogram = new FloatHistogram(0).count(3);
    SampleBuffer from = new SampleBuffer();
    from.add(1, 1.5);
    from.add(2, histogram);
    from.add(3, 3.5);
    from.startedAt(2);

    buffer.add(0, 0.5);
    buffer.addFrom(from, 1);

    assertThat(buffer.size()).isEqualTo(3);
    assertThat(buffer.timestamps()).startsWith(0, 2, 3);
    assertThat(buffer.histogram(0)).isNull();
    assertThat(buffer.histogram(1)).isSameAs(histogram);
    assertThat(buffer.histogram(2)).isNull();
    assertThat(buffer.values()[2]).isEqualTo(3.5);
    assertThat(buffer.startTimestamp(1)).isZero();
    assertThat(buffer.startTimestamp(2)).isEqualTo(2);
  }

  @Test
  void growsWhileItTakesFloats() {
    SampleBuffer from = new SampleBuffer();
    for (int i = 0; i < 1000; i++) {
      from.add(i, -i);
    }
    buffer.addFrom(from, 400);
    buffer.addFrom(from, 999);
    assertThat(buffer.size()).isEqualTo(601);
    assertThat(buffer.timestamps()[0]).isEqualTo(400);
    assertThat(buffer.values()[600]).isEqualTo(-999);
    assertThat(buffer.hasHistograms()).isFalse();
  }

  @Test
  void forgetsHistogramsWhenItIsCleared() {
    buffer.add(1, new FloatHistogram(0));
    buffer.clear();
    buffer.add(2, 1);
    assertThat(buffer.hasHistograms()).isFalse();
    assertThat(buffer.histogram(0)).isNull();
  }
}
