package io.narthex.promql.engine.range;

import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;
import io.narthex.promql.ast.VectorSelector.Extension;
import io.narthex.promql.engine.core.QueryException;

/**
 * The samples of a range as an answer shows them: without stale markers, and with edges made up.
 */
public final class EdgeSamples {

  private EdgeSamples() {}

  /** What one window shows; a new buffer. */
  public static SampleBuffer of(WindowShape shape, SampleBuffer all) {
    SampleBuffer kept = new SampleBuffer();
    long start = shape.start(0) - shape.before();
    long end = shape.end(0) + shape.after();
    for (int i = 0; i < all.size(); i++) {
      long time = all.timestamps()[i];
      if (time <= start || time > end) {
        continue;
      }
      var histogram = all.histogram(i);
      if (histogram == null) {
        double value = all.values()[i];
        if (!StaleMarker.is(value)) {
          kept.add(time, value);
        }
      } else if (!StaleMarker.is(histogram.sum())) {
        kept.add(time, histogram);
      }
    }
    return shape.extension() == Extension.NONE || kept.size() == 0 ? kept : edged(shape, kept);
  }

  private static SampleBuffer edged(WindowShape shape, SampleBuffer samples) {
    if (samples.hasHistograms()) {
      throw QueryException.execution("anchored modifier is not supported with histograms");
    }
    boolean smoothed = shape.extension() == Extension.SMOOTHED;
    long start = shape.start(0);
    long end = shape.end(0);
    long[] times = samples.timestamps();
    double[] values = samples.values();
    int last = samples.size() - 1;
    int first = 0;
    while (first < last && times[first] <= start) {
      first++;
    }
    first = Math.max(0, first - 1);
    if (smoothed) {
      int i = 0;
      while (i < last && times[i] < end) {
        i++;
      }
      last = i;
    }
    SampleBuffer out = new SampleBuffer();
    if (times[last] <= start) {
      return out;
    }
    double left =
        smoothed && times[first] < start
            ? EdgeRate.interpolate(times, values, first, start, false)
            : values[first];
    double right =
        smoothed && last > 0 && times[last] > end
            ? EdgeRate.interpolate(times, values, last - 1, end, false)
            : values[last];
    out.add(start, left);
    for (int i = first; i <= last; i++) {
      if (times[i] > start && times[i] < end) {
        out.add(times[i], values[i]);
      }
    }
    out.add(end, right);
    return out;
  }
}
