package io.narthex.remote.write;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads one exemplar of a series. A name that comes twice has its last value, and one with an empty
 * value is left out. Reusable; not thread-safe.
 *
 * <pre>
 *   Exemplar: labels 1 (Label, repeated), value 2 (double), timestamp 3 (int64, milliseconds; 0 for none)
 *   Label:    name 1 (bytes), value 2 (bytes)
 * </pre>
 */
final class ExemplarReader {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final WireReader wire;
  private final LabelsBuilder builder = new LabelsBuilder();
  private double value;
  private long timestamp;
  private boolean valid;

  /**
   * @param wire stands at the beginning of an exemplar when {@link #read} is called
   */
  ExemplarReader(WireReader wire) {
    this.wire = wire;
  }

  /** Reads an exemplar up to its end, in the array in which the wire reads. */
  void read(byte[] bytes, int end) {
    builder.clear();
    value = 0;
    timestamp = 0;
    valid = true;
    while (wire.at() < end) {
      wire.tag(end, "Exemplar");
      switch (wire.field()) {
        case 1 -> {
          wire.require(WireReader.LENGTH, "Labels");
          label(bytes, wire.lengthEnd(end));
        }
        case 2 -> {
          wire.require(WireReader.FIXED64, "Value");
          int at = wire.at();
          wire.skip(end);
          value = Double.longBitsToDouble((long) LONG.get(bytes, at));
        }
        case 3 -> {
          wire.require(WireReader.VARINT, "Timestamp");
          timestamp = wire.varint(end);
        }
        default -> wire.skip(end);
      }
    }
  }

  private void label(byte[] bytes, int end) {
    int nameFrom = 0;
    int nameLength = 0;
    int valueFrom = 0;
    int valueLength = 0;
    while (wire.at() < end) {
      wire.tag(end, "Label");
      switch (wire.field()) {
        case 1 -> {
          wire.require(WireReader.LENGTH, "Name");
          int to = wire.lengthEnd(end);
          nameFrom = wire.at();
          nameLength = to - nameFrom;
          wire.at(to);
        }
        case 2 -> {
          wire.require(WireReader.LENGTH, "Value");
          int to = wire.lengthEnd(end);
          valueFrom = wire.at();
          valueLength = to - valueFrom;
          wire.at(to);
        }
        default -> wire.skip(end);
      }
    }
    valid &=
        builder.size() < SeriesLabels.MOST
            && Utf8.isValid(bytes, nameFrom, nameLength)
            && Utf8.isValid(bytes, valueFrom, valueLength);
    if (valid) {
      builder.set(bytes, nameFrom, nameLength, bytes, valueFrom, valueLength);
    }
  }

  /** Whether the labels are text. */
  boolean isValid() {
    return valid;
  }

  Labels labels() {
    return builder.build();
  }

  double value() {
    return value;
  }

  /** Milliseconds since the epoch, 0 if it has none. */
  long timestamp() {
    return timestamp;
  }
}
