package io.narthex.promql.ast;

import java.util.List;

/** A call of a function. */
public record Call(FunctionSignature function, List<Expr> arguments, Position position)
    implements Expr {

  @Override
  public ValueType type() {
    return function.returns();
  }
}
