package io.narthex.net.http2;

import java.util.StringTokenizer;

/**
 * Huffman's code of RFC 7541, appendix B. It is canonical: codes of one length follow each other in
 * the order of their symbols, the first behind the last shorter one. So the lengths say it all.
 */
final class Huffman {

  private static final int LONGEST = 30;
  private static final int END = 256;

  /** Bits of the code of each byte, and of the end, which is never sent. */
  private static final String LENGTHS =
      """
      13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28
      28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28
       6 10 10 12 13  6  8 11 10 10  8 11  8  6  6  6
       5  5  5  6  6  6  6  6  6  6  7  8 15  6 12 10
      13  6  7  7  7  7  7  7  7  7  7  7  7  7  7  7
       7  7  7  7  7  7  7  7  8  7  8 13 19 13 14  6
      15  5  6  5  6  5  6  6  6  5  7  7  6  6  6  5
       6  7  6  5  5  6  7  7  7  7  7 15 11 14 13 28
      20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23
      24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24
      22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23
      21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23
      26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25
      19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27
      20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23
      26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26
      30
      """;

  /** Of each length: the first code, how many there are, and where their symbols lie. */
  private static final int[] FIRST = new int[LONGEST + 1];

  private static final int[] COUNT = new int[LONGEST + 1];
  private static final int[] WHERE = new int[LONGEST + 1];

  /** By length, then by value. */
  private static final short[] SYMBOLS = new short[END + 1];

  static {
    StringTokenizer numbers = new StringTokenizer(LENGTHS);
    int[] lengths = new int[END + 1];
    for (int symbol = 0; symbol <= END; symbol++) {
      lengths[symbol] = Integer.parseInt(numbers.nextToken());
    }
    int next = 0;
    int code = 0;
    for (int length = 1; length <= LONGEST; length++) {
      code <<= 1;
      FIRST[length] = code;
      WHERE[length] = next;
      for (int symbol = 0; symbol <= END; symbol++) {
        if (lengths[symbol] == length) {
          SYMBOLS[next++] = (short) symbol;
          code++;
        }
      }
      COUNT[length] = code - FIRST[length];
    }
  }

  private Huffman() {}

  /** The most bytes that so many coded ones stand for: the shortest code has five bits. */
  static int most(int coded) {
    return coded * 8 / 5;
  }

  /**
   * Decodes.
   *
   * @param into with room for {@link #most} bytes
   * @return how many bytes it was
   */
  static int decode(byte[] b, int from, int to, byte[] into) throws Http2Exception {
    int written = 0;
    int code = 0;
    int bits = 0;
    boolean ones = true;
    for (int i = from; i < to; i++) {
      for (int bit = 7; bit >= 0; bit--) {
        int one = b[i] >> bit & 1;
        code = code << 1 | one;
        ones &= one == 1;
        bits++;
        int at = code - FIRST[bits];
        if (at >= 0 && at < COUNT[bits]) {
          int symbol = SYMBOLS[WHERE[bits] + at];
          if (symbol == END) {
            throw invalid();
          }
          into[written++] = (byte) symbol;
          code = 0;
          bits = 0;
          ones = true;
        }
      }
    }
    // The last byte is filled up with the start of the code of the end, which is all ones.
    if (bits > 7 || !ones) {
      throw invalid();
    }
    return written;
  }

  private static Http2Exception invalid() {
    return Http2Exception.broken(
        ErrorCode.COMPRESSION_ERROR, "hpack: invalid Huffman-encoded data");
  }
}
