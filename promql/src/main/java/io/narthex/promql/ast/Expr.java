package io.narthex.promql.ast;

/** An expression. A tree of these is what the parser returns. */
public sealed interface Expr
    permits Aggregate,
        Binary,
        Call,
        MatrixSelector,
        NumberLiteral,
        Paren,
        StringLiteral,
        Subquery,
        Unary,
        VectorSelector {

  /** Where it stands in the text. */
  Position position();

  /** The type of its value. */
  ValueType type();
}
