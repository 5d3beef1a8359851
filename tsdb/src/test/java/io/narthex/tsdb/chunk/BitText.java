package io.narthex.tsdb.chunk;

import java.util.Arrays;

/**
 * The formats' codes as texts of zeros and ones: slow, and written from the descriptions of
 * upstream's {@code varbit.go}, {@code xor.go} and {@code histogram_meta.go} without a look at the
 * code under test.
 */
final class BitText {

  private final StringBuilder text = new StringBuilder();

  /** Adds zeros and ones; spaces are for the reader. */
  BitText bits(String zerosAndOnes) {
    text.append(zerosAndOnes.replace(" ", ""));
    return this;
  }

  /** Adds the low bits of a number. */
  BitText number(long value, int width) {
    for (int i = width - 1; i >= 0; i--) {
      text.append((value >>> i & 1) == 1 ? '1' : '0');
    }
    return this;
  }

  BitText real(double value) {
    return number(Double.doubleToRawLongBits(value), 64);
  }

  BitText signed(long v) {
    if (v == 0) {
      return bits("0");
    } else if (v >= -3 && v <= 4) {
      return bits("10").number(v, 3);
    } else if (v >= -31 && v <= 32) {
      return bits("110").number(v, 6);
    } else if (v >= -255 && v <= 256) {
      return bits("1110").number(v, 9);
    } else if (v >= -2047 && v <= 2048) {
      return bits("11110").number(v, 12);
    } else if (v >= -131071 && v <= 131072) {
      return bits("111110").number(v, 18);
    } else if (v >= -16777215 && v <= 16777216) {
      return bits("1111110").number(v, 25);
    } else if (v >= -36028797018963967L && v <= 36028797018963968L) {
      return bits("11111110").number(v, 56);
    }
    return bits("11111111").number(v, 64);
  }

  BitText unsigned(long v) {
    if (v == 0) {
      return bits("0");
    } else if (v > 0 && v <= 7) {
      return bits("10").number(v, 3);
    } else if (v > 0 && v <= 63) {
      return bits("110").number(v, 6);
    } else if (v > 0 && v <= 511) {
      return bits("1110").number(v, 9);
    } else if (v > 0 && v <= 4095) {
      return bits("11110").number(v, 12);
    } else if (v > 0 && v <= 262143) {
      return bits("111110").number(v, 18);
    } else if (v > 0 && v <= 33554431) {
      return bits("1111110").number(v, 25);
    } else if (v > 0 && v <= 72057594037927935L) {
      return bits("11111110").number(v, 56);
    }
    return bits("11111111").number(v, 64);
  }

  BitText varint(long value) {
    long rest = value << 1 ^ value >> 63;
    while (rest < 0 || rest > 127) {
      number(rest & 127 | 128, 8);
      rest >>>= 7;
    }
    return number(rest, 8);
  }

  /** The change of a value; the window is leading and trailing zeros, or null. */
  int[] xor(double now, double before, int[] window) {
    long xor = Double.doubleToRawLongBits(now) ^ Double.doubleToRawLongBits(before);
    if (xor == 0) {
      bits("0");
      return window;
    }
    String all = String.format("%64s", Long.toBinaryString(xor)).replace(' ', '0');
    int leading = Math.min(all.indexOf('1'), 31);
    int trailing = 63 - all.lastIndexOf('1');
    if (window.length > 0 && leading >= window[0] && trailing >= window[1]) {
      bits("10").bits(all.substring(window[0], 64 - window[1]));
      return window;
    }
    int length = 64 - leading - trailing;
    bits("11").number(leading, 5).number(length, 6).bits(all.substring(leading, 64 - trailing));
    return new int[] {leading, trailing};
  }

  int length() {
    return text.length();
  }

  @Override
  public String toString() {
    return text.toString();
  }

  /** The bytes, the last one filled with zeros. */
  byte[] bytes() {
    byte[] bytes = new byte[(text.length() + 7) / 8];
    for (int i = 0; i < text.length(); i++) {
      bytes[i / 8] |= (byte) ((text.charAt(i) - '0') << (7 - i % 8));
    }
    return bytes;
  }

  /** A chunk without what follows it in its array. */
  static byte[] bare(byte[] padded) {
    return Arrays.copyOf(padded, padded.length - ChunkDecoder.PADDING);
  }

  /** A chunk with room behind it, filled so that a reader who uses it goes astray. */
  static byte[] padded(byte[] chunk) {
    byte[] padded = Arrays.copyOf(chunk, chunk.length + ChunkDecoder.PADDING);
    Arrays.fill(padded, chunk.length, padded.length, (byte) 0xa5);
    return padded;
  }
}
