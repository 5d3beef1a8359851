package io.narthex.promql.ast;

import org.jspecify.annotations.Nullable;

/** Arithmetic over lengths of time, in seconds. */
public sealed interface DurationExpr {

  /** Where it stands in the text. */
  Position position();

  /** Whether it is written in parentheses. */
  boolean wrapped();

  /** A number of seconds, written as a duration or a number. */
  record Literal(double seconds, boolean duration, boolean wrapped, Position position)
      implements DurationExpr {}

  /** A sign. */
  record Signed(Unary.Sign sign, DurationExpr expr, boolean wrapped, Position position)
      implements DurationExpr {}

  /** Two and an operator of {@code + - * / % ^} between them. */
  record Combined(
      BinaryOperator operator,
      DurationExpr left,
      DurationExpr right,
      boolean wrapped,
      Position position)
      implements DurationExpr {}

  /**
   * {@code step()}, {@code range()}, {@code min_of(a, b)} or {@code max_of(a, b)}.
   *
   * @param left the first argument, null for those without
   * @param right the second argument, null for those without
   */
  record Function(
      Name name,
      @Nullable DurationExpr left,
      @Nullable DurationExpr right,
      boolean wrapped,
      Position position)
      implements DurationExpr {

    /** The functions. */
    public enum Name {
      STEP("step"),
      RANGE("range"),
      MIN_OF("min_of"),
      MAX_OF("max_of");

      private final String text;

      Name(String text) {
        this.text = text;
      }

      /** As it is written. */
      public String text() {
        return text;
      }
    }
  }
}
