package io.narthex.tsdb.head;

/**
 * What only a walk over all series of the head can tell.
 *
 * @param staleSeries how many series ended with a stale marker
 * @param histogramSeries how many have a native histogram as their newest sample in order
 * @param histogramBuckets how many buckets these histograms have together, empty ones that they
 *     were given among them
 */
public record RowFigures(int staleSeries, int histogramSeries, long histogramBuckets) {

  static final RowFigures NONE = new RowFigures(0, 0, 0);
}
