package io.narthex.model.labels;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.bytes.Varint;
import io.narthex.base.hash.Hashes;
import io.narthex.base.text.GoQuote;
import java.util.Arrays;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable label set: pairs of name and value, sorted by name, each name once, no value empty
 * (an empty value means that the label is absent).
 *
 * <p>It is one byte array: for each pair the name and the value, each as an unsigned varint length
 * and that many UTF-8 bytes. This is also how a series record of Prometheus' WAL writes its pairs,
 * behind their count. Equality and hashing are those of the bytes; the order is that of Prometheus:
 * pair by pair, the name before the value, bytes unsigned, a prefix before what it begins.
 *
 * <p>{@link #packed} hands out the array itself for code that must not copy; nobody may write to
 * it.
 */
public final class Labels implements Comparable<Labels> {

  /** The label that holds the metric's name. */
  public static final String METRIC_NAME = "__name__";

  /** The set without labels. */
  public static final Labels EMPTY = new Labels(new byte[0]);

  private final byte[] packed;
  private int hash;

  private Labels(byte[] packed) {
    this.packed = packed;
  }

  /**
   * Wraps bytes in the packed form; the array is not copied, and it must be sorted and free of
   * duplicates and empty values. {@link LabelsBuilder} makes such arrays.
   */
  public static Labels ofPacked(byte[] packed) {
    return packed.length == 0 ? EMPTY : new Labels(packed);
  }

  /** Builds a set from names and values in turn, in any order. */
  public static Labels of(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException("a name without a value");
    }
    LabelsBuilder builder = new LabelsBuilder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      builder.set(namesAndValues[i], namesAndValues[i + 1]);
    }
    return builder.build();
  }

  /** Builds a set from a map. */
  public static Labels of(Map<String, String> pairs) {
    LabelsBuilder builder = new LabelsBuilder();
    pairs.forEach(builder::set);
    return builder.build();
  }

  /** The packed bytes themselves: read only. */
  public byte[] packed() {
    return packed;
  }

  /** Whether there is no label. */
  public boolean isEmpty() {
    return packed.length == 0;
  }

  /** The number of labels; walks the bytes. */
  public int size() {
    int n = 0;
    for (Cursor c = cursor(); c.next(); ) {
      n++;
    }
    return n;
  }

  /** The value of a label, or null where it is absent. */
  public @Nullable String get(String name) {
    byte[] wanted = Utf8.bytes(name);
    Cursor c = cursor();
    return c.find(wanted) ? c.value() : null;
  }

  /** The value of a label, or the empty text where it is absent. */
  public String getOrEmpty(String name) {
    String value = get(name);
    return value == null ? "" : value;
  }

  /** The metric's name, or the empty text. */
  public String metricName() {
    return getOrEmpty(METRIC_NAME);
  }

  /** Whether the label is there. */
  public boolean has(String name) {
    return cursor().find(Utf8.bytes(name));
  }

  /** Calls back with each pair in order. */
  public void forEach(BiConsumer<String, String> consumer) {
    for (Cursor c = cursor(); c.next(); ) {
      consumer.accept(c.name(), c.value());
    }
  }

  /** A cursor before the first pair; it belongs to the caller's thread. */
  public Cursor cursor() {
    return new Cursor(packed);
  }

  /** xxHash64 over the packed bytes: stable across processes. */
  public long hash64() {
    return Hashes.xxHash64(packed, 0, packed.length);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Labels that && Arrays.equals(packed, that.packed);
  }

  @Override
  public int hashCode() {
    if (hash == 0 && packed.length > 0) {
      long h = hash64();
      hash = (int) (h ^ (h >>> 32));
    }
    return hash;
  }

  @Override
  public int compareTo(Labels other) {
    byte[] a = packed;
    byte[] b = other.packed;
    // Equal pairs have equal bytes, so the first pair that differs decides.
    Cursor x = cursor();
    Cursor y = other.cursor();
    while (true) {
      boolean more = x.next();
      boolean otherMore = y.next();
      if (!more || !otherMore) {
        return Boolean.compare(more, otherMore);
      }
      int order = Utf8.compare(a, x.nameFrom, x.nameLength, b, y.nameFrom, y.nameLength);
      if (order == 0) {
        order = Utf8.compare(a, x.valueFrom, x.valueLength, b, y.valueFrom, y.valueLength);
      }
      if (order != 0) {
        return order;
      }
    }
  }

  /** The form of the query language: {@code {a="b", c="d"}}, values quoted as Go quotes them. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder("{");
    for (Cursor c = cursor(); c.next(); ) {
      if (out.length() > 1) {
        out.append(", ");
      }
      String name = c.name();
      if (LabelName.isLegacy(name)) {
        out.append(name);
      } else {
        GoQuote.append(out, name);
      }
      out.append('=');
      GoQuote.append(out, c.value());
    }
    return out.append('}').toString();
  }

  /** Walks the pairs of a packed label set without making strings. */
  public static final class Cursor {
    private final byte[] bytes;
    private int at;
    private int nameFrom;
    private int nameLength;
    private int valueFrom;
    private int valueLength;

    private Cursor(byte[] bytes) {
      this.bytes = bytes;
    }

    /** Moves to the next pair; false behind the last. */
    public boolean next() {
      if (at >= bytes.length) {
        return false;
      }
      nameLength = length();
      nameFrom = at;
      at += nameLength;
      valueLength = length();
      valueFrom = at;
      at += valueLength;
      return true;
    }

    /** Moves forward to the pair of this name; false if it is not ahead. */
    public boolean find(byte[] name) {
      while (next()) {
        int order = Utf8.compare(bytes, nameFrom, nameLength, name, 0, name.length);
        if (order >= 0) {
          return order == 0;
        }
      }
      return false;
    }

    private int length() {
      int b = bytes[at++];
      int value = b & 0x7f;
      for (int shift = 7; b < 0; shift += 7) {
        b = bytes[at++];
        value |= (b & 0x7f) << shift;
      }
      return value;
    }

    /** The array that the offsets below point into. */
    public byte[] bytes() {
      return bytes;
    }

    public int nameFrom() {
      return nameFrom;
    }

    public int nameLength() {
      return nameLength;
    }

    public int valueFrom() {
      return valueFrom;
    }

    public int valueLength() {
      return valueLength;
    }

    /** The name as text. */
    public String name() {
      return Utf8.text(bytes, nameFrom, nameLength);
    }

    /** The value as text. */
    public String value() {
      return Utf8.text(bytes, valueFrom, valueLength);
    }
  }

  /** Writes one pair in the packed form and returns the offset behind it. */
  static int putText(byte[] into, int at, byte[] text, int from, int length) {
    at = Varint.putUnsigned(into, at, length);
    System.arraycopy(text, from, into, at, length);
    return at + length;
  }
}
