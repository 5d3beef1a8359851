package io.narthex.tsdb.wal;

import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Turns records into fragments that fill pages, one behind the other, into a buffer that is to be
 * written at a place of a segment. Not thread-safe.
 */
final class Frames {

  private final CRC32C crc = new CRC32C();
  private byte[] bytes = new byte[2 * Wal.PAGE];
  private int length;
  private long base;
  private long completedPages;
  private long parts;
  private long partBytes;

  /** Empties the buffer; what comes next goes to this offset of the segment. */
  void begin(long offset) {
    base = offset;
    length = 0;
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** Where in the segment the next fragment goes. */
  long position() {
    return base + length;
  }

  /** Pages that were filled since the beginning. */
  long completedPages() {
    return completedPages;
  }

  /** Fragments that were added since the beginning. */
  long parts() {
    return parts;
  }

  /** Their bytes, headers included. */
  long partBytes() {
    return partBytes;
  }

  /** The greatest record that fits into the rest of a segment. */
  long room(int segmentBytes) {
    long pagesLeft = segmentBytes / Wal.PAGE - position() / Wal.PAGE - 1;
    return (Wal.PAGE - used() - Wal.HEADER) + (Wal.PAGE - Wal.HEADER) * pagesLeft;
  }

  /**
   * Adds a record, as many fragments as it takes; one of no bytes takes one.
   *
   * @param flag that of the record's compression
   */
  void add(byte[] record, int from, int size, int flag) {
    int at = from;
    int left = size;
    boolean first = true;
    do {
      int part = Math.min(left, Wal.PAGE - used() - Wal.HEADER);
      boolean last = part == left;
      int type = first ? (last ? Wal.FULL : Wal.FIRST) : (last ? Wal.LAST : Wal.MIDDLE);
      fragment(type | flag, record, at, part);
      at += part;
      left -= part;
      first = false;
    } while (left > 0);
  }

  /** Fills the page with zeros, if it is begun. */
  void endPage() {
    int used = used();
    if (used > 0) {
      int zeros = Wal.PAGE - used;
      reserve(zeros);
      Arrays.fill(bytes, length, length + zeros, (byte) 0);
      length += zeros;
      completedPages++;
    }
  }

  private void fragment(int type, byte[] data, int from, int size) {
    reserve(Wal.HEADER + size);
    crc.reset();
    crc.update(data, from, size);
    int checksum = (int) crc.getValue();
    byte[] out = bytes;
    int at = length;
    out[at] = (byte) type;
    out[at + 1] = (byte) (size >> 8);
    out[at + 2] = (byte) size;
    out[at + 3] = (byte) (checksum >> 24);
    out[at + 4] = (byte) (checksum >> 16);
    out[at + 5] = (byte) (checksum >> 8);
    out[at + 6] = (byte) checksum;
    System.arraycopy(data, from, out, at + Wal.HEADER, size);
    length += Wal.HEADER + size;
    parts++;
    partBytes += Wal.HEADER + size;
    if (used() == 0) {
      completedPages++;
    } else if (used() + Wal.HEADER > Wal.PAGE) {
      endPage();
    }
  }

  private int used() {
    return (int) (position() % Wal.PAGE);
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
    }
  }
}
