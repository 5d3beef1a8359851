package io.narthex.tsdb.index;

import io.narthex.base.bytes.Varint;
import java.util.Arrays;

/** The bytes of a series entry before its length is known. */
final class EntryBuffer {

  byte[] bytes = new byte[512];
  int length;

  void clear() {
    length = 0;
  }

  void uvarint(long value) {
    room();
    length = Varint.putUnsigned(bytes, length, value);
  }

  void varint(long value) {
    room();
    length = Varint.putSigned(bytes, length, value);
  }

  private void room() {
    if (length + Varint.MAX_BYTES > bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    }
  }
}
