package io.narthex.model.sample;

import java.util.Arrays;

/**
 * A run of float samples of one series in two parallel arrays, ascending in time. Reusable; it
 * belongs to one thread at a time. The arrays may be longer than the run and are replaced when they
 * grow, so take them anew after each fill.
 */
public final class SampleBuffer {

  private long[] timestamps = new long[128];
  private double[] values = new double[128];
  private int size;

  /** Empties the run. */
  public void clear() {
    size = 0;
  }

  /** The number of samples. */
  public int size() {
    return size;
  }

  /** Milliseconds since the epoch, valid up to {@link #size}. */
  public long[] timestamps() {
    return timestamps;
  }

  /** The values, valid up to {@link #size}; stale markers are among them. */
  public double[] values() {
    return values;
  }

  /** Adds one sample. */
  public void add(long timestamp, double value) {
    if (size == timestamps.length) {
      reserve(size + 1);
    }
    timestamps[size] = timestamp;
    values[size] = value;
    size++;
  }

  /** Makes room for this many samples in all. */
  public void reserve(int samples) {
    if (samples > timestamps.length) {
      int length = Math.max(samples, timestamps.length * 2);
      timestamps = Arrays.copyOf(timestamps, length);
      values = Arrays.copyOf(values, length);
    }
  }

  /** Says how many samples a decoder wrote into the arrays themselves. */
  public void size(int samples) {
    size = samples;
  }
}
