package io.narthex.base.bytes;

import java.math.BigInteger;

/**
 * The decimal with the fewest digits that reads back as a given float; of several, the one nearest
 * to it. This is what Go's {@code strconv} means by precision −1. Reusable and free of garbage; not
 * thread-safe.
 *
 * <p>The algorithm is Raffaello Giulietti's Schubfach (<i>The Schubfach way to render doubles</i>,
 * 2020). The floats that round to a given one fill an interval; with 10^k just below its width, the
 * interval holds at least one multiple of 10^k and at most one of 10^(k+1). So it is enough to
 * scale the float and the interval's ends by 10^-k, to 63 bits and a sticky one, and to look at
 * four whole numbers. {@code Double.toString} does the same, but prints two digits at least and
 * makes a string.
 */
public final class ShortestDecimal {

  private static final int LEAST_K = -324;
  private static final int GREATEST_K = 292;
  private static final int LEAST_EXPONENT = -1074;
  private static final long LEAST_NORMAL = 1L << 52;
  private static final long MASK_63 = Long.MAX_VALUE;

  /** The upper and lower 63 bits of 10^-k, scaled to 126 bits and rounded up. */
  private static final long[] POWERS = powers();

  private long digits;
  private int exponent;

  /** The digits as a whole number, without zeros at the end; 0 for zero. */
  public long digits() {
    return digits;
  }

  /** The power of ten that the digits are multiplied by. */
  public int exponent() {
    return exponent;
  }

  /**
   * Takes a float apart.
   *
   * @param value finite and not negative
   */
  public void of(double value) {
    long bits = Double.doubleToRawLongBits(value);
    long fraction = bits & (LEAST_NORMAL - 1);
    int biased = (int) (bits >>> 52);
    if (biased == 0) {
      if (fraction == 0) {
        digits = 0;
        exponent = 0;
      } else {
        scale(LEAST_EXPONENT, fraction);
      }
    } else {
      scale(LEAST_EXPONENT - 1 + biased, LEAST_NORMAL | fraction);
    }
  }

  /** Finds the decimal of {@code c * 2^q}. */
  private void scale(int q, long c) {
    // The ends of the interval round to the float only if its last bit is even.
    int out = (int) c & 1;
    long middle = c << 2;
    long right = middle + 2;
    long left;
    int k;
    if (c != LEAST_NORMAL || q == LEAST_EXPONENT) {
      left = middle - 2;
      k = (int) (q * 661_971_961_083L >> 41); // floor(log10(2^q))
    } else {
      // Below a power of two floats lie twice as dense.
      left = middle - 1;
      k = (int) ((q * 661_971_961_083L - 274_743_187_321L) >> 41); // floor(log10(3/4 * 2^q))
    }
    int shift = q + (int) (-k * 913_124_641_741L >> 38) + 2; // floor(log2(10^-k))
    long upper = POWERS[2 * (k - LEAST_K)];
    long lower = POWERS[2 * (k - LEAST_K) + 1];
    long v = scaled(upper, lower, middle << shift);
    long vLeft = scaled(upper, lower, left << shift);
    long vRight = scaled(upper, lower, right << shift);

    long s = v >> 2;
    if (s >= 10) {
      long below = s / 10 * 10;
      long above = below + 10;
      boolean belowIn = vLeft + out <= below << 2;
      boolean aboveIn = (above << 2) + out <= vRight;
      if (belowIn != aboveIn) {
        strip(belowIn ? below : above, k);
        return;
      }
    }
    long t = s + 1;
    boolean sIn = vLeft + out <= s << 2;
    boolean tIn = (t << 2) + out <= vRight;
    if (sIn != tIn) {
      strip(sIn ? s : t, k);
      return;
    }
    long beyond = v - ((s + t) << 1);
    strip(beyond < 0 || (beyond == 0 && (s & 1) == 0) ? s : t, k);
  }

  /** The upper bits of a product, the last of them standing for all that were cut off. */
  private static long scaled(long upper, long lower, long factor) {
    long carry = Math.multiplyHigh(lower, factor);
    long low = upper * factor;
    long high = Math.multiplyHigh(upper, factor);
    long middle = (low >>> 1) + carry;
    long whole = high + (middle >>> 63);
    return whole | ((middle & MASK_63) + MASK_63) >>> 63;
  }

  private void strip(long value, int power) {
    while (value % 100_000_000 == 0) {
      value /= 100_000_000;
      power += 8;
    }
    while (value % 10 == 0) {
      value /= 10;
      power++;
    }
    digits = value;
    exponent = power;
  }

  private static long[] powers() {
    long[] table = new long[2 * (GREATEST_K - LEAST_K + 1)];
    BigInteger ten = BigInteger.TEN;
    BigInteger mask = BigInteger.ONE.shiftLeft(63).subtract(BigInteger.ONE);
    BigInteger power = BigInteger.ONE;
    for (int n = 0; n <= -LEAST_K; n++) {
      int excess = power.bitLength() - 126;
      put(table, -n, (excess > 0 ? power.shiftRight(excess) : power.shiftLeft(-excess)), mask);
      if (n > 0 && n <= GREATEST_K) {
        // 126 bits of the reciprocal: the quotient has as many as the dividend has more.
        BigInteger one = BigInteger.ONE.shiftLeft(power.bitLength() + 125);
        put(table, n, one.divide(power), mask);
      }
      power = power.multiply(ten);
    }
    return table;
  }

  private static void put(long[] table, int k, BigInteger scaled, BigInteger mask) {
    BigInteger rounded = scaled.add(BigInteger.ONE);
    table[2 * (k - LEAST_K)] = rounded.shiftRight(63).longValueExact();
    table[2 * (k - LEAST_K) + 1] = rounded.and(mask).longValueExact();
  }
}
