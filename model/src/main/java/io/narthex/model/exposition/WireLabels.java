package io.narthex.model.exposition;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.text.GoQuote;
import io.narthex.model.labels.LabelsBuilder;

/**
 * The labels of a metric as they were sent: messages LabelPair, tag and length included. They stand
 * side by side in the page but for odd writers, whose labels are put side by side here.
 */
final class WireLabels {

  private final WireFields fields = new WireFields();
  private byte[] page = new byte[0];
  private int pageFrom;
  private byte[] bytes = new byte[0];
  private int from;
  private int to;
  private byte[] gathered = new byte[0];

  void reset(byte[] page, int from) {
    this.page = page;
    this.pageFrom = from;
  }

  /** Starts a metric that begins at an offset of the page. */
  void begin(int at) {
    bytes = page;
    from = at;
    to = at;
  }

  /** Adds a label that stands in the page. */
  void add(int labelFrom, int labelTo) {
    if (from == to) {
      from = labelFrom;
      to = labelTo;
      return;
    }
    if (bytes == page && labelFrom == to) {
      to = labelTo;
      return;
    }
    int length = to - from;
    int added = labelTo - labelFrom;
    if (gathered.length < length + added) {
      byte[] larger = new byte[2 * (length + added)];
      System.arraycopy(bytes, from, larger, 0, length);
      gathered = larger;
    } else if (bytes == page) {
      System.arraycopy(page, from, gathered, 0, length);
    }
    System.arraycopy(page, labelFrom, gathered, length, added);
    bytes = gathered;
    from = 0;
    to = length + added;
  }

  byte[] bytes() {
    return bytes;
  }

  int from() {
    return from;
  }

  int to() {
    return to;
  }

  /**
   * Adds the labels to those of the builder.
   *
   * @throws ExpositionException if one is there twice, has no name, or is no UTF-8
   */
  void read(LabelsBuilder into) {
    fields.reset(bytes, bytes == page ? pageFrom : 0);
    fields.at(from);
    while (fields.at() < to) {
      fields.tag(to);
      pair(fields.lengthField(to), into);
    }
  }

  private void pair(int end, LabelsBuilder into) {
    int start = fields.at();
    int nameFrom = start;
    int nameTo = start;
    int valueFrom = start;
    int valueTo = start;
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
    int nameLength = nameTo - nameFrom;
    int valueLength = valueTo - valueFrom;
    if (nameLength == 0 || !Utf8.isValid(bytes, nameFrom, nameLength)) {
      throw fields.fail(nameFrom, "invalid label name: " + Utf8.text(bytes, nameFrom, nameLength));
    }
    if (!Utf8.isValid(bytes, valueFrom, valueLength)) {
      throw fields.fail(
          valueFrom, "invalid label value: " + Utf8.text(bytes, valueFrom, valueLength));
    }
    requireUnique(into, bytes, nameFrom, nameLength, start);
    into.set(bytes, nameFrom, nameLength, bytes, valueFrom, valueLength);
  }

  /** Refuses a label that the builder has already. */
  void requireUnique(LabelsBuilder into, byte[] name, int nameFrom, int length, int at) {
    if (into.has(name, nameFrom, length)) {
      throw fields.fail(
          at,
          "label name "
              + GoQuote.quote(Utf8.text(name, nameFrom, length))
              + " is not unique: invalid sample");
    }
  }
}
