package io.narthex.promql.parser;

import io.narthex.base.text.GoQuote;
import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.BinaryOperator;
import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.FunctionSignature;
import io.narthex.promql.ast.NumberLiteral;
import io.narthex.promql.ast.Paren;
import io.narthex.promql.ast.Position;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.ast.Unary;
import io.narthex.promql.ast.ValueType;
import io.narthex.promql.ast.VectorMatching;
import io.narthex.promql.ast.VectorSelector;
import io.narthex.promql.parser.TokenStream.Abort;
import io.narthex.promql.parser.TokenStream.SyntaxError;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The grammar of expressions, by recursive descent with a loop over the operators:
 *
 * <pre>
 * expression := operand { suffix | operator modifiers expression }      by precedence
 * operand    := number | string | selector | ( expression ) | sign expression
 *             | function arguments | aggregation [grouping] arguments [grouping]
 * suffix     := [range] | [range:step] | offset duration | @ time | anchored | smoothed
 * modifiers  := [bool] [on|ignoring labels [group_left|group_right [labels]]] [fill...]
 * </pre>
 *
 * <p>A sign binds as multiplication does: {@code -a * b} is {@code (-a) * b}, {@code -a ^ b} is
 * {@code -(a ^ b)}. Suffixes bind tighter than all operators. How errors are recovered from stands
 * on {@link TokenStream}.
 */
final class ExprParser {

  /**
   * How deep expressions may nest. The walks over the tree recurse as the parser does, so this
   * keeps all of them within a thread's stack. Chains of operators do not count.
   */
  static final int MAX_DEPTH = 250;

  private static final int ANY_PRECEDENCE = 0;

  private final TokenStream tokens;
  private final ParserOptions options;
  private final LabelParser labels;
  private final DurationParser durations;
  private final SuffixParser suffixes;
  private final Map<Binary, VectorMatching> droppedMatchings = new IdentityHashMap<>();
  private int depth;

  ExprParser(TokenStream tokens, ParserOptions options) {
    this.tokens = tokens;
    this.options = options;
    this.labels = new LabelParser(tokens);
    this.durations = new DurationParser(tokens, options);
    this.suffixes = new SuffixParser(tokens, options, durations);
  }

  /** What was written about the matching of vectors where there are not two. */
  Map<Binary, VectorMatching> droppedMatchings() {
    return droppedMatchings;
  }

  /** A whole query; null if there was nothing to be made of it. */
  @Nullable Expr query() {
    try {
      Expr expr = null;
      if (tokens.at(TokenKind.EOF)) {
        tokens.error(new Position(0, 0), "no expression found in input");
        return null;
      }
      try {
        expr = expression(ANY_PRECEDENCE);
      } catch (SyntaxError e) {
        tokens.recover("", "");
      }
      untilEnd();
      return expr;
    } catch (Abort e) {
      return null;
    }
  }

  /** A selector and nothing else; null if there was nothing to be made of it. */
  @Nullable VectorSelector selectorOnly() {
    try {
      VectorSelector selector = null;
      try {
        while (!tokens.at(TokenKind.LEFT_BRACE) && !tokens.kind().isMetricName()) {
          tokens.reject();
        }
        selector =
            tokens.at(TokenKind.LEFT_BRACE) ? labels.selector() : labels.selector(tokens.take());
      } catch (SyntaxError e) {
        tokens.recover("", "");
      }
      untilEnd();
      return selector;
    } catch (Abort e) {
      return null;
    }
  }

  private void untilEnd() {
    while (!tokens.at(TokenKind.EOF) && !tokens.at(TokenKind.END)) {
      tokens.rejected("", "");
    }
  }

  private Expr expression(int precedence) {
    if (++depth > MAX_DEPTH) {
      throw tokens.abort(
          tokens.peek().position(), "expression nests deeper than " + MAX_DEPTH + " levels");
    }
    Expr expr = operators(operand(), precedence);
    depth--;
    return expr;
  }

  /** Goes on behind an expression with suffixes and with operators that bind this tight. */
  private Expr operators(Expr expr, int precedence) {
    Expr left = expr;
    while (true) {
      TokenKind kind = tokens.kind();
      if (SuffixParser.isSuffix(kind)) {
        left = suffixes.apply(left);
        continue;
      }
      BinaryOperator operator = kind.operator();
      if (operator == null || operator.precedence() < precedence) {
        return left;
      }
      tokens.take();
      MatchingModifiers modifiers = modifiers();
      // All but the power associate to the left.
      int tighter = operator.precedence() + (operator == BinaryOperator.POWER ? 0 : 1);
      left = binary(operator, left, expression(tighter), modifiers);
    }
  }

  private Expr operand() {
    while (true) {
      TokenKind kind = tokens.kind();
      switch (kind) {
        case NUMBER, DURATION -> {
          return number(tokens.take());
        }
        case STRING -> {
          Token token = tokens.take();
          return new StringLiteral(tokens.unquote(token), token.position());
        }
        case LEFT_PAREN -> {
          return paren();
        }
        case LEFT_BRACE -> {
          return labels.selector();
        }
        case ADD, SUB -> {
          return unary();
        }
        default -> {
          if (kind.isMetricName() || kind.isFunctionName()) {
            return named(tokens.take());
          }
          tokens.reject();
        }
      }
    }
  }

  private static boolean beginsOperand(TokenKind kind) {
    return switch (kind) {
      case NUMBER, DURATION, STRING, LEFT_PAREN, LEFT_BRACE, ADD, SUB -> true;
      default -> kind.isMetricName() || kind.isFunctionName();
    };
  }

  /** A call, an aggregation or a selector: the token behind the name decides. */
  private Expr named(Token name) {
    TokenKind next = tokens.kind();
    Aggregate.Operator aggregation = name.kind().aggregation();
    if (aggregation != null
        && (next == TokenKind.LEFT_PAREN || next == TokenKind.BY || next == TokenKind.WITHOUT)) {
      return aggregate(name, aggregation);
    }
    if (name.kind().isFunctionName() && next == TokenKind.LEFT_PAREN) {
      return call(name);
    }
    return labels.selector(name);
  }

  private NumberLiteral number(Token token) {
    boolean duration = token.kind() == TokenKind.DURATION;
    return new NumberLiteral(durations.number(token), duration, token.position());
  }

  private Expr paren() {
    Token open = tokens.take();
    Expr inner = expression(ANY_PRECEDENCE);
    while (!tokens.at(TokenKind.RIGHT_PAREN)) {
      tokens.reject();
      inner = operators(inner, ANY_PRECEDENCE);
    }
    Token close = tokens.take();
    return new Paren(inner, new Position(open.start(), close.end()));
  }

  private Expr unary() {
    Token sign = tokens.take();
    Expr operand = expression(BinaryOperator.MULTIPLY.precedence() + 1);
    boolean minus = sign.kind() == TokenKind.SUB;
    Position position = new Position(sign.start(), operand.position().end());
    if (operand instanceof NumberLiteral number) {
      return new NumberLiteral(
          minus ? -number.value() : number.value(), number.duration(), position);
    }
    return new Unary(minus ? Unary.Sign.MINUS : Unary.Sign.PLUS, operand, position);
  }

  private Expr call(Token name) {
    List<Expr> arguments = arguments();
    FunctionSignature function = Functions.find(name.text());
    if (function == null) {
      tokens.error(name.position(), "unknown function with name " + GoQuote.quote(name.text()));
      function = new FunctionSignature(name.text(), List.of(), 0, ValueType.NONE, false);
    } else if (function.experimental() && !options.experimentalFunctions()) {
      tokens.error(name.position(), "function " + GoQuote.quote(name.text()) + " is not enabled");
    }
    return new Call(function, arguments, new Position(name.start(), tokens.lastClosing()));
  }

  private List<Expr> arguments() {
    tokens.expect(TokenKind.LEFT_PAREN);
    if (tokens.at(TokenKind.RIGHT_PAREN)) {
      tokens.take();
      return List.of();
    }
    List<Expr> arguments = new ArrayList<>();
    arguments.add(expression(ANY_PRECEDENCE));
    while (!tokens.at(TokenKind.RIGHT_PAREN)) {
      if (!tokens.at(TokenKind.COMMA)) {
        tokens.reject();
        continue;
      }
      Token comma = tokens.take();
      if (beginsOperand(tokens.kind())) {
        arguments.add(expression(ANY_PRECEDENCE));
      } else {
        tokens.error(comma.position(), "trailing commas not allowed in function call args");
      }
    }
    tokens.take();
    return List.copyOf(arguments);
  }

  private Expr aggregate(Token name, Aggregate.Operator operator) {
    Grouping grouping = Grouping.NONE;
    List<Expr> arguments;
    int end;
    try {
      if (tokens.at(TokenKind.LEFT_PAREN)) {
        arguments = arguments();
        if (tokens.at(TokenKind.BY) || tokens.at(TokenKind.WITHOUT)) {
          grouping = grouping();
          end = tokens.lastClosing();
        } else {
          end = tokens.lastClosingBeforePeeked();
        }
      } else {
        grouping = grouping();
        arguments = arguments();
        end = tokens.lastClosing();
      }
    } catch (SyntaxError e) {
      tokens.recover("aggregation", "");
      arguments = List.of();
      end = tokens.lastClosing();
      if (tokens.failedInLexer()) {
        // What is missing was cut off; to complain of that too would say nothing new.
        return nothing(operator, new Position(name.start(), Math.max(name.end(), end)));
      }
    }
    Position position = new Position(name.start(), Math.max(name.start(), end));
    if (arguments.isEmpty()) {
      tokens.error(position, "no arguments for aggregate expression provided");
      return nothing(operator, position);
    }
    if (isExperimental(operator) && !options.experimentalFunctions()) {
      tokens.error(
          position,
          operator.text()
              + "() is experimental and must be enabled with"
              + " --enable-feature=promql-experimental-functions");
      return nothing(operator, position);
    }
    int expected = operator.takesParameter() ? 2 : 1;
    if (arguments.size() != expected) {
      tokens.error(
          position,
          "wrong number of arguments for aggregate expression provided, expected "
              + expected
              + ", got "
              + arguments.size());
    }
    return new Aggregate(
        operator,
        arguments.getLast(),
        operator.takesParameter() ? arguments.getFirst() : null,
        grouping.labels(),
        grouping.without(),
        position);
  }

  /** Stands for an aggregation of which an error has been reported. */
  private static Aggregate nothing(Aggregate.Operator operator, Position position) {
    return new Aggregate(
        operator, new NumberLiteral(0, false, position), null, List.of(), false, position);
  }

  private static boolean isExperimental(Aggregate.Operator operator) {
    return operator == Aggregate.Operator.LIMITK || operator == Aggregate.Operator.LIMIT_RATIO;
  }

  /** The labels of {@code by} or {@code without}. */
  private record Grouping(List<String> labels, boolean without) {
    static final Grouping NONE = new Grouping(List.of(), false);
  }

  private Grouping grouping() {
    boolean without = tokens.take().kind() == TokenKind.WITHOUT;
    return new Grouping(labels.grouping(), without);
  }

  /** What stands between an operator and its right side. */
  private record MatchingModifiers(boolean bool, VectorMatching matching) {}

  private MatchingModifiers modifiers() {
    boolean bool = taken(TokenKind.BOOL);
    boolean on = tokens.at(TokenKind.ON);
    List<String> matching = List.of();
    List<String> include = List.of();
    VectorMatching.Cardinality cardinality = VectorMatching.Cardinality.ONE_TO_ONE;
    if (on || tokens.at(TokenKind.IGNORING)) {
      tokens.take();
      matching = labels.grouping();
      boolean left = tokens.at(TokenKind.GROUP_LEFT);
      if (left || tokens.at(TokenKind.GROUP_RIGHT)) {
        tokens.take();
        cardinality =
            left ? VectorMatching.Cardinality.MANY_TO_ONE : VectorMatching.Cardinality.ONE_TO_MANY;
        // Without labels an operand must follow; the message for all else asks for labels.
        include = followsMatching(tokens.kind()) ? List.of() : labels.grouping();
      }
    }
    Double left = null;
    Double right = null;
    if (taken(TokenKind.FILL)) {
      left = fillValue();
      right = left;
    } else if (taken(TokenKind.FILL_LEFT)) {
      left = fillValue();
      right = taken(TokenKind.FILL_RIGHT) ? fillValue() : null;
    } else if (taken(TokenKind.FILL_RIGHT)) {
      right = fillValue();
      left = taken(TokenKind.FILL_LEFT) ? fillValue() : null;
    }
    return new MatchingModifiers(
        bool, new VectorMatching(cardinality, on, matching, include, left, right));
  }

  private static boolean followsMatching(TokenKind kind) {
    return switch (kind) {
      case FILL, FILL_LEFT, FILL_RIGHT -> true;
      case LEFT_PAREN -> false;
      default -> beginsOperand(kind);
    };
  }

  private boolean taken(TokenKind kind) {
    boolean here = tokens.at(kind);
    if (here) {
      tokens.take();
    }
    return here;
  }

  private double fillValue() {
    tokens.expect(TokenKind.LEFT_PAREN);
    boolean minus = tokens.at(TokenKind.SUB);
    if (minus || tokens.at(TokenKind.ADD)) {
      tokens.take();
    }
    while (!tokens.at(TokenKind.NUMBER) && !tokens.at(TokenKind.DURATION)) {
      tokens.reject();
    }
    double value = durations.number(tokens.take());
    tokens.expect(TokenKind.RIGHT_PAREN);
    return minus ? -value : value;
  }

  private Binary binary(
      BinaryOperator operator, Expr left, Expr right, MatchingModifiers modifiers) {
    VectorMatching written = modifiers.matching();
    Position position = new Position(left.position().start(), right.position().end());
    if (!options.fillModifiers() && (written.fillLeft() != null || written.fillRight() != null)) {
      tokens.error(position, "binop fill modifiers are experimental and not enabled");
    }
    boolean vectors = left.type() == ValueType.VECTOR && right.type() == ValueType.VECTOR;
    VectorMatching matching = vectors ? completed(written, operator) : null;
    Binary binary = new Binary(operator, left, right, modifiers.bool(), matching, position);
    if (!vectors) {
      droppedMatchings.put(binary, written);
    }
    return binary;
  }

  private static VectorMatching completed(VectorMatching written, BinaryOperator operator) {
    if (operator.kind() != BinaryOperator.Kind.SET
        || written.cardinality() != VectorMatching.Cardinality.ONE_TO_ONE) {
      return written;
    }
    return new VectorMatching(
        VectorMatching.Cardinality.MANY_TO_MANY,
        written.on(),
        written.labels(),
        written.include(),
        written.fillLeft(),
        written.fillRight());
  }
}
