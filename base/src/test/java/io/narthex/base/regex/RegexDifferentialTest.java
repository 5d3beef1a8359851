package io.narthex.base.regex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Random expressions on random texts, against re2j. */
class RegexDifferentialTest {

  @Property(tries = 20_000)
  void agreesWithTheReference(
      @ForAll("expressions") String expression, @ForAll("texts") List<String> texts) {
    // Here re2j takes what Go refuses.
    Assume.that(!expression.contains("\\é"));
    if (!isValid(expression)) {
      assertThatThrownBy(() -> AnchoredRegex.compile(expression))
          .isInstanceOf(RegexException.class)
          .hasMessageStartingWith("error parsing regexp: ");
      return;
    }
    // An unclosed \\Q would swallow what is put around it.
    Pattern reference =
        expression.contains("\\Q")
            ? Pattern.compile(expression, Pattern.DOTALL)
            : Pattern.compile("^(?s:" + withSeparateBranches(expression) + ")$");
    AnchoredRegex regex = AnchoredRegex.compile(expression);
    for (String text : texts) {
      boolean expected = reference.matcher(text).matches();
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      assertThat(regex.matches(text)).as("%s on <%s>", expression, text).isEqualTo(expected);
      assertThat(regex.matches(bytes, 0, bytes.length)).as("bytes").isEqualTo(expected);
      if (expected) {
        assertThat(text).startsWith(regex.prefix());
      }
      List<String> set = regex.setMatches();
      if (set != null) {
        assertThat(set.contains(text)).isEqualTo(expected);
      }
    }
    List<String> set = regex.setMatches();
    if (set != null) {
      assertThat(set).doesNotHaveDuplicates().allMatch(text -> reference.matcher(text).matches());
    }
  }

  /**
   * The same for the reference, which makes one of two branches that begin with the same letter,
   * also if only one of them is regardless of case: {@code A|(?i)a$} is {@code A} for it, and not
   * for Go. With nothing in front of them no two branches begin alike.
   */
  private static String withSeparateBranches(String expression) {
    StringBuilder separate = new StringBuilder();
    boolean inClass = false;
    for (int i = 0; i < expression.length(); i++) {
      char c = expression.charAt(i);
      separate.append(c);
      if (c == '\\' && i + 1 < expression.length()) {
        separate.append(expression.charAt(++i));
      } else if (c == '[' && !inClass) {
        inClass = true;
        // A bracket that comes first in a class is one of its characters.
        boolean negated = expression.startsWith("^", i + 1);
        if (expression.startsWith("]", i + (negated ? 2 : 1))) {
          separate.append(negated ? "^]" : "]");
          i += negated ? 2 : 1;
        }
      } else if (c == '[' && expression.startsWith("[:alpha:]", i)) {
        separate.append(":alpha:]");
        i += ":alpha:]".length();
      } else if (c == ']') {
        inClass = false;
      } else if (c == '|' && !inClass) {
        separate.append("(?:)");
      }
    }
    return separate.toString();
  }

  @Example
  void branchesAreAsInGo() {
    // As Prometheus 3.5.3 answers.
    assertThat(AnchoredRegex.compile("A|(?i)a$").setMatches()).containsExactlyInAnyOrder("A", "a");
    assertThat(AnchoredRegex.compile("A|(?i)ab").matches("ab")).isTrue();
    assertThat(AnchoredRegex.compile("A|(?i)ab").matches("a")).isFalse();
  }

  private static boolean isValid(String expression) {
    try {
      Pattern.compile(expression);
      return true;
    } catch (PatternSyntaxException e) {
      return false;
    }
  }

  /** Whatever the text, either both refuse it or both take it. */
  @Property(tries = 20_000)
  void readsAnythingAsTheReferenceDoes(
      @ForAll("soup") String expression, @ForAll("texts") List<String> texts) {
    agreesWithTheReference(expression, texts);
  }

  @Provide
  Arbitrary<List<String>> texts() {
    return Arbitraries.of(
            "a", "b", "c", "A", "k", "K", "s", "ſ", "é", "ü", "-", "\n", "1", "😀", "_")
        .list()
        .ofMaxSize(7)
        .map(parts -> String.join("", parts))
        .list()
        .ofSize(12);
  }

  @Provide
  Arbitrary<String> soup() {
    return Arbitraries.of(
            "a",
            "b",
            "k",
            "é",
            "1",
            "-",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "{2}",
            "{1,}",
            "{0,2}",
            "|",
            "*",
            "+",
            "?",
            ".",
            "^",
            "$",
            "\\",
            "\\d",
            "\\w",
            "\\S",
            "\\Q",
            "\\E",
            "(?i)",
            "(?:",
            "(?i:",
            "(?-s:",
            "[^",
            "[a-",
            "[:alpha:]",
            "\\x41",
            "\\n",
            "\\z",
            "\\b",
            "\\pL",
            ",")
        .list()
        .ofMaxSize(8)
        .map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<String> expressions() {
    return expression(4);
  }

  private static Arbitrary<String> expression(int depth) {
    Arbitrary<String> atom =
        Arbitraries.of(
            "a",
            "b",
            "c",
            "k",
            "s",
            "ab",
            "é",
            "ü",
            "😀",
            ".",
            ".*",
            ".+",
            "[ab]",
            "[^a]",
            "[a-c]",
            "[à-ü]",
            "[^é]",
            "\\w",
            "\\W",
            "\\d",
            "\\s",
            "[\\d_]",
            "[[:upper:]]",
            "\\-",
            "\\x61",
            "\\141",
            "^",
            "$",
            "",
            "\\A",
            "\\z",
            "[^\\W]",
            "[-a]",
            "[]a]",
            "\\Qa.\\E",
            "\\x{e9}");
    if (depth == 0) {
      return atom;
    }
    Arbitrary<String> inner = Arbitraries.lazy(() -> expression(depth - 1));
    Arbitrary<String> repeat =
        Arbitraries.of("*", "+", "?", "{2}", "{1,}", "{0,2}", "{0}", "*?", "+?");
    return Arbitraries.oneOf(
        atom,
        Combinators.combine(inner, inner).as((a, b) -> a + b),
        Combinators.combine(inner, inner).as((a, b) -> "(?:" + a + "|" + b + ")"),
        Combinators.combine(inner, inner).as((a, b) -> a + "|" + b),
        Combinators.combine(inner, repeat).as((a, r) -> "(" + a + ")" + r),
        inner.map(a -> "(?i:" + a + ")"),
        inner.map(a -> "(?i)" + a),
        inner.map(a -> "(?-s:" + a + ")"));
  }
}
