package io.narthex.promql.printer;

import io.narthex.promql.ast.DurationExpr;
import io.narthex.promql.ast.Expr;

/**
 * The door: the text of an expression, canonical or pretty. The canonical form is what the API, the
 * rules page and the query log show, so it is upstream's to the letter: matchers sorted, one space
 * around operators, durations in their largest units, {@code by ()} left out.
 */
public final class Printer {

  /** The width of a line beyond which the pretty form breaks. */
  public static final int LINE_WIDTH = 100;

  private Printer() {}

  /** The canonical form, on one line. */
  public static String print(Expr expr) {
    Output out = new Output();
    new CanonicalPrinter(out).print(expr);
    return out.toString();
  }

  /** The canonical form of a length of time. */
  public static String print(DurationExpr expr) {
    Output out = new Output();
    new CanonicalPrinter(out).print(expr);
    return out.toString();
  }

  /** The pretty form: what does not fit on a line of {@link #LINE_WIDTH} is broken and indented. */
  public static String pretty(Expr expr) {
    return pretty(expr, LINE_WIDTH);
  }

  static String pretty(Expr expr, int lineWidth) {
    return new PrettyPrinter(expr, lineWidth).print();
  }
}
