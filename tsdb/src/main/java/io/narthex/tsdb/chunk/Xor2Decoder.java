package io.narthex.tsdb.chunk;

import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;

/** Decodes XOR2 chunks, drawn at {@link Xor2Appender}. */
final class Xor2Decoder implements ChunkDecoder {

  private final BitReader in = new BitReader(ChunkEncoding.XOR2);
  private final StartTimestamps starts = new StartTimestamps();
  private int count;
  private int number;
  private long time;
  private long delta;
  private long value;
  // The newest value that is no stale marker: what values are told by.
  private long base;
  private int window;

  @Override
  public ChunkEncoding encoding() {
    return ChunkEncoding.XOR2;
  }

  @Override
  public void decode(
      byte[] bytes, int from, int length, long minTime, long maxTime, SampleBuffer into) {
    open(bytes, from, length);
    while (next() && time <= maxTime) {
      if (time >= minTime) {
        into.add(time, value());
        into.startedAt(starts.start());
      }
    }
  }

  @Override
  public void open(byte[] bytes, int from, int length) {
    in.open(bytes, from, length, ChunkEncoding.XOR2.headerBytes());
    count = ChunkEncoding.XOR2.count(bytes, from);
    // Every sample takes a bit at least.
    if (count > in.left()) {
      throw in.ended();
    }
    starts.header(bytes[from + 2]);
    number = -1;
    base = 0;
    window = BitWriter.NO_WINDOW;
  }

  @Override
  public boolean next() {
    if (number + 1 >= count) {
      return false;
    }
    number++;
    long previous = time;
    switch (number) {
      case 0 -> {
        time = in.varint();
        value = in.bits(64);
        if (value != StaleMarker.BITS) {
          base = value;
        }
      }
      case 1 -> {
        delta = in.uvarint();
        time += delta;
        readValue();
      }
      default -> readJoint();
    }
    starts.read(in, number, time, previous);
    return true;
  }

  private void readJoint() {
    switch (in.ones(5)) {
      case 0 -> value = base;
      case 1 -> {
        if (in.ones(1) == 1) {
          window = in.newWindow();
        }
        readChange();
      }
      case 2 -> {
        readDod(13);
        return;
      }
      case 3 -> {
        readDod(20);
        return;
      }
      case 4 -> {
        readDod(64);
        return;
      }
      default -> value = StaleMarker.BITS;
    }
    time += delta;
  }

  private void readDod(int width) {
    // Two's complement, other than that of varbits.
    delta += in.bits(width) << (64 - width) >> (64 - width);
    time += delta;
    readValue();
  }

  private void readValue() {
    switch (in.ones(3)) {
      case 0 -> value = base;
      case 1 -> readChange();
      case 2 -> {
        window = in.newWindow();
        readChange();
      }
      default -> value = StaleMarker.BITS;
    }
  }

  private void readChange() {
    base ^= in.changed(window);
    value = base;
  }

  @Override
  public long time() {
    return time;
  }

  @Override
  public long startTimestamp() {
    return starts.start();
  }

  @Override
  public double value() {
    return Double.longBitsToDouble(value);
  }

  @Override
  public SpanHistogram histogram() {
    throw new IllegalStateException("a float is no histogram");
  }
}
