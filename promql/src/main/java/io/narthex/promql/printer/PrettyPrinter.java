package io.narthex.promql.printer;

import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.MatrixSelector;
import io.narthex.promql.ast.NumberLiteral;
import io.narthex.promql.ast.Paren;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.Unary;
import io.narthex.promql.ast.VectorSelector;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Breaks what is wider than a line: arguments each on a line of their own, operators on a line
 * between their sides, everything inside two spaces further in. What fits stays as it is; selectors
 * are never broken. The width is that of the expression alone, without what stands before it.
 */
final class PrettyPrinter {

  private static final String INDENT = "  ";

  /** Chains this long are no longer for people; they stay on one line from here on. */
  private static final int MAX_LEVEL = 1_000;

  private final Expr root;
  private final int lineWidth;
  private final Output measured = new Output();
  private final Output out = new Output();
  private final CanonicalPrinter canonical = new CanonicalPrinter(out);

  PrettyPrinter(Expr root, int lineWidth) {
    this.root = root;
    this.lineWidth = lineWidth;
    new CanonicalPrinter(measured).print(root);
  }

  String print() {
    print(root, 0);
    return out.toString();
  }

  private boolean fits(Expr expr, int level) {
    return measured.widthOf(expr) <= lineWidth || level >= MAX_LEVEL;
  }

  private void print(Expr expr, int level) {
    // A subquery that fits is not indented. That is hardly meant so, but it is what upstream
    // prints.
    if (!(expr instanceof Subquery) || !fits(expr, level)) {
      indent(level + (fits(expr, level) ? 0 : innermostLevel(expr, level)));
    }
    unindented(expr, level);
  }

  /** How much further in the first line of a chain of operators stands. */
  private int innermostLevel(Expr expr, int level) {
    int further = 0;
    Expr innermost = expr;
    while (innermost instanceof Binary binary && !fits(binary, level + further)) {
      innermost = binary.left();
      further++;
    }
    return further;
  }

  /** Prints an expression whose first line has its indentation already, or is to have none. */
  private void unindented(Expr expr, int level) {
    if (fits(expr, level)) {
      canonical.print(expr);
      return;
    }
    switch (expr) {
      case Binary binary -> chain(binary, level);
      case Aggregate aggregate -> {
        canonical.aggregation(aggregate);
        out.add("(\n");
        Expr parameter = aggregate.parameter();
        if (parameter != null) {
          print(parameter, level + 1);
          out.add(",\n");
        }
        print(aggregate.expr(), level + 1);
        closing(level);
      }
      case Call call -> {
        out.add(call.function().name()).add("(\n");
        String separator = "";
        for (Expr argument : call.arguments()) {
          out.add(separator);
          print(argument, level + 1);
          separator = ",\n";
        }
        closing(level);
      }
      case Paren paren -> {
        out.add("(\n");
        print(paren.expr(), level + 1);
        closing(level);
      }
      case Subquery subquery -> {
        unindented(subquery.expr(), level);
        canonical.subquerySuffix(subquery);
      }
      case Unary unary -> {
        canonical.sign(unary);
        unindented(unary.expr(), level);
      }
      case MatrixSelector matrix -> canonical.print(matrix);
      case NumberLiteral number -> canonical.print(number);
      case StringLiteral string -> canonical.print(string);
      case VectorSelector selector -> canonical.print(selector);
    }
  }

  /** A chain of operators, the innermost of which is on the left and furthest in. */
  private void chain(Binary outermost, int outermostLevel) {
    Deque<Binary> chain = new ArrayDeque<>();
    Expr innermost = outermost;
    int level = outermostLevel;
    while (innermost instanceof Binary binary && !fits(binary, level)) {
      chain.push(binary);
      innermost = binary.left();
      level++;
    }
    unindented(innermost, level);
    for (Binary binary : chain) {
      level--;
      out.add("\n");
      indent(level);
      canonical.operator(binary);
      out.add("\n");
      print(binary.right(), level + 1);
    }
  }

  private void closing(int level) {
    out.add("\n");
    indent(level);
    out.add(")");
  }

  private void indent(int level) {
    out.add(INDENT.repeat(level));
  }
}
