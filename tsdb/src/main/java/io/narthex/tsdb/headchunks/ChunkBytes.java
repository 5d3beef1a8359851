package io.narthex.tsdb.headchunks;

import io.narthex.tsdb.chunk.XorDecoder;

/** A chunk copied out of its file. Reusable; belongs to one thread. */
public final class ChunkBytes {

  private byte[] bytes = new byte[1024 + XorDecoder.PADDING];
  private int from;
  private int length;
  private int encoding;
  private boolean outOfOrder;

  /** Holds the data; {@link XorDecoder#PADDING} bytes of anything follow it. */
  public byte[] bytes() {
    return bytes;
  }

  /** Where the data begins. */
  public int from() {
    return from;
  }

  /** The number of bytes of data. */
  public int length() {
    return length;
  }

  /** How the samples are encoded, Prometheus' number. */
  public int encoding() {
    return encoding;
  }

  /** Whether the samples came out of order. */
  public boolean outOfOrder() {
    return outOfOrder;
  }

  byte[] reserve(int size) {
    if (size + XorDecoder.PADDING > bytes.length) {
      bytes = new byte[Math.max(size + XorDecoder.PADDING, 2 * bytes.length)];
    }
    return bytes;
  }

  void set(int dataFrom, int dataLength, int encodingByte) {
    from = dataFrom;
    length = dataLength;
    encoding = encodingByte & 0x7f;
    outOfOrder = (encodingByte & HeadChunkFile.OUT_OF_ORDER) != 0;
  }
}
