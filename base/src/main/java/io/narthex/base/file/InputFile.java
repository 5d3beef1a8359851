package io.narthex.base.file;

/** A file that is being read from beginning to end. Not thread-safe. */
public interface InputFile extends AutoCloseable {

  /**
   * Reads bytes, as many as asked for unless the file ends.
   *
   * @return the number of bytes, less than {@code length} only at the end of the file
   */
  int read(byte[] into, int from, int length);

  @Override
  void close();
}
