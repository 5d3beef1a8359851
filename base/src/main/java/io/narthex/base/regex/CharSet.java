package io.narthex.base.regex;

import java.util.Arrays;

/**
 * A set of code points.
 *
 * @param ranges first and last of each range in turn, sorted, neither touching nor overlapping;
 *     never changed
 */
@SuppressWarnings(
    "ArrayRecordComponent") // Equality is not used; the array never leaves the package.
record CharSet(int[] ranges) {

  static final int LAST = Character.MAX_CODE_POINT;

  static final CharSet ALL = new CharSet(new int[] {0, LAST});
  static final CharSet ALL_BUT_NEWLINE = new CharSet(new int[] {0, '\n' - 1, '\n' + 1, LAST});
  static final CharSet NONE = new CharSet(new int[0]);

  static CharSet of(int c) {
    return new CharSet(new int[] {c, c});
  }

  /** A set from ranges in any order. */
  static CharSet of(int[] ranges) {
    int[][] sorted = new int[ranges.length / 2][];
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = new int[] {ranges[2 * i], ranges[2 * i + 1]};
    }
    Arrays.sort(sorted, (a, b) -> Integer.compare(a[0], b[0]));
    int[] merged = new int[ranges.length];
    int size = 0;
    for (int[] range : sorted) {
      if (size > 0 && range[0] <= merged[size - 1] + 1) {
        merged[size - 1] = Math.max(merged[size - 1], range[1]);
      } else {
        merged[size++] = range[0];
        merged[size++] = range[1];
      }
    }
    return new CharSet(Arrays.copyOf(merged, size));
  }

  CharSet negated() {
    int[] others = new int[ranges.length + 2];
    int size = 0;
    int from = 0;
    for (int i = 0; i < ranges.length; i += 2) {
      if (ranges[i] > from) {
        others[size++] = from;
        others[size++] = ranges[i] - 1;
      }
      from = ranges[i + 1] + 1;
    }
    if (from <= LAST) {
      others[size++] = from;
      others[size++] = LAST;
    }
    return new CharSet(Arrays.copyOf(others, size));
  }

  /** How many code points are in it. */
  int count() {
    int count = 0;
    for (int i = 0; i < ranges.length; i += 2) {
      count += ranges[i + 1] - ranges[i] + 1;
    }
    return count;
  }

  boolean isSingle() {
    return ranges.length == 2 && ranges[0] == ranges[1];
  }

  boolean isAll() {
    return ranges.length == 2 && ranges[0] == 0 && ranges[1] == LAST;
  }

  int first() {
    return ranges[0];
  }
}
