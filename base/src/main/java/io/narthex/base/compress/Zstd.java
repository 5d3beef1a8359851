package io.narthex.base.compress;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.zstd.ZstdJavaCompressor;
import io.airlift.compress.v3.zstd.ZstdJavaDecompressor;
import java.util.Arrays;

/** Zstandard frames. Not thread-safe. */
public final class Zstd {

  private final ZstdJavaCompressor compressor = new ZstdJavaCompressor();
  private final ZstdJavaDecompressor decompressor = new ZstdJavaDecompressor();

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
   * Decompresses one frame into a new array. A frame need not say how long its content is, so the
   * array grows up to a limit.
   *
   * @param limit the most bytes to accept
   * @throws CompressionException if the range is not a frame, or holds more than the limit
   */
  public byte[] decompress(byte[] bytes, int from, int length, int limit) {
    long size;
    try {
      size = decompressor.getDecompressedSize(bytes, from, length);
    } catch (MalformedInputException | IndexOutOfBoundsException e) {
      throw new CompressionException("zstd: corrupt input", e);
    }
    if (size > limit) {
      throw new CompressionException("zstd: more than " + limit + " bytes");
    }
    int room = size >= 0 ? (int) size : (int) Math.min(limit, Math.max(1024L, 8L * length));
    while (true) {
      byte[] into = new byte[room];
      try {
        int written = decompressor.decompress(bytes, from, length, into, 0, room);
        return written == room ? into : Arrays.copyOf(into, written);
      } catch (MalformedInputException | IndexOutOfBoundsException e) {
        if (size >= 0 || room >= limit) {
          throw new CompressionException("zstd: corrupt input", e);
        }
        room = (int) Math.min(limit, 4L * room);
      }
    }
  }
}
