package io.narthex.scrape.cache;

import io.narthex.model.histogram.SpanHistogram;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Origins} knew of the lines of a page before that page changed it, for a page that
 * fails and a sample that is refused. It is as long as the longest page, so one serves all targets
 * of an appender in turn. Not thread-safe.
 */
public final class OriginJournal {

  int size;
  int[] lines = {};
  long[] starts = {};
  double[] references = {};
  double[] lasts = {};
  long[] times = {};
  // Null of lines that are no histograms, and of those that were new.
  @Nullable SpanHistogram[] lastHistograms = {};
  @Nullable SpanHistogram[] referenceHistograms = {};

  /** Makes room for one more and returns its place. */
  int next() {
    if (size == lines.length) {
      int length = Math.max(64, 2 * size);
      lines = Arrays.copyOf(lines, length);
      starts = Arrays.copyOf(starts, length);
      references = Arrays.copyOf(references, length);
      lasts = Arrays.copyOf(lasts, length);
      times = Arrays.copyOf(times, length);
      lastHistograms = Arrays.copyOf(lastHistograms, length);
      referenceHistograms = Arrays.copyOf(referenceHistograms, length);
    }
    return size++;
  }
}
