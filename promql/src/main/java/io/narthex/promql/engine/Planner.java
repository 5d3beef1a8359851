package io.narthex.promql.engine;

import io.narthex.base.text.GoQuote;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.MatrixSelector;
import io.narthex.promql.ast.NumberLiteral;
import io.narthex.promql.ast.Paren;
import io.narthex.promql.ast.Position;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.TimeModifier;
import io.narthex.promql.ast.Unary;
import io.narthex.promql.ast.ValueType;
import io.narthex.promql.ast.VectorSelector;
import io.narthex.promql.engine.aggregate.Aggregations;
import io.narthex.promql.engine.binary.BinaryOperators;
import io.narthex.promql.engine.core.Broadcast;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.Grid;
import io.narthex.promql.engine.core.Mapped;
import io.narthex.promql.engine.core.Materialized;
import io.narthex.promql.engine.core.Metadata;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.engine.core.QueryScope;
import io.narthex.promql.engine.core.ScalarOperator;
import io.narthex.promql.engine.function.InfoFunction;
import io.narthex.promql.engine.function.VectorFunctions;
import io.narthex.promql.engine.range.InstantSelector;
import io.narthex.promql.engine.range.RangeFunctions;
import io.narthex.promql.engine.range.RangeSelector;
import io.narthex.promql.engine.range.RangeSource;
import io.narthex.promql.engine.range.Smoothed;
import io.narthex.promql.engine.range.SubquerySource;
import io.narthex.promql.engine.range.WindowShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns a syntax tree into operators. Selecting happens here, and so does the evaluation of what
 * must be whole before anything can be read of it (aggregations, one side of joins); everything
 * else is evaluated when the result is read.
 */
final class Planner {

  /** Functions whose value depends on the step even where their arguments do not. */
  private static final Set<String> DEPENDS_ON_STEP =
      Set.of(
          "days_in_month",
          "day_of_month",
          "day_of_week",
          "day_of_year",
          "hour",
          "minute",
          "month",
          "year",
          "predict_linear",
          "time",
          "timestamp");

  /** What a subquery of so many steps takes for one series is not worth counting. */
  private static final int FREE_STEPS = 4096;

  /** The most operators of a chain that are evaluated within each other. */
  private static final int MOST_LINKS = 50;

  private final QueryScope scope;
  private final Planning planning;
  // What the expression being planned is for: set by the functions around it.
  private Histograms histograms = Histograms.AS_THEY_ARE;

  /** How selectors read histograms. */
  private enum Histograms {
    AS_THEY_ARE,
    /** Inside a function that needs count and sum only. */
    WITH_RESETS,
    /** Inside a function that needs the buckets, or a subquery: nothing inside changes it. */
    STRICTLY_AS_THEY_ARE
  }

  Planner(QueryScope scope, Planning planning) {
    this.scope = scope;
    this.planning = planning;
  }

  /** The operator of an expression that is a scalar or an instant vector. */
  Operator plan(Expr expr, Grid grid) {
    if (grid.count() > 1 && !isLiteral(expr) && isInvariant(expr)) {
      return new Broadcast(plan(expr, grid.first()), grid);
    }
    Position before = scope.context().enter(expr.position());
    Operator operator = planned(expr, grid);
    scope.context().enter(before);
    return operator;
  }

  private Operator planned(Expr expr, Grid grid) {
    return switch (expr) {
      case Paren p -> plan(p.expr(), grid);
      case NumberLiteral n -> ScalarOperator.constant(grid, n.value());
      case Unary u -> unary(u, grid);
      case VectorSelector s -> selector(s, grid, InstantSelector.Yield.VALUE);
      case Aggregate a -> aggregate(a, grid);
      case Binary b -> binary(b, grid);
      case Call c -> call(c, grid);
      case StringLiteral s -> throw unplannable(s);
      case MatrixSelector m -> throw unplannable(m);
      case Subquery s -> throw unplannable(s);
    };
  }

  private static IllegalArgumentException unplannable(Expr expr) {
    return new IllegalArgumentException("no vector: " + expr);
  }

  private static boolean isLiteral(Expr expr) {
    return Planning.unwrapped(expr) instanceof NumberLiteral;
  }

  /** Whether an expression has the same value at every step. */
  private static boolean isInvariant(Expr expr) {
    return switch (expr) {
      case VectorSelector s -> isFixed(s.time());
      case MatrixSelector m -> isFixed(m.selector().time());
      case Subquery s -> isFixed(s.time());
      case Aggregate a -> {
        Expr parameter = a.parameter();
        yield isInvariant(a.expr()) && (parameter == null || isInvariant(parameter));
      }
      case Binary b -> {
        // Down the left side in a loop: chains of operators may be long.
        Expr left = b;
        boolean invariant = true;
        while (invariant && left instanceof Binary chain) {
          invariant = isInvariant(chain.right());
          left = chain.left();
        }
        yield invariant && isInvariant(left);
      }
      case Call c ->
          !DEPENDS_ON_STEP.contains(c.function().name())
              && (c.function().name().equals("info")
                  // Its second argument is no expression but only matchers.
                  ? isInvariant(c.arguments().getFirst())
                  : c.arguments().stream().allMatch(Planner::isInvariant));
      case Paren p -> isInvariant(p.expr());
      case Unary u -> isInvariant(u.expr());
      case NumberLiteral n -> true;
      case StringLiteral s -> true;
    };
  }

  private static boolean isFixed(TimeModifier time) {
    return time.atMillis() != null || time.preprocessor() != null;
  }

  /**
   * A chain of operators, from its left end on. Generated queries make chains of thousands; each
   * link would be a level of every read, so now and then the chain so far is evaluated.
   */
  private Operator binary(Binary last, Grid grid) {
    List<Binary> chain = new ArrayList<>();
    Expr left = last;
    while (left instanceof Binary link) {
      chain.add(link);
      left = link.left();
    }
    int next = chain.size() - 1;
    Grid at = grid.count() > 1 && isInvariant(left) ? grid.first() : grid;
    Operator operator = plan(left, at);
    ValueType type = left.type();
    int links = 0;
    for (; next >= 0; next--) {
      Binary link = chain.get(next);
      if (at.count() != grid.count() && !isInvariant(link.right())) {
        operator = new Broadcast(operator, grid);
        at = grid;
      }
      ValueType rightType = link.right().type();
      operator =
          BinaryOperators.create(scope, link, type, operator, rightType, plan(link.right(), at));
      if (rightType != ValueType.SCALAR) {
        type = ValueType.VECTOR;
      }
      if (++links % MOST_LINKS == 0) {
        operator = Materialized.of(operator, scope.context());
      }
    }
    return at.count() == grid.count() ? operator : new Broadcast(operator, grid);
  }

  private Operator unary(Unary unary, Grid grid) {
    Operator input = plan(unary.expr(), grid);
    if (unary.sign() == Unary.Sign.PLUS) {
      return input;
    }
    if (unary.expr().type() == ValueType.SCALAR) {
      double[] values = ScalarOperator.values(input);
      return new ScalarOperator(grid, step -> -values[step]);
    }
    return Mapped.droppingName(
        scope,
        input,
        column -> {
          double[] values = column.values();
          for (int i = 0; i < values.length; i++) {
            FloatHistogram histogram = column.histogram(i);
            if (histogram != null) {
              column.set(i, histogram.copy().multiply(-1));
            } else if (!Column.isAbsent(values[i])) {
              values[i] = -values[i];
            }
          }
        });
  }

  private Operator selector(VectorSelector selector, Grid grid, InstantSelector.Yield yield) {
    long offset = planning.durations().any(selector.time().offset());
    Long at = planning.at(selector.time());
    if (selector.extension() == VectorSelector.Extension.SMOOTHED
        && yield == InstantSelector.Yield.VALUE) {
      return Smoothed.create(
          scope,
          new RangeSelector(scope, grid, selector, 0, offset, at, "", detectsResets()),
          selector.position());
    }
    return new InstantSelector(scope, grid, selector, offset, at, yield, detectsResets());
  }

  private boolean detectsResets() {
    return histograms == Histograms.WITH_RESETS;
  }

  private Operator aggregate(Aggregate aggregate, Grid grid) {
    Expr parameter =
        aggregate.parameter() == null ? null : Planning.unwrapped(aggregate.parameter());
    double[] values = {};
    String label = "";
    if (parameter instanceof StringLiteral text) {
      label = text.value();
      if (!Metadata.isLabelName(label)) {
        throw QueryException.execution("invalid label name " + GoQuote.quote(label));
      }
    } else if (parameter != null) {
      values = ScalarOperator.values(plan(parameter, grid));
    }
    Expr inner = Planning.unwrapped(aggregate.expr());
    Aggregate unwrapped =
        new Aggregate(
            aggregate.operator(),
            inner,
            parameter,
            aggregate.grouping(),
            aggregate.without(),
            aggregate.position());
    return Aggregations.evaluate(scope, unwrapped, plan(inner, grid), values, label);
  }

  private Operator call(Call call, Grid grid) {
    Histograms before = histograms;
    if (histograms != Histograms.STRICTLY_AS_THEY_ARE) {
      histograms =
          switch (call.function().name()) {
            case "histogram_count", "histogram_sum", "histogram_avg" -> Histograms.WITH_RESETS;
            case "histogram_quantile", "histogram_quantiles", "histogram_fraction" ->
                Histograms.STRICTLY_AS_THEY_ARE;
            default -> histograms;
          };
    }
    try {
      return planCall(call, grid);
    } finally {
      histograms = before;
    }
  }

  private Operator planCall(Call call, Grid grid) {
    String name = call.function().name();
    List<Expr> arguments = call.arguments().stream().map(Planning::unwrapped).toList();
    Call unwrapped = new Call(call.function(), arguments, call.position());
    Operator context = queryContext(name, grid);
    if (context != null) {
      return context;
    }
    if (!arguments.isEmpty() && arguments.getFirst() instanceof VectorSelector selector) {
      if (name.equals("timestamp")) {
        return dropName(selector(selector, grid, InstantSelector.Yield.TIMESTAMP));
      }
      if (name.equals("start_timestamp")) {
        return dropName(selector(selector, grid, InstantSelector.Yield.START_TIMESTAMP));
      }
    }
    if (name.equals("info")) {
      return info(arguments, grid);
    }
    List<Operator> planned = new ArrayList<>();
    for (Expr argument : arguments) {
      if (argument.type() == ValueType.MATRIX) {
        return rangeCall(unwrapped, grid);
      }
      planned.add(
          argument.type() == ValueType.STRING
              ? ScalarOperator.constant(grid, Double.NaN)
              : plan(argument, grid));
    }
    Operator operator = VectorFunctions.create(scope, grid, unwrapped, planned);
    if (operator == null) {
      throw notYet(name);
    }
    return operator;
  }

  private Operator dropName(Operator operator) {
    return Mapped.droppingName(scope, operator, column -> {});
  }

  private static QueryException notYet(String name) {
    return QueryException.execution("\"" + name + "\" is not implemented yet");
  }

  /** The functions that tell of the query itself. */
  private @Nullable Operator queryContext(String name, Grid grid) {
    double seconds =
        switch (name) {
          case "start" -> planning.grid().start() / 1000.0;
          case "end" -> planning.end() / 1000.0;
          case "step" -> planning.stepMillis() / 1000.0;
          case "range" -> planning.rangeMillis() / 1000.0;
          default -> Double.NaN;
        };
    return Double.isNaN(seconds) ? null : ScalarOperator.constant(grid, seconds);
  }

  private Operator rangeCall(Call call, Grid grid) {
    String name = call.function().name();
    List<double[]> parameters = new ArrayList<>();
    List<Position> positions = new ArrayList<>();
    Expr range = null;
    for (Expr argument : call.arguments()) {
      if (argument.type() == ValueType.MATRIX) {
        range = argument;
      } else {
        parameters.add(ScalarOperator.values(plan(argument, grid)));
        positions.add(argument.position());
      }
    }
    if (range == null) {
      throw notYet(name);
    }
    RangeSource source = source(range, grid, name);
    Operator operator =
        RangeFunctions.create(scope, name, source, parameters, positions, range.position());
    if (operator == null) {
      throw notYet(name);
    }
    if (name.equals("absent_over_time")) {
      Operator absent = VectorFunctions.create(scope, grid, call, List.of(operator));
      if (absent == null) {
        throw notYet(name);
      }
      return absent;
    }
    return operator;
  }

  /** The series that a range selector or subquery looks at. */
  RangeSource source(Expr expr, Grid grid, String function) {
    return switch (expr) {
      case MatrixSelector m -> {
        VectorSelector selector = m.selector();
        yield new RangeSelector(
            scope,
            grid,
            selector,
            planning.durations().positive(m.range()),
            planning.durations().any(selector.time().offset()),
            planning.at(selector.time()),
            function,
            detectsResets());
      }
      case Subquery s -> subquery(s, grid);
      case Paren p -> source(p.expr(), grid, function);
      case VectorSelector v -> throw unplannable(v);
      case Aggregate a -> throw unplannable(a);
      case Binary b -> throw unplannable(b);
      case Call c -> throw unplannable(c);
      case NumberLiteral n -> throw unplannable(n);
      case StringLiteral l -> throw unplannable(l);
      case Unary u -> throw unplannable(u);
    };
  }

  /** A subquery's steps are multiples of its step, wherever its windows lie. */
  private RangeSource subquery(Subquery subquery, Grid grid) {
    long range = planning.durations().positive(subquery.range());
    long offset = planning.durations().any(subquery.time().offset());
    Long at = planning.at(subquery.time());
    long step =
        subquery.step() == null
            ? planning.subqueryStepMillis()
            : planning.durations().positive(subquery.step());
    if (step == 0) {
      step = planning.subqueryStepMillis();
    }
    WindowShape shape =
        new WindowShape(
            grid, range, offset, at, VectorSelector.Extension.NONE, scope.lookbackMillis());
    long after = shape.start(0);
    long start = (Math.floorDiv(after, step) + 1) * step;
    Grid inner = Grid.of(start, shape.end(Math.max(0, grid.count() - 1)), step);
    if (inner.count() > FREE_STEPS) {
      // What one series takes on its way: a column, and its samples with their times.
      scope.context().take(Column.bytes(inner.count()) + 16L * inner.count());
    }
    if (inner.count() == 0) {
      return new SubquerySource(new Materialized(inner, true), shape);
    }
    Histograms before = histograms;
    histograms = Histograms.STRICTLY_AS_THEY_ARE;
    try {
      return new SubquerySource(plan(subquery.expr(), inner), shape);
    } finally {
      histograms = before;
    }
  }

  private Operator info(List<Expr> arguments, Grid grid) {
    Operator base = plan(arguments.getFirst(), grid);
    Extent.Reference reference = Extent.Reference.of(planning, arguments.getFirst());
    var selector =
        arguments.size() > 1 && arguments.get(1) instanceof VectorSelector given
            ? given
            : new VectorSelector(
                "",
                List.of(),
                TimeModifier.NONE,
                VectorSelector.Extension.NONE,
                arguments.getFirst().position());
    return InfoFunction.evaluate(
        scope,
        base,
        selector.matchers(),
        matchers ->
            new InstantSelector(
                scope,
                grid,
                new VectorSelector(
                    "",
                    matchers,
                    TimeModifier.NONE,
                    VectorSelector.Extension.NONE,
                    selector.position()),
                reference.offset(),
                reference.at(),
                InstantSelector.Yield.TIMESTAMP,
                false));
  }
}
