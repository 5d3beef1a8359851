package io.narthex.promql.engine.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LogarithmTest {

  /** As Prometheus 3.5.3 answers on amd64; the JDK's own differ in the last digit. */
  @ParameterizedTest
  @CsvSource({
    "ln, 4.981539409936593, 1.6057389617304567",
    "ln, 5.9014415282485135, 1.7751966478905188",
    "log2, 0.9992451301710932, -0.0010894582100000928",
    "log2, 0.9991008401678946, -0.001297796981680274",
    "log2, 1.432743925074551E-28, -92.49520587769827",
    "log2, 3.57E-321, -1064.5021481630488",
    "log10, 7.305198636144709, 0.8636320293611714",
    "log10, 7.685768029956189E-20, -19.114312727447818",
    "log10, 4.275596394794037, 0.6309967021993429"
  })
  void theLastDigitIsPrometheus(String name, double x, double expected) {
    double found =
        switch (name) {
          case "ln" -> Logarithm.ln(x);
          case "log2" -> Logarithm.log2(x);
          default -> Logarithm.log10(x);
        };
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void theEndsAreRight() {
    assertThat(Logarithm.ln(1)).isZero();
    assertThat(Logarithm.ln(0)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(Logarithm.ln(-0.0)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(Logarithm.ln(-1)).isNaN();
    assertThat(Logarithm.ln(Double.NaN)).isNaN();
    assertThat(Logarithm.ln(Double.POSITIVE_INFINITY)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(Logarithm.ln(Double.MIN_VALUE)).isCloseTo(Math.log(Double.MIN_VALUE), within(1e-12));
    assertThat(Logarithm.ln(Double.MAX_VALUE)).isCloseTo(Math.log(Double.MAX_VALUE), within(1e-12));
    for (int power = -1074; power < 1024; power++) {
      assertThat(Logarithm.log2(Math.scalb(1.0, power))).isEqualTo(power);
    }
  }
}
