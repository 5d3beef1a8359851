package io.narthex.tsdb.head;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Objects on the heap that rows name by numbers. Thread-safe; a number is used again after its
 * object was removed, so a reader that takes no lock must find out by the row's stamp that the
 * number was still the row's.
 */
final class HeapTable<T> {

  private static final int FIRST_CAPACITY = 16;

  private volatile AtomicReferenceArray<@Nullable T> objects =
      new AtomicReferenceArray<>(FIRST_CAPACITY);
  private final SlotList free = new SlotList();
  private int used;

  /** Takes in an object; returns its number. */
  synchronized int add(T object) {
    int number = free.size() > 0 ? free.removeLast() : used++;
    AtomicReferenceArray<@Nullable T> now = objects;
    if (number == now.length()) {
      AtomicReferenceArray<@Nullable T> grown = new AtomicReferenceArray<>(number * 2);
      for (int i = 0; i < number; i++) {
        grown.setPlain(i, now.get(i));
      }
      grown.set(number, object);
      objects = grown;
    } else {
      now.set(number, object);
    }
    return number;
  }

  synchronized void remove(int number) {
    objects.set(number, null);
    free.add(number);
  }

  /** The object of a number; null if there is none now. */
  @Nullable T get(int number) {
    AtomicReferenceArray<@Nullable T> now = objects;
    return number >= 0 && number < now.length() ? now.get(number) : null;
  }

  /** How many there are. */
  synchronized int size() {
    return used - free.size();
  }
}
