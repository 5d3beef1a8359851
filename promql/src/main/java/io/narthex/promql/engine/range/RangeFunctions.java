package io.narthex.promql.engine.range;

import io.narthex.promql.ast.Position;
import io.narthex.promql.engine.core.Merged;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.engine.core.QueryScope;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The functions over ranges, by name. */
public final class RangeFunctions {

  private static final Set<String> ANCHORED =
      Set.of("changes", "delta", "increase", "rate", "resets");
  private static final Set<String> SMOOTHED = Set.of("delta", "increase", "rate");

  private RangeFunctions() {}

  /**
   * The operator of a function.
   *
   * @param parameters the values of its scalar arguments by step, in order
   * @param parameterPositions where they stand
   * @param argument where the range stands
   * @return null if there is no such function
   */
  public static @Nullable Operator create(
      QueryScope scope,
      String name,
      RangeSource source,
      List<double[]> parameters,
      List<Position> parameterPositions,
      Position argument) {
    boolean extended =
        switch (source.shape().extension()) {
          case NONE -> false;
          case ANCHORED -> {
            checkExtension("anchored", ANCHORED, "changes, delta, increase, rate, resets", name);
            yield true;
          }
          case SMOOTHED -> {
            checkExtension("smoothed", SMOOTHED, "delta, increase, rate", name);
            yield true;
          }
        };
    Supplier<WindowFunction> function =
        function(scope, name, extended, parameters, parameterPositions);
    if (function == null) {
      return null;
    }
    if (name.equals("rate") || name.equals("increase")) {
      Supplier<WindowFunction> rate = function;
      function = () -> new CounterCheck(rate.get(), scope.typeLabels());
    }
    boolean dropsName = !name.equals("last_over_time") && !name.equals("first_over_time");
    Operator operator = new RangeFunction(scope, source, function, dropsName, argument);
    // Of absence only one series is made, so its labels may be equal.
    return scope.delayedNames() || name.equals("absent_over_time")
        ? operator
        : Merged.of(operator, true);
  }

  private static void checkExtension(
      String modifier, Set<String> allowed, String list, String name) {
    if (!allowed.contains(name)) {
      throw QueryException.execution(
          modifier + " modifier can only be used with: " + list + " - not with " + name);
    }
  }

  private static @Nullable Supplier<WindowFunction> function(
      QueryScope scope,
      String name,
      boolean extended,
      List<double[]> parameters,
      List<Position> positions) {
    boolean starts = scope.startTimestamps();
    return switch (name) {
      case "rate" -> extended ? () -> new EdgeRate(true, true) : () -> new Rate(true, true, starts);
      case "increase" ->
          extended ? () -> new EdgeRate(true, false) : () -> new Rate(true, false, starts);
      case "delta" ->
          extended ? () -> new EdgeRate(false, false) : () -> new Rate(false, false, starts);
      case "irate" -> () -> new InstantRate(true, starts);
      case "idelta" -> () -> new InstantRate(false, starts);
      case "changes" -> () -> new Changes(false, starts);
      case "resets" -> () -> new Changes(true, starts);
      case "sum_over_time" -> () -> new SumOverTime(false);
      case "avg_over_time" -> () -> new SumOverTime(true);
      case "max_over_time" -> () -> new Extreme(true);
      case "min_over_time" -> () -> new Extreme(false);
      case "count_over_time" -> () -> new Picking(Picking.What.COUNT);
      case "present_over_time", "absent_over_time" -> () -> new Picking(Picking.What.PRESENT);
      case "first_over_time" -> () -> new Picking(Picking.What.FIRST);
      case "last_over_time" -> () -> new Picking(Picking.What.LAST);
      case "ts_of_first_over_time" -> () -> new Picking(Picking.What.TIME_OF_FIRST);
      case "ts_of_last_over_time" -> () -> new Picking(Picking.What.TIME_OF_LAST);
      case "ts_of_max_over_time" -> () -> new Statistics.TimeOfExtreme(true);
      case "ts_of_min_over_time" -> () -> new Statistics.TimeOfExtreme(false);
      case "stdvar_over_time" -> () -> new Statistics.Variance(false);
      case "stddev_over_time" -> () -> new Statistics.Variance(true);
      case "mad_over_time" -> Statistics.MedianDeviation::new;
      case "quantile_over_time" ->
          () -> new Statistics.Quantile(parameters.getFirst(), positions.getFirst());
      case "deriv" -> () -> new Statistics.Regression(null);
      case "predict_linear" -> () -> new Statistics.Regression(parameters.getFirst());
      case "double_exponential_smoothing" ->
          () -> new Statistics.Smoothing(parameters.get(0), parameters.get(1));
      default -> null;
    };
  }
}
