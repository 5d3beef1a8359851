package io.narthex.promql.ast;

/** The operators between two expressions. */
public enum BinaryOperator {
  ADD("+", Kind.ARITHMETIC, 4),
  SUBTRACT("-", Kind.ARITHMETIC, 4),
  MULTIPLY("*", Kind.ARITHMETIC, 5),
  DIVIDE("/", Kind.ARITHMETIC, 5),
  MODULO("%", Kind.ARITHMETIC, 5),
  POWER("^", Kind.ARITHMETIC, 6),
  ATAN2("atan2", Kind.ARITHMETIC, 5),
  EQUAL("==", Kind.COMPARISON, 3),
  NOT_EQUAL("!=", Kind.COMPARISON, 3),
  LESS("<", Kind.COMPARISON, 3),
  LESS_OR_EQUAL("<=", Kind.COMPARISON, 3),
  GREATER(">", Kind.COMPARISON, 3),
  GREATER_OR_EQUAL(">=", Kind.COMPARISON, 3),
  /** Keeps the observations of a histogram below a value. */
  TRIM_UPPER("</", Kind.TRIM, 3),
  /** Keeps the observations of a histogram above a value. */
  TRIM_LOWER(">/", Kind.TRIM, 3),
  AND("and", Kind.SET, 2),
  UNLESS("unless", Kind.SET, 2),
  OR("or", Kind.SET, 1);

  /** What an operator does. */
  public enum Kind {
    ARITHMETIC,
    COMPARISON,
    TRIM,
    SET
  }

  private final String symbol;
  private final Kind kind;
  private final int precedence;

  BinaryOperator(String symbol, Kind kind, int precedence) {
    this.symbol = symbol;
    this.kind = kind;
    this.precedence = precedence;
  }

  /** As it is written. */
  public String symbol() {
    return symbol;
  }

  public Kind kind() {
    return kind;
  }

  /** Binds tighter the higher it is; all associate to the left but {@link #POWER}. */
  public int precedence() {
    return precedence;
  }
}
