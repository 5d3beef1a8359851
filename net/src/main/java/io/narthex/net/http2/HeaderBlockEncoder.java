package io.narthex.net.http2;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Writes the head of a request as a block. It uses the fixed table and no other, so that a block is
 * good on each connection and can be kept, and says so at its start, where a server waits for it
 * that allows a smaller table. It does not use Huffman's code: a request has one packet either way.
 */
final class HeaderBlockEncoder {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);

  HeaderBlockEncoder() {
    // The table has no bytes.
    number(0x20, 5, 0);
  }

  /**
   * Translates a head of HTTP/1.1: the request line and the header lines, each with its end.
   *
   * @param head with an empty line at its end or without
   */
  static byte[] encode(String head) {
    HeaderBlockEncoder encoder = new HeaderBlockEncoder();
    int lineEnd = head.indexOf("\r\n");
    int method = head.indexOf(' ');
    int target = head.indexOf(' ', method + 1);
    encoder.field(":method", head.substring(0, method));
    encoder.field(":scheme", "https");
    encoder.field(":path", head.substring(method + 1, target));
    // All fields with a colon in front come first.
    encoder.lines(head, lineEnd + 2, true);
    encoder.lines(head, lineEnd + 2, false);
    return encoder.out.toByteArray();
  }

  private void lines(String head, int from, boolean host) {
    int at = from;
    while (at < head.length()) {
      int lineEnd = head.indexOf("\r\n", at);
      lineEnd = lineEnd < 0 ? head.length() : lineEnd;
      int colon = head.indexOf(':', at);
      if (colon > at && colon < lineEnd) {
        String name = head.substring(at, colon).toLowerCase(Locale.ROOT);
        if (name.equals("host") == host && !belongsToConnection(name)) {
          field(host ? ":authority" : name, head.substring(colon + 1, lineEnd).strip());
        }
      }
      at = lineEnd + 2;
    }
  }

  private static boolean belongsToConnection(String name) {
    return switch (name) {
      case "connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade" ->
          true;
      default -> false;
    };
  }

  /** Appends a field; the name is in lower case. */
  void field(String name, String value) {
    int whole = HeaderTable.field(name, value);
    if (whole > 0) {
      number(0x80, 7, whole);
      return;
    }
    boolean secret =
        switch (name) {
          case "authorization", "cookie", "proxy-authorization" -> true;
          default -> false;
        };
    int index = HeaderTable.name(name);
    number(secret ? 0x10 : 0, 4, index);
    if (index == 0) {
      text(name);
    }
    text(value);
  }

  private void number(int pattern, int prefix, int value) {
    int most = (1 << prefix) - 1;
    if (value < most) {
      out.write(pattern | value);
      return;
    }
    out.write(pattern | most);
    int rest = value - most;
    for (; rest >= 0x80; rest >>>= 7) {
      out.write(rest & 0x7f | 0x80);
    }
    out.write(rest);
  }

  private void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    number(0, 7, bytes.length);
    out.writeBytes(bytes);
  }

  byte[] toBytes() {
    return out.toByteArray();
  }
}
