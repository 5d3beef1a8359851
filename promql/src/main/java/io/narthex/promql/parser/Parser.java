package io.narthex.promql.parser;

import io.narthex.model.labels.Matcher;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.VectorSelector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The door: from the text of a query to its syntax tree. */
public final class Parser {

  private Parser() {}

  /**
   * Parses and checks an expression.
   *
   * @throws ParseException with all that is wrong
   */
  public static Expr parse(String query, ParserOptions options) {
    byte[] source = SourceBytes.of(query);
    TokenStream tokens = new TokenStream(source);
    ExprParser parser = new ExprParser(tokens, options);
    Expr expr = parser.query();
    // Types say nothing about an expression that was not understood.
    if (expr != null && tokens.errors().isEmpty()) {
      new TypeChecker(source, tokens.errors(), parser.droppedMatchings()).check(expr);
    }
    return result(query, tokens, expr);
  }

  /**
   * Parses a selector of series, as {@code match[]} and federation take it. It may be empty or
   * match everything: whether that is allowed is the caller's rule.
   *
   * @throws ParseException with all that is wrong
   */
  public static List<Matcher> parseSelector(String selector) {
    TokenStream tokens = new TokenStream(SourceBytes.of(selector));
    VectorSelector parsed = new ExprParser(tokens, ParserOptions.DEFAULT).selectorOnly();
    return result(selector, tokens, parsed).matchers();
  }

  private static <T extends Expr> T result(String text, TokenStream tokens, @Nullable T parsed) {
    if (!tokens.errors().isEmpty() || parsed == null) {
      throw new ParseException(text, tokens.errors());
    }
    return parsed;
  }
}
