package io.narthex.base.regex;

import java.util.Arrays;

/** Upper and lower case of ASCII letters, and the two characters beyond ASCII that fold into it. */
final class Folding {

  /** The sign of the unit kelvin folds to k. */
  private static final int KELVIN = 0x212a;

  /** The long s folds to s. */
  private static final int LONG_S = 0x17f;

  private Folding() {}

  /** The set and all that equals its members but for case. The set must be ASCII. */
  static CharSet fold(CharSet set) {
    int[] ranges = set.ranges();
    int[] folded = Arrays.copyOf(ranges, ranges.length * 3 + 4);
    int size = ranges.length;
    for (int i = 0; i < ranges.length; i += 2) {
      size = shifted(ranges[i], ranges[i + 1], 'a', 'z', 'A' - 'a', folded, size);
      size = shifted(ranges[i], ranges[i + 1], 'A', 'Z', 'a' - 'A', folded, size);
    }
    CharSet ascii = CharSet.of(Arrays.copyOf(folded, size));
    boolean k = contains(ascii, 'k');
    boolean s = contains(ascii, 's');
    if (!k && !s) {
      return ascii;
    }
    int[] all = Arrays.copyOf(ascii.ranges(), ascii.ranges().length + (k && s ? 4 : 2));
    int end = ascii.ranges().length;
    if (s) {
      all[end++] = LONG_S;
      all[end++] = LONG_S;
    }
    if (k) {
      all[end++] = KELVIN;
      all[end] = KELVIN;
    }
    return CharSet.of(all);
  }

  private static int shifted(int low, int high, int first, int last, int by, int[] into, int size) {
    int from = Math.max(low, first);
    int to = Math.min(high, last);
    if (from > to) {
      return size;
    }
    into[size] = from + by;
    into[size + 1] = to + by;
    return size + 2;
  }

  private static boolean contains(CharSet set, int c) {
    for (int i = 0; i < set.ranges().length; i += 2) {
      if (c >= set.ranges()[i] && c <= set.ranges()[i + 1]) {
        return true;
      }
    }
    return false;
  }
}
