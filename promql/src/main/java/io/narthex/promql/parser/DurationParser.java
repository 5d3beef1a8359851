package io.narthex.promql.parser;

import io.narthex.model.duration.DurationException;
import io.narthex.model.duration.Durations;
import io.narthex.promql.ast.BinaryOperator;
import io.narthex.promql.ast.DurationExpr;
import io.narthex.promql.ast.DurationExpr.Function;
import io.narthex.promql.ast.Position;
import io.narthex.promql.ast.TimeSpan;
import io.narthex.promql.ast.Unary;
import org.jspecify.annotations.Nullable;

/**
 * Lengths of time: numbers, durations, and arithmetic over them and over the query's step and
 * range. In an offset without parentheses arithmetic is not allowed, for {@code foo offset 5m - 1}
 * subtracts from the value; but behind parentheses it goes on, as it does upstream.
 */
final class DurationParser {

  /** Stands for a length of which an error has been reported. */
  private static final DurationExpr.Literal WRONG =
      new DurationExpr.Literal(0, false, false, new Position(0, 0));

  /** Upstream counts nanoseconds in 64 bits. */
  private static final double MAX_SECONDS = 9223372036.854775808;

  private static final int ANY_PRECEDENCE = 0;

  private final TokenStream tokens;
  private final ParserOptions options;
  private int depth;

  DurationParser(TokenStream tokens, ParserOptions options) {
    this.tokens = tokens;
    this.options = options;
  }

  /** The value of a number or, in seconds, a duration. */
  double number(Token token) {
    try {
      return token.kind() == TokenKind.DURATION
          ? Durations.parse(token.text()).toMillis() / 1000.0
          : GoNumbers.parse(token.text());
    } catch (DurationException e) {
      tokens.error(token.position(), String.valueOf(e.getMessage()));
      return 0;
    } catch (IllegalArgumentException e) {
      tokens.error(token.position(), "error parsing number: " + e.getMessage());
      return 0;
    }
  }

  /** The length of a range or step: arithmetic is allowed, the result must be above 0. */
  TimeSpan positive() {
    DurationExpr expr = expression(ANY_PRECEDENCE);
    if (isPlain(expr) instanceof DurationExpr.Literal literal
        && literal != WRONG
        && literal.seconds() <= 0) {
      tokens.error(literal.position(), "duration must be greater than 0");
    }
    return span(expr);
  }

  /** The length of an offset. */
  TimeSpan offset() {
    while (true) {
      switch (tokens.kind()) {
        case NUMBER, DURATION -> {
          return span(literal());
        }
        case STEP, RANGE, MIN_OF, MAX_OF -> {
          return span(function());
        }
        case LEFT_PAREN -> {
          return span(expression(ANY_PRECEDENCE));
        }
        case ADD, SUB -> {
          return span(signedOffset());
        }
        default -> tokens.reject();
      }
    }
  }

  private DurationExpr signedOffset() {
    Token sign = tokens.take();
    return switch (tokens.kind()) {
      case NUMBER, DURATION -> {
        // Here, unlike in arithmetic, the value is looked at with its sign only.
        DurationExpr.Literal literal = (DurationExpr.Literal) signed(sign, unchecked());
        yield checked(literal, sign.position());
      }
      case STEP, RANGE, MIN_OF, MAX_OF -> signed(sign, function());
      case LEFT_PAREN -> signed(sign, paren());
      default -> {
        DurationExpr operand = expression(BinaryOperator.MULTIPLY.precedence() + 1);
        yield operators(signed(sign, operand), ANY_PRECEDENCE);
      }
    };
  }

  private DurationExpr expression(int precedence) {
    if (++depth > ExprParser.MAX_DEPTH) {
      throw tokens.abort(
          tokens.peek().position(),
          "expression nests deeper than " + ExprParser.MAX_DEPTH + " levels");
    }
    DurationExpr expr = operators(operand(), precedence);
    depth--;
    return expr;
  }

  private DurationExpr operators(DurationExpr expr, int precedence) {
    DurationExpr left = expr;
    while (true) {
      BinaryOperator operator = tokens.kind().operator();
      if (operator == null
          || operator.kind() != BinaryOperator.Kind.ARITHMETIC
          || operator == BinaryOperator.ATAN2
          || operator.precedence() < precedence) {
        return left;
      }
      if (++depth > ExprParser.MAX_DEPTH) {
        throw tokens.abort(
            tokens.peek().position(),
            "expression nests deeper than " + ExprParser.MAX_DEPTH + " levels");
      }
      Token sign = tokens.take();
      int tighter = operator.precedence() + (operator == BinaryOperator.POWER ? 0 : 1);
      left = combined(sign, operator, left, expression(tighter));
    }
  }

  private DurationExpr operand() {
    while (true) {
      switch (tokens.kind()) {
        case NUMBER, DURATION -> {
          return literal();
        }
        case STEP, RANGE, MIN_OF, MAX_OF -> {
          return function();
        }
        case LEFT_PAREN -> {
          return paren();
        }
        case ADD, SUB -> {
          Token sign = tokens.take();
          return signed(sign, expression(BinaryOperator.MULTIPLY.precedence() + 1));
        }
        default -> tokens.reject();
      }
    }
  }

  private DurationExpr.Literal literal() {
    DurationExpr.Literal literal = unchecked();
    return checked(literal, literal.position());
  }

  private DurationExpr.Literal unchecked() {
    Token token = tokens.take();
    boolean duration = token.kind() == TokenKind.DURATION;
    return new DurationExpr.Literal(number(token), duration, false, token.position());
  }

  private DurationExpr.Literal checked(DurationExpr.Literal literal, Position position) {
    if (outOfRange(literal.seconds())) {
      tokens.error(position, "duration out of range");
      return WRONG;
    }
    return literal;
  }

  private static boolean outOfRange(double seconds) {
    return seconds > MAX_SECONDS || seconds < -MAX_SECONDS;
  }

  private DurationExpr function() {
    Token token = tokens.take();
    Function.Name name =
        switch (token.kind()) {
          case STEP -> Function.Name.STEP;
          case RANGE -> Function.Name.RANGE;
          case MIN_OF -> Function.Name.MIN_OF;
          default -> Function.Name.MAX_OF;
        };
    DurationExpr left = null;
    DurationExpr right = null;
    tokens.expect(TokenKind.LEFT_PAREN);
    if (name == Function.Name.MIN_OF || name == Function.Name.MAX_OF) {
      left = expression(ANY_PRECEDENCE);
      tokens.expect(TokenKind.COMMA);
      right = expression(ANY_PRECEDENCE);
    }
    Token close = tokens.expect(TokenKind.RIGHT_PAREN);
    return new Function(name, left, right, false, new Position(token.start(), close.end()));
  }

  private DurationExpr paren() {
    Token open = tokens.take();
    DurationExpr inner = expression(ANY_PRECEDENCE);
    Token close = tokens.expect(TokenKind.RIGHT_PAREN);
    requireArithmetic(inner.position());
    return wrapped(inner, new Position(open.start(), close.end()));
  }

  private void requireArithmetic(Position position) {
    if (!options.durationExpressions()) {
      tokens.error(position, "experimental duration expression is not enabled");
    }
  }

  private static DurationExpr wrapped(DurationExpr expr, Position parentheses) {
    if (expr == WRONG) {
      return WRONG;
    }
    return switch (expr) {
      case DurationExpr.Literal literal ->
          new DurationExpr.Literal(literal.seconds(), literal.duration(), true, parentheses);
      case DurationExpr.Signed signed ->
          new DurationExpr.Signed(signed.sign(), signed.expr(), true, signed.position());
      case DurationExpr.Combined combined ->
          new DurationExpr.Combined(
              combined.operator(), combined.left(), combined.right(), true, combined.position());
      case Function function ->
          new Function(
              function.name(), function.left(), function.right(), true, function.position());
    };
  }

  /** Applies a sign: to the value of a number, around anything else; a plus changes nothing. */
  private DurationExpr signed(Token sign, DurationExpr expr) {
    if (expr == WRONG) {
      return WRONG;
    }
    boolean minus = sign.kind() == TokenKind.SUB;
    Position position = new Position(sign.start(), expr.position().end());
    DurationExpr.Literal plain = isPlain(expr);
    if (plain != null) {
      double seconds = minus ? -plain.seconds() : plain.seconds();
      return new DurationExpr.Literal(seconds, plain.duration(), false, position);
    }
    return minus ? new DurationExpr.Signed(Unary.Sign.MINUS, expr, false, position) : expr;
  }

  private DurationExpr combined(
      Token sign, BinaryOperator operator, DurationExpr left, DurationExpr right) {
    requireArithmetic(left.position());
    DurationExpr.Literal divisor = isPlain(right);
    if (divisor != null && divisor.seconds() == 0) {
      if (operator == BinaryOperator.DIVIDE) {
        tokens.error(sign.position(), "division by zero");
        return WRONG;
      }
      if (operator == BinaryOperator.MODULO) {
        tokens.error(sign.position(), "modulo by zero");
        return WRONG;
      }
    }
    Position position = new Position(left.position().start(), right.position().end());
    return new DurationExpr.Combined(operator, left, right, false, position);
  }

  /** The expression if it is a number out of parentheses, else null. */
  private static DurationExpr.@Nullable Literal isPlain(DurationExpr expr) {
    return expr instanceof DurationExpr.Literal literal && !literal.wrapped() ? literal : null;
  }

  private static TimeSpan span(DurationExpr expr) {
    DurationExpr.Literal plain = isPlain(expr);
    return plain == null ? new TimeSpan(0, expr) : TimeSpan.ofMillis(millis(plain.seconds()));
  }

  /** Rounds to nanoseconds first, as upstream does, and cuts off what is below a millisecond. */
  private static long millis(double seconds) {
    double nanos = seconds * 1e9;
    double rounded = Math.copySign(Math.floor(Math.abs(nanos) + 0.5), nanos);
    return (long) rounded / 1_000_000;
  }
}
