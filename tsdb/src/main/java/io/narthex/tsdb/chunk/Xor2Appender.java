package io.narthex.tsdb.chunk;

import io.narthex.model.value.StaleMarker;

/**
 * Builds XOR2 chunks (Prometheus' encoding 4, of its {@code tsdb/chunkenc/xor2.go}): floats with
 * start timestamps, the common cases of time and value under one code, one after the other.
 *
 * <pre>
 *   count u16 | start timestamps' header u8
 *             | t0 varint | v0 64 bits | start          the first sample
 *             | t1-t0 uvarint | value | start           the second
 *             | joint | start                           all others
 *
 *   joint, dod being the change of the time step:
 *     0                        the step and the value are the same
 *     10     | change          the step is the same
 *     110    | 13 bits | value
 *     1110   | 20 bits | value
 *     11110  | 64 bits | value
 *     11111                    the step is the same, the value is the stale marker
 *
 *   value:                                  change, XOR with the newest value that is not stale:
 *     0      the same                         0   the bits within the window in force
 *     10     the bits within the window       1   a new window, as in XOR chunks
 *     110    a new window
 *     111    the stale marker
 * </pre>
 *
 * A dod of k bits holds -2^(k-1) to 2^(k-1)-1. Windows are as {@link BitWriter} draws them, start
 * timestamps as {@link StartTimestamps} does. Not thread-safe.
 */
public final class Xor2Appender {

  private final BitWriter out = new BitWriter();
  private final StartTimestamps starts = new StartTimestamps();
  private int count;
  private long lastTime;
  private long delta;
  // The newest value that is no stale marker; 0 before there is one.
  private long base;
  private int window;

  /** The number of samples of the open chunk. */
  public int count() {
    return count;
  }

  /** The length of the open chunk, in bytes. */
  public int length() {
    return count == 0 ? 0 : out.length();
  }

  /** The time of the newest sample. */
  public long lastTime() {
    return lastTime;
  }

  /**
   * Adds a sample that is newer than the one before.
   *
   * @param start when the counting began that led to it, 0 for unknown
   * @throws IllegalStateException if the chunk has {@link ChunkEncoding#maxSamples}
   */
  public void append(long start, long time, double sample) {
    long value = Double.doubleToRawLongBits(sample);
    boolean stale = value == StaleMarker.BITS;
    if (count == 0) {
      out.reset(ChunkEncoding.XOR2.headerBytes());
      starts.reset();
      base = 0;
      window = BitWriter.NO_WINDOW;
      out.varint(time);
      out.write(value, 64);
      delta = 0;
    } else if (count == 1) {
      delta = time - lastTime;
      out.uvarint(delta);
      writeValue(value, stale);
    } else if (count < ChunkEncoding.XOR2.maxSamples()) {
      long step = time - lastTime;
      writeJoint(step - delta, value, stale);
      delta = step;
    } else {
      throw new IllegalStateException("a chunk holds no more samples");
    }
    starts.write(out, count, time, lastTime, start);
    if (!stale) {
      base = value;
    }
    lastTime = time;
    count++;
    out.header(0, count >>> 8);
    out.header(1, count);
    out.header(2, starts.header());
  }

  private void writeJoint(long dod, long value, boolean stale) {
    if (dod == 0) {
      if (stale) {
        out.write(0b11111, 5);
      } else if (value == base) {
        out.write(0, 1);
      } else {
        out.write(0b10, 2);
        window = out.changed(value ^ base, window, 1, 1);
      }
      return;
    }
    if (dod >= -(1 << 12) && dod < 1 << 12) {
      out.write(0b110, 3);
      out.write(dod, 13);
    } else if (dod >= -(1 << 19) && dod < 1 << 19) {
      out.write(0b1110, 4);
      out.write(dod, 20);
    } else {
      out.write(0b11110, 5);
      out.write(dod, 64);
    }
    writeValue(value, stale);
  }

  private void writeValue(long value, boolean stale) {
    if (stale) {
      out.write(0b111, 3);
    } else if (value == base) {
      out.write(0, 1);
    } else {
      out.write(1, 1);
      window = out.changed(value ^ base, window, 0b10, 2);
    }
  }

  /**
   * Copies the open chunk's first bytes, for a reader beside the writer. What is copied while the
   * writer appends is no chunk: the caller must find out that it did.
   *
   * @param length at most what {@link #length} said
   */
  public void copyTo(byte[] into, int at, int length) {
    out.copyTo(into, at, length);
  }

  /**
   * The chunk's bytes with {@link ChunkDecoder#PADDING} bytes behind them; the next sample begins
   * another.
   */
  public byte[] finish() {
    if (count == 0) {
      throw new IllegalStateException("a chunk without samples");
    }
    count = 0;
    return out.toArray(ChunkDecoder.PADDING);
  }
}
