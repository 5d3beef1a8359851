package io.narthex.tsdb.chunk;

import io.narthex.model.histogram.SpanHistogram;

/** Walks the buckets of one side of a histogram in the order of their indices. Reusable. */
final class BucketWalk {

  private static final SpanHistogram.Side NONE = new SpanHistogram().positive();

  private SpanHistogram.Side side = NONE;
  private int span;
  private int left;
  private int next;
  private int bucket;

  /** Begins before the first bucket. */
  BucketWalk begin(SpanHistogram.Side of) {
    side = of;
    span = -1;
    left = 0;
    next = 0;
    bucket = -1;
    return this;
  }

  /** Moves on; false behind the last bucket. */
  boolean next() {
    while (left == 0) {
      if (++span >= side.spans()) {
        return false;
      }
      next += side.spanOffset(span);
      left = side.spanLength(span);
    }
    left--;
    next++;
    bucket++;
    return true;
  }

  /** The bucket's index, by the bounds of the schema. */
  int index() {
    return next - 1;
  }

  /** The bucket's count. */
  long count() {
    return side.bucket(bucket);
  }
}
