package io.narthex.tsdb.compact;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A binary heap, the least first. Among equals the order is that of Go's {@code container/heap}: a
 * new entry rises from the end while it is less than the one above it; when the first leaves, the
 * last takes its place and sinks while the lesser one below it is less, of two equal ones below the
 * left. Which of two samples of one time survives a compaction depends on it, so it must not be
 * left to a library. Not thread-safe.
 */
final class Heap<T> {

  private final Comparator<T> order;
  private final List<T> entries = new ArrayList<>();

  Heap(Comparator<T> order) {
    this.order = order;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  int size() {
    return entries.size();
  }

  void clear() {
    entries.clear();
  }

  /** The least. */
  T first() {
    return entries.getFirst();
  }

  void add(T entry) {
    entries.add(entry);
    int at = entries.size() - 1;
    while (at > 0) {
      int above = (at - 1) / 2;
      if (order.compare(entry, entries.get(above)) >= 0) {
        break;
      }
      entries.set(at, entries.get(above));
      at = above;
    }
    entries.set(at, entry);
  }

  /** Takes the least out. */
  T removeFirst() {
    T least = entries.getFirst();
    T last = entries.removeLast();
    int size = entries.size();
    if (size == 0) {
      return least;
    }
    int at = 0;
    for (int below = 1; below < size; below = 2 * at + 1) {
      if (below + 1 < size && order.compare(entries.get(below + 1), entries.get(below)) < 0) {
        below++;
      }
      if (order.compare(entries.get(below), last) >= 0) {
        break;
      }
      entries.set(at, entries.get(below));
      at = below;
    }
    entries.set(at, last);
    return least;
  }
}
