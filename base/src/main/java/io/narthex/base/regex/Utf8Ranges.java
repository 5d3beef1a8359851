package io.narthex.base.regex;

/**
 * Turns sets of code points into ranges of bytes: a range of code points becomes a few sequences of
 * ranges of bytes, such that exactly the UTF-8 forms of its members pass. The splitting is that of
 * Russ Cox's RE2 and Ken Thompson's grep.
 */
final class Utf8Ranges {

  /** The last code points of one, two, three and four bytes. */
  private static final int[] LAST_OF_LENGTH = {0x7f, 0x7ff, 0xffff, 0x10ffff};

  private Utf8Ranges() {}

  /** Adds states that take one character of a set, and returns where they begin. */
  static int add(Automaton automaton, CharSet set, int behind) {
    int entry = -1;
    int[] ranges = set.ranges();
    for (int i = ranges.length - 2; i >= 0; i -= 2) {
      entry = byLength(automaton, ranges[i], ranges[i + 1], behind, entry);
    }
    return entry < 0 ? automaton.dead() : entry;
  }

  private static int byLength(Automaton automaton, int low, int high, int behind, int others) {
    int entry = others;
    int from = 0;
    for (int length = 1; length <= 4; length++) {
      int last = LAST_OF_LENGTH[length - 1];
      int first = Math.max(low, from);
      int end = Math.min(high, last);
      if (first <= end) {
        entry = sameLength(automaton, first, end, length, behind, entry);
      }
      from = last + 1;
    }
    return entry;
  }

  /**
   * Splits until all bytes but the first that differs run over all their values: then the bytes can
   * be chosen independently.
   */
  private static int sameLength(
      Automaton automaton, int low, int high, int length, int behind, int others) {
    for (int i = 1; i < length; i++) {
      int mask = (1 << (6 * i)) - 1;
      if ((low & ~mask) != (high & ~mask)) {
        if ((low & mask) != 0) {
          int entry = sameLength(automaton, low, low | mask, length, behind, others);
          return sameLength(automaton, (low | mask) + 1, high, length, behind, entry);
        }
        if ((high & mask) != mask) {
          int entry = sameLength(automaton, low, (high & ~mask) - 1, length, behind, others);
          return sameLength(automaton, high & ~mask, high, length, behind, entry);
        }
      }
    }
    int state = behind;
    for (int i = 0; i < length; i++) {
      state = automaton.range(unit(low, length, i), unit(high, length, i), state);
    }
    return others < 0 ? state : automaton.split(state, others);
  }

  /** A byte of a character's UTF-8 form, counted from its end. */
  private static int unit(int c, int length, int fromEnd) {
    if (fromEnd < length - 1) {
      return 0x80 | ((c >> (6 * fromEnd)) & 0x3f);
    }
    return switch (length) {
      case 1 -> c;
      case 2 -> 0xc0 | (c >> 6);
      case 3 -> 0xe0 | (c >> 12);
      default -> 0xf0 | (c >> 18);
    };
  }
}
