package io.narthex.tsdb.index;

import java.util.Arrays;

/**
 * Distinct pairs of symbols (a label's name and value), numbered, with how many series have them.
 */
final class PairPool {

  private long[] keys = new long[1024];
  private int[] counts = new int[1024];
  private int size;
  private int[] table = new int[4096]; // Number + 1, or 0 for a free place.

  int size() {
    return size;
  }

  int name(int number) {
    return (int) (keys[number] >>> 32);
  }

  int value(int number) {
    return (int) keys[number];
  }

  int count(int number) {
    return counts[number];
  }

  /** Counts a pair and answers its number. */
  int count(int name, int value) {
    long key = (long) name << 32 | value;
    int mask = table.length - 1;
    int place = hash(key) & mask;
    while (table[place] != 0) {
      int number = table[place] - 1;
      if (keys[number] == key) {
        counts[number]++;
        return number;
      }
      place = (place + 1) & mask;
    }
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, 2 * size);
      counts = Arrays.copyOf(counts, 2 * size);
    }
    keys[size] = key;
    counts[size] = 1;
    table[place] = ++size;
    if (size > table.length / 2) {
      grow();
    }
    return size - 1;
  }

  private void grow() {
    int[] bigger = new int[2 * table.length];
    int mask = bigger.length - 1;
    for (int number = 0; number < size; number++) {
      int place = hash(keys[number]) & mask;
      while (bigger[place] != 0) {
        place = (place + 1) & mask;
      }
      bigger[place] = number + 1;
    }
    table = bigger;
  }

  private static int hash(long key) {
    long mixed = key * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 32);
  }
}
