package io.narthex.model.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.bytes.Utf8;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NumbersTest {

  private static double parse(String text) {
    byte[] b = Utf8.bytes("9" + text + "9");
    return Numbers.parse(b, 1, b.length - 1);
  }

  private static double read(String text) {
    byte[] b = Utf8.bytes("9" + text + "\n9");
    NumberReader reader = new NumberReader();
    double value = reader.read(b, 1, b.length);
    assertThat(reader.end()).isEqualTo(b.length - 2);
    return value;
  }

  @Property(tries = 20_000)
  void theReaderReadsWhatJavaPrints(@ForAll long bits) {
    double value = Double.longBitsToDouble(bits);
    if (Double.isFinite(value)) {
      assertThat(read(Double.toString(value))).isEqualTo(value);
      assertThat(read(String.format("%.18e", value))).isEqualTo(value);
    }
  }

  @Property(tries = 20_000)
  void theReaderRoundsAsJavaDoes(
      @ForAll long digits, @ForAll @IntRange(min = -345, max = 290) int exponent) {
    String text = Long.toUnsignedString(digits) + "e" + exponent;
    double expected = Double.parseDouble(text);
    if (Double.isInfinite(expected)) {
      assertThat(Numbers.isOutOfRange(read(text))).isTrue();
    } else {
      assertThat(read(text)).isEqualTo(expected);
    }
  }

  /** The middle between two doubles, and a little to both sides of it. */
  @Property(tries = 2000)
  void theReaderRoundsMiddlesToEven(
      @ForAll @LongRange(min = 1L << 52, max = (1L << 53) - 2) long mantissa) {
    for (long digits = mantissa * 2; digits <= mantissa * 2 + 2; digits++) {
      assertThat(read(Long.toString(digits))).isEqualTo((double) digits);
      assertThat(read(digits + "00e-2")).isEqualTo((double) digits);
    }
  }

  @Property
  void readsWhatJavaPrints(@ForAll double value) {
    if (Double.isFinite(value)) {
      assertThat(parse(Double.toString(value))).isEqualTo(value);
    }
  }

  @Property
  void readsDigitsAsJavaDoes(
      @ForAll boolean negative,
      @ForAll long digits,
      @ForAll @IntRange(min = 0, max = 25) int point,
      @ForAll @IntRange(min = -400, max = 280) int exponent) {
    String text = Long.toUnsignedString(digits);
    int at = Math.min(point, text.length());
    text = (negative ? "-" : "") + text.substring(0, at) + "." + text.substring(at);
    text += exponent == 0 ? "" : "e" + exponent;
    assertThat(parse(text)).isEqualTo(Double.parseDouble(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "+", "-", ".", "e5", "1e", "1e+", "1_0", "0x1p-3", "0x1", "1f", "1d", "+nan", "-NaN",
        "1 ", "1.2.3", "in", "infi", "--1", "0b1", "1e5.0", "Infinit", "1\r"
      })
  void refusesWhatIsNoNumber(String text) {
    assertThat(Numbers.isInvalid(parse(text))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e309", "-1e400", "1e99999999999999"})
  void saysWhenANumberIsTooLarge(String text) {
    assertThat(Numbers.isOutOfRange(parse(text))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"inf", "+Inf", "INFINITY", "1.", ".5", "000000000000000000000000000001.2e-1"})
  void takesGosForms(String text) {
    double expected =
        Character.isLetter(text.charAt(text.length() - 1)) ? Double.POSITIVE_INFINITY : 0;
    double value = parse(text);
    assertThat(Numbers.isInvalid(value)).isFalse();
    if (expected > 0) {
      assertThat(value).isEqualTo(expected);
    } else {
      assertThat(value).isEqualTo(Double.parseDouble(text));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1=1.0",
        "0=0.0",
        "-0=0.0",
        "0.5=0.5",
        "1e6=1e+06",
        "123456=123456.0",
        "1234567=1.234567e+06",
        "0.0001=0.0001",
        "0.00001=1e-05",
        "1e300=1e+300",
        "+Inf=+Inf",
        "-2.5=-2.5",
        "100=100.0",
        "0.025=0.025",
        "8.999999999999998=8.999999999999998"
      })
  void writesFloatsAsOpenMetricsDoes(String pair) {
    String[] sides = pair.split("=", 2);
    assertThat(OpenMetricsFloat.format(parse(sides[0]))).isEqualTo(sides[1]);
  }
}
