package io.narthex.model.relabel;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlValue;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.labels.ValidationScheme;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RelabellingTest {

  private static Relabelling rules(String yaml) {
    return Relabelling.of(
        Yaml.decode(
            yaml,
            value ->
                value.list("[]*relabel.Config", RelabelConfig::decode).stream()
                    .map(rule -> rule.complete(ValidationScheme.UTF8))
                    .toList()));
  }

  private static Labels labels(String yaml) {
    Map<String, String> pairs = Yaml.decode(yaml, value -> value.mapOf("map", YamlValue::text));
    return Labels.of(pairs);
  }

  private static @Nullable Labels apply(String rules, Labels labels) {
    Labels result = rules(rules).apply(labels, new LabelsBuilder());
    // Both doors give the same.
    LabelsBuilder builder = new LabelsBuilder().from(labels);
    boolean kept = rules(rules).apply(builder);
    assertThat(kept ? builder.build() : null).isEqualTo(result);
    return result;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {a: foo, b: bar}         | {source_labels: [a], regex: f(.*), target_label: d, replacement: 'ch${1}-ch${1}'} | {a: foo, b: bar, d: choo-choo}
          {a: foo, b: bar}         | {source_labels: [a, b], regex: 'f(.*);(.*)r', target_label: a, replacement: 'b${1}${2}m'} | {a: boobam, b: bar}
          {a: foo}                 | {source_labels: [a], regex: no, target_label: b, replacement: x} | {a: foo}
          {a: foo}                 | {source_labels: [a], target_label: b}                             | {a: foo, b: foo}
          {a: foo, b: bar}         | {source_labels: [missing], target_label: b}                       | {a: foo}
          {a: foo}                 | {target_label: b, replacement: static}                            | {a: foo, b: static}
          {a: foo}                 | {target_label: a, replacement: ''}                                | {}
          {a: foo}                 | {regex: , target_label: b, replacement: x}                        | {a: foo, b: x}
          {a: foo}                 | {source_labels: [a], regex: , target_label: b, replacement: x}    | {a: foo}
          {a: foo, b: bar}         | {source_labels: [a, b], separator: '-', target_label: c}          | {a: foo, b: bar, c: foo-bar}
          {a: foo, b: bar}         | {source_labels: [a, b], separator: , target_label: c}             | {a: foo, b: bar, c: foobar}
          {a: name, b: value}      | {source_labels: [a, b], regex: '(.*);(.*)', target_label: '${1}', replacement: '${2}'} | {a: name, b: value, name: value}
          {a: foo}                 | {source_labels: [a], regex: '(.)oo(x)?', target_label: '${2}', replacement: y} | {a: foo}
          {a: foo}                 | {source_labels: [a], regex: 'foo', action: keep}                  | {a: foo}
          {a: foo}                 | {source_labels: [a], regex: 'fo', action: keep}                   | dropped
          {a: foo}                 | {source_labels: [b], regex: '', action: keep}                     | {a: foo}
          {a: foo}                 | {source_labels: [a], regex: '.*o.*', action: drop}                | dropped
          {a: foo}                 | {source_labels: [a], regex: 'o', action: drop}                    | {a: foo}
          {a: x, b: x}             | {source_labels: [a], target_label: b, action: keepequal}          | {a: x, b: x}
          {a: x, b: y}             | {source_labels: [a], target_label: b, action: keepequal}          | dropped
          {a: x, b: x}             | {source_labels: [a], target_label: b, action: dropequal}          | dropped
          {a: x, b: y}             | {source_labels: [a], target_label: b, action: dropequal}          | {a: x, b: y}
          {a: foo, b: bar, c: baz} | {source_labels: [c], target_label: d, modulus: 1000, action: hashmod} | {a: foo, b: bar, c: baz, d: 976}
          {a: "foo\\nbar"}         | {source_labels: [a], target_label: b, modulus: 1000, action: hashmod} | {a: "foo\\nbar", b: 734}
          {a: foo, b1: bar, b2: baz} | {regex: '(b.*)', replacement: 'bar_${1}', action: labelmap}     | {a: foo, b1: bar, b2: baz, bar_b1: bar, bar_b2: baz}
          {__meta_my_bar: aaa, __meta_my_baz: bbb} | {regex: '__meta_(my.*)', action: labelmap}        | {__meta_my_bar: aaa, __meta_my_baz: bbb, my_bar: aaa, my_baz: bbb}
          {a: foo, b1: bar, b2: baz} | {regex: '(b.*)', action: labeldrop}                             | {a: foo}
          {a: foo, b1: bar, b2: baz} | {regex: '(b.*)', action: labelkeep}                             | {b1: bar, b2: baz}
          {a: FOO_ÄÖ}              | {source_labels: [a], target_label: b, action: lowercase}          | {a: FOO_ÄÖ, b: foo_äö}
          {a: fooß}                | {source_labels: [a], target_label: b, action: uppercase}          | {a: fooß, b: FOOß}
          {a: foo}                 | {source_labels: [a], target_label: 'a b', replacement: x}         | {a: foo, 'a b': x}
          """)
  void oneRule(String before, String rule, String after) {
    Labels result = apply("[" + rule + "]", labels(before));
    if (after.equals("dropped")) {
      assertThat(result).isNull();
    } else {
      assertThat(result).isEqualTo(labels(after));
    }
  }

  @Test
  void rulesSeeWhatTheOnesBeforeThemLeft() {
    String rules =
        """
        - {source_labels: [a], regex: f(.*), target_label: b, replacement: 'x${1}'}
        - {source_labels: [b], regex: x(.*), target_label: c, replacement: '${1}'}
        - {regex: a, action: labeldrop}
        """;
    assertThat(apply(rules, Labels.of("a", "foo"))).isEqualTo(Labels.of("b", "xoo", "c", "oo"));
  }

  @Test
  void theFirstDropEndsIt() {
    assertThat(
            apply(
                "[{source_labels: [a], regex: foo, action: drop}, {target_label: b, replacement: c}]",
                Labels.of("a", "foo")))
        .isNull();
  }

  @Test
  void whatDoesNotChangeIsNotCopied() {
    Labels labels = Labels.of("a", "foo", "b", "bar");
    Relabelling rules =
        rules(
            """
            - {source_labels: [a], regex: foo, action: keep}
            - {source_labels: [a], regex: nothing, target_label: x}
            - {target_label: b, replacement: bar}
            - {regex: zzz, action: labeldrop}
            """);
    assertThat(rules.apply(labels, new LabelsBuilder())).isSameAs(labels);
    assertThat(Relabelling.NONE.apply(labels, new LabelsBuilder())).isSameAs(labels);
  }

  @Test
  void underTheLegacySchemeOtherNamesAreNotWritten() {
    RelabelConfig rule =
        new RelabelConfig(
            List.of("a"), ";", null, 0, "$1", "x", RelabelAction.REPLACE, ValidationScheme.LEGACY);
    Relabelling rules = Relabelling.of(List.of(rule));
    assertThat(rules.apply(Labels.of("a", "b c"), new LabelsBuilder()))
        .isEqualTo(Labels.of("a", "b c"));
    assertThat(rules.apply(Labels.of("a", "b_c"), new LabelsBuilder()))
        .isEqualTo(Labels.of("a", "b_c", "b_c", "x"));
  }

  @Test
  void saysWhichRuleDropsAndWhatEachMakesOfTheLabels() {
    Relabelling rules =
        rules(
            "[{target_label: b, replacement: x}, {source_labels: [a], regex: foo, action: keep},"
                + " {regex: b, action: labeldrop}]");
    assertThat(rules.dropping(new LabelsBuilder().from(Labels.of("a", "foo"))))
        .isEqualTo(Relabelling.KEPT);
    assertThat(rules.dropping(new LabelsBuilder().from(Labels.of("a", "bar")))).isEqualTo(1);
    assertThat(rules.steps(Labels.of("a", "foo")))
        .extracting(Relabelling.Step::output)
        .containsExactly(
            Labels.of("a", "foo", "b", "x"),
            Labels.of("a", "foo", "b", "x"),
            Labels.of("a", "foo"));
    assertThat(rules.steps(Labels.of("a", "bar")))
        .containsExactly(
            new Relabelling.Step(rules.configs().get(0), Labels.of("a", "bar", "b", "x"), true),
            new Relabelling.Step(rules.configs().get(1), Labels.EMPTY, false),
            new Relabelling.Step(rules.configs().get(2), Labels.EMPTY, false));
  }
}
