package io.narthex.base.regex;

import com.google.re2j.Pattern;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression in RE2 syntax that must match a whole text: {@code ^(?s:expression)$}.
 * Immutable and thread-safe.
 *
 * <p>Time is linear in the length of the text, whatever the expression.
 */
public final class AnchoredRegex {

  private final String expression;
  private final TextMatcher matcher;
  private final @Nullable List<String> setMatches;
  private final String prefix;

  private AnchoredRegex(
      String expression, TextMatcher matcher, @Nullable List<String> setMatches, String prefix) {
    this.expression = expression;
    this.matcher = matcher;
    this.setMatches = setMatches;
    this.prefix = prefix;
  }

  /**
   * Compiles an expression.
   *
   * @throws RegexException if it is not valid RE2 syntax; the message is Go's
   */
  public static AnchoredRegex compile(String expression) {
    List<String> words = FiniteSet.ofPlainWords(expression);
    if (words != null) {
      return ofSet(expression, words);
    }
    Node node = RegexParser.parse(expression);
    // The reference decides what is valid, also where it is not needed to match.
    Pattern pattern = Reference.compile(expression);
    if (node == null) {
      return new AnchoredRegex(expression, new ReferenceMatcher(pattern), null, "");
    }
    List<String> set = FiniteSet.of(node);
    if (set != null) {
      return ofSet(expression, set);
    }
    TextMatcher matcher = Shapes.matcher(node);
    if (matcher == null) {
      Automaton automaton = Automaton.of(node);
      matcher =
          automaton == null
              ? new ReferenceMatcher(pattern)
              : new AutomatonMatcher(automaton, expression);
    }
    return new AnchoredRegex(expression, matcher, null, Shapes.prefix(node));
  }

  private static AnchoredRegex ofSet(String expression, List<String> set) {
    String prefix = Shapes.commonPrefix(set);
    return new AnchoredRegex(expression, TextMatcher.ofSet(set), set, prefix);
  }

  /** The expression as it was given. */
  public String expression() {
    return expression;
  }

  /** Whether the whole text matches. */
  public boolean matches(String text) {
    return matcher.matches(text);
  }

  /** Whether a whole range of bytes matches. They must be UTF-8. */
  public boolean matches(byte[] bytes, int from, int length) {
    return matcher.matches(bytes, from, length);
  }

  /**
   * All texts that match, each once, sorted by UTF-8 bytes; null if there are too many to list or
   * none is known.
   */
  public @Nullable List<String> setMatches() {
    return setMatches;
  }

  /** What all matching texts begin with; empty if nothing is known. */
  public String prefix() {
    return prefix;
  }

  @Override
  public String toString() {
    return expression;
  }
}
