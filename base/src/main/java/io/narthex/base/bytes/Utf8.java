package io.narthex.base.bytes;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;

/** UTF-8 text held as bytes. Order is by unsigned byte, which is also the order of code points. */
public final class Utf8 {

  private Utf8() {}

  /** The bytes of a text. */
  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The text of a range of bytes; malformed input becomes replacement characters. */
  public static String text(byte[] bytes, int from, int length) {
    return new String(bytes, from, length, StandardCharsets.UTF_8);
  }

  /** Compares two ranges by unsigned byte. */
  public static int compare(byte[] a, int aFrom, int aLength, byte[] b, int bFrom, int bLength) {
    return Arrays.compareUnsigned(a, aFrom, aFrom + aLength, b, bFrom, bFrom + bLength);
  }

  /** Whether two ranges hold the same bytes. */
  public static boolean equal(byte[] a, int aFrom, int aLength, byte[] b, int bFrom, int bLength) {
    return aLength == bLength
        && Arrays.equals(a, aFrom, aFrom + aLength, b, bFrom, bFrom + bLength);
  }

  /**
   * Compares two texts as their UTF-8 bytes would compare. It differs from {@link String#compareTo}
   * only where surrogate pairs meet characters above U+D800.
   */
  public static int compare(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean bothHigh = x >= Character.MIN_SURROGATE && y >= Character.MIN_SURROGATE;
        return bothHigh ? Integer.compare(rank(x), rank(y)) : Character.compare(x, y);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /**
   * The order of {@link #compare(String, String)} for these texts: where none of them has a
   * surrogate it is the natural one of strings, which compares many characters at once.
   */
  public static Comparator<String> order(Collection<String> texts) {
    for (String text : texts) {
      for (int i = 0; i < text.length(); i++) {
        if (Character.isSurrogate(text.charAt(i))) {
          return Utf8::compare;
        }
      }
    }
    return Comparator.naturalOrder();
  }

  /** Surrogates stand for code points above the basic plane, so they rank behind all others. */
  private static int rank(char c) {
    return Character.isSurrogate(c) ? c + 0x10000 : c;
  }

  /**
   * Whether a range is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
   */
  public static boolean isValid(byte[] bytes, int from, int length) {
    int end = from + length;
    int i = from;
    while (i < end) {
      int b = bytes[i];
      if (b >= 0) {
        i++;
        continue;
      }
      int lead = b & 0xff;
      int need;
      int low = 0x80;
      int high = 0xbf;
      if (lead >= 0xc2 && lead <= 0xdf) {
        need = 1;
      } else if (lead >= 0xe0 && lead <= 0xef) {
        need = 2;
        if (lead == 0xe0) {
          low = 0xa0;
        } else if (lead == 0xed) {
          high = 0x9f;
        }
      } else if (lead >= 0xf0 && lead <= 0xf4) {
        need = 3;
        if (lead == 0xf0) {
          low = 0x90;
        } else if (lead == 0xf4) {
          high = 0x8f;
        }
      } else {
        return false;
      }
      if (end - i <= need) {
        return false;
      }
      int second = bytes[i + 1] & 0xff;
      if (second < low || second > high) {
        return false;
      }
      for (int k = 2; k <= need; k++) {
        if ((bytes[i + k] & 0xc0) != 0x80) {
          return false;
        }
      }
      i += need + 1;
    }
    return true;
  }
}
