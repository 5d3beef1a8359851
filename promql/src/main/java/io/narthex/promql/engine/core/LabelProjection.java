package io.narthex.promql.engine.core;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.labels.Labels;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * Cuts label sets down to some labels, in their packed bytes and without making strings: what
 * grouping and matching need of each series. Immutable and thread-safe.
 */
public final class LabelProjection {

  private final boolean keep;
  private final List<String> texts;
  private final byte[][] names;

  private LabelProjection(boolean keep, Collection<String> names) {
    this.keep = keep;
    this.texts = List.copyOf(names);
    this.names =
        names.stream()
            .distinct()
            .map(Utf8::bytes)
            .sorted(Arrays::compareUnsigned)
            .toArray(byte[][]::new);
  }

  /** Keeps the labels of these names. */
  public static LabelProjection keeping(Collection<String> names) {
    return new LabelProjection(true, names);
  }

  /** Drops the labels of these names. */
  public static LabelProjection dropping(Collection<String> names) {
    return new LabelProjection(false, names);
  }

  /** Drops the labels of these names and the metric's name. */
  public static LabelProjection droppingWithMetric(Collection<String> names) {
    TreeSet<String> all = new TreeSet<>(names);
    all.add(Labels.METRIC_NAME);
    return new LabelProjection(false, all);
  }

  /** Whether labels are kept by their names, and others dropped. */
  public boolean keeps() {
    return keep;
  }

  /** The names; always the same list. */
  public List<String> names() {
    return texts;
  }

  /** Whether what tells of the metric (its name, type and unit) is dropped in any case. */
  public boolean dropsMetadata() {
    return keep
        && !texts.contains(Labels.METRIC_NAME)
        && !texts.contains(Metadata.TYPE)
        && !texts.contains(Metadata.UNIT);
  }

  /** Whether nothing is ever kept. */
  public boolean keepsNothing() {
    return keep && names.length == 0;
  }

  /** What remains of a label set; the same object where all of it does. */
  public Labels apply(Labels labels) {
    byte[] packed = labels.packed();
    byte[] into = new byte[packed.length];
    int length = write(labels, into);
    if (length == packed.length) {
      return labels;
    }
    return Labels.ofPacked(Arrays.copyOf(into, length));
  }

  /**
   * Writes what remains of a label set, packed.
   *
   * @param into at least as long as the packed label set
   * @return the number of bytes written
   */
  public int write(Labels labels, byte[] into) {
    if (keepsNothing()) {
      return 0;
    }
    byte[] packed = labels.packed();
    Labels.Cursor cursor = labels.cursor();
    int length = 0;
    int from = 0;
    int wanted = 0;
    while (cursor.next()) {
      int to = cursor.valueFrom() + cursor.valueLength();
      int order = -1;
      while (wanted < names.length) {
        byte[] name = names[wanted];
        order = Utf8.compare(packed, cursor.nameFrom(), cursor.nameLength(), name, 0, name.length);
        if (order <= 0) {
          break;
        }
        wanted++;
      }
      boolean named = wanted < names.length && order == 0;
      if (named == keep) {
        System.arraycopy(packed, from, into, length, to - from);
        length += to - from;
      } else if (keep && wanted == names.length) {
        return length;
      }
      from = to;
    }
    return length;
  }
}
