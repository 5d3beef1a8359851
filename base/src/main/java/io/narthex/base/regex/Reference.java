package io.narthex.base.regex;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * The way to re2j, which decides what is valid and what it means, and whose messages are Go's but
 * for a few; these are put right here.
 */
final class Reference {

  /** Go refuses to nest deeper. */
  private static final int MAX_NESTING = 1_000;

  private static final String ERROR = "error parsing regexp: ";

  private Reference() {}

  /**
   * Compiles an expression with {@code (?s)} on.
   *
   * @throws RegexException if it is not valid
   */
  static Pattern compile(String expression) {
    if (nesting(expression) > MAX_NESTING) {
      throw new RegexException(ERROR + "expression nests too deeply: `" + expression + "`");
    }
    try {
      return Pattern.compile(expression, Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      if (e.getDescription().startsWith("duplicate capture group name")) {
        // Go allows it, and names play no part in whether a text matches.
        return compile(withoutNames(expression));
      }
      throw new RegexException(message(e, expression), e);
    }
  }

  private static String message(PatternSyntaxException e, String expression) {
    String message = String.valueOf(e.getMessage());
    if (message.endsWith("internal error: `stack underflow`")) {
      return ERROR + "unexpected ): `" + expression + "`";
    }
    if (message.endsWith("trailing backslash at end of expression")) {
      return message + ": ``";
    }
    return message.replace("`(?s)" + expression + "`", "`" + expression + "`");
  }

  private static int nesting(String expression) {
    int depth = 0;
    int deepest = 0;
    for (int i = 0; i < expression.length(); i++) {
      switch (expression.charAt(i)) {
        case '\\' -> i++;
        case '(' -> deepest = Math.max(deepest, ++depth);
        case ')' -> depth--;
        default -> {}
      }
    }
    return deepest;
  }

  private static String withoutNames(String expression) {
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < expression.length()) {
      if (expression.startsWith("(?P<", i) || expression.startsWith("(?<", i)) {
        out.append('(');
        i = expression.indexOf('>', i) + 1;
      } else {
        int length = expression.charAt(i) == '\\' ? Math.min(2, expression.length() - i) : 1;
        out.append(expression, i, i + length);
        i += length;
      }
    }
    return out.toString();
  }
}
