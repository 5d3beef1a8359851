package io.narthex.base.regex;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * A regular expression in RE2 syntax that must match a whole text: {@code ^(?s:expression)$}.
 * Immutable and thread-safe.
 */
public final class AnchoredRegex {

  private final String expression;
  private final Pattern pattern;

  private AnchoredRegex(String expression, Pattern pattern) {
    this.expression = expression;
    this.pattern = pattern;
  }

  /**
   * Compiles an expression.
   *
   * @throws RegexException if it is not valid RE2 syntax; the message is Go's
   */
  public static AnchoredRegex compile(String expression) {
    try {
      return new AnchoredRegex(expression, Pattern.compile("^(?s:" + expression + ")$"));
    } catch (PatternSyntaxException e) {
      throw new RegexException(String.valueOf(e.getMessage()), e);
    }
  }

  /** The expression as it was given. */
  public String expression() {
    return expression;
  }

  /** Whether the whole text matches. */
  public boolean matches(String text) {
    return pattern.matcher(text).find();
  }

  @Override
  public String toString() {
    return expression;
  }
}
