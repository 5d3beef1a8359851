package io.narthex.base.bytes;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoFloatTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "-0.0, -0, -0",
    "1, 1, 1",
    "0.1, 0.1, 0.1",
    "123456, 123456, 123456",
    "1000000, 1e+06, 1000000",
    "1234567.5, 1.2345675e+06, 1234567.5",
    "0.00001, 1e-05, 0.00001",
    "0.0001, 0.0001, 0.0001",
    "1e300, 1e+300, 1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    "4.9e-324, 5e-324, 0.000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000005",
    "NaN, NaN, NaN",
    "Infinity, +Inf, +Inf",
    "-Infinity, -Inf, -Inf",
  })
  void floatsAreWrittenAsGoWritesThem(double value, String shortest, String fixed) {
    assertThat(GoFloat.text(value)).isEqualTo(shortest);
    assertThat(GoFloat.fixed(value)).isEqualTo(fixed);
  }

  @Test
  void floatsAreRoundedAsGoRoundsThem() {
    assertThat(GoFloat.general(0.123456, 2)).isEqualTo("0.12");
    assertThat(GoFloat.general(123456, 2)).isEqualTo("1.2e+05");
    assertThat(GoFloat.sixDigits(-1.5)).isEqualTo("-1.500000");
  }

  @Test
  void whatIsWrittenReadsBackAndIsNeverLongerThanJavasText() {
    Random random = new Random(5);
    for (int i = 0; i < 100_000; i++) {
      double value =
          Double.longBitsToDouble(i % 4 == 0 ? random.nextLong(1 << 20) : random.nextLong());
      if (!Double.isFinite(value)) {
        continue;
      }
      for (String text : new String[] {GoFloat.text(value), GoFloat.fixed(value)}) {
        assertThat(Double.parseDouble(text)).isEqualTo(value);
        assertThat(digits(text)).isLessThanOrEqualTo(digits(Double.toString(value)));
      }
    }
  }

  private static int digits(String text) {
    return new BigDecimal(text).stripTrailingZeros().precision();
  }
}
