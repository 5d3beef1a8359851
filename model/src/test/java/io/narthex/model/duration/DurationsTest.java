package io.narthex.model.duration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlWriter;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DurationsTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0s",
    "0s, 0, 0s",
    "15s, 15000, 15s",
    "1m, 60000, 1m",
    "90s, 90000, 1m30s",
    "1h30m, 5400000, 1h30m",
    "36h, 129600000, 1d12h",
    "1d, 86400000, 1d",
    "1w, 604800000, 1w",
    "15d, 1296000000, 15d",
    "1y, 31536000000, 1y",
    "1y1w1d, 32227200000, 373d",
    "324ms, 324, 324ms",
    "4d1h, 349200000, 4d1h",
    "2d12h1s1ms, 216001001, 2d12h1s1ms"
  })
  void readsAndPrints(String text, long millis, String printed) {
    Duration duration = Durations.parse(text);
    assertThat(duration).isEqualTo(Duration.ofMillis(millis));
    assertThat(Durations.print(duration)).isEqualTo(printed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''               | empty duration string
          1                | not a valid duration string: "1"
          x                | not a valid duration string: "x"
          -1s              | not a valid duration string: "-1s"
          ' 1s'            | not a valid duration string: " 1s"
          1s1m             | not a valid duration string: "1s1m"
          1s1s             | not a valid duration string: "1s1s"
          1.5s             | unknown unit "." in duration "1.5s"
          1x               | unknown unit "x" in duration "1x"
          1h1x             | unknown unit "x" in duration "1h1x"
          300y             | duration out of range
          9999999999999y   | duration out of range
          99999999999999999999s | duration out of range
          """)
  void saysWhatIsWrong(String text, String message) {
    assertThatThrownBy(() -> Durations.parse(text))
        .isInstanceOf(DurationException.class)
        .hasMessage(message);
  }

  @Test
  void decodesAndWrites() {
    assertThat(Yaml.decode("5m", Durations::decode)).isEqualTo(Duration.ofMinutes(5));
    assertThatThrownBy(() -> Yaml.decode("\nabc", Durations::decode))
        .hasMessage("not a valid duration string: \"abc\" (line 2)");
    assertThat(
            YamlWriter.print(out -> {
              Durations.write(out, "a", Duration.ofMinutes(5));
              Durations.write(out, "b", Duration.ZERO);
            }))
        .isEqualTo("a: 5m\n");
  }

  @Property
  void whatIsPrintedReadsBack(@ForAll @LongRange(min = 0, max = 9_000_000_000_000L) long millis) {
    assertThat(Durations.parse(Durations.print(Duration.ofMillis(millis))).toMillis())
        .isEqualTo(millis);
  }
}
