package io.narthex.scrape.cache;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds the number of a line by its hash, mostly without looking for it: a page comes in the same
 * order every time, so the line that followed the last match last time is tried first. A miss costs
 * one look into a hash table, and then the chain goes on from what was found there; one line more
 * or less in a page disturbs no other.
 *
 * <p>Per line: 16 bytes of hash, 2 for its length and 4 for the successor. The table (5 to 11 bytes
 * per line) is built when a line is first missed and thrown away after some pages without a miss,
 * so a target whose series stay the same does not pay for it. Lines are numbered from 0 in the
 * order in which they were added. Nothing is removed but by {@link #keep}.
 */
final class LineIndex {

  private static final int NONE = -1;
  private static final int[] NO_TABLE = new int[0];

  /** How many pages without a miss the table outlives. */
  private static final int QUIET_PAGES = 8;

  /** How far a broken chain is followed; it is a guess, and a wrong one costs a look. */
  private static final int CHAIN_STEPS = 64;

  private long[] highs = new long[0];
  private long[] lows = new long[0];
  private char[] lengths = new char[0];
  private int[] successors = new int[0];
  private int size;
  // Numbers plus one at open addresses by the high half; 0 is free. A power of two long.
  private int[] table = NO_TABLE;
  private int quietPages;
  private int first;
  private int last = NONE;
  private int predicted = NONE;

  int size() {
    return size;
  }

  /** Goes back to the beginning of the page. */
  void rewind() {
    last = NONE;
    predicted = size > 0 ? first : NONE;
    if (++quietPages > QUIET_PAGES && table.length > 0) {
      table = NO_TABLE;
      highs = Arrays.copyOf(highs, size);
      lows = Arrays.copyOf(lows, size);
      lengths = Arrays.copyOf(lengths, size);
      successors = Arrays.copyOf(successors, size);
    }
  }

  /** Whether no line has been missed for some pages: a good time to give spare room back. */
  boolean isSettled() {
    return table.length == 0;
  }

  /** The line that is expected here, or -1. */
  int expected() {
    return predicted;
  }

  /** The length of a line, or 0 if it is too long to be expected by it. */
  int length(int line) {
    return lengths[line];
  }

  /** Whether a line has this hash. */
  boolean is(int line, long high, long low) {
    return highs[line] == high && lows[line] == low;
  }

  /** Goes on behind the expected line, which was met. */
  void met(int expected) {
    last = expected;
    predicted = successors[expected];
  }

  /** The number of a line, or -1 if it is unknown. */
  int find(long high, long low) {
    int p = predicted;
    if (p >= 0 && is(p, high, low)) {
      met(p);
      return p;
    }
    return search(high, low);
  }

  private int search(long high, long low) {
    if (size == 0) {
      return NONE;
    }
    ensureTable();
    int mask = table.length - 1;
    for (int i = (int) high & mask; table[i] != 0; i = i + 1 & mask) {
      int n = table[i] - 1;
      if (is(n, high, low)) {
        follow(n);
        last = n;
        predicted = successors[n];
        return n;
      }
    }
    return NONE;
  }

  /** Adds a line behind the one that was found or added last, and returns its number. */
  int add(long high, long low, int length) {
    if (size == highs.length) {
      grow();
    }
    ensureTable();
    if ((size + 1) * 4L > table.length * 3L) {
      rehash(table.length * 2);
    }
    int n = size++;
    highs[n] = high;
    lows[n] = low;
    lengths[n] = length <= Character.MAX_VALUE ? (char) length : 0;
    put(n);
    // It comes before the line that was expected here.
    successors[n] = predicted;
    follow(n);
    last = n;
    return n;
  }

  private void follow(int n) {
    if (last >= 0) {
      successors[last] = n;
    } else {
      first = n;
    }
  }

  private void put(int n) {
    int mask = table.length - 1;
    int i = (int) highs[n] & mask;
    while (table[i] != 0) {
      i = i + 1 & mask;
    }
    table[i] = n + 1;
  }

  private void grow() {
    // A page grows once, at the first scrape; what is too much is given back when it has settled.
    int length = Math.max(64, size * 2);
    highs = Arrays.copyOf(highs, length);
    lows = Arrays.copyOf(lows, length);
    lengths = Arrays.copyOf(lengths, length);
    successors = Arrays.copyOf(successors, length);
  }

  private void ensureTable() {
    quietPages = 0;
    if (table.length == 0) {
      int length = 16;
      while ((size + 1) * 4L > length * 3L) {
        length *= 2;
      }
      rehash(length);
    }
  }

  private void rehash(int length) {
    table = new int[length];
    for (int n = 0; n < size; n++) {
      put(n);
    }
  }

  /** Which lines stay. */
  interface Keep {
    boolean keep(int line);
  }

  /**
   * Removes lines. What stays keeps its order, and is numbered anew and moved together; the chain
   * skips what is gone.
   *
   * @return for each old number the new one, or -1
   */
  int[] keep(Keep which) {
    int[] renumbered = new int[size];
    int kept = 0;
    for (int n = 0; n < size; n++) {
      renumbered[n] = which.keep(n) ? kept++ : NONE;
    }
    int[] chain = new int[kept];
    for (int n = 0; n < size; n++) {
      if (renumbered[n] >= 0) {
        chain[renumbered[n]] = survivor(successors[n], renumbered);
      }
    }
    first = Math.max(survivor(first, renumbered), 0);
    long[] keptHighs = new long[kept];
    long[] keptLows = new long[kept];
    char[] keptLengths = new char[kept];
    for (int n = 0; n < size; n++) {
      int to = renumbered[n];
      if (to >= 0) {
        keptHighs[to] = highs[n];
        keptLows[to] = lows[n];
        keptLengths[to] = lengths[n];
      }
    }
    highs = keptHighs;
    lows = keptLows;
    lengths = keptLengths;
    successors = chain;
    size = kept;
    table = NO_TABLE;
    rewind();
    return renumbered;
  }

  /** The first line from here on along the chain that stays, by its new number. */
  private int survivor(int line, int[] renumbered) {
    int n = line;
    for (int steps = 0; n >= 0 && steps < CHAIN_STEPS; steps++) {
      if (renumbered[n] >= 0) {
        return renumbered[n];
      }
      n = successors[n];
    }
    return NONE;
  }

  /** Forgets all lines. */
  void clear() {
    highs = new long[0];
    lows = new long[0];
    lengths = new char[0];
    successors = new int[0];
    table = NO_TABLE;
    size = 0;
    first = 0;
    rewind();
  }

  /** Bytes on the heap. */
  long bytes() {
    return highs.length * 22L + table.length * 4L;
  }

  /** The numbers renumbered into a new array of longs. */
  static long[] moved(long[] from, int[] renumbered, int kept) {
    long[] to = new long[kept];
    for (int n = 0; n < renumbered.length; n++) {
      if (renumbered[n] >= 0) {
        to[renumbered[n]] = from[n];
      }
    }
    return to;
  }

  /** The numbers renumbered into a new array of doubles. */
  static double[] moved(double[] from, int[] renumbered, int kept) {
    double[] to = new double[kept];
    for (int n = 0; n < renumbered.length; n++) {
      if (renumbered[n] >= 0) {
        to[renumbered[n]] = from[n];
      }
    }
    return to;
  }

  /** The numbers renumbered into a new array of bytes. */
  static byte[] moved(byte[] from, int[] renumbered, int kept) {
    byte[] to = new byte[kept];
    for (int n = 0; n < renumbered.length; n++) {
      if (renumbered[n] >= 0) {
        to[renumbered[n]] = from[n];
      }
    }
    return to;
  }

  /** The numbers renumbered into a new array of objects. */
  static <T> void moved(@Nullable T[] from, int[] renumbered, @Nullable T[] to) {
    for (int n = 0; n < renumbered.length; n++) {
      if (renumbered[n] >= 0) {
        to[renumbered[n]] = from[n];
      }
    }
  }
}
