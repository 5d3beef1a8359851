package io.narthex.tsdb.block;

import java.util.random.RandomGenerator;

/**
 * The name of a block: 48 bits of time and 80 random ones, written as 26 characters that sort as
 * they do. See the ULID specification.
 *
 * @param high the time in milliseconds and the first 16 random bits
 * @param low the other random bits
 */
public record Ulid(long high, long low) implements Comparable<Ulid> {

  private static final int LENGTH = 26;
  private static final String DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

  /** A new one. */
  public static Ulid next(long millis, RandomGenerator random) {
    return new Ulid(millis << 16 | (random.nextInt() & 0xffff), random.nextLong());
  }

  /** Whether a text is one. */
  public static boolean isUlid(String text) {
    if (text.length() != LENGTH || text.charAt(0) > '7') {
      return false;
    }
    for (int i = 0; i < LENGTH; i++) {
      if (DIGITS.indexOf(Character.toUpperCase(text.charAt(i))) < 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * @throws IllegalArgumentException if the text is not one
   */
  public static Ulid parse(String text) {
    if (!isUlid(text)) {
      throw new IllegalArgumentException("not a ULID: " + text);
    }
    long high = 0;
    long low = 0;
    for (int i = 0; i < LENGTH; i++) {
      high = high << 5 | low >>> 59;
      low = low << 5 | DIGITS.indexOf(Character.toUpperCase(text.charAt(i)));
    }
    return new Ulid(high, low);
  }

  /** When it was made, milliseconds since the epoch. */
  public long millis() {
    return high >>> 16;
  }

  @Override
  public int compareTo(Ulid other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  @Override
  public String toString() {
    char[] text = new char[LENGTH];
    long h = high;
    long l = low;
    for (int i = LENGTH - 1; i >= 0; i--) {
      text[i] = DIGITS.charAt((int) (l & 31));
      l = l >>> 5 | h << 59;
      h >>>= 5;
    }
    return new String(text);
  }
}
