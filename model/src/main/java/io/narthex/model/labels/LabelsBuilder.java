package io.narthex.model.labels;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.bytes.Varint;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Builds label sets, from nothing or from another set. Reusable after {@link #clear} or {@link
 * #from}; not thread-safe. Names and values are copied into one growing byte array, so that a
 * builder that is kept makes no garbage but its result.
 */
public final class LabelsBuilder {

  private byte[] text = new byte[256];
  private int textLength;
  // Per pair: where name and value lie in the text; kept sorted by name.
  private int[] nameFrom = new int[16];
  private int[] nameLength = new int[16];
  private int[] valueFrom = new int[16];
  private int[] valueLength = new int[16];
  private int size;

  /** Empties the builder. */
  public LabelsBuilder clear() {
    size = 0;
    textLength = 0;
    return this;
  }

  /** Starts again from the pairs of a set. */
  public LabelsBuilder from(Labels labels) {
    clear();
    byte[] packed = labels.packed();
    ensureText(packed.length);
    System.arraycopy(packed, 0, text, 0, packed.length);
    textLength = packed.length;
    for (Labels.Cursor c = labels.cursor(); c.next(); ) {
      ensurePairs(size + 1);
      nameFrom[size] = c.nameFrom();
      nameLength[size] = c.nameLength();
      valueFrom[size] = c.valueFrom();
      valueLength[size] = c.valueLength();
      size++;
    }
    return this;
  }

  /** Sets a label; an empty value removes it. */
  public LabelsBuilder set(String name, String value) {
    byte[] n = Utf8.bytes(name);
    byte[] v = Utf8.bytes(value);
    return set(n, 0, n.length, v, 0, v.length);
  }

  /** Sets a label from bytes, which are copied; an empty value removes it. */
  public LabelsBuilder set(
      byte[] names, int nFrom, int nLength, byte[] values, int vFrom, int vLength) {
    int at = position(names, nFrom, nLength);
    boolean found = at >= 0;
    if (vLength == 0) {
      if (found) {
        removeAt(at);
      }
      return this;
    }
    if (!found) {
      at = -at - 1;
      insertAt(at);
      nameFrom[at] = copy(names, nFrom, nLength);
      nameLength[at] = nLength;
    }
    valueFrom[at] = copy(values, vFrom, vLength);
    valueLength[at] = vLength;
    return this;
  }

  /** Removes a label. */
  public LabelsBuilder remove(String name) {
    byte[] n = Utf8.bytes(name);
    int at = position(n, 0, n.length);
    if (at >= 0) {
      removeAt(at);
    }
    return this;
  }

  /** Keeps only the labels of these names. */
  public LabelsBuilder keep(String... names) {
    byte[][] wanted = new byte[names.length][];
    for (int i = 0; i < names.length; i++) {
      wanted[i] = Utf8.bytes(names[i]);
    }
    for (int i = size - 1; i >= 0; i--) {
      boolean kept = false;
      for (byte[] w : wanted) {
        kept |= Utf8.equal(text, nameFrom[i], nameLength[i], w, 0, w.length);
      }
      if (!kept) {
        removeAt(i);
      }
    }
    return this;
  }

  /** The value of a label, or null where it is absent. */
  public @Nullable String get(String name) {
    byte[] n = Utf8.bytes(name);
    int at = position(n, 0, n.length);
    return at < 0 ? null : Utf8.text(text, valueFrom[at], valueLength[at]);
  }

  /** Whether the label is there. */
  public boolean has(byte[] names, int from, int length) {
    return position(names, from, length) >= 0;
  }

  /** The number of labels. */
  public int size() {
    return size;
  }

  /** The name of the i-th label in order. */
  public String name(int i) {
    return Utf8.text(text, nameFrom[i], nameLength[i]);
  }

  /** The value of the i-th label in order. */
  public String value(int i) {
    return Utf8.text(text, valueFrom[i], valueLength[i]);
  }

  /** The set as it stands; the builder may go on. */
  public Labels build() {
    int length = 0;
    for (int i = 0; i < size; i++) {
      length += Varint.unsignedSize(nameLength[i]) + nameLength[i];
      length += Varint.unsignedSize(valueLength[i]) + valueLength[i];
    }
    byte[] packed = new byte[length];
    int at = 0;
    for (int i = 0; i < size; i++) {
      at = Labels.putText(packed, at, text, nameFrom[i], nameLength[i]);
      at = Labels.putText(packed, at, text, valueFrom[i], valueLength[i]);
    }
    return Labels.ofPacked(packed);
  }

  /** Where a name stands, or {@code -insertion - 1}. The last place is tried first. */
  private int position(byte[] names, int from, int length) {
    int low = 0;
    int high = size - 1;
    if (high >= 0
        && Utf8.compare(text, nameFrom[high], nameLength[high], names, from, length) < 0) {
      return -size - 1;
    }
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = Utf8.compare(text, nameFrom[middle], nameLength[middle], names, from, length);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -low - 1;
  }

  private void insertAt(int at) {
    ensurePairs(size + 1);
    int moved = size - at;
    System.arraycopy(nameFrom, at, nameFrom, at + 1, moved);
    System.arraycopy(nameLength, at, nameLength, at + 1, moved);
    System.arraycopy(valueFrom, at, valueFrom, at + 1, moved);
    System.arraycopy(valueLength, at, valueLength, at + 1, moved);
    size++;
  }

  private void removeAt(int at) {
    int moved = size - at - 1;
    System.arraycopy(nameFrom, at + 1, nameFrom, at, moved);
    System.arraycopy(nameLength, at + 1, nameLength, at, moved);
    System.arraycopy(valueFrom, at + 1, valueFrom, at, moved);
    System.arraycopy(valueLength, at + 1, valueLength, at, moved);
    size--;
  }

  private int copy(byte[] bytes, int from, int length) {
    ensureText(textLength + length);
    System.arraycopy(bytes, from, text, textLength, length);
    int at = textLength;
    textLength += length;
    return at;
  }

  private void ensureText(int length) {
    if (length > text.length) {
      text = Arrays.copyOf(text, Math.max(length, text.length * 2));
    }
  }

  private void ensurePairs(int pairs) {
    if (pairs > nameFrom.length) {
      int length = nameFrom.length * 2;
      nameFrom = Arrays.copyOf(nameFrom, length);
      nameLength = Arrays.copyOf(nameLength, length);
      valueFrom = Arrays.copyOf(valueFrom, length);
      valueLength = Arrays.copyOf(valueLength, length);
    }
  }
}
