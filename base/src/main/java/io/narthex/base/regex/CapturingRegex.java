package io.narthex.base.regex;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression in RE2 syntax that must match a whole text, {@code ^(?s:expression)$}, and
 * whose groups are filled into templates. For rewriting names and values; where only the match
 * matters, {@link AnchoredRegex} is faster. Immutable and thread-safe.
 */
public final class CapturingRegex {

  private final String expression;
  private final Pattern pattern;

  private CapturingRegex(String expression, Pattern pattern) {
    this.expression = expression;
    this.pattern = pattern;
  }

  /**
   * Compiles an expression.
   *
   * @throws RegexException if it is not valid RE2 syntax; the message is Go's
   */
  public static CapturingRegex compile(String expression) {
    try {
      return new CapturingRegex(expression, Pattern.compile("^(?s:" + expression + ")$"));
    } catch (PatternSyntaxException e) {
      throw new RegexException(String.valueOf(e.getMessage()), e);
    }
  }

  /** The expression as it was given. */
  public String expression() {
    return expression;
  }

  /** What the groups caught in a text, or null if the text does not match. */
  public @Nullable Captures match(String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? new Captures(pattern, matcher) : null;
  }

  /** The groups of one match. */
  public static final class Captures {

    private final Pattern pattern;
    private final Matcher matcher;

    private Captures(Pattern pattern, Matcher matcher) {
      this.pattern = pattern;
      this.matcher = matcher;
    }

    /**
     * Fills a template as Go's {@code Regexp.Expand} does: {@code $1}, {@code ${1}}, {@code $name}
     * and {@code ${name}} stand for groups, a name being the longest run of letters, digits and
     * underscores; {@code $$} is a dollar; unknown groups are empty; a dollar before anything else
     * stays.
     */
    public String expand(String template) {
      int dollar = template.indexOf('$');
      if (dollar < 0) {
        return template;
      }
      StringBuilder out = new StringBuilder();
      int at = 0;
      while (dollar >= 0) {
        out.append(template, at, dollar);
        int next = dollar + 1;
        if (next < template.length() && template.charAt(next) == '$') {
          out.append('$');
          at = next + 1;
        } else {
          boolean braced = next < template.length() && template.charAt(next) == '{';
          int from = braced ? next + 1 : next;
          int to = from;
          while (to < template.length() && isWord(template.codePointAt(to))) {
            to += Character.charCount(template.codePointAt(to));
          }
          boolean closed = !braced || (to < template.length() && template.charAt(to) == '}');
          if (to == from || !closed) {
            out.append('$');
            at = next;
          } else {
            out.append(group(template.substring(from, to)));
            at = braced ? to + 1 : to;
          }
        }
        dollar = template.indexOf('$', at);
      }
      return out.append(template, at, template.length()).toString();
    }

    private static boolean isWord(int c) {
      return c == '_' || Character.isLetter(c) || Character.getType(c) == DECIMAL_DIGIT;
    }

    private static final int DECIMAL_DIGIT = Character.DECIMAL_DIGIT_NUMBER;

    private String group(String name) {
      Integer index = name.chars().allMatch(c -> c >= '0' && c <= '9') ? index(name) : null;
      if (index == null) {
        index = pattern.namedGroups().get(name);
      }
      if (index == null || index > matcher.groupCount()) {
        return "";
      }
      String value = matcher.group(index);
      return value == null ? "" : value;
    }

    /** The number of a group; one so large that no group has it is left unknown. */
    private static @Nullable Integer index(String digits) {
      return digits.length() > 8 ? null : Integer.valueOf(digits);
    }
  }
}
