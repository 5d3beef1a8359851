package io.narthex.promql.testing;

import io.narthex.model.labels.Matcher;
import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.DurationExpr;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.MatrixSelector;
import io.narthex.promql.ast.NumberLiteral;
import io.narthex.promql.ast.Paren;
import io.narthex.promql.ast.Position;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.TimeModifier;
import io.narthex.promql.ast.TimeSpan;
import io.narthex.promql.ast.Unary;
import io.narthex.promql.ast.VectorSelector;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Trees as they are equal whatever the text looked like: no positions, matchers in one order. */
public final class WithoutPositions {

  private static final Position NOWHERE = new Position(0, 0);

  private WithoutPositions() {}

  public static Expr of(Expr expr) {
    return switch (expr) {
      case Aggregate aggregate -> {
        Expr parameter = aggregate.parameter();
        yield new Aggregate(
            aggregate.operator(),
            of(aggregate.expr()),
            parameter == null ? null : of(parameter),
            aggregate.grouping(),
            aggregate.without(),
            NOWHERE);
      }
      case Binary binary ->
          new Binary(
              binary.operator(),
              of(binary.left()),
              of(binary.right()),
              binary.bool(),
              binary.matching(),
              NOWHERE);
      case Call call ->
          new Call(
              call.function(),
              call.arguments().stream().map(WithoutPositions::of).toList(),
              NOWHERE);
      case MatrixSelector matrix ->
          new MatrixSelector(selector(matrix.selector()), span(matrix.range()), NOWHERE);
      case NumberLiteral number ->
          new NumberLiteral(
              unsigned(number.value(), number.duration()), number.duration(), NOWHERE);
      case Paren paren -> new Paren(of(paren.expr()), NOWHERE);
      case StringLiteral string -> new StringLiteral(string.value(), NOWHERE);
      case Subquery subquery -> {
        TimeSpan step = subquery.step();
        yield new Subquery(
            of(subquery.expr()),
            span(subquery.range()),
            step == null ? null : span(step),
            time(subquery.time()),
            NOWHERE);
      }
      case Unary unary -> new Unary(unary.sign(), of(unary.expr()), NOWHERE);
      case VectorSelector selector -> selector(selector);
    };
  }

  private static VectorSelector selector(VectorSelector selector) {
    return new VectorSelector(
        selector.name(),
        selector.matchers().stream().sorted(Comparator.comparing(Matcher::toString)).toList(),
        time(selector.time()),
        selector.extension(),
        NOWHERE);
  }

  private static TimeModifier time(TimeModifier time) {
    return new TimeModifier(span(time.offset()), time.atMillis(), time.preprocessor());
  }

  private static TimeSpan span(TimeSpan span) {
    DurationExpr expr = span.expr();
    return new TimeSpan(span.millis(), expr == null ? null : duration(expr));
  }

  private static DurationExpr duration(DurationExpr expr) {
    return switch (expr) {
      case DurationExpr.Literal literal ->
          new DurationExpr.Literal(
              unsigned(literal.seconds(), literal.duration()),
              literal.duration(),
              literal.wrapped(),
              NOWHERE);
      case DurationExpr.Signed signed ->
          new DurationExpr.Signed(
              signed.sign(), duration(signed.expr()), signed.wrapped(), NOWHERE);
      case DurationExpr.Combined combined ->
          new DurationExpr.Combined(
              combined.operator(),
              duration(combined.left()),
              duration(combined.right()),
              combined.wrapped(),
              NOWHERE);
      case DurationExpr.Function function ->
          new DurationExpr.Function(
              function.name(),
              optional(function.left()),
              optional(function.right()),
              function.wrapped(),
              NOWHERE);
    };
  }

  /** The value of a literal. A duration prints its sign only below zero, as upstream prints it. */
  private static double unsigned(double value, boolean duration) {
    return duration && value == 0 ? 0 : value;
  }

  private static @Nullable DurationExpr optional(@Nullable DurationExpr expr) {
    return expr == null ? null : duration(expr);
  }
}
