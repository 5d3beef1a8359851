package io.narthex.base.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expected texts are what Prometheus prints on its configuration page. */
final class YamlWriterTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          b              | b
          1.5            | "1.5"
          x: y           | 'x: y'
          a#b            | a#b
          a #b           | 'a #b'
          it's           | it's
          'x'            | '''x'''
          "x"            | '"x"'
          -              | '-'
          - a            | '- a'
          ~              | "~"
          {              | '{'
          a{b            | a{b
          é              | é
          12:30          | "12:30"
          localhost:9090 | localhost:9090
          [::1]:80       | '[::1]:80'
          0x1f           | "0x1f"
          1e3            | "1e3"
          a, b           | a, b
          !x             | '!x'
          %x             | '%x'
          @x             | '@x'
          null           | "null"
          2001-01-01     | "2001-01-01"
          =              | =
          <<             | <<
          ?x             | ?x
          :x             | :x
          x:             | 'x:'
          off            | "off"
          y              | "y"
          .5             | ".5"
          $1:$2          | $1:$2
          ,              | ','
          ;              | ;
          """)
  void quotesOnlyWhatNeedsIt(String text, String printed) {
    assertThat(YamlWriter.print(out -> out.put("k", text))).isEqualTo("k: " + printed + "\n");
  }

  @Test
  void quotesMoreInFlowLists() {
    assertThat(YamlWriter.print(out -> out.flow("k", List.of("a b", "x:y", "a,b", "c"))))
        .isEqualTo("k: [a b, 'x:y', 'a,b', c]\n");
  }

  @Test
  void printsTheSpecialTexts() {
    assertThat(
            YamlWriter.print(out -> {
              out.put("empty", "");
              out.put("none", null);
              out.put("lead", " lead");
              out.put("n", "multi\nline");
              out.put("tab", "a\tb");
              out.secret("password", "p");
              out.secret("absent", "");
            }))
        .isEqualTo(
            """
            empty: ""
            none: null
            lead: ' lead'
            "n": |-
              multi
              line
            tab: "a\\tb"
            password: <secret>
            """);
  }

  @Test
  void foldsLongTexts() {
    assertThat(
            YamlWriter.print(out ->
                out.map(
                    "labels",
                    labels ->
                        labels.put(
                            "aj",
                            "a very long text that has more than eighty characters so that the"
                                + " emitter would have to fold it somewhere around here"))))
        .isEqualTo(
            """
            labels:
              aj: a very long text that has more than eighty characters so that the emitter would
                have to fold it somewhere around here
            """);
  }

  @Test
  void nestsMapsAndLists() {
    assertThat(
            YamlWriter.print(out -> {
              out.maps(
                  "jobs",
                  List.of("a", "b"),
                  (name, job) -> {
                    job.put("name", name);
                    job.bool("on", false);
                    job.flag("off", false);
                    job.unsigned("count", 3);
                    job.unsigned("zero", 0);
                    job.number("share", 0.5);
                    job.number("whole", 2);
                    job.texts("list", List.of("x", "y"));
                    job.texts("nothing", List.of());
                    job.textMap("labels", Map.of("l", "v"));
                    job.map("empty", inner -> {});
                    job.mapIfAny("absent", inner -> {});
                    job.mapIfAny("present", inner -> inner.put("k", "v"));
                  });
              out.maps("blank", List.of(1), (one, inner) -> {});
            }))
        .isEqualTo(
            """
            jobs:
            - name: a
              "on": false
              count: 3
              share: 0.5
              whole: 2
              list:
              - x
              - "y"
              labels:
                l: v
              empty: {}
              present:
                k: v
            - name: b
              "on": false
              count: 3
              share: 0.5
              whole: 2
              list:
              - x
              - "y"
              labels:
                l: v
              empty: {}
              present:
                k: v
            blank:
            - {}
            """);
    assertThat(YamlWriter.print(out -> {})).isEqualTo("{}\n");
  }

  @Property
  void whatIsPrintedReadsBack(@ForAll String text) {
    // What UTF-8 cannot hold, and what YAML forbids, comes in no configuration file.
    String clean =
        text.codePoints()
            .filter(c -> c >= 0x20 && !(c >= 0xd800 && c < 0xe000) && c != 0xfffe && c != 0xffff)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    String printed =
        YamlWriter.print(out -> {
          out.put("k", clean);
          out.flow("f", List.of(clean));
        });
    List<String> read =
        Yaml.decode(
            printed,
            value -> {
              YamlMap map = value.map("config.plain");
              List<String> both = List.of(map.text("k", ""), map.texts("f").getFirst());
              map.finish();
              return both;
            });
    assertThat(read).as(printed).containsExactly(clean, clean);
  }
}
