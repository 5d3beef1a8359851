package io.narthex.base.compress;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.snappy.SnappyJavaCompressor;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;

/**
 * Snappy's block format (no framing): the uncompressed length as a varint, then literals and
 * copies. Not thread-safe: an instance keeps its hash table.
 */
public final class Snappy {

  private final SnappyJavaCompressor compressor = new SnappyJavaCompressor();
  private final SnappyJavaDecompressor decompressor = new SnappyJavaDecompressor();

  /** The most bytes that {@link #compress} writes for an input of this length. */
  public int maxCompressedLength(int length) {
    return compressor.maxCompressedLength(length);
  }

  /**
   * Compresses a range.
   *
   * @param into has room for {@link #maxCompressedLength} bytes from {@code at}
   * @return the number of bytes written
   */
  public int compress(byte[] bytes, int from, int length, byte[] into, int at) {
    return compressor.compress(bytes, from, length, into, at, into.length - at);
  }

  /**
   * The length of what a compressed range holds.
   *
   * @throws CompressionException if the range does not begin with a length
   */
  public int uncompressedLength(byte[] bytes, int from, int length) {
    long value = 0;
    for (int i = 0; i < 5 && i < length; i++) {
      int b = bytes[from + i];
      value |= (long) (b & 0x7f) << (7 * i);
      if (b >= 0) {
        if (value > Integer.MAX_VALUE) {
          break;
        }
        return (int) value;
      }
    }
    throw new CompressionException("snappy: corrupt input");
  }

  /**
   * Decompresses a range.
   *
   * @param into has room for {@link #uncompressedLength} bytes from {@code at}
   * @return the number of bytes written
   * @throws CompressionException if the range is not a snappy block
   */
  public int decompress(byte[] bytes, int from, int length, byte[] into, int at) {
    try {
      return decompressor.decompress(bytes, from, length, into, at, into.length - at);
    } catch (MalformedInputException | IndexOutOfBoundsException e) {
      throw new CompressionException("snappy: corrupt input", e);
    }
  }
}
