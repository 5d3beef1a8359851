package io.narthex.base.file;

/**
 * A file that is being written. Not thread-safe. A write that fails may have written a part; {@link
 * #position} then says how much is certain.
 */
public interface OutputFile extends AutoCloseable {

  /** Appends bytes. */
  void write(byte[] bytes, int from, int length);

  /** Overwrites bytes that were appended before; the end does not move. */
  void writeAt(long position, byte[] bytes, int from, int length);

  /** The number of bytes that were appended. */
  long position();

  /** Cuts the file to a length that is no greater than {@link #position} and goes on from there. */
  void truncate(long length);

  /** Makes everything that was written durable. */
  void sync();

  /** Closes the file, without making it durable; closing twice does nothing. */
  @Override
  void close();
}
