package io.narthex.tsdb.outoforder;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.sample.SampleBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A chunk of late samples: in a head chunk file, or, as long as it is in none, in memory.
 *
 * @param place its reference in the head chunk files; 0 if it has bytes
 * @param encoding Prometheus' number; 0 for a chunk in a file, which says it itself
 * @param bytes the chunk, with padding behind it; null for one in a file
 * @param hidden the samples that some reader may not see, or null
 */
record LateChunk(
    long minTime,
    long maxTime,
    long place,
    int encoding,
    byte @Nullable [] bytes,
    @Nullable Hidden hidden) {

  /**
   * Samples of commits that were not over, or not seen by all readers, when the chunk was made.
   *
   * @param times ascending
   * @param commits whose they are
   */
  record Hidden(long[] times, Visibility[] commits) {

    /** The times of what a reader must not see, ascending; null if it may see all. */
    long @Nullable [] from(long reader) {
      long[] unseen = new long[times.length];
      int n = 0;
      for (int i = 0; i < times.length; i++) {
        if (!commits[i].visibleTo(reader)) {
          unseen[n++] = times[i];
        }
      }
      return n == 0 ? null : Arrays.copyOf(unseen, n);
    }
  }

  boolean overlaps(long from, long to) {
    return minTime <= to && maxTime >= from;
  }

  /** The same chunk when it lies in a file. */
  LateChunk at(long fileReference) {
    return new LateChunk(minTime, maxTime, fileReference, 0, null, hidden);
  }

  long @Nullable [] hiddenFrom(long reader) {
    return hidden == null ? null : hidden.from(reader);
  }

  /**
   * Takes the samples of some times out of a buffer. A histogram behind one of them no longer says
   * whether there was a reset.
   */
  static void remove(long[] times, SampleBuffer from) {
    int kept = 0;
    boolean removed = false;
    for (int i = 0; i < from.size(); i++) {
      if (Arrays.binarySearch(times, from.timestamps()[i]) >= 0) {
        removed = true;
        continue;
      }
      if (kept < i) {
        from.move(i, kept);
      }
      FloatHistogram histogram = from.histogram(kept);
      if (removed && histogram != null) {
        from.replace(kept, histogram.withoutResetHint());
      }
      removed = false;
      kept++;
    }
    from.truncate(kept);
  }
}
