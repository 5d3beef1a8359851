package io.narthex.promql.script;

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
import java.util.Set;

/**
 * Pins every selector of an expression to one time with {@code @}, so that the expression must have
 * the same value whenever it is evaluated. What is inside a subquery is pinned by it. Not
 * thread-safe.
 */
final class AtEveryTime {

  private static final Set<String> UNSAFE =
      Set.of(
          "days_in_month",
          "day_of_month",
          "day_of_week",
          "day_of_year",
          "end",
          "hour",
          "minute",
          "month",
          "year",
          "predict_linear",
          "range",
          "start",
          "step",
          "time",
          "timestamp");

  private final long time;
  private boolean unsafe;

  AtEveryTime(long time) {
    this.time = time;
  }

  /** Whether a function was met whose value depends on the time of evaluation nevertheless. */
  boolean unsafe() {
    return unsafe;
  }

  /** The expression with its selectors pinned. */
  Expr pin(Expr expr) {
    return switch (expr) {
      case VectorSelector s -> selector(s);
      case MatrixSelector m -> new MatrixSelector(selector(m.selector()), m.range(), m.position());
      case Subquery s -> new Subquery(s.expr(), s.range(), s.step(), pin(s.time()), s.position());
      case Aggregate a -> {
        Expr parameter = a.parameter();
        yield new Aggregate(
            a.operator(),
            pin(a.expr()),
            parameter == null ? null : pin(parameter),
            a.grouping(),
            a.without(),
            a.position());
      }
      case Binary b -> binary(b);
      case Call c -> {
        unsafe |= UNSAFE.contains(c.function().name());
        yield new Call(c.function(), c.arguments().stream().map(this::pin).toList(), c.position());
      }
      case Paren p -> new Paren(pin(p.expr()), p.position());
      case Unary u -> new Unary(u.sign(), pin(u.expr()), u.position());
      case NumberLiteral n -> n;
      case StringLiteral s -> s;
    };
  }

  /** Chains of operators may be long, so it goes down their left side in a loop. */
  private Expr binary(Binary last) {
    Deque<Binary> chain = new ArrayDeque<>();
    Expr left = last;
    while (left instanceof Binary link) {
      chain.push(link);
      left = link.left();
    }
    Expr pinned = pin(left);
    for (Binary link : chain) {
      pinned =
          new Binary(
              link.operator(),
              pinned,
              pin(link.right()),
              link.bool(),
              link.matching(),
              link.position());
    }
    return pinned;
  }

  private VectorSelector selector(VectorSelector s) {
    return new VectorSelector(s.name(), s.matchers(), pin(s.time()), s.extension(), s.position());
  }

  private TimeModifier pin(TimeModifier modifier) {
    return modifier.atMillis() != null ? modifier : new TimeModifier(modifier.offset(), time, null);
  }
}
