package io.narthex.model.relabel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.labels.ValidationScheme;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The messages are those of promtool 3.5 for the same rules. */
final class RelabelConfigTest {

  private static RelabelConfig rule(String yaml, ValidationScheme scheme) {
    return Yaml.decode(yaml, RelabelConfig::decode).complete(scheme);
  }

  @Test
  void defaults() {
    RelabelConfig rule = rule("{target_label: a}", ValidationScheme.UTF8);
    assertThat(rule)
        .isEqualTo(
            new RelabelConfig(
                List.of(), ";", null, 0, "a", "$1", RelabelAction.REPLACE, ValidationScheme.UTF8));
    assertThat(rule.expression()).isEqualTo("(.*)");
  }

  @Test
  void everyKey() {
    assertThat(
            rule(
                "{source_labels: [a, b], separator: ',', regex: x, modulus: 8, target_label: t,"
                    + " replacement: r, action: HashMod}",
                ValidationScheme.LEGACY))
        .isEqualTo(
            new RelabelConfig(
                List.of("a", "b"),
                ",",
                "x",
                8,
                "t",
                "r",
                RelabelAction.HASHMOD,
                ValidationScheme.LEGACY));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                        | relabel configuration for replace action requires 'target_label' value
          {action: }                                | relabel action cannot be empty
          {action: ''}                              | unknown relabel action ""
          {action: foo}                             | unknown relabel action "foo"
          {regex: '(('}                             | error parsing regexp: missing closing ): `^(?s:(()$`
          {regex: '*'}                              | error parsing regexp: missing argument to repetition operator: `*`
          {source_labels: ['']}                     | "" is not a valid label name
          {action: hashmod, target_label: a}        | relabel configuration for hashmod requires non-zero modulus
          {action: hashmod, modulus: 1}             | relabel configuration for hashmod action requires 'target_label' value
          {action: lowercase}                       | relabel configuration for lowercase action requires 'target_label' value
          {action: keepequal}                       | relabel configuration for keepequal action requires 'target_label' value
          {action: lowercase, target_label: !!binary /w==} | "\\xff" is invalid 'target_label' for lowercase action
          {action: labelmap, replacement: ''}       | "" is invalid 'replacement' for labelmap action
          {action: uppercase, target_label: a, replacement: b} | 'replacement' can not be set for uppercase action
          {action: keepequal, target_label: a, replacement: b} | 'replacement' can not be set for keepequal action
          {action: keepequal, target_label: a, regex: '(.*)'} | keepequal action requires only 'source_labels' and `target_label`, and no other fields
          {action: dropequal, target_label: a, separator: x} | dropequal action requires only 'source_labels' and `target_label`, and no other fields
          {action: labeldrop, source_labels: []}    | labeldrop action requires only 'regex', and no other fields
          {action: labelkeep, target_label: a}      | labelkeep action requires only 'regex', and no other fields
          {action: labelkeep, modulus: 1}           | labelkeep action requires only 'regex', and no other fields
          """)
  void brokenRules(String yaml, String message) {
    assertThatThrownBy(() -> rule(yaml, ValidationScheme.UTF8)).hasMessage(message + " (line 1)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a$1", "${1}b$c", "$name", "_x"})
  void legacyTemplatesThatCanBecomeNames(String template) {
    assertThat(rule("{target_label: '" + template + "'}", ValidationScheme.LEGACY).targetLabel())
        .isEqualTo(template);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a$", "a$1-", "1a", "${", "${1", "a:b"})
  void legacyTemplatesThatCannot(String template) {
    assertThatThrownBy(() -> rule("{target_label: '" + template + "'}", ValidationScheme.LEGACY))
        .hasMessage("\"" + template + "\" is invalid 'target_label' for replace action (line 1)");
    assertThat(rule("{target_label: '" + template + "'}", ValidationScheme.UTF8)).isNotNull();
  }

  @Test
  void printsAsUpstream() {
    assertThat(
            YamlWriter.print(out ->
                out.maps(
                    "relabel_configs",
                    List.of(
                        rule(
                            "{source_labels: [a, b], regex: (.*), target_label: x}",
                            ValidationScheme.UTF8),
                        rule("{regex: , action: keep}", ValidationScheme.UTF8)),
                    RelabelConfig::write)))
        .isEqualTo(
            """
            relabel_configs:
            - source_labels: [a, b]
              separator: ;
              regex: (.*)
              target_label: x
              replacement: $1
              action: replace
            - separator: ;
              regex: null
              replacement: $1
              action: keep
            """);
  }
}
