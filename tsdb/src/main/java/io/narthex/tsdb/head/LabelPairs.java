package io.narthex.tsdb.head;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.bytes.Varint;
import io.narthex.base.hash.Hashes;
import io.narthex.base.memory.OffHeap;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.labels.Labels;
import io.narthex.storage.StopSignal;
import io.narthex.tsdb.index.IntSort;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every pair of label name and value that a series of the head has, stored once and numbered. The
 * labels of a series are a run of pair numbers, each a varint, in the order of the names.
 *
 * <p>A pair is a row off the heap:
 *
 * <pre>
 *    0  value      8   address of its bytes
 *    8  length     4
 *   12  name       4   number of the name
 *   16  postings   8   the series that have the pair (see Postings)
 *   24  count      4
 *   28  capacity   4
 * </pre>
 *
 * <p>Names are few and live on the heap, each with the numbers of its pairs. Changing anything
 * takes the index's lock for writing, searching takes it for reading. Reading a pair or a name by
 * its number takes no lock: neither moves, and a number is given out again only when no reader is
 * left that could know it.
 */
final class LabelPairs {

  static final int POSTINGS = 16;
  static final int COUNT = 24;
  static final int CAPACITY = 28;
  private static final int VALUE = 0;
  private static final int LENGTH = 8;
  private static final int NAME = 12;
  private static final int ROW_BYTES = 32;
  private static final int PAGE_SHIFT = 12;

  /** A label name. */
  static final class Name {
    final int number;
    final byte[] bytes;
    final String text;
    private int[] pairs = new int[4];
    private int size;
    private volatile int @Nullable [] byValue; // once asked for, until a pair comes or goes

    Name(int number, byte[] bytes) {
      this.number = number;
      this.bytes = bytes;
      this.text = Utf8.text(bytes, 0, bytes.length);
    }

    /** How many values it has. */
    int size() {
      return size;
    }

    /** The number of one of its pairs, in no order. */
    int pair(int index) {
      return pairs[index];
    }

    /** The numbers of its pairs, in no order; the array is the caller's own. */
    int[] pairs() {
      return Arrays.copyOf(pairs, size);
    }

    private void add(int pair) {
      byValue = null;
      if (size == pairs.length) {
        pairs = Arrays.copyOf(pairs, size * 2);
      }
      pairs[size++] = pair;
    }
  }

  private final SlabAllocator allocator;
  private long[] pages = new long[0];
  private int rows;
  private int[] free = new int[16];
  private int freeCount;
  private int living;
  private long valueBytes;

  private volatile Name[] names = new Name[64];
  private int nameCount;
  private int[] nameTable = new int[256]; // number + 1

  private long[] table = new long[1024]; // hash << 32 | pair + 1
  private int tableUsed;

  LabelPairs(SlabAllocator allocator) {
    this.allocator = allocator;
  }

  /** The row of a pair. */
  long address(int pair) {
    return pages[pair >>> PAGE_SHIFT] + (long) (pair & ((1 << PAGE_SHIFT) - 1)) * ROW_BYTES;
  }

  /** How many pairs there are. */
  int living() {
    return living;
  }

  /** Pairs have numbers below this one. */
  int numbers() {
    return rows;
  }

  /** The bytes of all values. */
  long valueBytes() {
    return valueBytes;
  }

  int names() {
    return nameCount;
  }

  Name name(int number) {
    return names[number];
  }

  int nameOf(long pairRow) {
    return OffHeap.getInt(pairRow + NAME);
  }

  int valueLength(long pairRow) {
    return OffHeap.getInt(pairRow + LENGTH);
  }

  long valueAddress(long pairRow) {
    return OffHeap.getLong(pairRow + VALUE);
  }

  String value(long pairRow) {
    byte[] bytes = valueBytes(pairRow);
    return Utf8.text(bytes, 0, bytes.length);
  }

  private byte[] valueBytes(long pairRow) {
    byte[] bytes = new byte[valueLength(pairRow)];
    OffHeap.copy(valueAddress(pairRow), bytes, 0, bytes.length);
    return bytes;
  }

  /**
   * The numbers of a name's pairs in the order of their values. The array is kept, for readers ask
   * for the same names again and again, and these seldom change; it must not be written.
   */
  int[] byValue(Name name) {
    int[] order = name.byValue;
    if (order == null) {
      order = sortedByValue(name.pairs());
      name.byValue = order;
    }
    return order;
  }

  /** Puts pairs of one name into the order of their values, in the array itself. */
  int[] sortedByValue(int[] pairs) {
    int[] turn = new int[1];
    IntSort.sort(
        pairs,
        pairs.length,
        (x, y) -> {
          StopSignal.every(++turn[0]);
          long a = address(x);
          long b = address(y);
          return OffHeap.compare(valueAddress(a), valueLength(a), valueAddress(b), valueLength(b));
        });
    return pairs;
  }

  /** The number of a name, or -1. */
  int findName(byte[] bytes, int from, int length) {
    int mask = nameTable.length - 1;
    int at = nameHash(bytes, from, length) & mask;
    while (nameTable[at] != 0) {
      byte[] known = names[nameTable[at] - 1].bytes;
      if (Utf8.equal(known, 0, known.length, bytes, from, length)) {
        return nameTable[at] - 1;
      }
      at = (at + 1) & mask;
    }
    return -1;
  }

  private static int nameHash(byte[] bytes, int from, int length) {
    long h = Hashes.fnv1a64(bytes, from, length);
    return (int) (h ^ h >>> 32);
  }

  private int internName(byte[] bytes, int from, int length) {
    int known = findName(bytes, from, length);
    if (known >= 0) {
      return known;
    }
    int number = nameCount;
    if (number == names.length) {
      names = Arrays.copyOf(names, number * 2);
    }
    Name[] all = names;
    all[number] = new Name(number, Arrays.copyOfRange(bytes, from, from + length));
    names = all; // publishes the element
    nameCount++;
    if (nameCount * 2 > nameTable.length) {
      nameTable = new int[nameTable.length * 2];
      for (int i = 0; i < number; i++) {
        putName(i);
      }
    }
    putName(number);
    return number;
  }

  private void putName(int number) {
    byte[] bytes = names[number].bytes;
    int mask = nameTable.length - 1;
    int at = nameHash(bytes, 0, bytes.length) & mask;
    while (nameTable[at] != 0) {
      at = (at + 1) & mask;
    }
    nameTable[at] = number + 1;
  }

  private static int pairHash(int name, byte[] bytes, int from, int length) {
    long h = Hashes.xxHash64(bytes, from, length) + name * 0x9e3779b97f4a7c15L;
    return (int) (h ^ h >>> 32);
  }

  /** The number of a pair, or -1. */
  int find(int name, byte[] bytes, int from, int length) {
    int hash = pairHash(name, bytes, from, length);
    int mask = table.length - 1;
    for (int at = hash & mask; table[at] != 0; at = (at + 1) & mask) {
      if ((int) (table[at] >>> 32) == hash) {
        int pair = (int) table[at] - 1;
        long row = address(pair);
        if (nameOf(row) == name && hasValue(row, bytes, from, length)) {
          return pair;
        }
      }
    }
    return -1;
  }

  private boolean hasValue(long row, byte[] bytes, int from, int length) {
    return valueLength(row) == length && OffHeap.equal(valueAddress(row), bytes, from, length);
  }

  /** Finds or adds a pair. */
  int intern(byte[] bytes, int nameFrom, int nameLength, int valueFrom, int valueLength) {
    int name = internName(bytes, nameFrom, nameLength);
    int known = find(name, bytes, valueFrom, valueLength);
    if (known >= 0) {
      return known;
    }
    int pair = freeCount > 0 ? free[--freeCount] : rows++;
    if (pair >>> PAGE_SHIFT == pages.length) {
      long[] grown = Arrays.copyOf(pages, pages.length + 1);
      grown[pages.length] = allocator.allocateLarge((long) ROW_BYTES << PAGE_SHIFT);
      pages = grown;
    }
    long row = address(pair);
    long value = allocator.allocate(valueLength);
    OffHeap.copy(bytes, valueFrom, value, valueLength);
    OffHeap.putLong(row + VALUE, value);
    OffHeap.putInt(row + LENGTH, valueLength);
    OffHeap.putInt(row + NAME, name);
    OffHeap.putLong(row + POSTINGS, 0);
    OffHeap.putInt(row + COUNT, 0);
    OffHeap.putInt(row + CAPACITY, 0);
    names[name].add(pair);
    living++;
    valueBytes += valueLength;
    if (++tableUsed * 2 > table.length) {
      grow();
    }
    put(pairHash(name, bytes, valueFrom, valueLength), pair);
    return pair;
  }

  private void grow() {
    long[] old = table;
    table = new long[old.length * 2];
    for (long entry : old) {
      if (entry != 0) {
        put((int) (entry >>> 32), (int) entry - 1);
      }
    }
  }

  private void put(int hash, int pair) {
    int mask = table.length - 1;
    int at = hash & mask;
    while (table[at] != 0) {
      at = (at + 1) & mask;
    }
    table[at] = (long) hash << 32 | (pair + 1);
  }

  /**
   * Takes pairs that no series has any more out of tables and names. Their rows stay readable until
   * {@link #release}.
   */
  void remove(int[] pairs, int n) {
    int[] touched = new int[n];
    for (int i = 0; i < n; i++) {
      long row = address(pairs[i]);
      touched[i] = nameOf(row);
      removeFromTable(pairs[i], row);
      living--;
      valueBytes -= valueLength(row);
    }
    Arrays.sort(touched);
    for (int i = 0; i < n; i++) {
      if (i == 0 || touched[i] != touched[i - 1]) {
        Name name = names[touched[i]];
        int kept = 0;
        for (int k = 0; k < name.size; k++) {
          if (OffHeap.getInt(address(name.pairs[k]) + COUNT) > 0) {
            name.pairs[kept++] = name.pairs[k];
          }
        }
        name.size = kept;
        name.byValue = null;
      }
    }
  }

  private void removeFromTable(int pair, long row) {
    byte[] value = valueBytes(row);
    int mask = table.length - 1;
    int at = pairHash(nameOf(row), value, 0, value.length) & mask;
    while ((int) table[at] - 1 != pair) {
      at = (at + 1) & mask;
    }
    tableUsed--;
    // Closes the gap, so that no search ends at it early.
    int gap = at;
    for (int next = (gap + 1) & mask; table[next] != 0; next = (next + 1) & mask) {
      int home = (int) (table[next] >>> 32) & mask;
      if (((next - home) & mask) >= ((next - gap) & mask)) {
        table[gap] = table[next];
        gap = next;
      }
    }
    table[gap] = 0;
  }

  /** Frees a removed pair: no reader is left that could know its number. */
  void release(int pair) {
    long row = address(pair);
    allocator.free(valueAddress(row), valueLength(row));
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, freeCount * 2);
    }
    free[freeCount++] = pair;
  }

  /** Reads a run of pair numbers. */
  static final class Run {
    private long at;
    private long end;

    Run of(long seriesRow) {
      at = OffHeap.getLong(seriesRow + Rows.LABELS);
      end = at + OffHeap.getInt(seriesRow + Rows.LABEL_BYTES);
      return this;
    }

    boolean hasNext() {
      return at < end;
    }

    int next() {
      int b = OffHeap.getByte(at++);
      int value = b & 0x7f;
      for (int shift = 7; b < 0; shift += 7) {
        b = OffHeap.getByte(at++);
        value |= (b & 0x7f) << shift;
      }
      return value;
    }
  }

  /** Whether a series has exactly these labels. */
  boolean hasLabels(long seriesRow, Labels labels, Run run) {
    run.of(seriesRow);
    for (Labels.Cursor c = labels.cursor(); c.next(); ) {
      if (!run.hasNext()) {
        return false;
      }
      long row = address(run.next());
      byte[] name = names[nameOf(row)].bytes;
      if (!Utf8.equal(name, 0, name.length, c.bytes(), c.nameFrom(), c.nameLength())
          || !hasValue(row, c.bytes(), c.valueFrom(), c.valueLength())) {
        return false;
      }
    }
    return !run.hasNext();
  }

  /** The labels of a series, made anew. */
  Labels labels(long seriesRow) {
    Run run = new Run().of(seriesRow);
    int length = 0;
    while (run.hasNext()) {
      long row = address(run.next());
      int nameLength = names[nameOf(row)].bytes.length;
      int valueLength = valueLength(row);
      length += Varint.unsignedSize(nameLength) + nameLength;
      length += Varint.unsignedSize(valueLength) + valueLength;
    }
    byte[] packed = new byte[length];
    int at = 0;
    run.of(seriesRow);
    while (run.hasNext()) {
      long row = address(run.next());
      byte[] name = names[nameOf(row)].bytes;
      at = Varint.putUnsigned(packed, at, name.length);
      System.arraycopy(name, 0, packed, at, name.length);
      at += name.length;
      int valueLength = valueLength(row);
      at = Varint.putUnsigned(packed, at, valueLength);
      OffHeap.copy(valueAddress(row), packed, at, valueLength);
      at += valueLength;
    }
    return Labels.ofPacked(packed);
  }

  /** The numbers of names; those that no series has are left out. Under the index's lock. */
  int[] numbers(List<String> wanted) {
    return wanted.stream()
        .map(Utf8::bytes)
        .mapToInt(bytes -> findName(bytes, 0, bytes.length))
        .filter(number -> number >= 0)
        .toArray();
  }

  /** The labels of a series that have one of some names, by their numbers. */
  Labels labels(long seriesRow, int[] wanted) {
    Run run = new Run().of(seriesRow);
    byte[] packed = new byte[64];
    int at = 0;
    while (run.hasNext()) {
      long row = address(run.next());
      int number = nameOf(row);
      if (!contains(wanted, number)) {
        continue;
      }
      byte[] name = names[number].bytes;
      int valueLength = valueLength(row);
      int most = at + name.length + valueLength + 2 * Varint.MAX_BYTES;
      if (most > packed.length) {
        packed = Arrays.copyOf(packed, most * 2);
      }
      at = Varint.putUnsigned(packed, at, name.length);
      System.arraycopy(name, 0, packed, at, name.length);
      at += name.length;
      at = Varint.putUnsigned(packed, at, valueLength);
      OffHeap.copy(valueAddress(row), packed, at, valueLength);
      at += valueLength;
    }
    return Labels.ofPacked(Arrays.copyOf(packed, at));
  }

  private static boolean contains(int[] numbers, int number) {
    for (int n : numbers) {
      if (n == number) {
        return true;
      }
    }
    return false;
  }

  /** The row of the pair that a series has for a name, or 0. */
  long pairOf(long seriesRow, int name, Run run) {
    int pair = pairNumberOf(seriesRow, name, run);
    return pair < 0 ? 0 : address(pair);
  }

  /** The number of the pair that a series has for a name, or -1. */
  int pairNumberOf(long seriesRow, int name, Run run) {
    run.of(seriesRow);
    while (run.hasNext()) {
      int pair = run.next();
      if (nameOf(address(pair)) == name) {
        return pair;
      }
    }
    return -1;
  }
}
