package io.narthex.base.file;

import io.narthex.base.bytes.Varint;
import java.util.zip.CRC32C;

/**
 * Writes a file of fields through a buffer: big-endian numbers, Go's varints, checksums. Not
 * thread-safe. Owns the file.
 */
public final class BufferedOutput implements AutoCloseable {

  private static final int SIZE = 1 << 16;

  private final OutputFile file;
  private final byte[] buffer = new byte[SIZE];
  private int used;
  private final CRC32C crc = new CRC32C();
  // From where on the buffer's bytes are not in the checksum yet; negative outside of a checksum.
  private int checkedFrom = -1;

  public BufferedOutput(OutputFile file) {
    this.file = file;
  }

  /** The number of bytes written so far. */
  public long position() {
    return file.position() + used;
  }

  /** Writes one byte. */
  public void u8(int value) {
    room(1);
    buffer[used++] = (byte) value;
  }

  /** Writes the low four bytes of a number. */
  public void u32(long value) {
    room(4);
    put32((int) value);
  }

  /** Writes eight bytes. */
  public void i64(long value) {
    room(8);
    put32((int) (value >> 32));
    put32((int) value);
  }

  /** Writes an unsigned varint. */
  public void uvarint(long value) {
    room(Varint.MAX_BYTES);
    used = Varint.putUnsigned(buffer, used, value);
  }

  /** Writes a signed varint. */
  public void varint(long value) {
    room(Varint.MAX_BYTES);
    used = Varint.putSigned(buffer, used, value);
  }

  /** Writes bytes. */
  public void bytes(byte[] bytes, int from, int length) {
    int done = 0;
    while (done < length) {
      room(1);
      int part = Math.min(length - done, SIZE - used);
      System.arraycopy(bytes, from + done, buffer, used, part);
      used += part;
      done += part;
    }
  }

  /** Writes zeros until the position is a multiple of a number. */
  public void pad(int multiple) {
    while (position() % multiple != 0) {
      u8(0);
    }
  }

  /** Begins a checksum: what is written from here on goes into it. */
  public void beginChecksum() {
    crc.reset();
    checkedFrom = used;
  }

  /** Ends the checksum and writes its four bytes. */
  public void endChecksum() {
    crc.update(buffer, checkedFrom, used - checkedFrom);
    checkedFrom = -1;
    u32(crc.getValue());
  }

  /** Overwrites four bytes that were written before. */
  public void patch32(long position, long value) {
    flush();
    byte[] four = {(byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value};
    file.writeAt(position, four, 0, 4);
  }

  /** Hands what is in the buffer to the file. */
  public void flush() {
    if (used > 0) {
      if (checkedFrom >= 0) {
        crc.update(buffer, checkedFrom, used - checkedFrom);
        checkedFrom = 0;
      }
      file.write(buffer, 0, used);
      used = 0;
    }
  }

  /** Flushes and makes the file durable. */
  public void sync() {
    flush();
    file.sync();
  }

  /** Closes the file; what was not flushed is lost. */
  @Override
  public void close() {
    file.close();
  }

  private void room(int bytes) {
    if (used + bytes > SIZE) {
      flush();
    }
  }

  private void put32(int value) {
    buffer[used] = (byte) (value >> 24);
    buffer[used + 1] = (byte) (value >> 16);
    buffer[used + 2] = (byte) (value >> 8);
    buffer[used + 3] = (byte) value;
    used += 4;
  }
}
