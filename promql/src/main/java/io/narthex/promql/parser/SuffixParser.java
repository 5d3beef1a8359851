package io.narthex.promql.parser;

import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.MatrixSelector;
import io.narthex.promql.ast.Position;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.TimeModifier;
import io.narthex.promql.ast.TimeSpan;
import io.narthex.promql.ast.VectorSelector;
import io.narthex.promql.parser.TokenStream.SyntaxError;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What may stand behind a selector: range, subquery, offset, {@code @}, anchored, smoothed. They
 * may stand behind any expression; what they make no sense for is refused here, with a message.
 */
final class SuffixParser {

  private static final String LENGTH = "number, duration, step(), or range()";
  private static final String RANGES_ONLY = "ranges only allowed for vector selectors";
  private static final String PRECEDED =
      " modifier must be preceded by an instant vector selector or range vector selector or a"
          + " subquery";

  private final TokenStream tokens;
  private final ParserOptions options;
  private final DurationParser durations;

  /** Ranges over what is not a selector. They have been reported. */
  private final Set<Expr> wrongRanges = Collections.newSetFromMap(new IdentityHashMap<>());

  SuffixParser(TokenStream tokens, ParserOptions options, DurationParser durations) {
    this.tokens = tokens;
    this.options = options;
    this.durations = durations;
  }

  static boolean isSuffix(TokenKind kind) {
    return switch (kind) {
      case LEFT_BRACKET, OFFSET, AT, ANCHORED, SMOOTHED -> true;
      default -> false;
    };
  }

  /** Reads the suffix that comes next and applies it. */
  Expr apply(Expr expr) {
    Token token = tokens.take();
    return switch (token.kind()) {
      case LEFT_BRACKET -> brackets(expr, token);
      case OFFSET -> offset(expr);
      case AT -> at(expr);
      case ANCHORED -> extended(expr, VectorSelector.Extension.ANCHORED);
      default -> extended(expr, VectorSelector.Extension.SMOOTHED);
    };
  }

  private Expr brackets(Expr expr, Token open) {
    TimeSpan range;
    try {
      range = durations.positive();
    } catch (SyntaxError e) {
      tokens.recover("subquery or range selector", LENGTH);
      return expr;
    }
    while (!tokens.at(TokenKind.COLON)) {
      if (tokens.at(TokenKind.RIGHT_BRACKET)) {
        return matrix(expr, open, range, tokens.take());
      }
      if (tokens.rejected("subquery or range", "\":\" or \"]\"")) {
        return expr;
      }
    }
    tokens.take();
    TimeSpan step = null;
    if (!tokens.at(TokenKind.RIGHT_BRACKET)) {
      try {
        step = durations.positive();
      } catch (SyntaxError e) {
        tokens.recover("subquery selector", "number, duration, step(), range(), or \"]\"");
        return expr;
      }
      while (!tokens.at(TokenKind.RIGHT_BRACKET)) {
        if (tokens.rejected("subquery selector", "\"]\"")) {
          return expr;
        }
      }
    }
    Token close = tokens.take();
    Position position = new Position(expr.position().start(), close.end());
    return new Subquery(expr, range, step, TimeModifier.NONE, position);
  }

  private Expr matrix(Expr expr, Token open, TimeSpan range, Token close) {
    String problem = null;
    VectorSelector selector;
    if (expr instanceof VectorSelector vector) {
      selector = vector;
      if (isSet(vector.time().offset())) {
        problem = "no offset modifiers allowed before range";
      } else if (vector.time().atMillis() != null || vector.time().preprocessor() != null) {
        problem = "no @ modifiers allowed before range";
      }
    } else {
      problem = RANGES_ONLY;
      selector =
          new VectorSelector(
              "", List.of(), TimeModifier.NONE, VectorSelector.Extension.NONE, expr.position());
    }
    if (problem != null) {
      tokens.error(new Position(open.start(), close.end()), problem);
    }
    Position position = new Position(expr.position().start(), close.end());
    MatrixSelector matrix = new MatrixSelector(selector, range, position);
    if (!(expr instanceof VectorSelector)) {
      wrongRanges.add(matrix);
    }
    return matrix;
  }

  private static boolean isSet(TimeSpan span) {
    return span.millis() != 0 || span.expr() != null;
  }

  private Expr offset(Expr expr) {
    TimeSpan offset;
    try {
      offset = durations.offset();
    } catch (SyntaxError e) {
      tokens.recover("offset", LENGTH);
      return expr;
    }
    TimeModifier time = timeOf(expr, "offset");
    if (time == null) {
      return expr;
    }
    if (isSet(time.offset())) {
      tokens.error(expr.position(), "offset may not be set multiple times");
    }
    return withTime(expr, new TimeModifier(offset, time.atMillis(), time.preprocessor()));
  }

  private Expr at(Expr expr) {
    try {
      while (true) {
        switch (tokens.kind()) {
          case NUMBER, DURATION -> {
            return timestamp(expr, durations.number(tokens.take()));
          }
          case ADD, SUB -> {
            boolean minus = tokens.take().kind() == TokenKind.SUB;
            while (!tokens.at(TokenKind.NUMBER) && !tokens.at(TokenKind.DURATION)) {
              tokens.reject();
            }
            double seconds = durations.number(tokens.take());
            return timestamp(expr, minus ? -seconds : seconds);
          }
          case START, END_OF_RANGE -> {
            boolean start = tokens.take().kind() == TokenKind.START;
            tokens.expect(TokenKind.LEFT_PAREN);
            tokens.expect(TokenKind.RIGHT_PAREN);
            return at(
                expr,
                null,
                start ? TimeModifier.Preprocessor.START : TimeModifier.Preprocessor.END);
          }
          default -> tokens.reject();
        }
      }
    } catch (SyntaxError e) {
      tokens.recover("@", "timestamp");
      return expr;
    }
  }

  private Expr timestamp(Expr expr, double seconds) {
    if (!(Math.abs(seconds) < 0x1p63)) {
      tokens.error(expr.position(), "timestamp out of bounds for @ modifier: " + decimal(seconds));
    }
    double millis = seconds * 1000;
    long rounded = (long) Math.copySign(Math.floor(Math.abs(millis) + 0.5), millis);
    return at(expr, rounded, null);
  }

  private Expr at(
      Expr expr, @Nullable Long millis, TimeModifier.@Nullable Preprocessor preprocessor) {
    TimeModifier time = timeOf(expr, "@");
    if (time == null) {
      return expr;
    }
    if (time.atMillis() != null || time.preprocessor() != null) {
      tokens.error(expr.position(), "@ <timestamp> may not be set multiple times");
      return expr;
    }
    return withTime(expr, new TimeModifier(time.offset(), millis, preprocessor));
  }

  /** When an expression looks; null if it takes no modifier, which has then been reported. */
  private @Nullable TimeModifier timeOf(Expr expr, String modifier) {
    if (wrongRanges.contains(expr)) {
      tokens.error(expr.position(), RANGES_ONLY);
      return null;
    }
    return switch (expr) {
      case VectorSelector vector -> vector.time();
      case MatrixSelector matrix -> matrix.selector().time();
      case Subquery subquery -> subquery.time();
      default -> {
        tokens.error(expr.position(), modifier + PRECEDED);
        yield null;
      }
    };
  }

  private Expr withTime(Expr expr, TimeModifier time) {
    Position position = new Position(expr.position().start(), tokens.lastClosing());
    return switch (expr) {
      case VectorSelector vector -> vector(vector, time, vector.extension(), position);
      case MatrixSelector matrix -> {
        VectorSelector inner = matrix.selector();
        yield new MatrixSelector(
            vector(inner, time, inner.extension(), inner.position()), matrix.range(), position);
      }
      case Subquery subquery ->
          new Subquery(subquery.expr(), subquery.range(), subquery.step(), time, position);
      default -> expr;
    };
  }

  private static VectorSelector vector(
      VectorSelector selector,
      TimeModifier time,
      VectorSelector.Extension extension,
      Position position) {
    return new VectorSelector(selector.name(), selector.matchers(), time, extension, position);
  }

  private Expr extended(Expr expr, VectorSelector.Extension extension) {
    String name = extension == VectorSelector.Extension.ANCHORED ? "anchored" : "smoothed";
    if (!options.extendedRangeSelectors()) {
      tokens.error(expr.position(), name + " modifier is experimental and not enabled");
      return expr;
    }
    if (wrongRanges.contains(expr)) {
      return expr;
    }
    return switch (expr) {
      case VectorSelector vector -> extended(vector, extension, vector.position());
      case MatrixSelector matrix ->
          new MatrixSelector(
              extended(matrix.selector(), extension, matrix.position()),
              matrix.range(),
              matrix.position());
      case Subquery subquery -> {
        tokens.error(subquery.position(), name + " modifier is not supported for subqueries");
        yield expr;
      }
      default -> {
        tokens.error(expr.position(), name + " modifier not implemented");
        yield expr;
      }
    };
  }

  private VectorSelector extended(
      VectorSelector selector, VectorSelector.Extension extension, Position whole) {
    if (selector.extension() != VectorSelector.Extension.NONE
        && selector.extension() != extension) {
      tokens.error(whole, "anchored and smoothed modifiers cannot be used together");
    }
    return vector(selector, selector.time(), extension, selector.position());
  }

  /** As C's {@code %f}. */
  private static String decimal(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return new BigDecimal(value).setScale(6, RoundingMode.HALF_EVEN).toPlainString();
  }
}
