package io.narthex.tsdb.index;

/** Sorts ints by an order of one's own, without boxing them. */
public final class IntSort {

  /** Compares what two ints stand for. */
  public interface Order {
    int compare(int a, int b);
  }

  private static final int SMALL = 12;

  private IntSort() {}

  /** A stable merge sort. */
  public static void sort(int[] values, int length, Order order) {
    sort(values, values.clone(), 0, length, order);
  }

  /** Sorts a range of {@code into}; both arrays hold the same values there before. */
  private static void sort(int[] into, int[] other, int from, int to, Order order) {
    if (to - from <= SMALL) {
      for (int i = from + 1; i < to; i++) {
        int value = into[i];
        int j = i - 1;
        while (j >= from && order.compare(into[j], value) > 0) {
          into[j + 1] = into[j];
          j--;
        }
        into[j + 1] = value;
      }
      return;
    }
    int middle = (from + to) >>> 1;
    sort(other, into, from, middle, order);
    sort(other, into, middle, to, order);
    int left = from;
    int right = middle;
    for (int i = from; i < to; i++) {
      boolean takeLeft =
          right >= to || (left < middle && order.compare(other[left], other[right]) <= 0);
      into[i] = takeLeft ? other[left++] : other[right++];
    }
  }
}
