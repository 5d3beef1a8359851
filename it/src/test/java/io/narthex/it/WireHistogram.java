package io.narthex.it;

import java.util.Arrays;
import java.util.Random;

/**
 * A native histogram as remote write 1.0 sends it: whole counts in one span of positive buckets.
 *
 * @param schema the resolution, or -53 for custom bounds
 * @param counts the absolute counts of the buckets from 0 on; of custom ones one more than bounds
 */
record WireHistogram(int schema, long zeroCount, double sum, long[] counts, double[] bounds) {

  /** All observations. */
  long count() {
    return zeroCount + Arrays.stream(counts).sum();
  }

  /**
   * How many steps a counter has counted when it is first seen. Where zero lies within the window
   * Prometheus 3.5 extrapolates the rate of a histogram beyond it, and later versions do not.
   */
  private static final int HEAD_START = 6;

  /** Counts that grow with the steps, begin anew now and then and change their resolution. */
  static WireHistogram exponential(long step, int series) {
    long age = step % (90 + series * 7) + HEAD_START;
    int schema = step / 200 % 2 == 0 ? 2 : 1;
    long[] counts = new long[4 + (int) (age / 20)];
    Random own = new Random(series);
    double sum = 0;
    for (int i = 0; i < counts.length; i++) {
      counts[i] = age * (1 + own.nextInt(5)) / (1 + i / 3);
      sum += counts[i] * Math.pow(2, i / (double) (1 << schema));
    }
    return new WireHistogram(schema, age / 3, sum, counts, new double[0]);
  }

  /** As above, with bounds of its own. */
  static WireHistogram custom(long step, int series) {
    long age = step % (120 + series * 11) + HEAD_START;
    double[] bounds = {0.5, 1, 2.5, 10};
    long[] counts = new long[bounds.length + 1];
    Random own = new Random(100 + series);
    double sum = 0;
    for (int i = 0; i < counts.length; i++) {
      counts[i] = age * own.nextInt(4);
      sum += counts[i] * i * 0.8;
    }
    return new WireHistogram(-53, 0, sum, counts, bounds);
  }
}
