package io.narthex.promql.engine.function;

import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.ColumnScan;
import io.narthex.promql.engine.core.GoMath;
import io.narthex.promql.engine.core.Grid;
import io.narthex.promql.engine.core.Mapped;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryScope;
import io.narthex.promql.engine.core.ScalarOperator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** The functions over instant vectors and scalars, by name. */
public final class VectorFunctions {

  private final QueryScope scope;
  private final Grid grid;
  private final Call call;
  private final List<Operator> arguments;

  private VectorFunctions(QueryScope scope, Grid grid, Call call, List<Operator> arguments) {
    this.scope = scope;
    this.grid = grid;
    this.call = call;
    this.arguments = arguments;
  }

  /**
   * The operator of a call.
   *
   * @param arguments the planned arguments; texts stand for themselves in the call, and a scalar in
   *     their places here means nothing
   * @return null if there is no such function
   */
  public static @Nullable Operator create(
      QueryScope scope, Grid grid, Call call, List<Operator> arguments) {
    return new VectorFunctions(scope, grid, call, arguments).create();
  }

  private @Nullable Operator create() {
    String name = call.function().name();
    DoubleUnaryOperator function = FloatFunctions.of(name);
    if (function != null) {
      return floats(arguments.getFirst(), function);
    }
    DoubleUnaryOperator date = DateFunctions.of(name);
    if (date != null) {
      return arguments.isEmpty()
          ? new ScalarOperator(grid, step -> date.applyAsDouble(grid.time(step) / 1000.0))
          : floats(arguments.getFirst(), date);
    }
    return switch (name) {
      case "time" -> new ScalarOperator(grid, step -> grid.time(step) / 1000.0);
      case "pi" -> ScalarOperator.constant(grid, Math.PI);
      case "vector" -> arguments.getFirst();
      case "scalar" -> scalar(arguments.getFirst());
      case "min_of" -> scalars(GoMath::min);
      case "max_of" -> scalars(GoMath::max);
      case "round" -> round();
      case "clamp" -> clamp(parameter(1), parameter(2));
      case "clamp_min" -> clamp(parameter(1), null);
      case "clamp_max" -> clamp(null, parameter(1));
      case "absent", "absent_over_time" -> Absence.create(scope, arguments.getFirst(), argument(0));
      case "timestamp" -> evaluationTimes(arguments.getFirst());
      // Only samples have start timestamps; those of selectors are read by the selector.
      case "start_timestamp" -> nothing(arguments.getFirst());
      case "sort" -> sort(false);
      case "sort_desc" -> sort(true);
      case "sort_by_label" -> sortByLabels(false);
      case "sort_by_label_desc" -> sortByLabels(true);
      case "label_replace" ->
          Relabeled.replace(arguments.getFirst(), text(1), text(2), text(3), text(4));
      case "label_join" -> Relabeled.join(arguments.getFirst(), text(1), text(2), texts(3));
      case "histogram_count" -> SampleHistograms.count(scope, arguments.getFirst());
      case "histogram_sum" -> SampleHistograms.sum(scope, arguments.getFirst());
      case "histogram_avg" -> SampleHistograms.average(scope, arguments.getFirst());
      case "histogram_stddev" -> SampleHistograms.variance(scope, arguments.getFirst(), true);
      case "histogram_stdvar" -> SampleHistograms.variance(scope, arguments.getFirst(), false);
      case "histogram_quantile" ->
          BucketFunctions.quantile(
              scope, call, arguments.get(1), ScalarOperator.values(arguments.getFirst()));
      case "histogram_quantiles" ->
          BucketFunctions.quantiles(
              scope,
              call,
              arguments.getFirst(),
              text(1),
              arguments.subList(2, arguments.size()).stream().map(ScalarOperator::values).toList());
      case "histogram_fraction" ->
          BucketFunctions.fraction(
              scope,
              call,
              arguments.get(2),
              ScalarOperator.values(arguments.get(0)),
              ScalarOperator.values(arguments.get(1)));
      default -> null;
    };
  }

  private Expr argument(int number) {
    return call.arguments().get(number);
  }

  private String text(int number) {
    return ((StringLiteral) argument(number)).value();
  }

  private List<String> texts(int from) {
    return call.arguments().stream().skip(from).map(e -> ((StringLiteral) e).value()).toList();
  }

  private double[] parameter(int number) {
    return ScalarOperator.values(arguments.get(number));
  }

  /** A function of each float; histograms have no value and go. */
  private Operator floats(Operator input, DoubleUnaryOperator function) {
    return Mapped.droppingName(
        scope,
        input,
        column -> {
          column.clearHistograms();
          double[] values = column.values();
          for (int i = 0; i < values.length; i++) {
            if (!Column.isAbsent(values[i])) {
              values[i] = function.applyAsDouble(values[i]);
            }
          }
        });
  }

  private interface StepFunction {
    double apply(int step, double value);
  }

  private Operator floatsByStep(Operator input, StepFunction function) {
    return Mapped.droppingName(
        scope,
        input,
        column -> {
          column.clearHistograms();
          double[] values = column.values();
          for (int i = 0; i < values.length; i++) {
            if (!Column.isAbsent(values[i])) {
              values[i] = function.apply(i, values[i]);
            }
          }
        });
  }

  private Operator round() {
    double[] nearest =
        arguments.size() > 1
            ? parameter(1)
            : ScalarOperator.values(ScalarOperator.constant(grid, 1));
    return floatsByStep(
        arguments.getFirst(),
        (step, value) -> {
          // Upstream multiplies by the inverse, and the last digits depend on it.
          double inverse = 1.0 / nearest[step];
          return Math.floor(value * inverse + 0.5) / inverse;
        });
  }

  private Operator clamp(double @Nullable [] least, double @Nullable [] most) {
    return floatsByStep(
        arguments.getFirst(),
        (step, value) -> {
          double min = least == null ? Double.NEGATIVE_INFINITY : least[step];
          double max = most == null ? Double.POSITIVE_INFINITY : most[step];
          return max < min ? Column.ABSENT : GoMath.max(min, GoMath.min(max, value));
        });
  }

  private interface Combination {
    double apply(double a, double b);
  }

  private Operator scalars(Combination combination) {
    double[] a = parameter(0);
    double[] b = parameter(1);
    return new ScalarOperator(grid, step -> combination.apply(a[step], b[step]));
  }

  /** The value of the only float, NaN where there is none or more than one. */
  private Operator scalar(Operator input) {
    double[] values = new double[grid.count()];
    int[] found = new int[grid.count()];
    ColumnScan.run(
        input,
        scope.context(),
        (series, column) -> {
          for (int i = 0; i < values.length; i++) {
            if (!Column.isAbsent(column.values()[i])) {
              values[i] = column.values()[i];
              found[i]++;
            }
          }
        });
    return new ScalarOperator(grid, step -> found[step] == 1 ? values[step] : Double.NaN);
  }

  /** The time of a computed value is the step's. */
  private Operator evaluationTimes(Operator input) {
    return Mapped.droppingName(
        scope,
        input,
        column -> {
          for (int i = 0; i < column.steps(); i++) {
            if (column.present(i)) {
              column.set(i, grid.time(i) / 1000.0);
            }
          }
        });
  }

  private Operator nothing(Operator input) {
    return Mapped.droppingName(scope, input, Column::clear);
  }

  private Operator sort(boolean descending) {
    remarkOnSort();
    return Sorting.byValue(scope, arguments.getFirst(), descending);
  }

  private Operator sortByLabels(boolean descending) {
    remarkOnSort();
    return Sorting.byLabels(scope, arguments.getFirst(), texts(1), descending);
  }

  private void remarkOnSort() {
    if (grid.count() > 1) {
      scope
          .annotations()
          .warn(
              "sort is ineffective for range queries since results are always ordered by labels",
              call.position());
    }
  }
}
