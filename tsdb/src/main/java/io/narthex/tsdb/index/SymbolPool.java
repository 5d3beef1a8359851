package io.narthex.tsdb.index;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.hash.Hashes;
import java.util.Arrays;

/** Distinct texts, numbered in the order they come. */
final class SymbolPool {

  private byte[] text = new byte[1 << 16];
  private int[] ends = new int[1024];
  private int size;
  private int[] table = new int[4096]; // Number + 1, or 0 for a free place.

  int size() {
    return size;
  }

  byte[] text() {
    return text;
  }

  int from(int number) {
    return number == 0 ? 0 : ends[number - 1];
  }

  int length(int number) {
    return ends[number] - from(number);
  }

  /** The number of a text, which is new if it was not there. */
  int add(byte[] bytes, int from, int length) {
    int mask = table.length - 1;
    int place = hash(bytes, from, length) & mask;
    while (table[place] != 0) {
      int number = table[place] - 1;
      if (Utf8.equal(text, from(number), length(number), bytes, from, length)) {
        return number;
      }
      place = (place + 1) & mask;
    }
    int at = from(size);
    if (at + length < 0) {
      throw new IndexException("more than 2 GiB of label names and values");
    }
    if (at + length > text.length) {
      int room = (int) Math.min(Integer.MAX_VALUE - 16L, 2L * text.length);
      text = Arrays.copyOf(text, Math.max(at + length, room));
    }
    System.arraycopy(bytes, from, text, at, length);
    if (size == ends.length) {
      ends = Arrays.copyOf(ends, 2 * size);
    }
    ends[size] = at + length;
    table[place] = ++size;
    if (size > table.length / 2) {
      grow();
    }
    return size - 1;
  }

  /** All numbers in the order of their texts. */
  int[] sorted() {
    int[] numbers = new int[size];
    Arrays.setAll(numbers, i -> i);
    IntSort.sort(
        numbers, size, (a, b) -> Utf8.compare(text, from(a), length(a), text, from(b), length(b)));
    return numbers;
  }

  private void grow() {
    int[] bigger = new int[2 * table.length];
    int mask = bigger.length - 1;
    for (int number = 0; number < size; number++) {
      int place = hash(text, from(number), length(number)) & mask;
      while (bigger[place] != 0) {
        place = (place + 1) & mask;
      }
      bigger[place] = number + 1;
    }
    table = bigger;
  }

  private static int hash(byte[] bytes, int from, int length) {
    long hash = Hashes.xxHash64(bytes, from, length);
    return (int) (hash ^ (hash >>> 32));
  }
}
