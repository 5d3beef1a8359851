package io.narthex.promql.parser;

import io.narthex.base.text.GoQuote;
import io.narthex.model.labels.Matcher;
import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.BinaryOperator;
import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.FunctionSignature;
import io.narthex.promql.ast.MatrixSelector;
import io.narthex.promql.ast.NumberLiteral;
import io.narthex.promql.ast.Paren;
import io.narthex.promql.ast.Position;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.Unary;
import io.narthex.promql.ast.ValueType;
import io.narthex.promql.ast.VectorMatching;
import io.narthex.promql.ast.VectorSelector;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * Checks what the grammar cannot: types of operands and arguments, and that selectors select. The
 * order of the errors is upstream's: operands before operators, but a call's number of arguments
 * before these.
 */
final class TypeChecker {

  private static final String METRIC_NAME = "__name__";

  private final byte[] source;
  private final List<ParseError> errors;
  private final Map<Binary, VectorMatching> droppedMatchings;

  TypeChecker(
      byte[] source, List<ParseError> errors, Map<Binary, VectorMatching> droppedMatchings) {
    this.source = source;
    this.errors = errors;
    this.droppedMatchings = droppedMatchings;
  }

  void check(Expr expr) {
    // Chains of operators and subqueries are long to the left.
    Deque<Expr> chain = new ArrayDeque<>();
    Expr innermost = expr;
    while (true) {
      if (innermost instanceof Binary binary) {
        chain.push(binary);
        innermost = binary.left();
      } else if (innermost instanceof Subquery subquery) {
        chain.push(subquery);
        innermost = subquery.expr();
      } else {
        break;
      }
    }
    single(innermost);
    for (Expr outer : chain) {
      if (outer instanceof Binary binary) {
        check(binary.right());
        binary(binary);
      } else if (outer instanceof Subquery subquery && subquery.expr().type() != ValueType.VECTOR) {
        error(
            subquery.position(),
            "subquery is only allowed on instant vector, got "
                + subquery.expr().type().resultType()
                + " instead");
      }
    }
  }

  private void single(Expr expr) {
    switch (expr) {
      case Aggregate aggregate -> aggregate(aggregate);
      case Call call -> call(call);
      case Paren paren -> check(paren.expr());
      case Unary unary -> {
        check(unary.expr());
        if (!isOperand(unary.expr().type())) {
          error(
              unary.position(),
              "unary expression only allowed on expressions of type scalar or instant vector, got "
                  + GoQuote.quote(unary.expr().type().description()));
        }
      }
      case MatrixSelector matrix -> selector(matrix.selector(), false);
      case VectorSelector selector -> selector(selector, false);
      case Binary binary -> check(binary);
      case Subquery subquery -> check(subquery);
      case NumberLiteral number -> {}
      case StringLiteral string -> {}
    }
  }

  private static boolean isOperand(ValueType type) {
    return type == ValueType.SCALAR || type == ValueType.VECTOR;
  }

  private void aggregate(Aggregate aggregate) {
    expect(aggregate.expr(), ValueType.VECTOR, "aggregation expression");
    Expr parameter = aggregate.parameter();
    if (parameter != null) {
      expect(
          parameter,
          aggregate.operator() == Aggregate.Operator.COUNT_VALUES
              ? ValueType.STRING
              : ValueType.SCALAR,
          "aggregation parameter");
    }
  }

  private void expect(Expr expr, ValueType type, String where) {
    check(expr);
    if (expr.type() != type) {
      wrongType(expr, type, where);
    }
  }

  private void wrongType(Expr expr, ValueType expected, String where) {
    error(
        expr.position(),
        "expected type "
            + expected.description()
            + " in "
            + where
            + ", got "
            + expr.type().description());
  }

  private void binary(Binary binary) {
    BinaryOperator operator = binary.operator();
    ValueType left = binary.left().type();
    ValueType right = binary.right().type();
    boolean comparison = operator.kind() == BinaryOperator.Kind.COMPARISON;
    boolean set = operator.kind() == BinaryOperator.Kind.SET;
    boolean wrongBool = binary.bool() && !comparison;
    if (wrongBool) {
      error(operatorPosition(binary), "bool modifier can only be used on comparison operators");
    }
    if (comparison && !binary.bool() && left == ValueType.SCALAR && right == ValueType.SCALAR) {
      error(operatorPosition(binary), "comparisons between scalars must use BOOL modifier");
    }
    VectorMatching matching = binary.matching();
    VectorMatching written = matching != null ? matching : droppedMatchings.get(binary);
    if (written != null && written.on()) {
      sharedLabels(binary, written);
    }
    if (!isOperand(left)) {
      error(
          binary.left().position(),
          "binary expression must contain only scalar and instant vector types");
    }
    if (!isOperand(right)) {
      error(
          binary.right().position(),
          "binary expression must contain only scalar and instant vector types");
    }
    boolean filled = written != null && (written.fillLeft() != null || written.fillRight() != null);
    if (matching == null) {
      if (written != null && !written.labels().isEmpty()) {
        error(binary.position(), "vector matching only allowed between instant vectors");
      }
      if (filled) {
        error(binary.position(), "filling in missing series only allowed between instant vectors");
      }
    } else if (set) {
      if (matching.cardinality() != VectorMatching.Cardinality.MANY_TO_MANY) {
        error(
            binary.position(),
            "no grouping allowed for " + GoQuote.quote(operator.symbol()) + " operation");
        error(binary.position(), "set operations must always be many-to-many");
      }
      if (filled) {
        error(binary.position(), "filling in missing series not allowed for set operators");
      }
    }
    // One complaint about the operator is enough.
    if (set && !wrongBool && (left == ValueType.SCALAR || right == ValueType.SCALAR)) {
      error(
          binary.position(),
          "set operator "
              + GoQuote.quote(operator.symbol())
              + " not allowed in binary scalar expression");
    }
  }

  private void sharedLabels(Binary binary, VectorMatching matching) {
    for (String label : matching.labels()) {
      for (String included : matching.include()) {
        if (label.equals(included)) {
          error(
              operatorPosition(binary),
              "label " + GoQuote.quote(label) + " must not occur in ON and GROUP clause at once");
        }
      }
    }
  }

  /**
   * The operator with its modifiers, without the space around it. As upstream has it, the last
   * character is left out.
   */
  private Position operatorPosition(Binary binary) {
    int start = binary.left().position().end();
    while (start < source.length && Lexer.isSpace(source[start])) {
      start++;
    }
    int end = binary.right().position().start() - 1;
    while (end > 0 && Lexer.isSpace(source[end])) {
      end--;
    }
    return new Position(start, Math.max(start, end));
  }

  private void call(Call call) {
    FunctionSignature function = call.function();
    int declared = function.arguments().size();
    int given = call.arguments().size();
    String name = GoQuote.quote(function.name());
    if (function.variadic() == 0) {
      if (given != declared) {
        error(call.position(), count("", declared, name, given));
      }
    } else if (given < declared - 1) {
      error(call.position(), count("at least ", declared - 1, name, given));
    } else if (function.variadic() > 0 && given > declared - 1 + function.variadic()) {
      error(call.position(), count("at most ", declared - 1 + function.variadic(), name, given));
    }
    boolean info = function.name().equals("info");
    if (info && given > 1) {
      infoSelector(call);
    }
    for (int i = 0; i < given; i++) {
      if (i >= declared && function.variadic() == 0) {
        break;
      }
      Expr argument = call.arguments().get(i);
      if (info && i == 1 && argument instanceof VectorSelector selector) {
        selector(selector, selector.name().isEmpty());
      } else {
        check(argument);
      }
      ValueType expected = function.arguments().get(Math.min(i, declared - 1));
      if (argument.type() != expected) {
        wrongType(argument, expected, "call to function " + name);
      }
    }
  }

  private static String count(String bound, int expected, String name, int given) {
    return "expected " + bound + expected + " argument(s) in call to " + name + ", got " + given;
  }

  /** The second argument of info is not evaluated: it only says which labels are wanted. */
  private void infoSelector(Call call) {
    Expr argument = call.arguments().get(1);
    if (argument.type() != ValueType.VECTOR) {
      error(
          call.position(),
          "expected type instant vector in call to function \"info\", got "
              + argument.type().description());
    }
    if (!(argument instanceof VectorSelector selector)) {
      error(argument.position(), "expected label selectors only");
    } else if (!selector.name().isEmpty()) {
      error(argument.position(), "expected label selectors only, got vector selector instead");
    }
  }

  private void selector(VectorSelector selector, boolean mayBeEmpty) {
    if (!selector.name().isEmpty()) {
      // The last matcher is that of the name before the braces.
      for (Matcher matcher : selector.matchers().subList(0, selector.matchers().size() - 1)) {
        if (matcher.name().equals(METRIC_NAME)) {
          error(
              selector.position(),
              "metric name must not be set twice: "
                  + GoQuote.quote(selector.name())
                  + " or "
                  + GoQuote.quote(matcher.value()));
        }
      }
    } else if (!mayBeEmpty
        && selector.matchers().stream().allMatch(matcher -> matcher.matches(""))) {
      error(selector.position(), "vector selector must contain at least one non-empty matcher");
    }
  }

  private void error(Position position, String message) {
    errors.add(new ParseError(position, message));
  }
}
