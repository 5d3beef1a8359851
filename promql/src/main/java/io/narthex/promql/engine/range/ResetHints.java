package io.narthex.promql.engine.range;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.SeriesSet;

/**
 * Finds out, where a histogram does not say, whether the counting began anew before it: for
 * expressions that ask histograms for their count, sum or average only. Upstream reads histograms
 * without buckets there and must find resets while it has the buckets; that these hints are then
 * met by aggregations is part of what it answers.
 */
final class ResetHints {

  private ResetHints() {}

  /** A reader that fills in hints. */
  static SeriesSet.Reader detecting(SeriesSet.Reader reader) {
    return (series, minTime, maxTime, into) -> {
      reader.read(series, minTime, maxTime, into);
      if (into.hasHistograms()) {
        detect(into);
      }
    };
  }

  private static void detect(SampleBuffer samples) {
    FloatHistogram previous = null;
    for (int i = 0; i < samples.size(); i++) {
      FloatHistogram histogram = samples.histogram(i);
      if (histogram == null) {
        previous = null;
        continue;
      }
      if (StaleMarker.is(histogram.sum())) {
        continue;
      }
      if (previous != null && histogram.hint() == ResetHint.UNKNOWN) {
        samples.replace(
            i,
            histogram
                .copy()
                .hint(histogram.isResetAfter(previous) ? ResetHint.RESET : ResetHint.NO_RESET));
      }
      previous = histogram;
    }
  }
}
