package io.narthex.model.exposition;

import java.math.BigInteger;

/**
 * The double nearest to {@code digits * 10^exponent}, by one 64x128-bit multiplication: Eisel and
 * Lemire's algorithm (D. Lemire, "Number parsing at a gigabyte per second", 2021). It knows when
 * the product is too close to the middle between two doubles to tell, and then says so; so it is
 * either right or silent.
 */
final class DecimalToDouble {

  private static final int LEAST = -342;
  private static final int MOST = 308;
  private static final int BIAS = 1023;
  private static final long FRACTION = (1L << 52) - 1;

  /** The bits of the product below the 54 that are looked at, and above its lower half. */
  private static final long TAIL = 0x1ff;

  // The first 128 bits of each power of five, rounded down.
  private static final long[] HIGH = new long[MOST - LEAST + 1];
  private static final long[] LOW = new long[MOST - LEAST + 1];

  static {
    BigInteger five = BigInteger.valueOf(5);
    BigInteger power = BigInteger.ONE;
    for (int e = 0; e <= -LEAST; e++) {
      int length = power.bitLength();
      if (e <= MOST) {
        put(e, power.shiftLeft(128).shiftRight(length));
      }
      if (e > 0) {
        put(-e, BigInteger.ONE.shiftLeft(127 + length).divide(power));
      }
      power = power.multiply(five);
    }
  }

  private static void put(int exponent, BigInteger bits) {
    HIGH[exponent - LEAST] = bits.shiftRight(64).longValue();
    LOW[exponent - LEAST] = bits.longValue();
  }

  private DecimalToDouble() {}

  /**
   * The nearest double, or {@link Numbers#INVALID} where this way cannot tell.
   *
   * @param digits unsigned, not zero
   */
  static double nearest(long digits, int exponent, boolean negative) {
    if (exponent < LEAST || exponent > MOST || digits == 0) {
      return Numbers.INVALID;
    }
    int zeros = Long.numberOfLeadingZeros(digits);
    long mantissa = digits << zeros;
    long power = HIGH[exponent - LEAST];
    long high = Math.unsignedMultiplyHigh(mantissa, power);
    long low = mantissa * power;
    if ((high & TAIL) == TAIL && Long.compareUnsigned(low + mantissa, mantissa) < 0) {
      // What the lower half of the power adds might carry into the bits that count.
      long rest = LOW[exponent - LEAST];
      long carry = Math.unsignedMultiplyHigh(mantissa, rest);
      long sum = low + carry;
      if (Long.compareUnsigned(sum, low) < 0) {
        high++;
      }
      low = sum;
      boolean mayCarryStill =
          (high & TAIL) == TAIL
              && low == -1
              && Long.compareUnsigned(mantissa * rest + mantissa, mantissa) < 0;
      if (mayCarryStill) {
        return Numbers.INVALID;
      }
    }
    int top = (int) (high >>> 63);
    long rounded = high >>> (top + 9);
    if (low == 0 && (high & TAIL) == 0 && (rounded & 3) == 1) {
      // In the middle, perhaps exactly: whether to round to even cannot be seen from here.
      return Numbers.INVALID;
    }
    // floor(log2(10^e)) is e * 217706 / 2^16 in this range.
    int binary = (217706 * exponent >> 16) + 64 + BIAS - zeros - (1 - top);
    rounded = rounded + (rounded & 1) >>> 1;
    if (rounded >>> 53 != 0) {
      rounded >>>= 1;
      binary++;
    }
    if (binary <= 0 || binary >= 0x7ff) {
      return Numbers.INVALID;
    }
    long bits = (long) binary << 52 | rounded & FRACTION;
    return Double.longBitsToDouble(negative ? bits | Long.MIN_VALUE : bits);
  }
}
