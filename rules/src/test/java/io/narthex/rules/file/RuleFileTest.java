package io.narthex.rules.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.labels.ValidationScheme;
import io.narthex.promql.parser.ParserOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RuleFileTest {

  private static RuleFile read(String yaml) {
    return RuleFile.read(yaml, RuleFile.Options.DEFAULT);
  }

  @Test
  void everyKey() {
    RuleFile file =
        read(
            """
            groups:
            - name: g
              interval: 30s
              query_offset: 1m
              limit: 5
              labels: {team: a}
              rules:
              - record: job:up:sum
                expr: sum by (job) (up)
                labels: {l: v}
              - alert: Down
                expr: up == 0
                for: 5m
                keep_firing_for: 2m
                labels: {severity: page}
                annotations: {summary: '{{ $labels.instance }} is down'}
            """);
    assertThat(file.problems()).isEmpty();
    assertThat(file.groups())
        .singleElement()
        .satisfies(group -> {
          assertThat(group.name()).isEqualTo("g");
          assertThat(group.interval()).isEqualTo(Duration.ofSeconds(30));
          assertThat(group.queryOffset()).isEqualTo(Duration.ofMinutes(1));
          assertThat(group.limit()).isEqualTo(5);
          assertThat(group.labels()).isEqualTo(Map.of("team", "a"));
          assertThat(group.rules()).hasSize(2);
          assertThat(group.rules().getFirst())
              .isInstanceOfSatisfying(
                  Rule.Recording.class,
                  rule -> {
                    assertThat(rule.name()).isEqualTo("job:up:sum");
                    assertThat(rule.expression()).isEqualTo("sum by (job) (up)");
                    assertThat(rule.labels()).isEqualTo(Map.of("l", "v"));
                  });
          assertThat(group.rules().getLast())
              .isInstanceOfSatisfying(
                  Rule.Alerting.class,
                  rule -> {
                    assertThat(rule.name()).isEqualTo("Down");
                    assertThat(rule.holdFor()).isEqualTo(Duration.ofMinutes(5));
                    assertThat(rule.keepFiringFor()).isEqualTo(Duration.ofMinutes(2));
                    assertThat(rule.annotations()).containsKey("summary");
                  });
        });
  }

  @Test
  void defaults() {
    RuleGroup group =
        read("groups: [{name: g, rules: [{alert: a, expr: up}]}]").groups().getFirst();
    assertThat(group.interval()).isZero();
    assertThat(group.queryOffset()).isNull();
    assertThat(group.limit()).isZero();
    assertThat(group.labels()).isEmpty();
    Rule.Alerting rule = (Rule.Alerting) group.rules().getFirst();
    assertThat(rule.holdFor()).isZero();
    assertThat(rule.keepFiringFor()).isZero();
    assertThat(read("")).isEqualTo(new RuleFile(List.of(), List.of(), List.of()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {record: a, alert: b, expr: up}  | 4:14: 4:24: group "g", rule 1, "b": only one of 'record' and 'alert' must be set
          {expr: up}                       | 4:5: 4:5: group "g", rule 1, "": one of 'record' or 'alert' must be set
          {record: a}                      | 4:5: group "g", rule 1, "a": field 'expr' must be set in rule
          {record: a, expr: 'up +'}        | 4:23: group "g", rule 1, "a": could not parse expression: 1:5: parse error: unexpected end of input
          {record: a, expr: up, annotations: {x: y}} | 4:14: group "g", rule 1, "a": invalid field 'annotations' in recording rule
          {record: a, expr: up, for: 1m}   | 4:14: group "g", rule 1, "a": invalid field 'for' in recording rule
          {record: a, expr: up, keep_firing_for: 1m} | 4:14: group "g", rule 1, "a": invalid field 'keep_firing_for' in recording rule
          {record: 'a{b="c"}', expr: up}   | 4:14: group "g", rule 1, "a{b=\\"c\\"}": braces present in the recording rule name; should it be in expr?: a{b="c"}
          {record: a, expr: up, labels: {__name__: b}} | group "g", rule 1, "a": invalid label name: __name__
          {alert: a, expr: up, labels: {b: '{{ $x }}'}} | group "g", rule 1, "a": label "b": template: __alert_a:1: undefined variable "$x"
          {alert: a, expr: up, annotations: {b: '{{ x }}'}} | group "g", rule 1, "a": annotation "b": template: __alert_a:1: function "x" not defined
          {record: a, expr: up, foo: 1}    | yaml: unmarshal errors:;  line 4: field foo not found in type rulefmt.Rule
          {record: a, expr: up, for: x}    | not a valid duration string: "x" (line 4)
          """)
  void faultyRules(String rule, String problem) {
    assertThat(read("groups:\n- name: g\n  rules:\n  - " + rule + "\n").problems())
        .containsExactly(problem.replace(';', '\n'));
  }

  @Test
  void faultyGroups() {
    assertThat(
            read(
                    """
                    groups:
                    - rules: []
                    - name: a
                      labels: {__name__: x}
                    - name: a
                    """)
                .problems())
        .containsExactly(
            "2:3: Groupname must not be empty",
            "invalid label name: __name__",
            "5:3: groupname: \"a\" is repeated in the same file");
    assertThat(read("groups: [{name: g, interval: x}]").problems())
        .containsExactly("not a valid duration string: \"x\" (line 1)");
  }

  @Test
  void optionsDecideWhatIsAllowed() {
    String unknown = "x: 1\ngroups: [{name: g, y: 2, rules: [{record: a, expr: up, z: 3}]}]";
    assertThat(read(unknown).problems()).hasSize(1);
    assertThat(
            RuleFile.read(
                    unknown,
                    new RuleFile.Options(true, ValidationScheme.UTF8, ParserOptions.DEFAULT))
                .problems())
        .isEmpty();
    String dotted = "groups: [{name: g, rules: [{record: 'a.b', expr: up, labels: {'c.d': e}}]}]";
    assertThat(read(dotted).problems()).isEmpty();
    assertThat(
            RuleFile.read(
                    dotted,
                    new RuleFile.Options(false, ValidationScheme.LEGACY, ParserOptions.DEFAULT))
                .problems())
        .containsExactly(
            "1:37: group \"g\", rule 1, \"a.b\": invalid recording rule name: a.b",
            "group \"g\", rule 1, \"a.b\": invalid label name: c.d");
  }

  @Test
  void allProblemsAreToldAndTheRightRulesKept() {
    RuleFile file =
        read(
            """
            groups:
            - name: g
              rules:
              - {record: a}
              - {record: b, expr: up}
              - {alert: c}
            """);
    assertThat(file.problems()).hasSize(2);
    assertThat(file.groups().getFirst().rules()).extracting(Rule::name).containsExactly("b");
    assertThat(file.names()).hasSize(3);
  }
}
