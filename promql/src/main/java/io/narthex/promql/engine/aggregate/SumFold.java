package io.narthex.promql.engine.aggregate;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.IncompatibleHistogramsException;
import io.narthex.promql.ast.Position;
import io.narthex.promql.engine.core.Annotations;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.HistogramAccumulator;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.Remarks;
import org.jspecify.annotations.Nullable;

/**
 * {@code sum} and {@code avg}. Floats are added with Neumaier's compensation, at each step in the
 * order of the series; histograms likewise, count by count. A group that holds both at one step
 * yields nothing there.
 */
final class SumFold implements Fold {

  /** The state of one group, an array entry per step. */
  private static final class Group {
    // Whether every step holds a sum already; then nothing needs to be asked of it.
    boolean full;
    final double[] sum;
    final double[] error;
    // For the average only.
    final double @Nullable [] count;
    boolean @Nullable [] incremental;
    @Nullable Histograms @Nullable [] histograms;

    Group(int steps, boolean average) {
      sum = new Column(steps).values();
      error = new double[steps];
      count = average ? new double[steps] : null;
    }
  }

  /** The histograms of one step. */
  private static final class Histograms {
    final HistogramAccumulator sum;
    boolean incompatible;

    Histograms(boolean average) {
      sum = new HistogramAccumulator(average);
    }
  }

  private final boolean average;
  private final int steps;
  private final Operator input;
  private final Annotations annotations;
  private final Position position;
  private final @Nullable Group[] groups;

  SumFold(boolean average, int groups, Operator input, Annotations annotations, Position position) {
    this.average = average;
    this.steps = input.grid().count();
    this.input = input;
    this.annotations = annotations;
    this.position = position;
    this.groups = new @Nullable Group[groups];
  }

  @Override
  public void add(int number, int series, Column column) {
    Group group = groups[number];
    if (group == null) {
      group = new Group(steps, average);
      groups[number] = group;
    }
    if (group.count == null) {
      double[] values = column.values();
      boolean full = isFull(values);
      if (full && group.full) {
        sumFull(values, group.sum, group.error);
      } else {
        sum(values, group.sum, group.error);
        group.full |= full;
      }
    } else {
      average(group, group.count, column.values());
    }
    if (column.hasHistograms()) {
      histograms(group, series, column);
    }
  }

  private static boolean isFull(double[] values) {
    for (double value : values) {
      if (Column.isAbsent(value)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The heart of {@code sum(rate(x))}: one compensated addition per step. The error of an addition
   * is computed by Knuth's way, which needs no comparison of the summands and yields the same, as
   * both ways are exact; so the loop has no branches and is done several steps at a time.
   */
  private static void sumFull(double[] values, double[] sums, double[] errors) {
    for (int i = 0; i < values.length; i++) {
      double sum = sums[i];
      double value = values[i];
      double total = sum + value;
      double part = total - sum;
      errors[i] += (sum - (total - part)) + (value - part);
      sums[i] = total;
    }
    for (int i = 0; i < sums.length; i++) {
      if (Double.isInfinite(sums[i])) {
        errors[i] = 0;
      }
    }
  }

  /** As above, where steps may be empty. */
  private static void sum(double[] values, double[] sums, double[] errors) {
    for (int i = 0; i < values.length; i++) {
      double value = values[i];
      if (Column.isAbsent(value)) {
        continue;
      }
      double sum = sums[i];
      if (Column.isAbsent(sum)) {
        sums[i] = value;
        continue;
      }
      double total = sum + value;
      double error =
          Math.abs(sum) >= Math.abs(value) ? (sum - total) + value : (value - total) + sum;
      errors[i] = Double.isInfinite(total) ? 0 : errors[i] + error;
      sums[i] = total;
    }
  }

  private static void average(Group group, double[] counts, double[] values) {
    for (int i = 0; i < values.length; i++) {
      double value = values[i];
      if (Column.isAbsent(value)) {
        continue;
      }
      double before = group.sum[i];
      counts[i]++;
      if (Column.isAbsent(before)) {
        group.sum[i] = value;
        continue;
      }
      double count = counts[i];
      boolean incremental = group.incremental != null && group.incremental[i];
      if (!incremental) {
        double total = before + value;
        if (!Double.isInfinite(total)) {
          double error =
              Math.abs(before) >= Math.abs(value)
                  ? (before - total) + value
                  : (value - total) + before;
          group.error[i] += error;
          group.sum[i] = total;
          continue;
        }
        // The sum would overflow: from here on it is the mean that is kept.
        if (group.incremental == null) {
          group.incremental = new boolean[values.length];
        }
        group.incremental[i] = true;
        group.sum[i] = before / (count - 1);
        group.error[i] /= count - 1;
      }
      double share = (count - 1) / count;
      double mean = share * group.sum[i];
      double part = value / count;
      double total = mean + part;
      double error =
          Math.abs(mean) >= Math.abs(part) ? (mean - total) + part : (part - total) + mean;
      group.error[i] = Double.isInfinite(total) ? 0 : share * group.error[i] + error;
      group.sum[i] = total;
    }
  }

  private void histograms(Group group, int series, Column column) {
    if (group.histograms == null) {
      group.histograms = new @Nullable Histograms[steps];
    }
    for (int i = 0; i < steps; i++) {
      FloatHistogram histogram = column.histogram(i);
      if (histogram == null) {
        continue;
      }
      Histograms at = group.histograms[i];
      if (at == null) {
        at = new Histograms(average);
        group.histograms[i] = at;
      }
      if (at.incompatible) {
        continue;
      }
      try {
        at.sum.add(histogram);
      } catch (IncompatibleHistogramsException e) {
        at.incompatible = true;
        annotations.warn(Remarks.mixedSchemas(input.labels(series).metricName()), position);
      }
    }
  }

  @Override
  public Column finish(int number) {
    Column result = new Column(steps);
    Group group = groups[number];
    if (group == null) {
      return result;
    }
    double[] out = result.values();
    for (int i = 0; i < steps; i++) {
      Histograms at = group.histograms == null ? null : group.histograms[i];
      boolean floats = !Column.isAbsent(group.sum[i]);
      if (at != null) {
        if (floats && !at.incompatible) {
          annotations.warn("encountered a mix of histograms and floats for aggregation", position);
        } else if (!at.incompatible) {
          finish(at.sum, i, result);
        }
        continue;
      }
      if (!floats) {
        continue;
      }
      if (group.count == null) {
        out[i] = group.sum[i] + group.error[i];
      } else if (group.incremental != null && group.incremental[i]) {
        out[i] = group.sum[i] + group.error[i];
      } else {
        out[i] = group.sum[i] / group.count[i] + group.error[i] / group.count[i];
      }
    }
    groups[number] = null;
    return result;
  }

  private void finish(HistogramAccumulator sum, int step, Column into) {
    FloatHistogram histogram = sum.result();
    if (histogram != null) {
      into.set(step, histogram.compact());
    }
    if (sum.resetCollision()) {
      annotations.warn(Remarks.resetCollision("aggregation"), position);
    }
    if (sum.reconciled()) {
      annotations.info(Remarks.reconciled("aggregation"), position);
    }
  }
}
