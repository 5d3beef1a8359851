package io.narthex.tsdb.compact;

import io.narthex.model.histogram.SpanHistogram;

/** Samples of one series, ascending in time. Belongs to one thread. */
interface SampleCursor {

  /** Goes to the next sample, if there is one. */
  boolean next();

  /** The time of the sample that was gone to, milliseconds since the epoch. */
  long time();

  /**
   * When the counting began that led to the sample, milliseconds since the epoch; 0 for unknown.
   */
  long startTimestamp();

  /** Whether the sample is a histogram, or else a float. */
  boolean isHistogram();

  /** The value of a float. */
  double value();

  /** The histogram, lent until the next one; its hint says what is known of the sample before. */
  SpanHistogram histogram();
}
