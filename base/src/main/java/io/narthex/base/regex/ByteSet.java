package io.narthex.base.regex;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.hash.Hashes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A fixed set of texts that is asked by ranges of bytes, without making an object of them. */
final class ByteSet {

  private final byte[] @Nullable [] slots;
  private final int mask;

  ByteSet(List<String> texts) {
    int capacity = Integer.highestOneBit(Math.max(texts.size(), 1)) * 4;
    slots = new byte[capacity][];
    mask = capacity - 1;
    for (String text : texts) {
      byte[] bytes = Utf8.bytes(text);
      int slot = slot(bytes, 0, bytes.length);
      while (slots[slot] != null) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = bytes;
    }
  }

  boolean contains(byte[] text, int from, int length) {
    int slot = slot(text, from, length);
    for (byte[] bytes = slots[slot]; bytes != null; bytes = slots[slot]) {
      if (Utf8.equal(bytes, 0, bytes.length, text, from, length)) {
        return true;
      }
      slot = (slot + 1) & mask;
    }
    return false;
  }

  private int slot(byte[] text, int from, int length) {
    long hash = Hashes.fnv1a64(text, from, length);
    return (int) (hash ^ (hash >>> 32)) & mask;
  }
}
