package io.narthex.tsdb.index;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What can be read off an anchored expression without matching: that it stands for a few literal
 * texts, or that every match begins with a text. When in doubt it says nothing, and every value is
 * matched.
 *
 * @param literals the only texts that match, or null
 * @param prefix what every match begins with, or the empty text
 */
record RegexShape(@Nullable List<String> literals, String prefix) {

  private static final String META = "\\.+*?()|[]{}^$";

  static RegexShape of(String expression) {
    List<String> literals = literals(stripGroup(expression));
    return new RegexShape(literals, literals != null ? "" : prefix(expression));
  }

  /** The content of a group that is the whole expression. */
  private static String stripGroup(String expression) {
    if (!expression.startsWith("(") || !expression.endsWith(")")) {
      return expression;
    }
    int from = expression.startsWith("(?:") ? 3 : 1;
    String inner = expression.substring(from, expression.length() - 1);
    // Another parenthesis, or flags, and it is not that simple.
    boolean plain = inner.indexOf('(') < 0 && inner.indexOf(')') < 0 && !inner.startsWith("?");
    return plain ? inner : expression;
  }

  /** The alternatives of an expression that has no operator but {@code |}, or null. */
  private static @Nullable List<String> literals(String expression) {
    List<String> found = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < expression.length(); i++) {
      char c = expression.charAt(i);
      if (c == '|') {
        found.add(text.toString());
        text.setLength(0);
      } else if (c == '\\') {
        i++;
        if (i == expression.length() || META.indexOf(expression.charAt(i)) < 0) {
          return null; // A class like \d, or something rarer.
        }
        text.append(expression.charAt(i));
      } else if (META.indexOf(c) >= 0) {
        return null;
      } else {
        text.append(c);
      }
    }
    found.add(text.toString());
    return found;
  }

  /** The literal text at the beginning of an expression without alternatives. */
  private static String prefix(String expression) {
    if (expression.indexOf('|') >= 0) {
      return "";
    }
    int end = 0;
    while (end < expression.length() && META.indexOf(expression.charAt(end)) < 0) {
      end++;
    }
    if (end < expression.length() && "?*{".indexOf(expression.charAt(end)) >= 0 && end > 0) {
      // The operator is about the last character, which may be missing.
      end = expression.offsetByCodePoints(end, -1);
    }
    return expression.substring(0, end);
  }
}
