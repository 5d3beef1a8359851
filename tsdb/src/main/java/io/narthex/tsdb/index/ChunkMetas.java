package io.narthex.tsdb.index;

import java.util.Arrays;

/** The chunks of one series, in the order of time. Reusable; belongs to one thread. */
public final class ChunkMetas {

  private long[] minTimes = new long[16];
  private long[] maxTimes = new long[16];
  private long[] refs = new long[16];
  private int size;

  public void clear() {
    size = 0;
  }

  public int size() {
    return size;
  }

  /** Adds a chunk: its first and last time in milliseconds since the epoch, and where it lies. */
  public void add(long minTime, long maxTime, long ref) {
    if (size == refs.length) {
      minTimes = Arrays.copyOf(minTimes, 2 * size);
      maxTimes = Arrays.copyOf(maxTimes, 2 * size);
      refs = Arrays.copyOf(refs, 2 * size);
    }
    minTimes[size] = minTime;
    maxTimes[size] = maxTime;
    refs[size] = ref;
    size++;
  }

  /** The time of a chunk's first sample. */
  public long minTime(int chunk) {
    return minTimes[chunk];
  }

  /** The time of a chunk's last sample. */
  public long maxTime(int chunk) {
    return maxTimes[chunk];
  }

  /** Where a chunk lies: the number of its file from 0 on, shifted by 32, and the offset in it. */
  public long ref(int chunk) {
    return refs[chunk];
  }
}
