package io.narthex.model.histogram;

import java.util.Arrays;

/**
 * The populated buckets on one side of a histogram: ascending indices and their counts. Sparse, so
 * that adding histograms of different layouts is one merge; spans exist only in files and formats.
 */
final class Buckets {

  static final int[] NO_INDICES = {};
  static final double[] NO_COUNTS = {};

  int[] indices;
  double[] counts;
  int size;

  Buckets() {
    this(NO_INDICES, NO_COUNTS, 0);
  }

  Buckets(int[] indices, double[] counts, int size) {
    this.indices = indices;
    this.counts = counts;
    this.size = size;
  }

  Buckets copy() {
    return size == 0
        ? new Buckets()
        : new Buckets(Arrays.copyOf(indices, size), Arrays.copyOf(counts, size), size);
  }

  void clear() {
    indices = NO_INDICES;
    counts = NO_COUNTS;
    size = 0;
  }

  void multiply(double factor) {
    for (int i = 0; i < size; i++) {
      counts[i] *= factor;
    }
  }

  void divide(double divisor) {
    for (int i = 0; i < size; i++) {
      counts[i] /= divisor;
    }
  }

  /** Takes away buckets without observations. */
  void compact() {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (counts[i] != 0) {
        indices[kept] = indices[i];
        counts[kept] = counts[i];
        kept++;
      }
    }
    size = kept;
  }

  /** Takes away the first buckets. */
  void dropFirst(int n) {
    System.arraycopy(indices, n, indices, 0, size - n);
    System.arraycopy(counts, n, counts, 0, size - n);
    size -= n;
  }

  /** The buckets of a schema that is lower by so many steps: each step halves the resolution. */
  Buckets reduced(int steps) {
    if (steps == 0 || size == 0) {
      return this;
    }
    int[] newIndices = new int[size];
    double[] newCounts = new double[size];
    int n = 0;
    for (int i = 0; i < size; i++) {
      int index = ((indices[i] - 1) >> steps) + 1;
      if (n > 0 && newIndices[n - 1] == index) {
        newCounts[n - 1] += counts[i];
      } else {
        newIndices[n] = index;
        newCounts[n] = counts[i];
        n++;
      }
    }
    return new Buckets(newIndices, newCounts, n);
  }

  /** The first of these buckets from which on all have an index above a limit. */
  int firstAbove(int index) {
    int first = 0;
    while (first < size && indices[first] <= index) {
      first++;
    }
    return first;
  }

  /**
   * Adds other buckets of the same schema.
   *
   * @param from the first of the other buckets to add
   * @param compensation where the rounding errors of the sums are kept; null where they are not
   */
  void add(Buckets other, int from, double factor, Compensation compensation) {
    int others = other.size - from;
    if (others <= 0) {
      return;
    }
    if (sameIndices(other, from)) {
      for (int i = 0; i < size; i++) {
        counts[i] = compensation.add(indices[i], counts[i], factor * other.counts[from + i]);
      }
      return;
    }
    int[] newIndices = new int[size + others];
    double[] newCounts = new double[size + others];
    int n = 0;
    int a = 0;
    int b = from;
    while (a < size || b < other.size) {
      if (b == other.size || (a < size && indices[a] < other.indices[b])) {
        newIndices[n] = indices[a];
        newCounts[n++] = counts[a++];
      } else if (a == size || other.indices[b] < indices[a]) {
        newIndices[n] = other.indices[b];
        newCounts[n] = compensation.add(newIndices[n], 0, factor * other.counts[b++]);
        n++;
      } else {
        newIndices[n] = indices[a];
        newCounts[n] = compensation.add(indices[a], counts[a++], factor * other.counts[b++]);
        n++;
      }
    }
    indices = newIndices;
    counts = newCounts;
    size = n;
  }

  private boolean sameIndices(Buckets other, int from) {
    return size == other.size - from
        && Arrays.equals(indices, 0, size, other.indices, from, other.size);
  }

  /** The count of an index, 0 where there is none. */
  double count(int index) {
    int at = Arrays.binarySearch(indices, 0, size, index);
    return at < 0 ? 0 : counts[at];
  }

  /** Whether the populated buckets are the same, to the bit. */
  boolean sameAs(Buckets other) {
    int a = 0;
    int b = 0;
    while (true) {
      while (a < size && counts[a] == 0) {
        a++;
      }
      while (b < other.size && other.counts[b] == 0) {
        b++;
      }
      if (a == size || b == other.size) {
        return a == size && b == other.size;
      }
      if (indices[a] != other.indices[b]
          || Double.doubleToRawLongBits(counts[a]) != Double.doubleToRawLongBits(other.counts[b])) {
        return false;
      }
      a++;
      b++;
    }
  }

  /** Whether any bucket of the other has more observations than its counterpart here. */
  boolean lessThan(Buckets previous, int from, int ownFrom) {
    int a = ownFrom;
    for (int b = from; b < previous.size; b++) {
      while (a < size && indices[a] < previous.indices[b]) {
        a++;
      }
      if (a < size && indices[a] == previous.indices[b]) {
        if (counts[a] < previous.counts[b]) {
          return true;
        }
      } else if (previous.counts[b] != 0) {
        return true;
      }
    }
    return false;
  }

  /** What becomes of a sum's rounding error. */
  interface Compensation {

    /** Lets it go. */
    Compensation NONE = (index, sum, value) -> sum + value;

    /** Adds a value to the sum of a bucket. */
    double add(int index, double sum, double value);
  }
}
