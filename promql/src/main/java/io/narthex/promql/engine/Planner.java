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
import io.narthex.promql.engine.core.SampleCounter;
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
import org.jspecify.annotations.Nullable;

/**
 * Turns a syntax tree into operators. Selecting happens here, and so does the evaluation of what
 * must be whole before anything can be read of it (aggregations, one side of joins); everything
 * else is evaluated when the result is read.
 */
final class Planner {

  /** More than the API gives a query. */
  private static final int MANY_STEPS = 11_000;

  /** What a subquery of so many steps takes for one series is not worth counting. */
  private static final int FREE_STEPS = 4096;

  /** The most operators of a chain that are evaluated within each other. */
  private static final int MOST_LINKS = 50;

  private final QueryScope scope;
  private final Planning planning;
  private final PlanNotes notes;
  private final Sharing sharing;
  // What the expression being planned is for: set by the functions around it.
  private Histograms histograms = Histograms.AS_THEY_ARE;
  // How many steps what is planned stands for, if it is evaluated at one of them; else 0.
  private int repeats;

  /** How selectors read histograms. */
  private enum Histograms {
    AS_THEY_ARE,
    /** Inside a function that needs count and sum only. */
    WITH_RESETS,
    /** Inside a function that needs the buckets, or a subquery: nothing inside changes it. */
    STRICTLY_AS_THEY_ARE
  }

  /**
   * @param notes what is told of the plan
   * @param sharing the parts that are evaluated once for several places
   */
  Planner(QueryScope scope, Planning planning, PlanNotes notes, Sharing sharing) {
    this.scope = scope;
    this.planning = planning;
    this.notes = notes;
    this.sharing = sharing;
  }

  /** The operator of an expression that is a scalar or an instant vector. */
  Operator plan(Expr whole, Grid grid) {
    Expr expr = Planning.unwrapped(whole);
    if (grid.count() > 1 && !isLiteral(expr) && Constants.isInvariant(expr)) {
      Operator once = once(grid).part(expr, grid.first());
      return isFolded(expr)
          ? ScalarOperator.constant(grid, ScalarOperator.values(once)[0])
          : new Broadcast(once, grid);
    }
    return part(expr, grid);
  }

  /** A planner for what is evaluated at the first step of a grid in place of all. */
  private Planner once(Grid grid) {
    Planner planner = counting(new SampleCounter.Repeated(scope.counter(), grid.count()));
    planner.repeats = grid.count();
    return planner;
  }

  private Planner counting(SampleCounter counter) {
    Planner planner = new Planner(scope.counting(counter), planning, notes, sharing);
    planner.histograms = histograms;
    return planner;
  }

  private Operator part(Expr expr, Grid grid) {
    Object key = sharing.key(expr, grid, histograms, scope.counter());
    Operator known = sharing.known(key);
    if (known != null) {
      notes.again(expr, known);
      return known;
    }
    long looked = key == null ? 0 : scope.context().samples();
    notes.begin(expr);
    Position before = scope.context().enter(expr.position());
    takeWorkingColumns(grid);
    Operator operator;
    if (isFolded(expr)) {
      operator = folded(expr, grid);
      notes.folded(operator);
    } else {
      operator = planned(expr, grid);
      if (repeats > 0 && !isLiteral(expr)) {
        notes.invariant(repeats);
      }
    }
    operator = sharing.keep(key, operator);
    scope.context().enter(before);
    operator = notes.end(operator);
    sharing.planned(key, operator, looked);
    return operator;
  }

  /**
   * A reader has a column of its own and fills another, which are small and not counted unless a
   * subquery has so many steps that they are not.
   */
  private void takeWorkingColumns(Grid grid) {
    if (grid.count() > MANY_STEPS) {
      scope.context().take(2 * Column.bytes(grid.count()));
    }
  }

  /** The constant that an expression is; its parts are nobody's concern. */
  private Operator folded(Expr expr, Grid grid) {
    Operator once =
        new Planner(scope, planning, PlanNotes.NONE, Sharing.NONE).planned(expr, grid.first());
    return ScalarOperator.constant(grid, ScalarOperator.values(once)[0]);
  }

  /** Whether an expression is computed while planning. */
  private boolean isFolded(Expr expr) {
    return scope.context().optimisations().folds()
        && expr.type() == ValueType.SCALAR
        && !(expr instanceof NumberLiteral)
        && Constants.isConstant(expr);
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
    if (scope.context().optimisations().folds()) {
      // What is constant at its left end is one number; a chain that is constant as a whole is
      // folded by whoever planned it.
      int rest = next;
      Expr constant = left;
      while (rest >= 0 && isConstantLink(chain.get(rest), constant)) {
        constant = chain.get(rest--);
      }
      if (rest >= 0) {
        left = constant;
        next = rest;
      }
    }
    Grid at = grid.count() > 1 && Constants.isInvariant(left) ? grid.first() : grid;
    Planner planner = at.count() == grid.count() ? this : once(grid);
    Operator operator = planner.plan(left, at);
    ValueType type = left.type();
    int links = 0;
    for (; next >= 0; next--) {
      Binary link = chain.get(next);
      if (at.count() != grid.count() && !Constants.isInvariant(link.right())) {
        operator = new Broadcast(operator, grid);
        at = grid;
        planner = this;
      }
      ValueType rightType = link.right().type();
      boolean shown = next > 0 && chain.size() <= MOST_LINKS;
      if (shown) {
        notes.beginAround(link);
      }
      operator =
          BinaryOperators.create(
              scope, link, type, operator, rightType, planner.plan(link.right(), at));
      if (shown) {
        operator = notes.end(operator);
      }
      if (rightType != ValueType.SCALAR) {
        type = ValueType.VECTOR;
      }
      if (++links % MOST_LINKS == 0) {
        operator = Materialized.of(operator, scope.context());
      }
    }
    return at.count() == grid.count() ? operator : new Broadcast(operator, grid);
  }

  private boolean isConstantLink(Binary link, Expr left) {
    return left.type() == ValueType.SCALAR
        && link.right().type() == ValueType.SCALAR
        && (left instanceof Binary || Constants.isConstant(left))
        && Constants.isConstant(link.right());
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
    notes.selector(selector);
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
    Operator input = plan(inner, grid);
    notes.aggregate(unwrapped, grid);
    return Aggregations.evaluate(scope, unwrapped, input, values, label);
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
    notes.range(name, Planning.unwrapped(range), source.size());
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

  /** Tells of samples that are the query's value as they are. */
  void raw(Expr expr, int series) {
    notes.range("", Planning.unwrapped(expr), series);
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
      case Subquery s -> subquery(s, grid, function.isEmpty());
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
  private RangeSource subquery(Subquery subquery, Grid grid, boolean raw) {
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
    if (inner.count() == 0) {
      return new SubquerySource(new Materialized(inner, true), shape);
    }
    Histograms before = histograms;
    histograms = Histograms.STRICTLY_AS_THEY_ARE;
    try {
      Planner planner =
          counting(
              raw
                  ? new SampleCounter.Repeated(scope.counter(), 1)
                  : sharing.inner(
                      List.of(scope.counter(), shape, inner),
                      () ->
                          new SampleCounter.Inner(
                              scope.counter(),
                              k -> outerStep(inner.time(k), shape, Math.max(1, grid.count())))));
      Operator operator = planner.plan(subquery.expr(), inner);
      if (inner.count() > FREE_STEPS) {
        // What a series takes beside the columns: its samples with their times.
        scope.context().take(16L * inner.count());
      }
      return new SubquerySource(operator, shape);
    } finally {
      histograms = before;
    }
  }

  /** The first step of the outer grid whose window shows a moment of the inner one. */
  private static int outerStep(long time, WindowShape shape, int steps) {
    int low = 0;
    int high = steps - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (shape.end(middle) >= time) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
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
