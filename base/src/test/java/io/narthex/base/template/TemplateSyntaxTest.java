package io.narthex.base.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TemplateSyntaxTest {

  private static String problem(String text) {
    return TemplateSyntax.problem(
        "t", text, Set.of("humanize", "query", "first", "label"), Set.of("$labels", "$value"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "plain } text {",
        "{{ $labels.instance }} is {{ $value | humanize }}",
        "{{- .A -}}",
        "{{/* a comment */}}",
        "{{- /* a comment */ -}}",
        "{{ if eq .A 1 }}a{{ else if .B }}b{{ else }}c{{ end }}",
        "{{ with $x := 1 }}{{ $x }}{{ else with 2 }}{{ . }}{{ end }}",
        "{{ range $i, $v := query \"up\" }}{{ $i }}{{ $v.Labels.job }}{{ break }}{{ end }}",
        "{{ range .A }}{{ continue }}{{ else }}none{{ end }}",
        "{{ define \"x\" }}{{ . }}{{ end }}{{ template \"x\" . }}",
        "{{ block \"y\" . }}{{ .A }}{{ end }}",
        "{{ (index .A 0).B }}",
        "{{ $x := 1 }}{{ $x = 2 }}{{ $x }}",
        "{{ printf `%s` \"a\\\"b\" 'c' 1.5e3 0x1F -2 true }}",
        "{{ query \"up\" | first | label \"job\" }}",
        "{{ and .A (or .B .C) | not }}",
        "{{ $ }}",
      })
  void whatGoParses(String text) {
    assertThat(problem(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {{ $label.a }}            | undefined variable "$label"
          {{ .A                     | unclosed action
          {{ nope .A }}             | function "nope" not defined
          {{ }}                     | missing value for command
          {{ if }}a{{ end }}        | missing value for if
          {{ if .A }}a              | unexpected EOF
          {{ end }}                 | unexpected {{end}}
          {{ else }}                | unexpected {{else}}
          {{ if .A }}{{ else }}{{ else }}{{ end }} | expected end; found {{else}}
          {{ "a }}                  | unterminated quoted string
          {{ (.A }}                 | unclosed left paren
          {{ .A) }}                 | unexpected right paren
          {{ 1 ~ 2 }}               | unrecognized character in action: U+007E '~'
          {{ .A !! }}               | unrecognized character in action: U+0021 '!'
          {{/* a }}                 | unclosed comment
          {{ break }}               | {{break}} outside {{range}}
          {{ .A }}{{ range $x := .B }}{{ end }}{{ $x }} | undefined variable "$x"
          {{ template x }}          | unexpected "x" in template clause
          {{ "a" "b" . }}{{ .A, 1 }} | unexpected "," in operand
          {{ humanize \u007c 1 }}   | non executable command in pipeline stage 2
          {{ 1.A }}                 | bad number syntax: "1.A"
          {{ if .A }}{{ $y := 1 }}{{ end }}{{ $y }} | undefined variable "$y"
          """)
  void whatGoRefuses(String text, String message) {
    assertThat(problem(text.replace("\\u007c", "|"))).isEqualTo("template: t:1: " + message);
  }

  @Test
  void theLineIsTold() {
    assertThat(problem("a\nb {{ .C }}\n{{ nope }}"))
        .isEqualTo("template: t:3: function \"nope\" not defined");
  }
}
