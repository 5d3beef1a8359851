package io.narthex.tsdb.snapshot;

import io.narthex.model.histogram.SpanHistogram;
import org.jspecify.annotations.Nullable;

/**
 * A series in a snapshot, with its open chunk if it has one. Filled anew for each series, by the
 * reader or by whoever writes; the arrays are not copied.
 */
public final class SnapshotSeries {

  private long ref;
  private byte[] labels = new byte[0];
  private int labelsFrom;
  private int labelsLength;
  private boolean hasChunk;
  private long minTime;
  private long maxTime;
  private int encoding;
  private byte[] chunk = new byte[0];
  private int chunkFrom;
  private int chunkLength;
  private double lastValue;
  private @Nullable SpanHistogram lastHistogram;

  /**
   * Makes it a series without a chunk.
   *
   * @param packed has the labels in the packed form of {@link io.narthex.model.labels.Labels}
   */
  public SnapshotSeries series(long reference, byte[] packed, int from, int length) {
    ref = reference;
    labels = packed;
    labelsFrom = from;
    labelsLength = length;
    hasChunk = false;
    minTime = 0;
    maxTime = 0;
    encoding = 0;
    chunkFrom = 0;
    chunkLength = 0;
    lastValue = 0;
    lastHistogram = null;
    return this;
  }

  /**
   * Gives it a chunk of floats.
   *
   * @param from where in the bytes the chunk begins, behind its encoding
   * @param last the value of its last sample
   */
  public SnapshotSeries chunk(
      long min, long max, int chunkEncoding, byte[] bytes, int from, int length, double last) {
    chunk(min, max, chunkEncoding, bytes, from, length);
    lastValue = last;
    return this;
  }

  /**
   * Gives it a chunk of histograms.
   *
   * @param last its last sample
   */
  public SnapshotSeries chunk(
      long min,
      long max,
      int chunkEncoding,
      byte[] bytes,
      int from,
      int length,
      SpanHistogram last) {
    chunk(min, max, chunkEncoding, bytes, from, length);
    lastHistogram = last;
    return this;
  }

  private void chunk(long min, long max, int chunkEncoding, byte[] bytes, int from, int length) {
    hasChunk = true;
    minTime = min;
    maxTime = max;
    encoding = chunkEncoding;
    chunk = bytes;
    chunkFrom = from;
    chunkLength = length;
  }

  public long ref() {
    return ref;
  }

  /** The array that the labels lie in, in their packed form. */
  public byte[] labels() {
    return labels;
  }

  public int labelsFrom() {
    return labelsFrom;
  }

  public int labelsLength() {
    return labelsLength;
  }

  /** Whether there is an open chunk; what follows is of no meaning otherwise. */
  public boolean hasChunk() {
    return hasChunk;
  }

  /** The time of the chunk's first sample, milliseconds since the epoch. */
  public long minTime() {
    return minTime;
  }

  /** The time of the chunk's last sample, milliseconds since the epoch. */
  public long maxTime() {
    return maxTime;
  }

  public int encoding() {
    return encoding;
  }

  /** The array that the chunk lies in. */
  public byte[] chunk() {
    return chunk;
  }

  public int chunkFrom() {
    return chunkFrom;
  }

  public int chunkLength() {
    return chunkLength;
  }

  /** The chunk's last value, if it is one of floats. */
  public double lastValue() {
    return lastValue;
  }

  /** The chunk's last histogram, null if it is one of floats. */
  public @Nullable SpanHistogram lastHistogram() {
    return lastHistogram;
  }
}
