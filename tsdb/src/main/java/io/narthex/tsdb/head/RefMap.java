package io.narthex.tsdb.head;

import java.util.Arrays;

/**
 * From references to slots, while the log is replayed: open addressing, at most half full.
 * References were given out one after the other, so their low bits are hash enough.
 */
final class RefMap {

  static final int ABSENT = -1;

  private long[] refs = new long[1 << 12];
  private int[] slots = new int[1 << 12]; // slot + 1
  private int size;

  int get(long ref) {
    int mask = refs.length - 1;
    int at = (int) ref & mask;
    while (slots[at] != 0) {
      if (refs[at] == ref) {
        return slots[at] - 1;
      }
      at = (at + 1) & mask;
    }
    return ABSENT;
  }

  void put(long ref, int slot) {
    if (size * 2 >= refs.length) {
      grow();
    }
    int mask = refs.length - 1;
    int at = (int) ref & mask;
    while (slots[at] != 0 && refs[at] != ref) {
      at = (at + 1) & mask;
    }
    size += slots[at] == 0 ? 1 : 0;
    refs[at] = ref;
    slots[at] = slot + 1;
  }

  private void grow() {
    long[] oldRefs = refs;
    int[] oldSlots = slots;
    refs = new long[oldRefs.length * 2];
    slots = new int[refs.length];
    size = 0;
    for (int i = 0; i < oldRefs.length; i++) {
      if (oldSlots[i] != 0) {
        put(oldRefs[i], oldSlots[i] - 1);
      }
    }
  }

  int size() {
    return size;
  }

  @Override
  public String toString() {
    return Arrays.toString(refs);
  }
}
