package io.narthex.remote.write;

import java.util.Arrays;

/**
 * Which series a block of raw label bytes stands for, by the block's hash: a structure of arrays,
 * in which nothing is allocated for a series that is known.
 *
 * <p>Senders go round the same series in about the same order, so the one that followed the last
 * match last time is tried first; a miss costs one look into a hash table, and then the chain goes
 * on from what was found there. Per series: 16 bytes of hash, 8 for the handle, 4 for its
 * successor, 1 for when it was met, and 5 to 11 of the table.
 *
 * <p><b>It stays bounded.</b> A series that was not met for ten to twenty minutes may be forgotten;
 * that is looked at when the number of series has doubled. When the most are there and all of them
 * are in use, further ones are not remembered: they are looked up by their labels each time, and
 * those that are remembered do not suffer from it (to throw out the oldest would throw out every
 * one of them just before its turn).
 *
 * <p>A handle may have died in the storage; its appender says so. Not thread-safe.
 */
final class KnownSeries {

  /** What a series takes on the heap at most, while the arrays grow not counted. */
  static final int BYTES_PER_SERIES = 40;

  private static final int NONE = -1;
  private static final int FIRST_SWEEP = 4096;
  private static final long EPOCH_MILLIS = 600_000;

  private final int most;
  private long[] highs = new long[0];
  private long[] lows = new long[0];
  private long[] handles = new long[0];
  private int[] successors = new int[0];
  private byte[] met = new byte[0];
  private int size;
  // Numbers plus one at open addresses by the high half; 0 is free. A power of two long.
  private int[] table = new int[16];

  private byte epoch;
  private byte sweptIn = -1;
  private int sweepAt;
  private int last = NONE;
  private int predicted = NONE;

  /**
   * @param most the most series to remember, at least 1
   */
  KnownSeries(int most) {
    this.most = most;
    this.sweepAt = Math.min(FIRST_SWEEP, most);
  }

  /** Tells the time, in milliseconds since the epoch. */
  void time(long millis) {
    epoch = (byte) (millis / EPOCH_MILLIS);
  }

  int size() {
    return size;
  }

  /** The number of the series with this hash, or -1. */
  int find(long high, long low) {
    int p = predicted;
    if (p >= 0 && highs[p] == high && lows[p] == low) {
      meet(p);
      return p;
    }
    int mask = table.length - 1;
    for (int i = (int) high & mask; table[i] != 0; i = i + 1 & mask) {
      int n = table[i] - 1;
      if (highs[n] == high && lows[n] == low) {
        follow(n);
        meet(n);
        return n;
      }
    }
    return NONE;
  }

  private void meet(int n) {
    if (met[n] != epoch) {
      met[n] = epoch;
    }
    last = n;
    predicted = successors[n];
  }

  private void follow(int n) {
    if (last >= 0) {
      successors[last] = n;
    }
  }

  /** The handle of a series, by its number. */
  long handle(int n) {
    return handles[n];
  }

  /** Replaces the handle of a series. */
  void handle(int n, long handle) {
    handles[n] = handle;
  }

  /**
   * Remembers a series that {@link #find} did not know, behind the one that was found or added
   * last.
   *
   * @return its number until the next call, or -1 if there is no room
   */
  int add(long high, long low, long handle) {
    if (size >= sweepAt && !makeRoom()) {
      return NONE;
    }
    if (size == highs.length) {
      resize(Math.max(16, size + size / 3));
    }
    if ((size + 1) * 4L > table.length * 3L) {
      rehash(table.length * 2);
    }
    int n = size++;
    highs[n] = high;
    lows[n] = low;
    handles[n] = handle;
    put(n);
    // It comes before the one that was expected here.
    successors[n] = predicted;
    follow(n);
    meet(n);
    return n;
  }

  private boolean makeRoom() {
    if (sweptIn != epoch || size < most) {
      sweptIn = epoch;
      sweep();
      sweepAt = Math.clamp(2L * size, Math.min(FIRST_SWEEP, most), most);
    }
    return size < sweepAt;
  }

  /** Forgets what has not been met in this epoch or the one before; the rest moves together. */
  private void sweep() {
    int[] renumbered = new int[size];
    int kept = 0;
    for (int n = 0; n < size; n++) {
      boolean young = ((epoch - met[n]) & 0xff) <= 1;
      renumbered[n] = young ? kept++ : NONE;
    }
    if (kept == size) {
      return;
    }
    for (int n = 0; n < size; n++) {
      int to = renumbered[n];
      if (to >= 0) {
        highs[to] = highs[n];
        lows[to] = lows[n];
        handles[to] = handles[n];
        met[to] = met[n];
        // Where the chain breaks, one look into the table mends it.
        successors[to] = successors[n] < 0 ? NONE : renumbered[successors[n]];
      }
    }
    size = kept;
    last = NONE;
    predicted = NONE;
    resize(kept + kept / 3);
    int length = 16;
    while ((kept + 1) * 4L > length * 3L) {
      length *= 2;
    }
    rehash(length);
  }

  private void resize(int length) {
    highs = Arrays.copyOf(highs, length);
    lows = Arrays.copyOf(lows, length);
    handles = Arrays.copyOf(handles, length);
    successors = Arrays.copyOf(successors, length);
    met = Arrays.copyOf(met, length);
  }

  private void put(int n) {
    int mask = table.length - 1;
    int i = (int) highs[n] & mask;
    while (table[i] != 0) {
      i = i + 1 & mask;
    }
    table[i] = n + 1;
  }

  private void rehash(int length) {
    table = new int[length];
    for (int n = 0; n < size; n++) {
      put(n);
    }
  }
}
