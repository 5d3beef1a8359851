package io.narthex.base.regex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnchoredRegexTest {

  private static boolean matches(AnchoredRegex regex, String text) {
    byte[] bytes = ("<" + text + ">").getBytes(StandardCharsets.UTF_8);
    boolean byBytes = regex.matches(bytes, 1, bytes.length - 2);
    assertThat(regex.matches(text)).as("as String and as bytes").isEqualTo(byBytes);
    return byBytes;
  }

  private static boolean matches(String expression, String text) {
    return matches(AnchoredRegex.compile(expression), text);
  }

  @Test
  void matchesTheWholeText() {
    assertThat(matches("foo", "foo")).isTrue();
    assertThat(matches("foo", "foobar")).isFalse();
    assertThat(matches("foo|bar", "foobar")).isFalse();
    assertThat(matches("a*", "aab")).isFalse();
    assertThat(matches("[a-c]+", "abcabc")).isTrue();
    assertThat(matches("", "")).isTrue();
    assertThat(matches("", "x")).isFalse();
  }

  @Test
  void dotTakesNewlines() {
    assertThat(matches(".*", "a\nb")).isTrue();
    assertThat(matches("a.b", "a\nb")).isTrue();
    assertThat(matches("(?-s)a.b", "a\nb")).isFalse();
  }

  @Test
  void takesAnchorsForGranted() {
    assertThat(matches("^foo$", "foo")).isTrue();
    assertThat(matches("^(foo|bar)$", "bar")).isTrue();
    assertThat(matches("(^foo$)|(^ba+r$)", "baaar")).isTrue();
    assertThat(matches("a(^b|c)", "ab")).isFalse();
    assertThat(matches("a(b$|c)d?", "ab")).isTrue();
    assertThat(matches("a(b$|c)d?", "abd")).isFalse();
    assertThat(matches("(x*|$^)y?", "")).isTrue();
  }

  /** Every fast path beside the automaton and the reference. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "foo",
        "foo|bar|",
        "fo[ox]",
        ".*",
        ".+",
        "foo.*",
        "foo.+",
        ".*foo",
        ".+foo",
        ".*foo.*",
        ".+foo.+",
        ".+foo.*",
        ".*foo.+",
        "(?i)foo",
        "(?i:FOO)bar",
        "[^f].*",
        "f.o",
        "(foo|bar).*",
        ".*(foo|bar).*",
        "fo{2}",
        "fo{1,}",
        "(fo){1,2}",
        "f?o?o?",
        "\\w+",
        "\\W*",
        "\\d\\D",
        "é.*",
        ".é",
        "[à-ü]+",
        "[^a-z]",
        "\\Qf.o\\E",
        "(?i)straSSe",
        "(?i)[^k]",
        "[[:alpha:]]+",
        "\\x{1F600}.*",
        "..",
        ".{2,3}",
        "(a|b)*abb",
        "\\bfoo\\b",
        "\\pL+",
        "(?m)^foo$",
        "foo\\z"
      })
  void agreesWithTheReference(String expression) {
    List<String> texts =
        List.of(
            "", "f", "fo", "foo", "FOO", "fOO", "Foobar", "fooo", "foobar", "foo ", " foo", "xfoox",
            "xfoo", "foofoo", "bar", "xbarx", "fofo", "f.o", "fxo", "fox", "\n", "foo\n", "é", "éa",
            "aé", "aéa", "x", "xy", "xyz", "wxyz", "😀", "😀foo", "foo😀", "strasse", "ſtraSse",
            "K", "k", "K", "12", "1a", "a1", "aababb", "àéü", "_");
    AnchoredRegex regex = AnchoredRegex.compile(expression);
    Pattern reference = Pattern.compile("^(?s:" + expression + ")$");
    for (String text : texts) {
      assertThat(matches(regex, text))
          .as("%s on <%s>", expression, text)
          .isEqualTo(reference.matcher(text).find());
    }
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "foo, foo, foo",
        "foo|bar|foo, bar foo, ''",
        "foo|fob, fob foo, fo",
        "fo[bo], fob foo, fo",
        "(a|b)(c|d)?, a ac ad b bc bd, ''",
        "^(?:foo|foobar)$, foo foobar, foo",
        "x{2}, xx, xx",
        "(?i)ab, AB Ab aB ab, ''",
        "foo.*, -, foo",
        "foo+, -, foo",
        "(foo|fob).*, -, fo",
        ".*foo, -, ''",
        "(foo)+bar, -, foo",
        "fo?o.*, -, f",
        "a[^b], -, a",
        "\\pL, -, ''",
        "é|è.*, -, ''"
      })
  void knowsWhatItMatches(String expression, String texts, String prefix) {
    AnchoredRegex regex = AnchoredRegex.compile(expression);
    assertThat(regex.setMatches()).isEqualTo(texts == null ? null : List.of(texts.split(" ")));
    assertThat(regex.prefix()).isEqualTo(prefix);
  }

  @Test
  void listsManyWordsButFewCombinations() {
    List<String> words = IntStream.range(0, 10_000).mapToObj(i -> "host-" + i).sorted().toList();
    assertThat(AnchoredRegex.compile(String.join("|", words)).setMatches()).isEqualTo(words);
    assertThat(AnchoredRegex.compile("(" + String.join("|", words) + ")").setMatches())
        .isEqualTo(words);
    assertThat(AnchoredRegex.compile("[a-z][a-z]").setMatches()).isNull();
    assertThat(AnchoredRegex.compile("[a-z]").setMatches()).hasSize(26);
    assertThat(AnchoredRegex.compile("[^\\x00-\\x{10FFFF}]").setMatches()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "(~missing closing ): `(`",
        "a)~unexpected ): `a)`",
        "[a~missing closing ]: `[a`",
        "[b-a]~invalid character class range: `b-a`",
        "*~missing argument to repetition operator: `*`",
        "a**~invalid nested repetition operator: `**`",
        "a{2,1}~invalid repeat count: `{2,1}`",
        "a{1001}~invalid repeat count: `{1001}`",
        "\\8~invalid escape sequence: `\\8`",
        "a\\~trailing backslash at end of expression: ``",
        "(?P<n~invalid named capture: `(?P<n`",
        "(?P<n>~missing closing ): `(?P<n>`",
        "(a{100}){100}~invalid repeat count: `{100}`",
        "\\é~invalid escape sequence: `\\é`",
        "(?z)~invalid or unsupported Perl syntax: `(?z`",
        "(?=a)~invalid or unsupported Perl syntax: `(?=`",
        "[[:foo:]]~invalid character class range: `[:foo:]`",
        "\\pX~invalid character class range: `\\pX`"
      })
  void refusesWithTheWordsOfGo(String expression, String message) {
    assertThatThrownBy(() -> AnchoredRegex.compile(expression))
        .isInstanceOf(RegexException.class)
        .hasMessage("error parsing regexp: " + message);
  }

  @Test
  void refusesToNestWithoutEnd() {
    assertThatThrownBy(() -> AnchoredRegex.compile("(".repeat(100_000) + ")".repeat(100_000)))
        .isInstanceOf(RegexException.class)
        .hasMessageStartingWith("error parsing regexp: expression nests too deeply: `((");
    assertThat(matches("(".repeat(900) + "a.b" + ")".repeat(900), "a-b")).isTrue();
  }

  @Test
  void takesNamesTwice() {
    assertThat(matches("(?P<n>a+)(?P<n>b+)", "aabb")).isTrue();
  }

  @Test
  void staysLinearWhereBacktrackingWouldNot() {
    String text = "a".repeat(20_000) + "b";
    assertThat(matches("(a*)*c", text)).isFalse();
    assertThat(matches("(a|aa)+", text)).isFalse();
  }

  /** The sets of states of this expression double with each repetition. */
  @Test
  void handsOverToTheReferenceWhereStatesExplode() {
    AnchoredRegex regex = AnchoredRegex.compile("(a|b)*a(a|b){14}c");
    var random = new Random(1);
    for (int i = 0; i < 200; i++) {
      StringBuilder text = new StringBuilder();
      for (int k = 0; k < 300; k++) {
        text.append(random.nextBoolean() ? 'a' : 'b');
      }
      boolean expected = text.charAt(text.length() - 15) == 'a';
      assertThat(matches(regex, text + "c")).isEqualTo(expected);
    }
  }

  @Test
  void leavesHugeRepetitionsToTheReference() {
    AnchoredRegex regex = AnchoredRegex.compile("(?:[à-ü]{0,30}x){30}");
    assertThat(matches(regex, "éx".repeat(30))).isTrue();
    assertThat(matches(regex, "éx".repeat(31))).isFalse();
  }

  @Test
  void servesManyThreads() throws InterruptedException {
    AnchoredRegex regex = AnchoredRegex.compile("([a-z]+-)*[0-9]{3,5}");
    List<Thread> threads = new ArrayList<>();
    AtomicInteger wrong = new AtomicInteger();
    for (int t = 0; t < 4; t++) {
      int seed = t;
      Thread thread =
          new Thread(() -> {
            for (int i = 0; i < 20_000; i++) {
              String text = "ab-".repeat((i + seed) % 7) + (90 + i % 2_000);
              boolean expected = 90 + i % 2_000 >= 100;
              if (regex.matches(text) != expected) {
                wrong.incrementAndGet();
              }
            }
          });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(wrong).hasValue(0);
  }
}
