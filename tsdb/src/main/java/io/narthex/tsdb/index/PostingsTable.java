package io.narthex.tsdb.index;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.file.MappedCursor;
import io.narthex.base.file.MappedFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The postings offset table: where the series of each name and value are listed. In memory is, for
 * each name, the place of every {@value #STRIDE}th value; the rest is looked up in the file. In an
 * index of version 1, whose table is not sorted, it is the place of every value. Immutable and
 * thread-safe.
 */
final class PostingsTable {

  private static final int STRIDE = 32;

  /** Is told of the values of a name, in order. */
  interface Visitor {

    /**
     * A value.
     *
     * @param list where its series are listed, for {@link IndexReader}
     * @return whether to go on
     */
    boolean value(byte[] bytes, int length, long list);
  }

  /** The values of one name. */
  private static final class Values {
    private int count;
    private int[] places = new int[1];
    private int placeCount;

    void add(int place) {
      if (placeCount == places.length) {
        places = Arrays.copyOf(places, 2 * placeCount);
      }
      places[placeCount++] = place;
    }
  }

  private final MappedFile file;
  private final long base;
  private final int stride;
  private final Map<String, Values> names = new HashMap<>();
  private final List<String> sortedNames = new ArrayList<>();
  private long allSeries = -1;

  private PostingsTable(MappedFile file, long base, int stride) {
    this.file = file;
    this.base = base;
    this.stride = stride;
  }

  /** Reads the table once; the section's checksum has been verified. */
  static PostingsTable read(MappedFile file, int version, long at, long end) {
    PostingsTable table = new PostingsTable(file, at, version == IndexReader.V1 ? 1 : STRIDE);
    table.load(end);
    return table;
  }

  private void load(long end) {
    MappedCursor in = file.cursor(base);
    long n = in.u32();
    byte[] name = new byte[64];
    byte[] nextName = new byte[64];
    int nameLength = -1;
    Values current = new Values();
    for (long i = 0; i < n && in.at() < end; i++) {
      int place = (int) (in.at() - base);
      long keys = in.uvarint();
      if (keys != 2) {
        throw new IndexOutOfBoundsException(
            "unexpected number of keys for postings offset table " + keys);
      }
      int length = in.length();
      if (length > nextName.length) {
        nextName = new byte[Math.max(length, 2 * nextName.length)];
      }
      in.bytes(nextName, 0, length);
      if (!Utf8.equal(name, 0, Math.max(0, nameLength), nextName, 0, length) || nameLength < 0) {
        current = names.computeIfAbsent(Utf8.text(nextName, 0, length), k -> new Values());
        byte[] swapped = name;
        name = nextName;
        nextName = swapped;
        nameLength = length;
      }
      int valueLength = in.length();
      in.skip(valueLength);
      long list = in.uvarint();
      if (nameLength == 0 && valueLength == 0) {
        allSeries = list;
      }
      if (current.count % stride == 0) {
        current.add(place);
      }
      current.count++;
    }
    if (in.at() > end) {
      throw new IndexOutOfBoundsException("the postings offset table is too long");
    }
    names.remove("");
    sortedNames.addAll(names.keySet());
    sortedNames.sort(Utf8::compare);
    for (Values values : names.values()) {
      values.places = Arrays.copyOf(values.places, values.placeCount);
      if (stride == 1) {
        IntSort.sort(values.places, values.placeCount, this::compareEntries);
      }
    }
  }

  List<String> names() {
    return sortedNames;
  }

  /** The number of values of a name. */
  int valueCount(String name) {
    Values values = names.get(name);
    return values == null ? 0 : values.count;
  }

  /** Where all series are listed, or -1 if the index does not say. */
  long allSeries() {
    return allSeries;
  }

  /** Where the series of a name and value are listed, or -1 if there are none. */
  long find(String name, byte[] value) {
    Values values = names.get(name);
    if (values == null) {
      return -1;
    }
    Entry entry = new Entry(file, base);
    // The last kept place whose value is not greater.
    int low = 0;
    int high = values.places.length - 1;
    int found = -1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      entry.to(values.places[middle]);
      if (entry.compareValue(value) <= 0) {
        found = middle;
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    if (found < 0) {
      return -1;
    }
    entry.to(values.places[found]);
    int last = Math.min(values.count, (found + 1) * stride);
    for (int i = found * stride; i < last; i++) {
      int order = entry.compareValue(value);
      if (order == 0) {
        return entry.list();
      }
      if (order > 0) {
        return -1;
      }
      if (i + 1 < last) {
        entry.next(); // Behind the last of all there is no entry.
      }
    }
    return -1;
  }

  /** Visits the values of a name, in order. */
  void visit(String name, byte @Nullable [] from, Visitor visitor) {
    Values values = names.get(name);
    if (values == null) {
      return;
    }
    Entry entry = new Entry(file, base);
    int start = from == null ? 0 : startOf(values, from, entry);
    for (int i = start; i < values.count; i++) {
      if (i % stride == 0) {
        entry.to(values.places[i / stride]);
      } else {
        entry.next();
      }
      if (from != null && entry.compareValue(from) < 0) {
        continue;
      }
      if (!visitor.value(entry.valueBytes(), entry.valueLength, entry.list())) {
        return;
      }
    }
  }

  /** The first value of the stride in which values from a text on begin. */
  private int startOf(Values values, byte[] from, Entry entry) {
    int low = 0;
    int high = values.places.length - 1;
    int found = 0;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      entry.to(values.places[middle]);
      if (entry.compareValue(from) <= 0) {
        found = middle;
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return found * stride;
  }

  private int compareEntries(int a, int b) {
    Entry x = new Entry(file, base);
    x.to(a);
    Entry y = new Entry(file, base);
    y.to(b);
    byte[] value = Arrays.copyOf(y.valueBytes(), y.valueLength);
    return x.compareValue(value);
  }

  /** One entry of the table, read where it lies. */
  private static final class Entry {
    private final MappedFile file;
    private final long base;
    private final MappedCursor in;
    private long valueAt;
    private int valueLength;
    private long list;
    private byte[] value = new byte[64];

    Entry(MappedFile file, long base) {
      this.file = file;
      this.base = base;
      this.in = file.cursor(base);
    }

    void to(int place) {
      in.to(base + Integer.toUnsignedLong(place));
      next();
    }

    void next() {
      in.uvarint();
      in.skip(in.length());
      valueLength = in.length();
      valueAt = in.at();
      in.skip(valueLength);
      list = in.uvarint();
    }

    long list() {
      return list;
    }

    int compareValue(byte[] other) {
      return Utf8.compare(valueBytes(), 0, valueLength, other, 0, other.length);
    }

    byte[] valueBytes() {
      if (valueLength > value.length) {
        value = new byte[Math.max(valueLength, 2 * value.length)];
      }
      file.copy(valueAt, value, 0, valueLength);
      return value;
    }
  }
}
