package io.narthex.promql.engine;

import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.MatrixSelector;
import io.narthex.promql.ast.NumberLiteral;
import io.narthex.promql.ast.Paren;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.TimeModifier;
import io.narthex.promql.ast.Unary;
import io.narthex.promql.ast.VectorSelector;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Finds the range of time that all selectors of a query look at together. Not thread-safe. */
final class Extent {

  private final Planning planning;
  private long min = Long.MAX_VALUE;
  private long max = Long.MIN_VALUE;

  Extent(Planning planning) {
    this.planning = planning;
  }

  /** The first millisecond of interest; above {@link #max} if there is no selector. */
  long min() {
    return min;
  }

  long max() {
    return max;
  }

  /** Takes in an expression that is evaluated between two moments. */
  Extent add(Expr expr, long start, long end) {
    switch (expr) {
      case VectorSelector s -> selector(s, 0, start, end);
      case MatrixSelector m ->
          selector(m.selector(), planning.durations().positive(m.range()), start, end);
      case Subquery s -> {
        long range = planning.durations().positive(s.range());
        Long at = planning.at(s.time());
        long offset = planning.durations().any(s.time().offset());
        add(s.expr(), (at == null ? start : at) - offset - range, (at == null ? end : at) - offset);
      }
      case Call c -> {
        for (Expr argument : c.arguments()) {
          add(argument, start, end);
        }
        if (c.function().name().equals("info")) {
          // Its info series are looked up when the first argument is.
          long before = planning.lookbackMillis();
          Reference reference = Reference.of(planning, c.arguments().getFirst());
          Long at = reference.at();
          extend(
              (at == null ? start : at) - reference.offset() - before,
              (at == null ? end : at) - reference.offset());
        }
      }
      case Aggregate a -> {
        add(a.expr(), start, end);
        Expr parameter = a.parameter();
        if (parameter != null) {
          add(parameter, start, end);
        }
      }
      case Binary b -> {
        // Down the left side in a loop: chains of operators may be long.
        Expr left = b;
        while (left instanceof Binary chain) {
          add(chain.right(), start, end);
          left = chain.left();
        }
        add(left, start, end);
      }
      case Paren p -> add(p.expr(), start, end);
      case Unary u -> add(u.expr(), start, end);
      case NumberLiteral n -> {}
      case StringLiteral s -> {}
    }
    return this;
  }

  private void selector(VectorSelector selector, long range, long start, long end) {
    Long at = planning.at(selector.time());
    long offset = planning.durations().any(selector.time().offset());
    long lookback = planning.lookbackMillis();
    boolean instant = range == 0;
    long before = range;
    long after = 0;
    switch (selector.extension()) {
      case NONE -> before += instant ? lookback : 0;
      case ANCHORED -> before += lookback;
      case SMOOTHED -> {
        before += lookback;
        after = lookback;
      }
    }
    extend(
        (at == null ? start : at) - offset - before + 1, (at == null ? end : at) - offset + after);
  }

  private void extend(long from, long to) {
    min = Math.min(min, from);
    max = Math.max(max, to);
  }

  /**
   * When the samples of an expression's first selector are looked up, relative to the step.
   *
   * @param at the fixed time, or null
   * @param offset how far before it or before the step
   */
  record Reference(@Nullable Long at, long offset) {

    static Reference of(Planning planning, Expr expr) {
      Reference found = find(planning, expr);
      return found == null ? new Reference(null, 0) : found;
    }

    private static @Nullable Reference find(Planning planning, Expr expr) {
      return switch (expr) {
        case VectorSelector s -> of(planning, s.time());
        case MatrixSelector m -> of(planning, m.selector().time());
        case Subquery s -> {
          Reference inner = find(planning, s.expr());
          if (inner == null || inner.at != null) {
            yield inner;
          }
          Reference outer = of(planning, s.time());
          yield new Reference(outer.at, outer.offset + inner.offset);
        }
        case Call c -> first(planning, c.arguments());
        case Aggregate a -> find(planning, a.expr());
        case Binary b -> {
          Deque<Expr> fromTheLeft = new ArrayDeque<>();
          Expr left = b;
          while (left instanceof Binary chain) {
            fromTheLeft.push(chain.right());
            left = chain.left();
          }
          fromTheLeft.push(left);
          yield first(planning, fromTheLeft);
        }
        case Paren p -> find(planning, p.expr());
        case Unary u -> find(planning, u.expr());
        case NumberLiteral n -> null;
        case StringLiteral s -> null;
      };
    }

    private static Reference of(Planning planning, TimeModifier time) {
      return new Reference(planning.at(time), planning.durations().any(time.offset()));
    }

    private static @Nullable Reference first(Planning planning, Iterable<Expr> all) {
      for (Expr e : all) {
        Reference found = find(planning, e);
        if (found != null) {
          return found;
        }
      }
      return null;
    }
  }
}
