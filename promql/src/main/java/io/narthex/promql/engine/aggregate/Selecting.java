package io.narthex.promql.engine.aggregate;

import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Position;
import io.narthex.promql.engine.core.Annotations;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.GoFloat;
import io.narthex.promql.engine.core.Materialized;
import io.narthex.promql.engine.core.QueryException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Aggregations that choose among the series of a group and leave them as they are: topk, bottomk,
 * limitk and limit_ratio.
 */
final class Selecting {

  // The floats that are whole numbers of 64 bits, as upstream bounds them.
  private static final double MAX_LONG = 0x1.fffffffffffffp62;
  private static final double MIN_LONG = -0x1p63;

  private final Aggregate aggregate;
  private final Materialized input;
  private final Grouping grouping;
  private final double[] parameters;
  private final Annotations annotations;

  Selecting(
      Aggregate aggregate,
      Materialized input,
      Grouping grouping,
      double[] parameters,
      Annotations annotations) {
    this.aggregate = aggregate;
    this.input = input;
    this.grouping = grouping;
    this.parameters = parameters;
    this.annotations = annotations;
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
    List<int[]> members = members();
    return input.grid().count() == 1 ? instant(members) : range(members);
  }

  private void checkCount(boolean nan, double min, double max) {
    if (nan) {
      throw QueryException.execution("Parameter value is NaN");
    }
    if (min <= MIN_LONG) {
      throw QueryException.execution("Scalar value " + GoFloat.shortest(min) + " underflows int64");
    }
    if (max >= MAX_LONG) {
      throw QueryException.execution("Scalar value " + GoFloat.shortest(max) + " overflows int64");
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
            + GoFloat.shortest(ratio)
            + ", capping to "
            + cap,
        position);
  }

  private List<int[]> members() {
    int[] sizes = new int[grouping.size()];
    for (int i = 0; i < input.size(); i++) {
      sizes[grouping.group(i)]++;
    }
    List<int[]> members = new ArrayList<>();
    for (int size : sizes) {
      members.add(new int[size]);
    }
    Arrays.fill(sizes, 0);
    for (int i = 0; i < input.size(); i++) {
      int group = grouping.group(i);
      members.get(group)[sizes[group]++] = i;
    }
    return members;
  }

  /** One step: the result is in the order of the choice. */
  private Materialized instant(List<int[]> members) {
    Materialized result = new Materialized(input.grid(), true);
    for (int[] group : members) {
      for (int series : choose(group, 0)) {
        result.add(input.labels(series), input.nameDropped(series), input.column(series));
      }
    }
    return result;
  }

  private Materialized range(List<int[]> members) {
    int steps = input.grid().count();
    Column[] chosen = new Column[input.size()];
    for (int[] group : members) {
      for (int step = 0; step < steps; step++) {
        for (int series : choose(group, step)) {
          if (chosen[series] == null) {
            chosen[series] = new Column(steps);
          }
          chosen[series].copyStep(step, input.column(series), step);
        }
      }
    }
    Materialized result = new Materialized(input.grid(), true);
    for (int i = 0; i < chosen.length; i++) {
      if (chosen[i] != null) {
        result.add(input.labels(i), input.nameDropped(i), chosen[i]);
      }
    }
    return result;
  }

  private int[] choose(int[] group, int step) {
    double parameter = parameters[step];
    return switch (aggregate.operator()) {
      case TOPK -> best(group, step, count(parameter), true);
      case BOTTOMK -> best(group, step, count(parameter), false);
      case LIMITK -> first(group, step, count(parameter));
      case LIMIT_RATIO -> sampled(group, step, Math.clamp(parameter, -1.0, 1.0));
      case SUM, AVG, COUNT, MIN, MAX, GROUP, STDDEV, STDVAR, COUNT_VALUES, QUANTILE ->
          throw new IllegalStateException("not a choice: " + aggregate.operator());
    };
  }

  private int count(double parameter) {
    return (int) Math.min(input.size(), (long) parameter);
  }

  private int[] first(int[] group, int step, int count) {
    int[] chosen = new int[Math.max(0, Math.min(count, group.length))];
    int n = 0;
    for (int i = 0; i < group.length && n < chosen.length; i++) {
      if (input.column(group[i]).present(step)) {
        chosen[n++] = group[i];
      }
    }
    return Arrays.copyOf(chosen, n);
  }

  /**
   * Series whose hash lies below the ratio's share of all hashes; above it where it is negative.
   */
  private int[] sampled(int[] group, int step, double ratio) {
    int[] chosen = new int[group.length];
    int n = 0;
    for (int series : group) {
      if (!input.column(series).present(step) || ratio == 0) {
        continue;
      }
      long hash = input.labels(series).hash64();
      double unsigned = (hash >>> 1) * 2.0 + (hash & 1);
      double offset = unsigned / 0x1p64;
      if (ratio >= 0 ? offset < ratio : offset >= 1 + ratio) {
        chosen[n++] = series;
      }
    }
    return Arrays.copyOf(chosen, n);
  }

  /** The best of a group, best first; of equal values the first in the order of the series. */
  private int[] best(int[] group, int step, int count, boolean largest) {
    if (count < 1) {
      return new int[0];
    }
    // A heap with the worst of those chosen so far at its top.
    int[] heap = new int[Math.min(count, group.length)];
    int size = 0;
    boolean histograms = false;
    for (int series : group) {
      Column column = input.column(series);
      if (Column.isAbsent(column.values()[step])) {
        histograms |= column.histogram(step) != null;
        continue;
      }
      if (size < heap.length) {
        heap[size++] = series;
        if (size == heap.length) {
          for (int i = size / 2 - 1; i >= 0; i--) {
            siftDown(heap, i, size, step, largest);
          }
        }
      } else if (worse(heap[0], series, step, largest)) {
        heap[0] = series;
        siftDown(heap, 0, size, step, largest);
      }
    }
    if (histograms) {
      annotations.info(
          "ignored histogram in " + aggregate.operator().text() + " aggregation",
          aggregate.position());
    }
    Integer[] sorted = new Integer[size];
    Arrays.setAll(sorted, i -> heap[i]);
    Arrays.sort(sorted, (a, b) -> a.equals(b) ? 0 : worse(a, b, step, largest) ? 1 : -1);
    return Arrays.stream(sorted).mapToInt(Integer::intValue).toArray();
  }

  /** Whether the first series is a worse choice than the second, another one. */
  private boolean worse(int a, int b, int step, boolean largest) {
    double x = input.column(a).values()[step];
    double y = input.column(b).values()[step];
    boolean xNan = Double.isNaN(x);
    boolean yNan = Double.isNaN(y);
    if (xNan || yNan) {
      return (xNan && yNan) ? a > b : xNan;
    }
    if (x == y) {
      return a > b;
    }
    return largest ? x < y : x > y;
  }

  private void siftDown(int[] heap, int from, int size, int step, boolean largest) {
    int at = from;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        return;
      }
      if (child + 1 < size && worse(heap[child + 1], heap[child], step, largest)) {
        child++;
      }
      if (worse(heap[at], heap[child], step, largest)) {
        return;
      }
      int swap = heap[at];
      heap[at] = heap[child];
      heap[child] = swap;
      at = child;
    }
  }
}
