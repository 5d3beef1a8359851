package io.narthex.promql.engine;

import io.narthex.promql.ast.DurationExpr;
import io.narthex.promql.ast.Position;
import io.narthex.promql.ast.TimeSpan;
import io.narthex.promql.ast.Unary;
import io.narthex.promql.engine.core.QueryException;
import org.jspecify.annotations.Nullable;

/** Computes ranges, steps and offsets that are written as expressions. */
final class Durations {

  private final double stepSeconds;
  private final double rangeSeconds;
  private final long rangeMillis;

  /**
   * @param stepMillis the query's step, 0 for an instant query
   * @param rangeMillis the query's end minus its start
   */
  Durations(long stepMillis, long rangeMillis) {
    this.stepSeconds = stepMillis / 1000.0;
    this.rangeSeconds = rangeMillis / 1000.0;
    this.rangeMillis = rangeMillis;
  }

  /** The query's end minus its start. */
  long rangeMillis() {
    return rangeMillis;
  }

  /** A length in milliseconds that must be positive. */
  long positive(TimeSpan span) {
    return millis(span, false);
  }

  /** A length in milliseconds that may be negative. */
  long any(TimeSpan span) {
    return millis(span, true);
  }

  private long millis(TimeSpan span, boolean negative) {
    DurationExpr expr = span.expr();
    if (expr == null) {
      return span.millis();
    }
    double seconds = seconds(expr);
    if (!negative && !(seconds > 0)) {
      throw error(expr.position(), "duration must be greater than 0");
    }
    double millis = seconds * 1000;
    // Beyond 292 years upstream's nanoseconds overflow.
    if (!(Math.abs(millis) <= Long.MAX_VALUE / 1e6)) {
      throw error(expr.position(), "duration is out of range");
    }
    return (long) millis;
  }

  private double seconds(DurationExpr expr) {
    return switch (expr) {
      case DurationExpr.Literal literal -> literal.seconds();
      case DurationExpr.Signed signed ->
          signed.sign() == Unary.Sign.MINUS ? -seconds(signed.expr()) : seconds(signed.expr());
      case DurationExpr.Combined combined -> combined(combined);
      case DurationExpr.Function function ->
          switch (function.name()) {
            case STEP -> stepSeconds;
            case RANGE -> rangeSeconds;
            case MIN_OF -> Math.min(argument(function.left()), argument(function.right()));
            case MAX_OF -> Math.max(argument(function.left()), argument(function.right()));
          };
    };
  }

  private double argument(@Nullable DurationExpr expr) {
    return expr == null ? 0 : seconds(expr);
  }

  private double combined(DurationExpr.Combined expr) {
    double left = seconds(expr.left());
    double right = seconds(expr.right());
    return switch (expr.operator()) {
      case ADD -> left + right;
      case SUBTRACT -> left - right;
      case MULTIPLY -> left * right;
      case DIVIDE -> {
        if (right == 0) {
          throw error(expr.position(), "division by zero");
        }
        yield left / right;
      }
      case MODULO -> {
        if (right == 0) {
          throw error(expr.position(), "modulo by zero");
        }
        yield left % right;
      }
      case POWER -> Math.pow(left, right);
      case ATAN2,
          EQUAL,
          NOT_EQUAL,
          LESS,
          LESS_OR_EQUAL,
          GREATER,
          GREATER_OR_EQUAL,
          TRIM_UPPER,
          TRIM_LOWER,
          AND,
          UNLESS,
          OR ->
          throw error(expr.position(), "unexpected operator in duration expression");
    };
  }

  private static QueryException error(Position position, String message) {
    return QueryException.execution(position.start() + ":" + position.end() + ": " + message);
  }
}
