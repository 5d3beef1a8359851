package io.narthex.tsdb.compact;

import io.narthex.model.histogram.SpanHistogram;
import org.jspecify.annotations.Nullable;

/** What is left of samples: those within a range of time that are not deleted. */
final class CutCursor implements SampleCursor {

  private final SampleCursor samples;
  private final long from;
  private final long to;
  private final long @Nullable [] deleted;
  private int next;

  /**
   * @param from the first millisecond
   * @param to the last millisecond, inclusive
   * @param deleted intervals as from, to, from, to, ..., both ends inclusive, ascending
   */
  CutCursor(SampleCursor samples, long from, long to, long @Nullable [] deleted) {
    this.samples = samples;
    this.from = from;
    this.to = to;
    this.deleted = deleted;
  }

  @Override
  public boolean next() {
    while (samples.next()) {
      long time = samples.time();
      if (time >= from && time <= to && !isDeleted(time)) {
        return true;
      }
    }
    return false;
  }

  private boolean isDeleted(long time) {
    if (deleted == null) {
      return false;
    }
    while (next < deleted.length && deleted[next + 1] < time) {
      next += 2;
    }
    return next < deleted.length && deleted[next] <= time;
  }

  @Override
  public long time() {
    return samples.time();
  }

  @Override
  public long startTimestamp() {
    return samples.startTimestamp();
  }

  @Override
  public boolean isHistogram() {
    return samples.isHistogram();
  }

  @Override
  public double value() {
    return samples.value();
  }

  @Override
  public SpanHistogram histogram() {
    return samples.histogram();
  }
}
