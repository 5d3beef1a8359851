package io.narthex.promql.printer;

import io.narthex.promql.ast.Expr;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Text that grows, and how wide each expression in it came out. Widths are counted in bytes of
 * UTF-8, as upstream counts. One pass measures all expressions, so that breaking a long chain into
 * lines does not print each part of it again.
 */
final class Output {

  private final StringBuilder text = new StringBuilder();
  private final Map<Expr, Integer> widths = new IdentityHashMap<>();
  private int width;

  Output add(String part) {
    text.append(part);
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      width += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return this;
  }

  /** Bytes so far. */
  int width() {
    return width;
  }

  /** Notes that the text since {@code start} is this expression. */
  void measured(Expr expr, int start) {
    widths.put(expr, width - start);
  }

  /** The width of an expression that was printed here. */
  int widthOf(Expr expr) {
    return widths.getOrDefault(expr, 0);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
