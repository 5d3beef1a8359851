package io.narthex.promql.engine.aggregate;

import io.narthex.base.bytes.GoFloat;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Position;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.ColumnScan;
import io.narthex.promql.engine.core.LabelIndex;
import io.narthex.promql.engine.core.LabelProjection;
import io.narthex.promql.engine.core.Materialized;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.Quantiles;
import io.narthex.promql.engine.core.QueryScope;
import io.narthex.promql.engine.core.Remarks;
import io.narthex.storage.StopSignal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The aggregations. */
public final class Aggregations {

  private final QueryScope scope;
  private final Aggregate aggregate;
  private final Operator input;

  private Aggregations(QueryScope scope, Aggregate aggregate, Operator input) {
    this.scope = scope;
    this.aggregate = aggregate;
    this.input = input;
  }

  /**
   * Aggregates all steps of all series.
   *
   * @param parameters the parameter by step, for those that take a number; else empty
   * @param label the parameter of count_values; else empty
   */
  public static Operator evaluate(
      QueryScope scope, Aggregate aggregate, Operator input, double[] parameters, String label) {
    Aggregations a = new Aggregations(scope, aggregate, input);
    return switch (aggregate.operator()) {
      case SUM, AVG, COUNT, GROUP, MIN, MAX, STDDEV, STDVAR -> a.fold();
      case QUANTILE -> a.quantile(parameters);
      case TOPK, BOTTOMK, LIMITK, LIMIT_RATIO -> a.select(parameters);
      case COUNT_VALUES -> a.countValues(label);
    };
  }

  private boolean projects() {
    return scope.context().optimisations().projects();
  }

  private Operator fold() {
    Grouping grouping = Grouping.of(input, aggregate.grouping(), aggregate.without(), projects());
    Position position = aggregate.expr().position();
    int groups = grouping.size();
    int steps = input.grid().count();
    scope.context().take(4L * input.size() + arrays() * (64 + 8L * steps) * groups);
    Fold fold =
        switch (aggregate.operator()) {
          case SUM -> new SumFold(false, groups, input, scope.annotations(), position);
          case AVG -> new SumFold(true, groups, input, scope.annotations(), position);
          case COUNT -> new CountFold(false, groups, steps);
          case GROUP -> new CountFold(true, groups, steps);
          case MIN -> new ExtremeFold(false, groups, steps, scope.annotations(), position);
          case MAX -> new ExtremeFold(true, groups, steps, scope.annotations(), position);
          case STDDEV -> new VarianceFold(true, groups, steps, scope.annotations(), position);
          case STDVAR -> new VarianceFold(false, groups, steps, scope.annotations(), position);
          case TOPK, BOTTOMK, COUNT_VALUES, QUANTILE, LIMITK, LIMIT_RATIO ->
              throw new IllegalStateException("not a fold: " + aggregate.operator());
        };
    boolean[] dropped = new boolean[groups];
    ColumnScan.run(
        input,
        scope.context(),
        (series, column) -> {
          int group = grouping.group(series);
          fold.add(group, series, column);
          if (!dropped[group] && input.nameDropped(series)) {
            dropped[group] = !column.isEmpty();
          }
        });
    Materialized result = new Materialized(input.grid(), true);
    for (int i = 0; i < groups; i++) {
      StopSignal.every(i);
      add(result, grouping.labels(i), dropped[i], fold.finish(i));
    }
    return result;
  }

  /** How many arrays with an entry per step a group needs, its result among them. */
  private int arrays() {
    return switch (aggregate.operator()) {
      case COUNT, GROUP, MIN, MAX -> 1;
      case SUM -> 3;
      case AVG, STDDEV, STDVAR -> 4;
      case TOPK, BOTTOMK, COUNT_VALUES, QUANTILE, LIMITK, LIMIT_RATIO -> 0;
    };
  }

  private void add(Materialized result, Labels labels, boolean dropped, Column column) {
    int count = column.count();
    if (count > 0) {
      scope.context().hold(count);
      result.add(labels, dropped, column);
    }
  }

  private Operator select(double[] parameters) {
    Grouping grouping = Grouping.of(input, aggregate.grouping(), aggregate.without(), projects());
    return new Selecting(aggregate, input, grouping, parameters, scope.context()).run();
  }

  private Operator quantile(double[] parameters) {
    Position position = Objects.requireNonNull(aggregate.parameter()).position();
    boolean nan = false;
    double max = Double.NEGATIVE_INFINITY;
    double min = Double.POSITIVE_INFINITY;
    for (double q : parameters) {
      nan |= Double.isNaN(q);
      max = q > max ? q : max;
      min = q < min ? q : min;
    }
    if (nan) {
      scope.annotations().warn(Remarks.quantile(Double.NaN), position);
    }
    if (max > 1) {
      scope.annotations().warn(Remarks.quantile(max), position);
    }
    if (min < 0) {
      scope.annotations().warn(Remarks.quantile(min), position);
    }
    Materialized all = Materialized.of(input, scope.context());
    Grouping grouping = Grouping.of(all, aggregate.grouping(), aggregate.without(), projects());
    List<List<Integer>> members = new ArrayList<>();
    for (int i = 0; i < grouping.size(); i++) {
      StopSignal.every(i);
      members.add(new ArrayList<>());
    }
    for (int i = 0; i < all.size(); i++) {
      StopSignal.every(i);
      members.get(grouping.group(i)).add(i);
      if (all.column(i).hasHistograms()) {
        scope
            .annotations()
            .info("ignored histogram in quantile aggregation", aggregate.expr().position());
      }
    }
    Materialized result = new Materialized(input.grid(), true);
    double[] values = new double[all.size()];
    scope.context().take(grouping.size() * Column.bytes(input.grid().count()));
    for (int group = 0; group < grouping.size(); group++) {
      Column column = new Column(input.grid().count());
      boolean dropped = false;
      for (int series : members.get(group)) {
        dropped |= all.nameDropped(series);
      }
      for (int step = 0; step < column.steps(); step++) {
        scope.context().check();
        int size = 0;
        for (int series : members.get(group)) {
          double value = all.column(series).values()[step];
          if (!Column.isAbsent(value)) {
            values[size++] = value;
          }
        }
        if (size > 0) {
          column.set(step, Quantiles.of(parameters[step], values, size));
        }
      }
      add(result, grouping.labels(group), dropped, column);
    }
    return result;
  }

  private Operator countValues(String label) {
    List<String> names = new ArrayList<>(aggregate.grouping());
    if (!aggregate.without()) {
      names.add(label);
    }
    LabelProjection projection = Grouping.projection(names, aggregate.without());
    LabelIndex index = new LabelIndex();
    List<Column> columns = new ArrayList<>();
    int steps = input.grid().count();
    ColumnScan.run(
        input,
        scope.context(),
        (series, column) -> {
          Labels labels = input.labels(series);
          Map<String, Column> byValue = new HashMap<>();
          for (int i = 0; i < steps; i++) {
            if (!column.present(i)) {
              continue;
            }
            var histogram = column.histogram(i);
            String value =
                histogram == null ? GoFloat.fixed(column.values()[i]) : histogram.toString();
            Column counts =
                byValue.computeIfAbsent(
                    value,
                    v -> {
                      Labels key =
                          projection.apply(new LabelsBuilder().from(labels).set(label, v).build());
                      int number = index.number(key);
                      if (number == columns.size()) {
                        scope.context().take(Column.bytes(steps));
                        columns.add(new Column(steps));
                      }
                      return columns.get(number);
                    });
            double count = counts.values()[i];
            counts.set(i, Column.isAbsent(count) ? 1 : count + 1);
          }
        });
    Materialized result = new Materialized(input.grid(), true);
    for (int i = 0; i < columns.size(); i++) {
      StopSignal.every(i);
      add(result, index.labels(i), false, columns.get(i));
    }
    return result;
  }
}
