package io.narthex.model.exposition;

import io.narthex.model.histogram.SpanHistogram;
import java.util.Arrays;

/** One side of a native histogram as protobuf has it: spans, and counts as deltas or floats. */
final class WireBuckets {

  private int[] offsets = new int[8];
  private int[] lengths = new int[8];
  private int spans;
  private long[] deltas = new long[16];
  private int deltaCount;
  private double[] counts = new double[16];
  private int countCount;

  void clear() {
    spans = 0;
    deltaCount = 0;
    countCount = 0;
  }

  int spans() {
    return spans;
  }

  void span(int offset, int length) {
    if (spans == offsets.length) {
      offsets = Arrays.copyOf(offsets, spans * 2);
      lengths = Arrays.copyOf(lengths, spans * 2);
    }
    offsets[spans] = offset;
    lengths[spans++] = length;
  }

  void delta(long delta) {
    if (deltaCount == deltas.length) {
      deltas = Arrays.copyOf(deltas, deltaCount * 2);
    }
    deltas[deltaCount++] = delta;
  }

  void count(double count) {
    if (countCount == counts.length) {
      counts = Arrays.copyOf(counts, countCount * 2);
    }
    counts[countCount++] = count;
  }

  /**
   * Writes the side without its empty buckets, as Prometheus stores what it scraped. What
   * contradicts itself is written as it is, for the rules of histograms to refuse it.
   */
  void fill(SpanHistogram.Side into, boolean floats) {
    if (!isSound(floats)) {
      fillAsIs(into, floats);
      return;
    }
    long index = 0;
    long behind = 0;
    long runFrom = 0;
    int run = 0;
    long whole = 0;
    int bucket = 0;
    for (int span = 0; span < spans; span++) {
      index += offsets[span];
      for (int left = lengths[span]; left > 0; left--, index++, bucket++) {
        long bits;
        if (floats) {
          bits = counts[bucket] == 0 ? 0 : Double.doubleToRawLongBits(counts[bucket]);
        } else {
          whole += deltas[bucket];
          bits = whole;
        }
        if (bits == 0) {
          continue;
        }
        if (run > 0 && index != runFrom + run) {
          into.addSpan((int) (runFrom - behind), run);
          behind = runFrom + run;
          run = 0;
        }
        if (run == 0) {
          runFrom = index;
        }
        run++;
        into.addBucket(bits);
      }
    }
    if (run > 0) {
      into.addSpan((int) (runFrom - behind), run);
    }
  }

  /** Whether spans ascend, stay within what an index can be, and cover all counts. */
  private boolean isSound(boolean floats) {
    long covered = 0;
    long index = 0;
    for (int span = 0; span < spans; span++) {
      if (lengths[span] < 0 || (span > 0 && offsets[span] < 0)) {
        return false;
      }
      covered += lengths[span];
      index += (long) offsets[span] + lengths[span];
      if (index != (int) index) {
        return false;
      }
    }
    return covered == (floats ? countCount : deltaCount);
  }

  private void fillAsIs(SpanHistogram.Side into, boolean floats) {
    for (int span = 0; span < spans; span++) {
      into.addSpan(offsets[span], lengths[span]);
    }
    long whole = 0;
    int n = floats ? countCount : deltaCount;
    for (int i = 0; i < n; i++) {
      whole += floats ? 0 : deltas[i];
      into.addBucket(floats ? Double.doubleToRawLongBits(counts[i]) : whole);
    }
  }
}
