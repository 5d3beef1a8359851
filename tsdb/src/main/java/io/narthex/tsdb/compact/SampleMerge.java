package io.narthex.tsdb.compact;

import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Samples of several cursors as one sequence, each time once. Which of several samples of one time
 * stays is what Prometheus does, and follows from how it walks: it stays with a cursor while that
 * one is earlier than all others, and otherwise exchanges it for the first of a {@link Heap} of the
 * others.
 */
final class SampleMerge implements SampleCursor {

  private final List<? extends SampleCursor> all;
  private final Heap<SampleCursor> others =
      new Heap<>(Comparator.comparingLong(SampleCursor::time));
  private @Nullable SampleCursor current;
  private boolean begun;
  private boolean ended;
  private long time;
  // Whether the sample is the neighbour of the one before in its own sequence.
  private boolean consecutive;

  /**
   * @param all at least one; the order counts, see above
   */
  SampleMerge(List<? extends SampleCursor> all) {
    this.all = all;
  }

  @Override
  public boolean next() {
    if (ended) {
      return false;
    }
    SampleCursor cursor = begun && current != null ? current : begin();
    boolean hasLast = begun;
    consecutive = begun;
    begun = true;
    while (true) {
      if (!cursor.next()) {
        if (others.isEmpty()) {
          ended = true;
          return false;
        }
      } else if (hasLast && cursor.time() == time) {
        continue;
      } else if (others.isEmpty() || cursor.time() < others.first().time()) {
        break;
      } else {
        others.add(cursor);
      }
      cursor = others.removeFirst();
      consecutive = false;
      if (!hasLast || cursor.time() != time) {
        break;
      }
    }
    current = cursor;
    time = cursor.time();
    return true;
  }

  private SampleCursor begin() {
    for (SampleCursor other : all.subList(1, all.size())) {
      if (other.next()) {
        others.add(other);
      }
    }
    return all.getFirst();
  }

  @Override
  public long time() {
    return time;
  }

  private SampleCursor current() {
    SampleCursor cursor = current;
    if (cursor == null) {
      throw new IllegalStateException("before the first sample");
    }
    return cursor;
  }

  @Override
  public long startTimestamp() {
    return current().startTimestamp();
  }

  @Override
  public boolean isHistogram() {
    return current().isHistogram();
  }

  @Override
  public double value() {
    return current().value();
  }

  /** A histogram that follows one of another cursor no longer says whether there was a reset. */
  @Override
  public SpanHistogram histogram() {
    SpanHistogram histogram = current().histogram();
    return consecutive || histogram.hint() == ResetHint.GAUGE
        ? histogram
        : histogram.hint(ResetHint.UNKNOWN);
  }
}
