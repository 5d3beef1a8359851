package io.narthex.model.exposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.exposition.ExpositionTokenizer.Entry;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.value.StaleMarker;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ExpositionTokenizerTest {

  private final ExpositionTokenizer tokenizer = new ExpositionTokenizer();
  private final LabelsBuilder builder = new LabelsBuilder();

  private List<String> text(String page) {
    return read(page, ExpositionFormat.TEXT);
  }

  private List<String> openMetrics(String page) {
    return read(page, ExpositionFormat.OPENMETRICS);
  }

  private List<String> read(String page, ExpositionFormat format) {
    byte[] bytes = Utf8.bytes("xx" + page + "yy\n");
    tokenizer.reset(bytes, 2, bytes.length - 3, format);
    List<String> read = new ArrayList<>();
    for (Entry e = tokenizer.next(); e != Entry.EOF; e = tokenizer.next()) {
      switch (e) {
        case TYPE -> read.add("TYPE " + tokenizer.name() + " " + tokenizer.type().text());
        case HELP, UNIT -> read.add(e + " " + tokenizer.name() + " " + tokenizer.text());
        case COMMENT -> read.add("COMMENT");
        case SERIES -> {
          tokenizer.labels(builder);
          String line = builder.build() + " " + tokenizer.value();
          if (tokenizer.hasTimestamp()) {
            line += " @" + tokenizer.timestamp();
          }
          if (tokenizer.hasExemplar()) {
            tokenizer.exemplarLabels(builder);
            line += " # " + builder.build() + " " + tokenizer.exemplarValue();
            if (tokenizer.hasExemplarTimestamp()) {
              line += " @" + tokenizer.exemplarTimestamp();
            }
          }
          read.add(line);
        }
        case EOF -> throw new AssertionError();
      }
    }
    return read;
  }

  @Test
  void readsTheTextFormat() {
    assertThat(
            text(
                """
                # HELP up Is it\\nup? \\"yes\\" \\\\
                # TYPE up gauge

                #nothing
                # nothing
                # HELPER x
                # HELP
                up 1
                up{} 1e3
                \t up{a="b",} +Inf 123
                up { a = "b" , c="d" } -Inf   -7\t
                up{a="x} 1 2"}\tNaN
                {"my.metric",a="b"} 2
                {a="b","my \\"metric\\""} 3
                up{"my.label"="b"}4
                up{a="\\\\ \\" \\n \\x",b=""} 5\
                """))
        .containsExactly(
            "HELP up Is it\nup? \\\"yes\\\" \\",
            "TYPE up gauge",
            "COMMENT",
            "COMMENT",
            "COMMENT",
            "COMMENT",
            "{__name__=\"up\"} 1.0",
            "{__name__=\"up\"} 1000.0",
            "{__name__=\"up\", a=\"b\"} Infinity @123",
            "{__name__=\"up\", a=\"b\", c=\"d\"} -Infinity @-7",
            "{__name__=\"up\", a=\"x} 1 2\"} NaN",
            "{__name__=\"my.metric\", a=\"b\"} 2.0",
            "{__name__=\"my \\\"metric\\\"\", a=\"b\"} 3.0",
            "{__name__=\"up\", \"my.label\"=\"b\"} 4.0",
            "{__name__=\"up\", a=\"\\\\ \\\" \\n \\\\x\"} 5.0");
  }

  @Test
  void aLabelValueOfTheTextFormatMaySpanLines() {
    assertThat(text("a{b=\"x\ny 1\"} 2\nc 3\n"))
        .containsExactly("{__name__=\"a\", b=\"x\\ny 1\"} 2.0", "{__name__=\"c\"} 3.0");
  }

  @Test
  void readsOpenMetrics() {
    assertThat(
            openMetrics(
                """
                # TYPE a_seconds counter
                # UNIT a_seconds seconds
                # HELP a_seconds he said \\"no\\"
                a_seconds_total{b="c"} 1 1.5 # {id="x # {y}"} 0.5 123.456
                a_seconds_total{b="# {c=\\"d\\"} 1"} 1
                a_seconds_total 1 # {} 2
                a_seconds_created 1520430000.123
                # TYPE "my.histogram" histogram
                {"my.histogram_bucket",le="1"} 3
                # TYPE s summary
                s{quantile="0.50"} 3
                # EOF\
                """))
        .containsExactly(
            "TYPE a_seconds counter",
            "UNIT a_seconds seconds",
            "HELP a_seconds he said \"no\"",
            "{__name__=\"a_seconds_total\", b=\"c\"} 1.0 @1500 # {id=\"x # {y}\"} 0.5 @123456",
            "{__name__=\"a_seconds_total\", b=\"# {c=\\\"d\\\"} 1\"} 1.0",
            "{__name__=\"a_seconds_total\"} 1.0 # {} 2.0",
            "{__name__=\"a_seconds_created\"} 1.520430000123E9",
            "TYPE my.histogram histogram",
            "{__name__=\"my.histogram_bucket\", le=\"1.0\"} 3.0",
            "TYPE s summary",
            "{__name__=\"s\", quantile=\"0.5\"} 3.0");
  }

  @Test
  void storesNotANumberWithPrometheusBits() {
    text("a NaN\n");
    assertThat(Double.doubleToRawLongBits(tokenizer.value()))
        .isEqualTo(StaleMarker.NORMAL_NAN_BITS);
  }

  @Test
  void aBlankBeforeAllElseIsRefused() {
    byte[] page = Utf8.bytes(" 1 2\n# EOF\n");
    tokenizer.reset(page, 0, page.length, ExpositionFormat.OPENMETRICS);
    assertThatThrownBy(tokenizer::nextQuick)
        .isInstanceOf(ExpositionException.class)
        .hasMessageStartingWith("line 1, column 1: expected a valid start token");
  }

  @Test
  void saysWhereAndWhatWasExpected() {
    assertThatThrownBy(() -> text("a 1\nb{c=1} 2\n"))
        .isInstanceOfSatisfying(
            ExpositionException.class,
            e -> {
              assertThat(e.line()).isEqualTo(2);
              assertThat(e.column()).isEqualTo(5);
            })
        .hasMessage("line 2, column 5: expected label value in double quotes, got \"1} 2\"");
    assertThatThrownBy(() -> text("a\n"))
        .hasMessage("line 1, column 2: expected a number as metric value, got the end of the line");
    assertThatThrownBy(() -> text("a 1e999\n")).hasMessageContaining("value out of range");
    assertThatThrownBy(() -> text("<html>\n"))
        .hasMessageStartingWith("line 1, column 1: expected a valid start token");
    assertThatThrownBy(() -> openMetrics("a 1\n"))
        .hasMessageContaining("data does not end with # EOF");
    assertThatThrownBy(() -> openMetrics("a 1\n# EOF\nb 1\n"))
        .hasMessageContaining("unexpected data after # EOF");
    assertThatThrownBy(() -> text("a{b=\"1\",b=\"2\"} 1\n"))
        .hasMessageContaining("label name \"b\" is not unique: invalid sample");
    assertThatThrownBy(() -> text("a{b=\"1} 1\n")).hasMessageContaining("to close the label value");
    assertThatThrownBy(() -> text("a 1 1.5\n")).hasMessageContaining("timestamp in milliseconds");
    assertThatThrownBy(() -> text("# TYPE a x\n")).hasMessageContaining("invalid metric type");
    assertThatThrownBy(() -> text("{a=\"b\"} 1\n")).hasMessageContaining("metric name not set");
  }

  @Test
  void theQuickWayCutsFromBehindAndTheCarefulWayCorrectsIt() {
    byte[] bytes = Utf8.bytes("a{b=\"c\"} 1 2 # {d=\"e\"} 3 4\n# EOF\n");
    tokenizer.reset(bytes, 0, bytes.length, ExpositionFormat.OPENMETRICS);
    assertThat(tokenizer.nextQuick()).isEqualTo(Entry.SERIES);
    assertThat(tokenizer.isConfirmed()).isFalse();
    tokenizer.confirm();
    assertThat(Utf8.text(bytes, tokenizer.from(), tokenizer.to() - tokenizer.from()))
        .isEqualTo("a{b=\"c\"}");
    assertThat(tokenizer.value()).isEqualTo(1);
    assertThat(tokenizer.timestamp()).isEqualTo(2000);
    tokenizer.labels(builder);
    assertThat(builder.build()).isEqualTo(Labels.of("__name__", "a", "b", "c"));
    assertThat(tokenizer.nextQuick()).isEqualTo(Entry.EOF);
  }
}
