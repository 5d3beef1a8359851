package io.narthex.remote.write;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.text.GoQuote;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Makes a label set of the raw label fields of a series, for one that is seen for the first time:
 * reads, sorts and checks them. The rules are upstream's: there is a metric name; names are not
 * empty, names and values are UTF-8; no name comes twice. A label with an empty value is then left
 * out.
 *
 * <pre>
 *   Label: name 1 (bytes), value 2 (bytes)
 * </pre>
 *
 * <p>Not thread-safe.
 */
final class SeriesLabels {

  /** The tag of a label in a series: field 1, with a length. */
  static final byte TAG = 1 << 3 | WireReader.LENGTH;

  private static final byte[] METRIC_NAME = Utf8.bytes(Labels.METRIC_NAME);

  /** The most labels of a series: to sort millions would take a multiple of their memory. */
  static final int MOST = 1 << 16;

  /** Labels beyond so many bytes are not shown in full, and their memory is not kept. */
  private static final int LARGE = 16 * 1024;

  private final WireReader wire = new WireReader();
  private LabelsBuilder builder = new LabelsBuilder();
  private byte[] bytes = new byte[0];
  private int[] nameFrom = new int[32];
  private int[] nameLength = new int[32];
  private int[] valueFrom = new int[32];
  private int[] valueLength = new int[32];
  private int size;
  private int blockLength;
  private String problem = "";

  /**
   * Reads label fields that follow each other.
   *
   * @return the labels, or null if they break a rule: {@link #problem} says which
   * @throws WriteException if they are no label fields
   */
  @Nullable Labels read(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    size = 0;
    problem = "";
    blockLength = to - from;
    wire.reset(bytes, from);
    while (wire.at() < to) {
      wire.at(wire.at() + 1); // the tag
      label(wire.lengthEnd(to));
    }
    sort();
    Labels labels = isValid() && !hasDuplicate() ? build() : null;
    this.bytes = new byte[0];
    shrink();
    return labels;
  }

  private void label(int end) {
    if (size == MOST) {
      throw WriteException.malformed("a series with more than " + MOST + " labels");
    }
    if (size == nameFrom.length) {
      int length = size * 2;
      nameFrom = Arrays.copyOf(nameFrom, length);
      nameLength = Arrays.copyOf(nameLength, length);
      valueFrom = Arrays.copyOf(valueFrom, length);
      valueLength = Arrays.copyOf(valueLength, length);
    }
    int n = size++;
    nameLength[n] = 0;
    valueLength[n] = 0;
    while (wire.at() < end) {
      wire.tag(end, "Label");
      switch (wire.field()) {
        case 1 -> {
          wire.require(WireReader.LENGTH, "Name");
          int to = wire.lengthEnd(end);
          nameFrom[n] = wire.at();
          nameLength[n] = to - wire.at();
          wire.at(to);
        }
        case 2 -> {
          wire.require(WireReader.LENGTH, "Value");
          int to = wire.lengthEnd(end);
          valueFrom[n] = wire.at();
          valueLength[n] = to - wire.at();
          wire.at(to);
        }
        default -> wire.skip(end);
      }
    }
  }

  private int compareNames(int a, int b) {
    return Utf8.compare(bytes, nameFrom[a], nameLength[a], bytes, nameFrom[b], nameLength[b]);
  }

  /** Nearly every sender sorts its labels, so that this only looks. */
  private void sort() {
    int sorted = 1;
    while (sorted < size && compareNames(sorted - 1, sorted) <= 0) {
      sorted++;
    }
    if (sorted >= size) {
      return;
    }
    Integer[] order = new Integer[size];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, this::compareNames);
    nameFrom = ordered(nameFrom, order);
    nameLength = ordered(nameLength, order);
    valueFrom = ordered(valueFrom, order);
    valueLength = ordered(valueLength, order);
  }

  private static int[] ordered(int[] values, Integer[] order) {
    int[] result = new int[values.length];
    for (int i = 0; i < order.length; i++) {
      result[i] = values[order[i]];
    }
    return result;
  }

  private boolean isValid() {
    boolean named = false;
    for (int i = 0; i < size; i++) {
      if (nameLength[i] == 0
          || !Utf8.isValid(bytes, nameFrom[i], nameLength[i])
          || !Utf8.isValid(bytes, valueFrom[i], valueLength[i])) {
        return invalid();
      }
      if (Utf8.equal(bytes, nameFrom[i], nameLength[i], METRIC_NAME, 0, METRIC_NAME.length)) {
        if (valueLength[i] == 0) {
          return invalid();
        }
        named = true;
      }
    }
    return named || invalid();
  }

  private boolean invalid() {
    problem = "invalid metric name or labels, got " + text();
    return false;
  }

  private boolean hasDuplicate() {
    for (int i = 1; i < size; i++) {
      if (compareNames(i - 1, i) == 0) {
        problem =
            "invalid labels for series, labels "
                + text()
                + ", duplicated label "
                + Utf8.text(bytes, nameFrom[i], nameLength[i]);
        return true;
      }
    }
    return false;
  }

  /** What was wrong with the labels that were read last and are no label set, in one line. */
  String problem() {
    return problem;
  }

  /** The labels as they came, sorted, for a message. */
  private String text() {
    if (blockLength > LARGE) {
      return size + " labels of " + blockLength + " bytes";
    }
    StringBuilder out = new StringBuilder("{");
    for (int i = 0; i < size; i++) {
      out.append(i == 0 ? "" : ", ");
      out.append(Utf8.text(bytes, nameFrom[i], nameLength[i])).append('=');
      GoQuote.append(out, Utf8.text(bytes, valueFrom[i], valueLength[i]));
    }
    return out.append('}').toString();
  }

  /** A label set for a message. */
  static String shown(Labels labels) {
    int length = labels.packed().length;
    return length > LARGE ? labels.size() + " labels of " + length + " bytes" : labels.toString();
  }

  private Labels build() {
    builder.clear();
    for (int i = 0; i < size; i++) {
      builder.set(bytes, nameFrom[i], nameLength[i], bytes, valueFrom[i], valueLength[i]);
    }
    return builder.build();
  }

  private void shrink() {
    if (blockLength > LARGE) {
      builder = new LabelsBuilder();
      nameFrom = new int[32];
      nameLength = new int[32];
      valueFrom = new int[32];
      valueLength = new int[32];
    }
  }
}
