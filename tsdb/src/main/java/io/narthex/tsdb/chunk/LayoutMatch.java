package io.narthex.tsdb.chunk;

import io.narthex.model.histogram.SpanHistogram;

/**
 * Compares the buckets of a chunk with those of a histogram that is to be added: which of them only
 * one has, and whether a count fell. Then brings both to a layout that has the buckets of both.
 * Reusable.
 *
 * <p>Upstream describes the difference as lists of inserts; here a histogram is spread over the new
 * layout by index, which has the same result. Which spans the new layout has is part of the format,
 * and follows upstream's {@code AppendHistogram} to the letter: see {@link #target}.
 */
final class LayoutMatch {

  private final BucketWalk ofChunk = new BucketWalk();
  private final BucketWalk ofSample = new BucketWalk();

  /** The number of buckets that only the histogram has. */
  private int newPositive;

  private int newNegative;

  /** The number of buckets that only the chunk has. */
  private int missingPositive;

  private int missingNegative;

  // What side() counted.
  private int onlySample;
  private int onlyChunk;

  /**
   * Compares.
   *
   * @param chunk the newest histogram of the chunk, in the chunk's layout
   * @param counter whether counts must not fall; a bucket that is missing has the count 0
   * @return false if a count fell
   */
  boolean compare(SpanHistogram chunk, SpanHistogram sample, boolean counter) {
    if (!side(chunk.positive(), sample.positive(), chunk.floats(), counter)) {
      return false;
    }
    newPositive = onlySample;
    missingPositive = onlyChunk;
    if (!side(chunk.negative(), sample.negative(), chunk.floats(), counter)) {
      return false;
    }
    newNegative = onlySample;
    missingNegative = onlyChunk;
    return true;
  }

  /** Says that nothing differs. */
  void none() {
    newPositive = 0;
    newNegative = 0;
    missingPositive = 0;
    missingNegative = 0;
  }

  /** Whether the histogram has buckets that the chunk has not. */
  boolean chunkLacks() {
    return newPositive + newNegative > 0;
  }

  /** Whether the chunk has buckets that the histogram has not. */
  boolean sampleLacks() {
    return missingPositive + missingNegative > 0;
  }

  private boolean side(
      SpanHistogram.Side chunk, SpanHistogram.Side sample, boolean floats, boolean counter) {
    onlySample = 0;
    onlyChunk = 0;
    if (chunk.sameSpans(sample)) {
      for (int i = 0; counter && i < chunk.buckets(); i++) {
        if (fell(chunk.bucket(i), sample.bucket(i), floats)) {
          return false;
        }
      }
      return true;
    }
    BucketWalk a = ofChunk.begin(chunk);
    BucketWalk b = ofSample.begin(sample);
    boolean hasA = a.next();
    boolean hasB = b.next();
    while (hasA || hasB) {
      if (hasA && (!hasB || a.index() < b.index())) {
        if (counter && !isZero(a.count(), floats)) {
          return false;
        }
        onlyChunk++;
        hasA = a.next();
      } else if (hasB && (!hasA || b.index() < a.index())) {
        onlySample++;
        hasB = b.next();
      } else {
        if (counter && fell(a.count(), b.count(), floats)) {
          return false;
        }
        hasA = a.next();
        hasB = b.next();
      }
    }
    return true;
  }

  private static boolean isZero(long count, boolean floats) {
    return floats ? Double.longBitsToDouble(count) == 0 : count == 0;
  }

  private static boolean fell(long before, long now, boolean floats) {
    return floats ? Double.longBitsToDouble(before) > Double.longBitsToDouble(now) : before > now;
  }

  /**
   * Makes the spans that the chunk is to have from now on.
   *
   * @param gauge whether the chunk is one of gauges
   * @param into gets the spans; only called where {@link #chunkLacks}
   */
  void target(SpanHistogram chunk, SpanHistogram sample, boolean gauge, SpanHistogram into) {
    // A histogram that lacks nothing dictates its own spans, as they are. Else they are united,
    // and neat; of counters only on the side that lacks something.
    boolean unitePositive = gauge ? sampleLacks() : missingPositive > 0;
    boolean uniteNegative = gauge ? sampleLacks() : missingNegative > 0;
    targetSide(chunk.positive(), sample.positive(), unitePositive, into.positive());
    targetSide(chunk.negative(), sample.negative(), uniteNegative, into.negative());
  }

  private void targetSide(
      SpanHistogram.Side chunk, SpanHistogram.Side sample, boolean unite, SpanHistogram.Side into) {
    if (!unite) {
      into.copySpans(sample);
      return;
    }
    into.clear();
    BucketWalk a = ofChunk.begin(chunk);
    BucketWalk b = ofSample.begin(sample);
    boolean hasA = a.next();
    boolean hasB = b.next();
    int first = 0;
    int end = 0;
    int spanEnd = 0;
    while (hasA || hasB) {
      int index;
      if (hasA && (!hasB || a.index() <= b.index())) {
        index = a.index();
        hasB = hasB && (b.index() > index || b.next());
        hasA = a.next();
      } else {
        index = b.index();
        hasB = b.next();
      }
      if (index != end || first == end) {
        if (first < end) {
          into.addSpan(first - spanEnd, end - first);
          spanEnd = end;
        }
        first = index;
      }
      end = index + 1;
    }
    if (first < end) {
      into.addSpan(first - spanEnd, end - first);
    }
  }

  /** Puts a histogram's counts into the buckets of a layout that has them all, and 0 elsewhere. */
  void spread(SpanHistogram from, SpanHistogram layout, SpanHistogram into) {
    into.copyFrom(from);
    spread(from.positive(), layout.positive(), into.positive());
    spread(from.negative(), layout.negative(), into.negative());
  }

  private void spread(SpanHistogram.Side from, SpanHistogram.Side layout, SpanHistogram.Side into) {
    into.copySpans(layout);
    into.clearBuckets();
    BucketWalk target = ofChunk.begin(layout);
    BucketWalk source = ofSample.begin(from);
    boolean has = source.next();
    while (target.next()) {
      if (has && source.index() == target.index()) {
        into.addBucket(source.count());
        has = source.next();
      } else {
        into.addBucket(0);
      }
    }
  }
}
