package io.narthex.promql.engine.aggregate;

import io.narthex.base.bytes.GoFloat;
import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Position;
import io.narthex.promql.engine.core.Annotations;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.ColumnScan;
import io.narthex.promql.engine.core.Materialized;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryContext;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.storage.StopSignal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Aggregations that choose among the series of a group and leave them as they are: topk, bottomk,
 * limitk and limit_ratio. The input is read once and not held; only what is chosen is.
 */
final class Selecting {

  // The floats that are whole numbers of 64 bits, as upstream bounds them.
  private static final double MAX_LONG = 0x1.fffffffffffffp62;
  private static final double MIN_LONG = -0x1p63;

  private final Aggregate aggregate;
  private final Operator input;
  private final Grouping grouping;
  private final double[] parameters;
  private final QueryContext context;
  private final Annotations annotations;

  Selecting(
      Aggregate aggregate,
      Operator input,
      Grouping grouping,
      double[] parameters,
      QueryContext context) {
    this.aggregate = aggregate;
    this.input = input;
    this.grouping = grouping;
    this.parameters = parameters;
    this.context = context;
    this.annotations = context.annotations();
  }

  Materialized run() {
    double max = Double.NEGATIVE_INFINITY;
    double min = Double.POSITIVE_INFINITY;
    boolean nan = false;
    for (double p : parameters) {
      max = Math.max(max, Double.isNaN(p) ? max : p);
      min = Math.min(min, Double.isNaN(p) ? min : p);
      nan |= Double.isNaN(p);
    }
    boolean ratio = aggregate.operator() == Aggregate.Operator.LIMIT_RATIO;
    Materialized none = new Materialized(input.grid(), true);
    if (ratio) {
      if (max == 0 && min == 0) {
        return none;
      }
      checkRatio(nan, min, max);
    } else {
      if (max < 1 && !nan) {
        return none;
      }
      checkCount(nan, min, max);
    }
    return switch (aggregate.operator()) {
      case TOPK -> best(true);
      case BOTTOMK -> best(false);
      case LIMITK -> first();
      case LIMIT_RATIO -> sampled();
      case SUM, AVG, COUNT, MIN, MAX, GROUP, STDDEV, STDVAR, COUNT_VALUES, QUANTILE ->
          throw new IllegalStateException("not a choice: " + aggregate.operator());
    };
  }

  private void checkCount(boolean nan, double min, double max) {
    if (nan) {
      throw QueryException.execution("Parameter value is NaN");
    }
    if (min <= MIN_LONG) {
      throw QueryException.execution("Scalar value " + GoFloat.text(min) + " underflows int64");
    }
    if (max >= MAX_LONG) {
      throw QueryException.execution("Scalar value " + GoFloat.text(max) + " overflows int64");
    }
  }

  private void checkRatio(boolean nan, double min, double max) {
    if (nan) {
      throw QueryException.execution("Ratio value is NaN");
    }
    if (max > 1) {
      warnRatio(max, "1");
    }
    if (min < -1) {
      warnRatio(min, "-1");
    }
  }

  private void warnRatio(double ratio, String cap) {
    Position position =
        aggregate.parameter() == null ? aggregate.position() : aggregate.parameter().position();
    annotations.warn(
        "ratio value should be between -1 and 1, got "
            + GoFloat.text(ratio)
            + ", capping to "
            + cap,
        position);
  }

  private int count(int step) {
    return (int) Math.max(0, Math.min(input.size(), (long) parameters[step]));
  }

  /** The first series of each group. */
  private Materialized first() {
    int steps = input.grid().count();
    context.take(grouping.size() * (16 + 4L * steps));
    int[][] taken = new int[grouping.size()][steps];
    Chosen chosen = new Chosen();
    ColumnScan.run(
        input,
        context,
        (series, column) -> {
          int[] counts = taken[grouping.group(series)];
          for (int i = 0; i < steps; i++) {
            if (counts[i] < count(i) && column.present(i)) {
              counts[i]++;
              chosen.add(series, i, column);
            }
          }
        });
    return chosen.result();
  }

  /**
   * Series whose hash lies below the ratio's share of all hashes; above it where it is negative.
   */
  private Materialized sampled() {
    int steps = input.grid().count();
    Chosen chosen = new Chosen();
    ColumnScan.run(
        input,
        context,
        (series, column) -> {
          long hash = input.labels(series).hash64();
          double offset = ((hash >>> 1) * 2.0 + (hash & 1)) / 0x1p64;
          for (int i = 0; i < steps; i++) {
            double ratio = Math.clamp(parameters[i], -1.0, 1.0);
            boolean wanted = ratio >= 0 ? offset < ratio : offset >= 1 + ratio;
            if (wanted && column.present(i)) {
              chosen.add(series, i, column);
            }
          }
        });
    return chosen.result();
  }

  /** The best series of each group; of equal values the first in the order of the series. */
  private Materialized best(boolean largest) {
    int steps = input.grid().count();
    int[] sizes = new int[grouping.size()];
    for (int i = 0; i < input.size(); i++) {
      StopSignal.every(i);
      sizes[grouping.group(i)]++;
    }
    int most = 0;
    for (int i = 0; i < steps; i++) {
      most = Math.max(most, count(i));
    }
    BestOfGroup[] groups = new BestOfGroup[grouping.size()];
    for (int i = 0; i < groups.length; i++) {
      int room = Math.min(most, sizes[i]);
      context.hold((long) room * steps);
      context.take(12L * room * steps);
      groups[i] = new BestOfGroup(steps, room, largest);
    }
    boolean[] histograms = new boolean[1];
    ColumnScan.run(
        input,
        context,
        (series, column) -> {
          BestOfGroup group = groups[grouping.group(series)];
          double[] values = column.values();
          for (int i = 0; i < steps; i++) {
            if (!Column.isAbsent(values[i])) {
              group.offer(i, series, values[i], count(i));
            }
          }
          histograms[0] |= column.hasHistograms();
        });
    if (histograms[0]) {
      annotations.info(
          "ignored histogram in " + aggregate.operator().text() + " aggregation",
          aggregate.position());
    }
    Chosen chosen = new Chosen();
    for (BestOfGroup group : groups) {
      context.check();
      for (int i = 0; i < steps; i++) {
        group.bestFirst(i, chosen);
      }
    }
    return chosen.result();
  }

  /** What was chosen, by series in the order of their first choice. */
  final class Chosen {
    private final Map<Integer, Column> columns = new LinkedHashMap<>();

    private Column column(int series) {
      return columns.computeIfAbsent(
          series,
          s -> {
            context.take(Column.bytes(input.grid().count()));
            return new Column(input.grid().count());
          });
    }

    void add(int series, int step, Column from) {
      column(series).copyStep(step, from, step);
    }

    void add(int series, int step, double value) {
      column(series).set(step, value);
    }

    /** One step: in the order of the groups and, within, of the choice. */
    Materialized result() {
      Materialized result = new Materialized(input.grid(), true);
      List<Integer> order = new ArrayList<>(columns.keySet());
      // Sorting is stable, so the order within a group stays that of the choice.
      order.sort(StopSignal.asking(Comparator.comparingInt(grouping::group)));
      for (int i = 0; i < order.size(); i++) {
        StopSignal.every(i);
        int series = order.get(i);
        Column column = columns.get(series);
        if (column != null) {
          result.add(input.labels(series), input.nameDropped(series), column);
        }
      }
      return result;
    }
  }
}
