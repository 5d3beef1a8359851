package io.narthex.promql.engine.function;

import io.narthex.model.labels.Labels;
import io.narthex.promql.engine.core.Materialized;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryScope;
import io.narthex.storage.StopSignal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * {@code sort} and its kin. An order is only visible in the answer of an instant query; a range
 * query's is sorted by labels anyhow.
 */
final class Sorting {

  private Sorting() {}

  /** By value, NaN last; histograms have no order and are left out. */
  static Operator byValue(QueryScope scope, Operator input, boolean descending) {
    Materialized all = Materialized.of(input, scope.context());
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      StopSignal.every(i);
      all.column(i).clearHistograms();
      if (!all.column(i).isEmpty()) {
        order.add(i);
      }
    }
    if (input.grid().count() == 1) {
      order.sort(
          StopSignal.asking(
              (a, b) -> compare(all.column(a).values()[0], all.column(b).values()[0], descending)));
    }
    return inOrder(input, all, order);
  }

  private static Materialized inOrder(Operator input, Materialized all, List<Integer> order) {
    Materialized result = new Materialized(input.grid(), input.distinct());
    for (int i = 0; i < order.size(); i++) {
      StopSignal.every(i);
      int series = order.get(i);
      result.add(all.labels(series), all.nameDropped(series), all.column(series));
    }
    return result;
  }

  private static int compare(double a, double b, boolean descending) {
    boolean aNan = Double.isNaN(a);
    boolean bNan = Double.isNaN(b);
    if (aNan || bNan) {
      return Boolean.compare(aNan, bNan);
    }
    if (a == b) {
      return 0;
    }
    return (a < b) == descending ? 1 : -1;
  }

  /** By the values of labels, numbers in them as numbers; then by all labels. */
  static Operator byLabels(
      QueryScope scope, Operator input, List<String> names, boolean descending) {
    Materialized all = Materialized.of(input, scope.context());
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      StopSignal.every(i);
      order.add(i);
    }
    Comparator<Integer> ascending = (a, b) -> compare(all.labels(a), all.labels(b), names);
    order.sort(StopSignal.asking(descending ? ascending.reversed() : ascending));
    return inOrder(input, all, order);
  }

  private static int compare(Labels a, Labels b, List<String> names) {
    for (String name : names) {
      String x = a.getOrEmpty(name);
      String y = b.getOrEmpty(name);
      if (!x.equals(y)) {
        return NaturalOrder.compare(x, y);
      }
    }
    return a.compareTo(b);
  }
}
