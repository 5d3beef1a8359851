package io.narthex.promql.engine.aggregate;

import io.narthex.storage.StopSignal;

/**
 * The best series of one group, at each step. A step has a heap with the worst of those chosen so
 * far at its top, so that most series cost one comparison. NaN is worse than any number. Which of
 * equal values are chosen, and how they follow each other, hangs on the heap alone: it moves them
 * as Go's {@code container/heap} does, so that they are those that Prometheus chooses. Series are
 * offered in order. Not thread-safe.
 */
final class BestOfGroup {

  /** So many are sorted by insertion, as Go does; of more, equal ones have no order to keep. */
  private static final int FEW = 12;

  private final int room;
  private final boolean largest;
  private final int[] sizes;
  // By step, room for the heap.
  private final double[] values;
  private final int[] series;

  /**
   * @param room the most series that are chosen at any step
   * @param largest whether large values are better
   */
  BestOfGroup(int steps, int room, boolean largest) {
    this.room = room;
    this.largest = largest;
    sizes = new int[steps];
    values = new double[Math.multiplyExact(steps, room)];
    series = new int[steps * room];
  }

  /** Takes a value in, if it is one of so many best ones. */
  void offer(int step, int number, double value, int wanted) {
    int count = Math.min(wanted, room);
    int base = step * room;
    int size = sizes[step];
    if (size < count) {
      values[base + size] = value;
      series[base + size] = number;
      siftUp(base, size);
      sizes[step] = size + 1;
    } else if (count > 0 && better(value, values[base])) {
      values[base] = value;
      series[base] = number;
      siftDown(base, size);
    }
  }

  /** Whether a later value is strictly better than an earlier one. */
  private boolean better(double later, double earlier) {
    if (Double.isNaN(earlier)) {
      return !Double.isNaN(later);
    }
    return largest ? later > earlier : later < earlier;
  }

  private boolean worse(int a, int b) {
    return Double.isNaN(values[a]) || better(values[b], values[a]);
  }

  private void siftUp(int base, int from) {
    int at = from;
    while (at > 0) {
      int parent = (at - 1) / 2;
      if (!worse(base + at, base + parent)) {
        return;
      }
      swap(base + at, base + parent);
      at = parent;
    }
  }

  private void siftDown(int base, int size) {
    int at = 0;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        return;
      }
      if (child + 1 < size && worse(base + child + 1, base + child)) {
        child++;
      }
      if (!worse(base + child, base + at)) {
        return;
      }
      swap(base + at, base + child);
      at = child;
    }
  }

  private void swap(int a, int b) {
    double value = values[a];
    values[a] = values[b];
    values[b] = value;
    int number = series[a];
    series[a] = series[b];
    series[b] = number;
  }

  /** Hands on what was chosen at a step, the best first; the heap is used up. */
  void bestFirst(int step, Selecting.Chosen chosen) {
    int base = step * room;
    int size = sizes[step];
    if (size <= FEW) {
      for (int i = base + 1; i < base + size; i++) {
        for (int j = i; j > base && worse(j - 1, j); j--) {
          swap(j, j - 1);
        }
      }
    } else {
      // Taking the worst off again and again leaves them sorted, the best first.
      for (int end = size - 1; end > 0; end--) {
        StopSignal.every(end);
        swap(base, base + end);
        siftDown(base, end);
      }
    }
    for (int i = 0; i < size; i++) {
      StopSignal.every(i);
      chosen.add(series[base + i], step, values[base + i]);
    }
  }
}
