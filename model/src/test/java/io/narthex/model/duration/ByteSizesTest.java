package io.narthex.model.duration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.yaml.Yaml;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ByteSizesTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0B",
    "100B, 100, 100B",
    "1KB, 1024, 1KiB",
    "1KiB, 1024, 1KiB",
    "1.5KB, 1536, 1KiB512B",
    "10MB, 10485760, 10MiB",
    "512MB, 536870912, 512MiB",
    "1GB, 1073741824, 1GiB",
    "1TB, 1099511627776, 1TiB",
    "2EB, 2305843009213693952, 2EiB",
    "-1KB, -1024, -1KiB",
    "7EB, 8070450532247928832, 7EiB",
    "+2GB, 2147483648, 2GiB",
    "9876543210B, 9876543210, 9GiB203MiB5KiB746B",
    "1KB1B, 1025, 1KiB1B"
  })
  void readsAndPrints(String text, long bytes, String printed) {
    assertThat(ByteSizes.parse(text)).isEqualTo(bytes);
    assertThat(ByteSizes.print(bytes)).isEqualTo(printed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          100         | units: unknown unit  in 100
          1x          | units: unknown unit x in 1x
          1kb         | units: unknown unit kb in 1kb
          1 KB        | units: unknown unit  KB in 1 KB
          KB          | units: invalid KB
          x           | units: invalid x
          -           | units: invalid -
          8EB         | units: overflow parsing unit
          99999999EB  | units: overflow parsing unit
          """)
  void saysWhatIsWrong(String text, String message) {
    assertThatThrownBy(() -> ByteSizes.parse(text))
        .isInstanceOf(DurationException.class)
        .hasMessage(message);
  }

  @Test
  void decodes() {
    assertThat(Yaml.decode("10MB", ByteSizes::decode)).isEqualTo(10 << 20);
    assertThatThrownBy(() -> Yaml.decode("[1]", ByteSizes::decode))
        .hasMessage(
            "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into units.Base2Bytes");
  }

  @Property
  void whatIsPrintedReadsBack(@ForAll @LongRange(min = 0) long bytes) {
    assertThat(ByteSizes.parse(ByteSizes.print(bytes))).isEqualTo(bytes);
  }
}
