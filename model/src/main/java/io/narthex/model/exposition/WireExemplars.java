package io.narthex.model.exposition;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.labels.LabelsBuilder;
import java.util.Arrays;

/** Where the exemplars of a metric stand in the page; they are read when somebody wants them. */
final class WireExemplars {

  private final WireFields fields = new WireFields();
  private byte[] page = new byte[0];
  private int[] ranges = new int[16];
  private int count;

  double value;
  boolean hasTimestamp;
  long timestamp;

  void reset(byte[] page, int from) {
    this.page = page;
    fields.reset(page, from);
    count = 0;
  }

  void clear() {
    count = 0;
  }

  int count() {
    return count;
  }

  void add(int from, int to) {
    if (2 * count == ranges.length) {
      ranges = Arrays.copyOf(ranges, 4 * count);
    }
    ranges[2 * count] = from;
    ranges[2 * count + 1] = to;
    count++;
  }

  /** Reads an exemplar; where a label stands there twice the last one counts. */
  void read(int i, LabelsBuilder labels) {
    read(ranges[2 * i], ranges[2 * i + 1], labels);
  }

  void read(int from, int to, LabelsBuilder labels) {
    labels.clear();
    value = 0;
    hasTimestamp = false;
    timestamp = 0;
    fields.at(from);
    while (fields.at() < to) {
      switch (fields.tag(to)) {
        case 1 -> label(fields.lengthField(to), labels);
        case 2 -> value = fields.doubleField(to);
        case 3 -> {
          int end = fields.lengthField(to);
          timestamp = timestamp(fields, end);
          hasTimestamp = true;
        }
        default -> fields.skip(to);
      }
    }
  }

  private void label(int end, LabelsBuilder labels) {
    int nameFrom = 0;
    int nameTo = 0;
    int valueFrom = 0;
    int valueTo = 0;
    int at = fields.at();
    while (fields.at() < end) {
      switch (fields.tag(end)) {
        case 1 -> {
          nameTo = fields.lengthField(end);
          nameFrom = fields.at();
          fields.at(nameTo);
        }
        case 2 -> {
          valueTo = fields.lengthField(end);
          valueFrom = fields.at();
          fields.at(valueTo);
        }
        default -> fields.skip(end);
      }
    }
    if (!Utf8.isValid(page, nameFrom, nameTo - nameFrom)
        || !Utf8.isValid(page, valueFrom, valueTo - valueFrom)) {
      throw fields.fail(at, "expected UTF-8 in the label of an exemplar");
    }
    labels.set(page, nameFrom, nameTo - nameFrom, page, valueFrom, valueTo - valueFrom);
  }

  /** Reads a google.protobuf.Timestamp, as milliseconds since the epoch. */
  static long timestamp(WireFields fields, int end) {
    long seconds = 0;
    int nanos = 0;
    while (fields.at() < end) {
      switch (fields.tag(end)) {
        case 1 -> seconds = fields.varintField(end);
        case 2 -> nanos = (int) fields.varintField(end);
        default -> fields.skip(end);
      }
    }
    return seconds * 1000 + nanos / 1_000_000;
  }
}
