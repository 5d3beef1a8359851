package io.narthex.promql.engine.function;

/**
 * Natural logarithms to the very bit that Prometheus has. The JDK's are as good, but their last
 * digit is another one here and there, and who subtracts two that lie close sees it.
 *
 * <p>The algorithm is that of FreeBSD's {@code e_log.c} (Sun Microsystems, 1993), in the form in
 * which Go has it: the argument is 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2), and the
 * logarithm of 1 + f comes from a polynomial in s = f / (2 + f).
 */
final class Logarithm {

  private static final double LN2_HIGH = 6.93147180369123816490e-01;
  private static final double LN2_LOW = 1.90821492927058770002e-10;
  private static final double L1 = 6.666666666666735130e-01;
  private static final double L2 = 3.999999999940941908e-01;
  private static final double L3 = 2.857142874366239149e-01;
  private static final double L4 = 2.222219843214978396e-01;
  private static final double L5 = 1.818357216161805012e-01;
  private static final double L6 = 1.531383769920937332e-01;
  private static final double L7 = 1.479819860511658591e-01;
  private static final double SQRT_HALF = Math.sqrt(0.5);

  private static final double LOG2_E = 1.44269504088896340735992468100189214;
  private static final double LOG10_E = 0.43429448190325182765112891891660508229;
  private static final long FRACTION_BITS = 0x000fffffffffffffL;
  private static final long HALF_EXPONENT = 0x3fe0000000000000L;

  /** By how much the exponent of the least numbers is raised, to make normal ones of them. */
  private static final int NORMALIZING = 54;

  private Logarithm() {}

  /** The natural logarithm; NaN below zero, and minus infinity of it. */
  static double ln(double x) {
    if (!(x > 0) || x == Double.POSITIVE_INFINITY) {
      return x == 0 ? Double.NEGATIVE_INFINITY : x > 0 ? x : Double.NaN;
    }
    int k = exponent(x);
    double fraction = fraction(x);
    if (fraction < SQRT_HALF) {
      fraction *= 2;
      k--;
    }
    double f = fraction - 1;
    double s = f / (2 + f);
    double s2 = s * s;
    double s4 = s2 * s2;
    double odd = s2 * (L1 + s4 * (L3 + s4 * (L5 + s4 * L7)));
    double even = s4 * (L2 + s4 * (L4 + s4 * L6));
    double r = odd + even;
    double half = 0.5 * f * f;
    return k * LN2_HIGH - ((half - (s * (half + r) + k * LN2_LOW)) - f);
  }

  /** The logarithm to base two, exact for its powers. */
  static double log2(double x) {
    if (!(x > 0) || x == Double.POSITIVE_INFINITY) {
      return ln(x);
    }
    int exponent = exponent(x);
    double fraction = fraction(x);
    return fraction == 0.5 ? exponent - 1 : ln(fraction) * LOG2_E + exponent;
  }

  /** The logarithm to base ten. */
  static double log10(double x) {
    return ln(x) * LOG10_E;
  }

  /** The k with x = f * 2^k and f from a half to below one, of a positive finite number. */
  private static int exponent(double x) {
    return x < Double.MIN_NORMAL
        ? Math.getExponent(x * 0x1p54) + 1 - NORMALIZING
        : Math.getExponent(x) + 1;
  }

  /** That f. */
  private static double fraction(double x) {
    double normal = x < Double.MIN_NORMAL ? x * 0x1p54 : x;
    return Double.longBitsToDouble(
        (Double.doubleToRawLongBits(normal) & FRACTION_BITS) | HALF_EXPONENT);
  }
}
