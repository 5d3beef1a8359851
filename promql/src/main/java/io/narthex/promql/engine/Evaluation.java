package io.narthex.promql.engine;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.ValueType;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.ColumnScan;
import io.narthex.promql.engine.core.FinalNames;
import io.narthex.promql.engine.core.Grid;
import io.narthex.promql.engine.core.Metadata;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.Optimisations;
import io.narthex.promql.engine.core.PlanWatch;
import io.narthex.promql.engine.core.QueryScope;
import io.narthex.promql.engine.core.SampleCounter;
import io.narthex.promql.engine.core.ScalarOperator;
import io.narthex.promql.engine.range.EdgeSamples;
import io.narthex.promql.engine.range.RangeSource;
import io.narthex.promql.engine.rewrite.MatcherPropagation;
import io.narthex.storage.StopSignal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Evaluates one query, from its tree to its result. */
final class Evaluation {

  /** What a row of the result takes beside its values and its labels' text. */
  private static final long ROW_BYTES = 96;

  private final QueryScope scope;
  private final Planning planning;
  private final Expr query;
  private final Planner planner;

  Evaluation(QueryScope scope, Planning planning, Expr expr) {
    this.scope = scope;
    this.planning = planning;
    Optimisations optimisations = scope.context().optimisations();
    // With types among the labels, more than the name is dropped and labels may become equal.
    MatcherPropagation.Result rewritten =
        optimisations.propagates() && !scope.typeLabels()
            ? MatcherPropagation.of(Planning.unwrapped(expr))
            : new MatcherPropagation.Result(Planning.unwrapped(expr), Map.of());
    this.query = rewritten.expr();
    PlanNotes notes = new PlanNotes(scope.context().watch(), rewritten.added());
    this.planner =
        new Planner(
            scope,
            planning,
            notes,
            optimisations.shares() ? Sharing.of(query, scope.context(), notes) : Sharing.NONE);
  }

  /** The value at one moment. */
  static QueryResult instant(QueryScope scope, Planning planning, Expr expr) {
    return watched(scope, expr, () -> new Evaluation(scope, planning, expr).instant());
  }

  /** The values at all steps. */
  static QueryResult range(QueryScope scope, Planning planning, Expr expr) {
    return watched(scope, expr, () -> new Evaluation(scope, planning, expr).range());
  }

  private static QueryResult watched(QueryScope scope, Expr expr, Supplier<QueryResult> work) {
    PlanWatch watch = scope.context().watch();
    if (watch == null) {
      return work.get();
    }
    watch.beginResult(expr);
    try {
      return work.get();
    } finally {
      watch.endResult();
    }
  }

  private QueryResult instant() {
    Expr inner = query;
    Grid grid = planning.grid();
    return switch (inner.type()) {
      case STRING -> new QueryResult.Text(grid.start(), ((StringLiteral) inner).value());
      case SCALAR ->
          new QueryResult.Scalar(grid.start(), ScalarOperator.values(planner.plan(inner, grid))[0]);
      case VECTOR -> vector(planned(inner), grid);
      case MATRIX -> raw(inner, grid);
      case NONE -> throw new IllegalArgumentException("an expression without a value");
    };
  }

  private QueryResult range() {
    if (query.type() == ValueType.SCALAR || query.type() == ValueType.VECTOR) {
      return matrix(planned(query));
    }
    throw new IllegalArgumentException("no value for a range: " + query.type());
  }

  private Operator planned(Expr expr) {
    Operator operator = planner.plan(expr, planning.grid());
    return scope.delayedNames() ? FinalNames.of(operator) : operator;
  }

  private QueryResult vector(Operator operator, Grid grid) {
    List<QueryResult.Sample> samples = new ArrayList<>();
    ColumnScan.run(
        operator,
        scope.context(),
        (series, column) -> {
          if (column.present(0)) {
            scope.context().hold(1);
            scope.context().take(ROW_BYTES + operator.labels(series).packed().length);
            samples.add(
                new QueryResult.Sample(
                    operator.labels(series), column.values()[0], column.histogram(0)));
          }
        });
    return new QueryResult.Vector(grid.start(), samples);
  }

  private QueryResult matrix(Operator operator) {
    List<QueryResult.MatrixSeries> rows = new ArrayList<>();
    Grid grid = operator.grid();
    ColumnScan.run(
        operator,
        scope.context(),
        (series, column) -> {
          int count = column.count();
          if (count > 0) {
            scope.context().hold(count);
            scope
                .context()
                .take(column.bytes() + ROW_BYTES + operator.labels(series).packed().length);
            Column kept = new Column(column.steps());
            kept.copyFrom(column);
            rows.add(new MatrixRows.Gridded(operator.labels(series), grid, kept));
          }
        });
    return sorted(rows);
  }

  private QueryResult raw(Expr expr, Grid grid) {
    RangeSource source = planner.source(expr, grid, "");
    planner.raw(expr, source.size());
    RangeSource.Reader reader = source.reader();
    SampleBuffer buffer = new SampleBuffer();
    List<QueryResult.MatrixSeries> rows = new ArrayList<>();
    for (int i = 0; i < source.size(); i++) {
      scope.context().check();
      reader.read(i, buffer);
      SampleBuffer shown = EdgeSamples.of(source.shape(), buffer);
      if (shown.size() > 0) {
        scope.context().hold(shown.size());
        scope.context().take(16L * shown.size() + ROW_BYTES);
        long looked = 0;
        for (int k = 0; k < shown.size(); k++) {
          FloatHistogram histogram = shown.histogram(k);
          looked += histogram == null ? 1 : SampleCounter.size(histogram);
        }
        if (!(expr instanceof Subquery)) {
          scope.counter().add(looked, looked);
          if (scope.counter().perStep()) {
            scope.counter().at(0, looked, looked);
          }
        }
        Labels labels = source.labels(i);
        rows.add(new MatrixRows.Raw(source.nameDropped(i) ? Metadata.drop(labels) : labels, shown));
      }
    }
    return sorted(rows);
  }

  private QueryResult sorted(List<QueryResult.MatrixSeries> rows) {
    long begun = scope.context().clock().nanos();
    rows.sort(StopSignal.asking(Comparator.comparing(QueryResult.MatrixSeries::labels)));
    scope.context().sorted(scope.context().clock().nanos() - begun);
    return new QueryResult.Matrix(rows);
  }
}
