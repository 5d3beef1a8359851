package io.narthex.tsdb.head;

import java.util.concurrent.atomic.LongAdder;

/** What the head counts; the names are those of Prometheus' metrics without their prefix. */
public final class HeadCounters {
  public final LongAdder seriesCreated = new LongAdder();
  public final LongAdder seriesRemoved = new LongAdder();
  public final LongAdder seriesNotFound = new LongAdder();

  /** Attempts to make a series that a limit kept out. */
  public final LongAdder seriesRefused = new LongAdder();

  public final LongAdder samplesAppended = new LongAdder();
  public final LongAdder histogramsAppended = new LongAdder();
  public final LongAdder outOfOrderSamples = new LongAdder();
  public final LongAdder outOfOrderHistograms = new LongAdder();
  public final LongAdder outOfBoundSamples = new LongAdder();
  public final LongAdder outOfBoundHistograms = new LongAdder();
  public final LongAdder chunks = new LongAdder();
  public final LongAdder chunksCreated = new LongAdder();
  public final LongAdder chunksRemoved = new LongAdder();
  public final LongAdder chunksStored = new LongAdder();
  public final LongAdder appendersCreated = new LongAdder();
  public final LongAdder activeAppenders = new LongAdder();
  public final LongAdder truncations = new LongAdder();
  public final LongAdder failedTruncations = new LongAdder();
  public final LongAdder unknownRefsInLog = new LongAdder();
  public final LongAdder unknownTombstonesInLog = new LongAdder();

  HeadCounters() {}
}
