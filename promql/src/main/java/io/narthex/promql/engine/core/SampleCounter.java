package io.narthex.promql.engine.core;

import io.narthex.model.histogram.FloatHistogram;
import java.util.function.IntUnaryOperator;

/**
 * Counts the samples of one part of a query, as Prometheus counts them. Samples that are looked at
 * count once for every step that sees them; samples that are read, once. What is looked at within a
 * subquery does not count, as the windows over its results do; both count as read. What has the
 * same value at every step is read once and counts for each of them. Thread-safe.
 */
public sealed interface SampleCounter {

  /** Adds samples of all steps together; not below 0. */
  void add(long looked, long read);

  /** Whether {@link #at} is to be told too. */
  boolean perStep();

  /** Adds to what one step of the part's grid sees; only where {@link #perStep}. */
  void at(int step, long looked, long read);

  /** How many samples a histogram counts for, by the memory that Prometheus needs for it. */
  static long size(FloatHistogram histogram) {
    long spans = spans(histogram, true) + spans(histogram, false);
    long buckets = histogram.positiveBuckets() + histogram.negativeBuckets();
    long bounds = histogram.usesCustomBuckets() ? histogram.bounds().length : 0;
    return (168 + 8 * (spans + buckets + bounds) + 8) / 16;
  }

  private static int spans(FloatHistogram histogram, boolean positive) {
    int size = positive ? histogram.positiveBuckets() : histogram.negativeBuckets();
    int spans = size > 0 ? 1 : 0;
    for (int i = 1; i < size; i++) {
      int before = positive ? histogram.positiveIndex(i - 1) : histogram.negativeIndex(i - 1);
      int index = positive ? histogram.positiveIndex(i) : histogram.negativeIndex(i);
      spans += index == before + 1 ? 0 : 1;
    }
    return spans;
  }

  /** The query's own. */
  record Direct(QueryContext context) implements SampleCounter {
    @Override
    public void add(long looked, long read) {
      context.looked(looked, read);
    }

    @Override
    public boolean perStep() {
      return context.countsPerStep();
    }

    @Override
    public void at(int step, long looked, long read) {
      context.lookedAt(step, looked, read);
    }
  }

  /**
   * Within a subquery.
   *
   * @param outerStep the first of the outer steps that sees an inner one
   */
  record Inner(SampleCounter outer, IntUnaryOperator outerStep) implements SampleCounter {
    @Override
    public void add(long looked, long read) {
      outer.add(0, read);
    }

    @Override
    public boolean perStep() {
      return outer.perStep();
    }

    @Override
    public void at(int step, long looked, long read) {
      outer.at(outerStep.applyAsInt(step), 0, read);
    }
  }

  /**
   * For what is evaluated at one step in place of all.
   *
   * @param steps how many
   */
  record Repeated(SampleCounter outer, int steps) implements SampleCounter {
    @Override
    public void add(long looked, long read) {
      outer.add(looked * steps, read);
    }

    @Override
    public boolean perStep() {
      return outer.perStep();
    }

    @Override
    public void at(int step, long looked, long read) {
      for (int i = 0; i < steps; i++) {
        outer.at(i, looked, i == 0 ? read : 0);
      }
    }
  }
}
