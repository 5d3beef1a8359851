package io.narthex.tsdb.outoforder;

import io.prometheus.metrics.core.metrics.Histogram;
import java.util.concurrent.atomic.LongAdder;

/** What is counted of late samples; the names are those of Prometheus' metrics. */
public final class OutOfOrderCounters {

  /** Late samples that were taken. */
  public final LongAdder floatsAppended = new LongAdder();

  public final LongAdder histogramsAppended = new LongAdder();

  /** Samples that were refused because they are older than the window. */
  public final LongAdder floatsTooOld = new LongAdder();

  public final LongAdder histogramsTooOld = new LongAdder();

  /** Full chunks that could not be written to a file, and stay in memory for now. */
  public final LongAdder failedStores = new LongAdder();

  public final LongAdder chunksStored = new LongAdder();

  // Of the replay: what is of series that the head does not know.
  public final LongAdder unknownSeries = new LongAdder();
  public final LongAdder unknownSamples = new LongAdder();
  public final LongAdder unknownHistograms = new LongAdder();
  public final LongAdder unknownMarkers = new LongAdder();

  /** How late samples are, in seconds behind the head's newest, whether they are taken or not. */
  public final Histogram lateSeconds =
      Histogram.builder()
          .name("prometheus_tsdb_sample_ooo_delta")
          .help(
              "Delta in seconds by which a sample is considered out of order (reported regardless"
                  + " of OOO time window and whether sample is accepted or not).")
          .classicUpperBounds(600, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200)
          .classicOnly()
          .build();

  OutOfOrderCounters() {}
}
