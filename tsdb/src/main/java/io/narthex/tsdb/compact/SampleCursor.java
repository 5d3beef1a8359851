package io.narthex.tsdb.compact;

/** Samples of one series, ascending in time. Belongs to one thread. */
interface SampleCursor {

  /** Goes to the next sample, if there is one. */
  boolean next();

  /** The time of the sample that was gone to, milliseconds since the epoch. */
  long time();

  double value();
}
