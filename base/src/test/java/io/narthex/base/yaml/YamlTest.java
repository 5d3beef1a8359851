package io.narthex.base.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What go-yaml answers to the same texts is the measure. */
final class YamlTest {

  /** A section with one key of each type. */
  private record Section(
      String text,
      boolean flag,
      long count,
      double share,
      List<String> list,
      Map<String, String> map) {

    static Section decode(YamlValue value) {
      YamlMap map = value.map("config.plain");
      Section section =
          new Section(
              map.text("text", "default"),
              map.bool("flag", true),
              map.unsigned("count", 7),
              map.number("share", 0.5),
              map.texts("list"),
              map.value("map", Map.of(), v -> v.mapOf("map[string]string", YamlValue::text)));
      map.finish();
      if (section.text.equals("forbidden")) {
        throw map.error("text", "the text is forbidden");
      }
      return section;
    }
  }

  private static Section read(String yaml) {
    return Yaml.decode(yaml, Section::decode);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing\n", "null", "---\n"})
  void absentKeysHaveTheirDefaults(String yaml) {
    assertThat(read(yaml)).isEqualTo(new Section("default", true, 7, 0.5, List.of(), Map.of()));
  }

  @Test
  void readsEveryType() {
    assertThat(
            read(
                """
                text: hello
                flag: false
                count: 12
                share: 0.25
                list: [a, 'b', "c"]
                map: {x: 1, y: two}
                """))
        .isEqualTo(
            new Section(
                "hello", false, 12, 0.25, List.of("a", "b", "c"), Map.of("x", "1", "y", "two")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "True", "yes", "YES", "on", "On", "y", "Y"})
  void manyWordsAreTrue(String word) {
    assertThat(read("{flag: " + word + "}").flag()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"false", "No", "off", "n", "", "~", "null"})
  void manyWordsAreFalseAndSoIsNothing(String word) {
    assertThat(read("{flag: " + word + "}").flag()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "0x10, 16",
    "010, 8",
    "0o10, 8",
    "0b11, 3",
    "1_000, 1000",
    "+5, 5",
    "1e3, 1000",
    "1.9, 1",
    "!!int '12', 12",
    "~, 7"
  })
  void integersHaveManyForms(String text, long value) {
    assertThat(read("count: " + text).count()).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", ".5, 0.5", "1e-3, 0.001", ".inf, Infinity", "-.INF, -Infinity", ".nan, NaN"})
  void numbersHaveManyForms(String text, double value) {
    assertThat(read("share: " + text).share()).isEqualTo(Double.valueOf(value));
  }

  @ParameterizedTest
  @CsvSource({
    "yes, yes",
    "1.50, 1.50",
    "0x10, 0x10",
    "2001-01-01, 2001-01-01",
    "!!binary YWJj, abc",
    "!!str 12, 12",
    "!!foo 12, 12"
  })
  void textsStayAsTheyAreWritten(String text, String value) {
    assertThat(read("text: " + text).text()).isEqualTo(value);
  }

  @Test
  void bytesThatAreNoTextStayDistinguishable() {
    assertThat(read("text: !!binary /w==").text()).isEqualTo("\udcff");
  }

  @Test
  void mergesMapsBehindTheirOwnKeys() {
    assertThat(read("{count: 1, <<: {count: 2, text: merged}}"))
        .isEqualTo(new Section("merged", true, 1, 0.5, List.of(), Map.of()));
    assertThat(read("{<<: [{text: a}, {text: b, count: 3}]}"))
        .isEqualTo(new Section("a", true, 3, 0.5, List.of(), Map.of()));
  }

  @Test
  void readsAliases() {
    assertThat(read("{list: &l [a], map: {x: &v y, z: *v}}").map())
        .isEqualTo(Map.of("x", "y", "z", "y"));
  }

  @Test
  void readsOnlyTheFirstDocument() {
    assertThat(read("text: a\n---\nbroken: [\n").text()).isEqualTo("a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          flag: maybe                | line 1: cannot unmarshal !!str `maybe` into bool
          flag: 1                    | line 1: cannot unmarshal !!int `1` into bool
          count: abc                 | line 1: cannot unmarshal !!str `abc` into uint
          count: '10'                | line 1: cannot unmarshal !!str `10` into uint
          count: -1                  | line 1: cannot unmarshal !!int `-1` into uint
          count: true                | line 1: cannot unmarshal !!bool `true` into uint
          count: .inf                | line 1: cannot unmarshal !!float `.inf` into uint
          count: 2001-01-01          | line 1: cannot unmarshal !!timestamp `2001-01-01` into uint
          count: 99999999999999999999 | line 1: cannot unmarshal !!float `9999999...` into uint
          count: !!foo 12            | line 1: cannot unmarshal !foo `12` into uint
          share: abc                 | line 1: cannot unmarshal !!str `abc` into float64
          text: [a]                  | line 1: cannot unmarshal !!seq into string
          text: {a: b}               | line 1: cannot unmarshal !!map into string
          list: a                    | line 1: cannot unmarshal !!str `a` into []string
          list: [[a]]                | line 1: cannot unmarshal !!seq into string
          map: [a]                   | line 1: cannot unmarshal !!seq into map[string]string
          map: {a: [b]}              | line 1: cannot unmarshal !!seq into string
          map: {a: b, a: c}          | line 1: key "a" already set in map
          text: a;text: b            | line 2: field text already set in type config.plain
          other: 1                   | line 1: field other not found in type config.plain
          1: 1                       | line 1: field 1 not found in type config.plain
          ? [a];: b                  | line 1: cannot unmarshal !!seq into string
          [a]                        | line 1: cannot unmarshal !!seq into config.plain
          foo                        | line 1: cannot unmarshal !!str `foo` into config.plain
          """)
  void wrongTypesAndKeysAreNamedWithTheirLine(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml.replace(';', '\n')))
        .hasMessage("yaml: unmarshal errors:\n  " + message.replace("!foo", "!!foo"));
  }

  @Test
  void allOfThemAreToldInTheOrderOfTheFile() {
    assertThatThrownBy(() -> read("txt: a\nflag: 3\nlist: [a, [b], {c: d}]\nsharee: 1\n"))
        .hasMessage(
            """
            yaml: unmarshal errors:
              line 1: field txt not found in type config.plain (did you mean "text"?)
              line 2: cannot unmarshal !!int `3` into bool
              line 3: cannot unmarshal !!seq into string
              line 3: cannot unmarshal !!map into string
              line 4: field sharee not found in type config.plain (did you mean "share"?)\
            """);
  }

  @Test
  void aBrokenRuleEndsTheReadingAndNamesItsLine() {
    assertThatThrownBy(() -> read("count: 1\ntext: forbidden\n"))
        .hasMessage("the text is forbidden (line 2)");
  }

  @Test
  void rulesAreNotCheckedWhereTypesAreWrong() {
    assertThatThrownBy(() -> read("text: forbidden\ncount: a\n"))
        .hasMessage("yaml: unmarshal errors:\n  line 2: cannot unmarshal !!str `a` into uint");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a: b: c                    | yaml: line 1: mapping values are not allowed in this context
          a: [b                      | yaml: line 2: did not find expected ',' or ']'
          a: {b: c                   | yaml: line 2: did not find expected ',' or '}'
          a:;  b: c; d: e            | yaml: line 3: did not find expected key
          a: @b                      | yaml: line 1: found character that cannot start any token
          a: "b\\q"                  | yaml: line 1: found unknown escape character
          a: *b                      | yaml: line 1: unknown anchor 'b' referenced
          - a;b: c                   | yaml: line 2: did not find expected '-' indicator
          <<: 1                      | yaml: map merge requires map or sequence of maps as the value (line 1)
          count: !!int abc           | yaml: cannot decode !!str `abc` as a !!int (line 1)
          text: !!binary '/w'        | yaml: !!binary value contains invalid base64 data (line 1)
          """)
  void textsThatAreNoYamlAreNamedWithTheirLine(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml.replace(";", "\n") + "\n")).hasMessage(message);
  }

  @Test
  void tabsAndControlCharactersAreNamed() {
    assertThatThrownBy(() -> read("list:\n- a: b\n\tfoo: b\n"))
        .hasMessage("yaml: line 3: found a tab character that violates indentation");
    assertThatThrownBy(() -> read("a\u0000: 1"))
        .hasMessage("yaml: control characters are not allowed");
  }

  @Test
  void mapsThatMergeThemselvesAreRefused() {
    assertThatThrownBy(() -> read("&a {<<: *a}")).isInstanceOf(YamlException.class);
  }

  @Test
  void filesAreReadAgainstTheFolderOfTheFile() {
    List<String> files = new ArrayList<>();
    Yaml.decode(
        "[a.json, ../b.json, /c.json, '']",
        Path.of("/etc/prometheus"),
        value -> value.list("[]string", v -> files.add(v.file())));
    assertThat(files).containsExactly("/etc/prometheus/a.json", "/etc/b.json", "/c.json", "");
  }

  @Test
  void keysWhoseWorkIsStillToComeAreRefusedUnlessTheyAskForNothing() {
    YamlDecoder<Integer> decoder =
        value -> {
          YamlMap map = value.map("config.plain");
          map.notYet("rules", "alerts");
          map.finish();
          return 0;
        };
    assertThat(Yaml.decode("{rules: [], alerts: }", decoder)).isZero();
    assertThatThrownBy(() -> Yaml.decode("rules: []\nalerts: [a]", decoder))
        .hasMessage("field alerts is not supported by Narthex yet (line 2)");
  }
}
