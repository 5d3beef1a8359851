package io.narthex.model.labels;

import io.narthex.base.regex.AnchoredRegex;
import io.narthex.base.text.GoQuote;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A condition on one label: {@code name="value"} and its three kin. An absent label counts as the
 * empty value. Immutable and thread-safe; two matchers are equal when type, name and value are.
 */
public final class Matcher {

  /** How the value is compared. */
  public enum Type {
    EQUAL("="),
    NOT_EQUAL("!="),
    REGEX("=~"),
    NOT_REGEX("!~");

    private final String operator;

    Type(String operator) {
      this.operator = operator;
    }

    /** The operator of the query language. */
    public String operator() {
      return operator;
    }
  }

  private final Type type;
  private final String name;
  private final String value;
  private final @Nullable AnchoredRegex regex;

  /**
   * @throws io.narthex.base.regex.RegexException if the type is a regular expression and the value
   *     is not valid RE2 syntax
   */
  public Matcher(Type type, String name, String value) {
    this.type = type;
    this.name = name;
    this.value = value;
    this.regex = type == Type.REGEX || type == Type.NOT_REGEX ? AnchoredRegex.compile(value) : null;
  }

  /** A matcher for one exact value. */
  public static Matcher equal(String name, String value) {
    return new Matcher(Type.EQUAL, name, value);
  }

  public Type type() {
    return type;
  }

  public String name() {
    return name;
  }

  public String value() {
    return value;
  }

  /** The compiled expression of a regular expression matcher, null for the others. */
  public @Nullable AnchoredRegex regex() {
    return regex;
  }

  /** Whether the matcher accepts a value; the empty text stands for an absent label. */
  public boolean matches(String text) {
    return switch (type) {
      case EQUAL -> value.equals(text);
      case NOT_EQUAL -> !value.equals(text);
      case REGEX -> Objects.requireNonNull(regex).matches(text);
      case NOT_REGEX -> !Objects.requireNonNull(regex).matches(text);
    };
  }

  /** Whether the matcher accepts series that lack the label. */
  public boolean matchesEmpty() {
    return matches("");
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Matcher that
        && type == that.type
        && name.equals(that.name)
        && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return Objects.hash(type, name, value);
  }

  /** The form of the query language, the value quoted, a name that needs it too. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    if (LabelName.isLegacy(name)) {
      out.append(name);
    } else {
      GoQuote.append(out, name);
    }
    return GoQuote.append(out.append(type.operator()), value).toString();
  }
}
