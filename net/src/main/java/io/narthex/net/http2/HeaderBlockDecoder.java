package io.narthex.net.http2;

import java.nio.charset.StandardCharsets;

/**
 * Reads blocks of header fields (RFC 7541), as the package draws them. One per connection: blocks
 * build on those before. After an exception it is of no use, and neither is the connection.
 */
final class HeaderBlockDecoder {

  /** Takes the fields of a block, in their order. */
  @FunctionalInterface
  interface Fields {
    void field(String name, String value) throws Http2Exception;
  }

  private static final int SMALL = 256;
  private static final byte[] NOTHING = {};

  private final HeaderTable table = new HeaderTable();
  private final int mostList;
  private byte[] plain = new byte[SMALL];
  private byte[] block = NOTHING;
  private int at;
  private int end;

  /**
   * @param mostList the most bytes that the fields of one block may take: names, values, and 32 for
   *     each, as RFC 9113 counts them
   */
  HeaderBlockDecoder(int mostList) {
    this.mostList = mostList;
  }

  HeaderTable table() {
    return table;
  }

  /** Reads a whole block. */
  void decode(byte[] bytes, int length, Fields into) throws Http2Exception {
    block = bytes;
    at = 0;
    end = length;
    int list = 0;
    boolean any = false;
    while (at < end) {
      int first = block[at] & 0xff;
      if (first >= 0x20 && first < 0x40) {
        resize(any);
        continue;
      }
      any = true;
      String name;
      String value;
      if (first >= 0x80) {
        int index = number(7);
        name = table.nameOf(index);
        value = table.valueOf(index);
      } else {
        boolean kept = first >= 0x40;
        int index = number(kept ? 6 : 4);
        name = index == 0 ? text() : table.nameOf(index);
        value = text();
        if (kept) {
          table.add(name, value);
        }
      }
      list += name.length() + value.length() + HeaderTable.BESIDE;
      if (list > mostList) {
        throw Http2Exception.listTooLarge();
      }
      into.field(name, value);
    }
    // An idle connection keeps neither a long block nor a long text.
    plain = plain.length > SMALL ? new byte[SMALL] : plain;
    block = NOTHING;
  }

  private void resize(boolean late) throws Http2Exception {
    int bytes = number(5);
    if (late || bytes > HeaderTable.DEFAULT_SIZE) {
      throw broken("invalid dynamic table size update");
    }
    table.resize(bytes);
  }

  /** A number with a prefix of so many bits. */
  private int number(int prefix) throws Http2Exception {
    int most = (1 << prefix) - 1;
    int value = block[at++] & most;
    if (value < most) {
      return value;
    }
    for (int shift = 0; shift <= 21; shift += 7) {
      int next = next();
      value += (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw broken("varint integer overflow");
  }

  private int next() throws Http2Exception {
    if (at == end) {
      throw broken("truncated headers");
    }
    return block[at++] & 0xff;
  }

  private String text() throws Http2Exception {
    boolean coded = at < end && block[at] < 0;
    if (at == end) {
      throw broken("truncated headers");
    }
    int length = number(7);
    if (length > end - at) {
      throw broken("truncated headers");
    }
    int from = at;
    at += length;
    if (!coded) {
      return new String(block, from, length, StandardCharsets.ISO_8859_1);
    }
    if (plain.length < Huffman.most(length)) {
      plain = new byte[Huffman.most(length)];
    }
    int n = Huffman.decode(block, from, at, plain);
    return new String(plain, 0, n, StandardCharsets.ISO_8859_1);
  }

  private static Http2Exception broken(String how) {
    return Http2Exception.broken(ErrorCode.COMPRESSION_ERROR, "hpack: " + how);
  }
}
