package io.narthex.net.http2;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads frames: the nine bytes in front at once, the payload as the caller wants it. It keeps no
 * bytes of its own, because a process has many connections that are idle, and TLS has a buffer
 * already.
 */
final class FrameInput {

  private final InputStream in;
  private final byte[] small = new byte[64];
  private int type;
  private int flags;
  private int stream;
  private int left;

  FrameInput(InputStream in) {
    this.in = in;
  }

  /**
   * Goes to the next frame; nothing of the one before may be left.
   *
   * @return false at the end of the connection
   */
  boolean next() throws IOException {
    int first = in.read(small, 0, Frame.HEADER);
    if (first < 0) {
      return false;
    }
    exactly(small, first, Frame.HEADER - first);
    left = (small[0] & 0xff) << 16 | (small[1] & 0xff) << 8 | small[2] & 0xff;
    type = small[3] & 0xff;
    flags = small[4] & 0xff;
    stream = int32(5) & Integer.MAX_VALUE;
    if (left > Frame.MOST) {
      throw Http2Exception.unusable(ErrorCode.FRAME_SIZE_ERROR, "http2: frame too large");
    }
    return true;
  }

  int type() {
    return type;
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  int stream() {
    return stream;
  }

  /** Bytes of the payload that have not been read. */
  int left() {
    return left;
  }

  /** Checks that the rest of the payload has so many bytes. */
  void checkSize(int bytes) throws Http2Exception {
    if (left != bytes) {
      throw Http2Exception.broken(
          ErrorCode.FRAME_SIZE_ERROR, "a frame of type " + type + " with " + left + " bytes");
    }
  }

  /** Reads some of the payload, at least one byte. */
  int some(byte[] into, int offset, int length) throws IOException {
    int n = in.read(into, offset, Math.min(length, left));
    if (n < 0) {
      throw new EOFException("unexpected EOF");
    }
    left -= n;
    return n;
  }

  /** Reads so many bytes of the payload. */
  void all(byte[] into, int offset, int length) throws IOException {
    if (length > left) {
      throw Http2Exception.broken(
          ErrorCode.FRAME_SIZE_ERROR, "a frame of type " + type + " is too short");
    }
    exactly(into, offset, length);
    left -= length;
  }

  private void exactly(byte[] into, int offset, int length) throws IOException {
    for (int done = 0; done < length; ) {
      int n = in.read(into, offset + done, length - done);
      if (n < 0) {
        throw new EOFException("unexpected EOF");
      }
      done += n;
    }
  }

  int uint8() throws IOException {
    all(small, 0, 1);
    return small[0] & 0xff;
  }

  int uint16() throws IOException {
    all(small, 0, 2);
    return (small[0] & 0xff) << 8 | small[1] & 0xff;
  }

  int int32() throws IOException {
    all(small, 0, 4);
    return int32(0);
  }

  private int int32(int at) {
    return (small[at] & 0xff) << 24
        | (small[at + 1] & 0xff) << 16
        | (small[at + 2] & 0xff) << 8
        | small[at + 3] & 0xff;
  }

  /** Passes over what is left of the payload. */
  void skip() throws IOException {
    while (left > 0) {
      some(small, 0, small.length);
    }
  }
}
