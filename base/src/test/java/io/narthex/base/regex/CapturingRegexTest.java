package io.narthex.base.regex;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CapturingRegexTest {

  @ParameterizedTest
  @CsvSource({
    "$1, ab",
    "${1}, ab",
    "$0, ab-12",
    "$2$1, 12ab",
    "${2}0, 120",
    "$20, ''",
    "$name, 12",
    "${name}x, 12x",
    "$namex, ''",
    "$$1, $1",
    "$, $",
    "a$, a$",
    "$-, $-",
    "${, ${",
    "${1, ${1",
    "${}, ${}",
    "${a b}, ${a b}",
    "$99999999999, ''",
    "plain, plain",
    "$1-$2, ab-12"
  })
  void fillsTemplatesAsGoDoes(String template, String filled) {
    CapturingRegex.Captures captures =
        requireNonNull(CapturingRegex.compile("([a-z]+)-(?P<name>\\d+)").match("ab-12"));
    assertThat(captures.expand(template)).isEqualTo(filled);
  }

  @Test
  void matchesTheWholeTextLineBreaksIncluded() {
    assertThat(CapturingRegex.compile("a.b").match("a\nb")).isNotNull();
    assertThat(CapturingRegex.compile("a").match("ab")).isNull();
    assertThat(CapturingRegex.compile("a|ab").match("ab")).isNotNull();
  }

  @Test
  void groupsThatCaughtNothingAreEmpty() {
    CapturingRegex.Captures captures = requireNonNull(CapturingRegex.compile("(a)|(b)").match("b"));
    assertThat(captures.expand("[$1$2]")).isEqualTo("[b]");
  }

  @Test
  void saysWhatIsWrongWithAnExpressionInGosWords() {
    assertThatThrownBy(() -> CapturingRegex.compile("(("))
        .isInstanceOf(RegexException.class)
        .hasMessage("error parsing regexp: missing closing ): `^(?s:(()$`");
  }
}
