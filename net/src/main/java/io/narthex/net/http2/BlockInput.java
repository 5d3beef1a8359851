package io.narthex.net.http2;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/** Gathers a block of header fields from HEADERS and what continues it, and has it decoded. */
final class BlockInput {

  private static final int SMALL = 512;

  /** A block of the longest kind has five full frames. */
  private static final int MOST_FRAMES = 100;

  private final FrameInput in;
  private final int most;
  private final HeaderBlockDecoder decoder;
  private byte[] block = new byte[SMALL];
  private int length;

  /**
   * @param most the most bytes, packed and unpacked
   */
  BlockInput(FrameInput in, int most) {
    this.in = in;
    this.most = most;
    this.decoder = new HeaderBlockDecoder(most);
  }

  /** Reads the block that begins with the frame at hand. */
  void read(HeaderBlockDecoder.Fields into) throws IOException {
    int stream = in.stream();
    int padding = in.has(Frame.PADDED) ? in.uint8() : 0;
    if (in.has(Frame.PRIORITIZED)) {
      in.int32();
      in.uint8();
    }
    length = 0;
    append(in.left() - padding);
    for (int frames = 1; !in.has(Frame.END_HEADERS); frames++) {
      if (!in.next()) {
        throw new EOFException("unexpected EOF");
      }
      if (in.type() != Frame.CONTINUATION || in.stream() != stream) {
        throw Http2Exception.broken(
            ErrorCode.PROTOCOL_ERROR, "a block of headers that is interrupted");
      }
      if (frames == MOST_FRAMES) {
        throw Http2Exception.broken(
            ErrorCode.ENHANCE_YOUR_CALM, "a block of more than " + MOST_FRAMES + " frames");
      }
      append(in.left());
    }
    decoder.decode(block, length, into);
    if (block.length > SMALL) {
      // An idle connection keeps no long block.
      block = new byte[SMALL];
    }
  }

  private void append(int more) throws IOException {
    if (more < 0) {
      throw Http2Exception.broken(ErrorCode.PROTOCOL_ERROR, "more padding than payload");
    }
    if (length + more > most) {
      throw Http2Exception.listTooLarge();
    }
    if (length + more > block.length) {
      block = Arrays.copyOf(block, Math.max(length + more, 2 * block.length));
    }
    in.all(block, length, more);
    length += more;
    // Padding.
    in.skip();
  }
}
