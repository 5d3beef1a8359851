package io.narthex.base.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonWriterTest {

  private interface Script {
    void write(JsonWriter json) throws IOException;
  }

  private static String written(Script script) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonWriter json = new JsonWriter(out);
    try {
      script.write(json);
      json.flush();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void putsCommasAndColonsWhereTheyBelong() {
    assertThat(
            written(j ->
                j.beginObject()
                    .name("a")
                    .beginArray()
                    .number(1)
                    .bool(true)
                    .nullValue()
                    .beginArray()
                    .endArray()
                    .beginObject()
                    .endObject()
                    .endArray()
                    .member("b", "c")
                    .member("d", -5)
                    .name("e")
                    .raw("[7]".getBytes(StandardCharsets.UTF_8))
                    .endObject()))
        .isEqualTo("{\"a\":[1,true,null,[],{}],\"b\":\"c\",\"d\":-5,\"e\":[7]}");
  }

  @Test
  void escapesTextAsGoDoes() {
    assertThat(written(j -> j.string("a\"b\\c\n\r\t\b\u007f<&>\u2028é漢😀\ud800")))
        .isEqualTo("\"a\\\"b\\\\c\\n\\r\\t\\u0008\u007f\\u003c\\u0026\\u003e\\u2028é漢😀\ufffd\"");
    byte[] label = "<é>\"\n\u0001\\".getBytes(StandardCharsets.UTF_8);
    assertThat(written(j -> j.label(label, 0, label.length)))
        .isEqualTo("\"<é>\\\"\\n\\u0001\\\\\"");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, -0",
    "1, 1",
    "-1.5, -1.5",
    "0.1, 0.1",
    "0.123, 0.123",
    "0.1234, 0.1234",
    "1.5e-7, 1.5e-07",
    "1e-6, 0.000001",
    "9.99e-7, 9.99e-07",
    "1e20, 100000000000000000000",
    "1e21, 1e+21",
    "1.2345e22, 1.2345e+22",
    "123456789012345680, 123456789012345680",
    "4.9e-324, 5e-324",
    "2e-323, 2e-323",
    "1e-323, 1e-323",
    "5e-323, 5e-323",
    "1.7976931348623157e308, 1.7976931348623157e+308",
    "0.30000000000000004, 0.30000000000000004",
    "1e15, 1000000000000000",
    "2.2250738585072014e-308, 2.2250738585072014e-308",
    "1435781430.781, 1435781430.781",
    "Infinity, +Inf",
    "-Infinity, -Inf",
    "NaN, NaN",
    "9007199254740993, 9007199254740992"
  })
  void printsSampleValuesAsPrometheus(double value, String text) {
    assertThat(written(j -> j.sampleValue(value))).isEqualTo("\"" + text + "\"");
  }

  @Test
  void printsNumbersAsGoJson() {
    assertThat(written(j -> j.number(1.5e-7))).isEqualTo("1.5e-7");
    assertThat(written(j -> j.number(1e21))).isEqualTo("1e+21");
    assertThat(written(j -> j.number(1.5e-17))).isEqualTo("1.5e-17");
    assertThat(written(j -> j.number(0.25))).isEqualTo("0.25");
    assertThat(written(j -> j.number(Long.MIN_VALUE))).isEqualTo("-9223372036854775808");
    assertThat(written(j -> j.number(Long.MAX_VALUE))).isEqualTo("9223372036854775807");
    assertThatThrownBy(() -> new JsonWriter(new ByteArrayOutputStream()).number(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1000, 1",
    "1435781430781, 1435781430.781",
    "1100, 1.100",
    "1050, 1.050",
    "1001, 1.001",
    "-1, -0.001",
    "-1500, -1.500",
    "-9223372036854775808, -9223372036854775.808"
  })
  void printsTimesInSeconds(long millis, String text) {
    assertThat(written(j -> j.timestamp(millis))).isEqualTo(text);
  }

  @Test
  void writesTextsLongerThanItsBuffer() {
    String text = "x".repeat(30_000);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    assertThat(written(j -> j.beginArray().label(bytes, 0, bytes.length).string(text).endArray()))
        .isEqualTo("[\"" + text + "\",\"" + text + "\"]");
  }

  @Property(tries = 20_000)
  void everyFloatReadsBackFromItsFewestDigits(@ForAll long bits) {
    double value = Double.longBitsToDouble(bits);
    if (Double.isFinite(value)) {
      check(value);
    }
  }

  @Property(tries = 20_000)
  void everydayNumbersReadBackFromTheirFewestDigits(@ForAll int whole, @ForAll short part) {
    check(whole / 1000.0);
    check(whole + part / 32768.0);
    check((double) whole * part);
    check(part * 1e-4);
  }

  private static void check(double value) {
    String text = written(j -> j.sampleValue(value));
    String number = text.substring(1, text.length() - 1);
    assertThat(Double.parseDouble(number)).isEqualTo(value);
    // Java prints two digits at least, which for the least floats is one too many.
    if (Math.abs(value) > 1e-320 || value == 0) {
      assertThat(new BigDecimal(number)).isEqualByComparingTo(Double.toString(value));
    }
  }

  @Test
  void powersOfTwoAreTheHardOnes() {
    for (int exponent = -1074; exponent <= 1023; exponent++) {
      double power = Math.scalb(1.0, exponent);
      check(power);
      check(Math.nextUp(power));
      check(Math.nextDown(power));
    }
  }
}
