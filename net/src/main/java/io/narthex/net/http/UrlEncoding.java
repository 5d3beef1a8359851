package io.narthex.net.http;

import io.narthex.base.bytes.Utf8;

/**
 * Percent-encoding as Go's {@code net/url} reads it. Texts to be decoded hold one byte per char
 * (ISO 8859-1), as they came over the wire; decoded texts are UTF-8.
 */
final class UrlEncoding {

  /** A percent sign without two hexadecimal digits. */
  static final class BadEscape extends Exception {
    private static final long serialVersionUID = 1;

    BadEscape(String escape) {
      super("invalid URL escape \"" + escape + "\"");
    }
  }

  private UrlEncoding() {}

  /** Decodes a segment of a path. */
  static String decodePath(String raw) throws BadEscape {
    return decode(raw, 0, raw.length(), false);
  }

  private static String decode(String raw, int from, int to, boolean plusIsSpace) throws BadEscape {
    boolean plain = true;
    for (int i = from; i < to && plain; i++) {
      char c = raw.charAt(i);
      plain = c < 0x80 && c != '%' && !(plusIsSpace && c == '+');
    }
    if (plain) {
      return raw.substring(from, to);
    }
    byte[] bytes = new byte[to - from];
    int length = 0;
    for (int i = from; i < to; i++) {
      char c = raw.charAt(i);
      if (c == '%') {
        boolean room = i + 2 < to;
        int high = room ? Character.digit(raw.charAt(i + 1), 16) : -1;
        int low = room ? Character.digit(raw.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          throw new BadEscape(raw.substring(i, Math.min(i + 3, to)));
        }
        bytes[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        bytes[length++] = (byte) (plusIsSpace && c == '+' ? ' ' : c);
      }
    }
    return Utf8.text(bytes, 0, length);
  }

  /**
   * Adds the pairs of {@code a=b&c=d} to the parameters. A pair that cannot be decoded, or that
   * holds a semicolon, is left out and noted as a flaw.
   */
  static void parseQuery(String raw, Parameters into) {
    int from = 0;
    while (from <= raw.length()) {
      int to = raw.indexOf('&', from);
      to = to < 0 ? raw.length() : to;
      if (to > from) {
        addPair(raw, from, to, into);
      }
      from = to + 1;
    }
  }

  private static void addPair(String raw, int from, int to, Parameters into) {
    int semicolon = raw.indexOf(';', from);
    if (semicolon >= 0 && semicolon < to) {
      into.flaw("invalid semicolon separator in query");
      return;
    }
    int equals = raw.indexOf('=', from);
    boolean valued = equals >= 0 && equals < to;
    try {
      String name = decode(raw, from, valued ? equals : to, true);
      into.add(name, valued ? decode(raw, equals + 1, to, true) : "");
    } catch (BadEscape e) {
      into.flaw(String.valueOf(e.getMessage()));
    }
  }
}
