package io.narthex.tsdb.compact;

import io.narthex.tsdb.block.RawChunk;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.XorDecoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A chunk on its way from one block to another. Belongs to its {@link Pool}'s thread. */
final class Chunk {

  /** Where one is read into from a block; the other fields then tell of it. */
  final RawChunk raw = new RawChunk();

  long minTime;
  long maxTime;
  private int encoding;
  private byte[] bytes = {};
  private int from;
  private int length;

  /** Makes the chunk what was read last. */
  void isRaw(long first, long last) {
    minTime = first;
    maxTime = last;
    encoding = raw.encoding();
    bytes = raw.bytes();
    from = raw.from();
    length = raw.length();
  }

  /** Makes the chunk one that was encoded; the bytes are kept, with their padding behind them. */
  void isNew(long first, long last, int itsEncoding, byte[] itsBytes, int itsLength) {
    minTime = first;
    maxTime = last;
    encoding = itsEncoding;
    bytes = itsBytes;
    from = 0;
    length = itsLength;
  }

  /** Makes the chunk a part of an array, its times unknown. */
  void isPart(int itsEncoding, byte[] array, int itsFrom, int itsLength) {
    encoding = itsEncoding;
    bytes = array;
    from = itsFrom;
    length = itsLength;
  }

  /** Prometheus' number. */
  int encoding() {
    return encoding;
  }

  /** An array that holds the data, and {@link XorDecoder#PADDING} bytes behind them. */
  byte[] bytes() {
    return bytes;
  }

  /** Where the data begin. */
  int from() {
    return from;
  }

  int length() {
    return length;
  }

  /** The number of samples, which all encodings have in front. */
  int samples() {
    if (length < 2) {
      return 0;
    }
    return ChunkEncoding.isKnown(encoding)
        ? ChunkEncoding.of(encoding).count(bytes, from)
        : XorDecoder.count(bytes, from);
  }

  boolean hasSameContent(Chunk other) {
    return minTime == other.minTime
        && maxTime == other.maxTime
        && encoding == other.encoding
        && Arrays.equals(
            bytes, from, from + length, other.bytes, other.from, other.from + other.length);
  }

  /** Chunks that wait for their next use. */
  static final class Pool {
    private final List<Chunk> free = new ArrayList<>();

    Chunk take() {
      return free.isEmpty() ? new Chunk() : free.removeLast();
    }

    void give(Chunk chunk) {
      free.add(chunk);
    }
  }
}
