package io.narthex.tsdb.head;

import java.util.Arrays;

/** A growing list of slots. */
final class SlotList {

  private int[] slots = new int[8];
  private int size;

  void add(int slot) {
    if (size == slots.length) {
      slots = Arrays.copyOf(slots, size * 2);
    }
    slots[size++] = slot;
  }

  int size() {
    return size;
  }

  int get(int index) {
    return slots[index];
  }

  /** Takes the last slot out. */
  int removeLast() {
    return slots[--size];
  }

  /** The slots in an array of their own. */
  int[] toArray() {
    return Arrays.copyOf(slots, size);
  }

  /** Takes all slots out, ascending, each once. */
  int[] takeDistinct() {
    Arrays.sort(slots, 0, size);
    int n = 0;
    for (int i = 0; i < size; i++) {
      if (n == 0 || slots[n - 1] != slots[i]) {
        slots[n++] = slots[i];
      }
    }
    size = n;
    return take();
  }

  /** Takes all slots out. */
  int[] take() {
    int[] taken = toArray();
    size = 0;
    if (slots.length > 1024) {
      slots = new int[8];
    }
    return taken;
  }
}
