package io.narthex.promql.parser;

import io.narthex.base.bytes.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** String literals: single or double quotes with Go's escapes, or raw between backquotes. */
final class GoStrings {

  private GoStrings() {}

  /**
   * The value of a literal. Escapes may name single bytes; where these are not UTF-8 each becomes
   * an unpaired surrogate, U+DC00 plus the byte.
   *
   * @throws IllegalArgumentException if it is not one; the message is Go's
   */
  static String unquote(String literal) {
    int end = literal.length() - 1;
    if (end < 1 || literal.charAt(0) != literal.charAt(end)) {
      throw invalid();
    }
    String body = literal.substring(1, end);
    if (literal.charAt(0) == '`') {
      if (body.indexOf('`') >= 0) {
        throw invalid();
      }
      return body;
    }
    return body.indexOf('\\') < 0 ? body : unescape(body, literal.charAt(0));
  }

  private static String unescape(String body, char quote) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(body.length());
    int i = 0;
    while (i < body.length()) {
      int c = body.codePointAt(i);
      i += Character.charCount(c);
      if (c != '\\') {
        write(out, c);
        continue;
      }
      if (i == body.length()) {
        throw invalid();
      }
      char escape = body.charAt(i++);
      switch (escape) {
        case 'a' -> out.write(7);
        case 'b' -> out.write('\b');
        case 'f' -> out.write('\f');
        case 'n' -> out.write('\n');
        case 'r' -> out.write('\r');
        case 't' -> out.write('\t');
        case 'v' -> out.write(11);
        case '\\' -> out.write('\\');
        case 'x' -> out.write(number(body, i, 2, 16));
        case 'u' -> write(out, number(body, i, 4, 16));
        case 'U' -> write(out, number(body, i, 8, 16));
        case '0', '1', '2', '3', '4', '5', '6', '7' -> out.write(number(body, i - 1, 3, 8));
        default -> {
          if (escape != quote) {
            throw invalid();
          }
          out.write(quote);
        }
      }
      i +=
          switch (escape) {
            case 'x', '0', '1', '2', '3', '4', '5', '6', '7' -> 2;
            case 'u' -> 4;
            case 'U' -> 8;
            default -> 0;
          };
    }
    return decode(out.toByteArray());
  }

  private static int number(String body, int from, int digits, int base) {
    try {
      return Integer.parseUnsignedInt(body, from, from + digits, base);
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("invalid syntax", e);
    }
  }

  private static void write(ByteArrayOutputStream out, int c) {
    if (c < 0x80) {
      out.write(c);
    } else {
      out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String decode(byte[] bytes) {
    if (Utf8.isValid(bytes, 0, bytes.length)) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
    StringBuilder out = new StringBuilder(bytes.length);
    int i = 0;
    while (i < bytes.length) {
      int length = 1;
      while (length < 4 && i + length <= bytes.length && !Utf8.isValid(bytes, i, length)) {
        length++;
      }
      if (i + length <= bytes.length && Utf8.isValid(bytes, i, length)) {
        out.append(new String(bytes, i, length, StandardCharsets.UTF_8));
        i += length;
      } else {
        out.append((char) (0xdc00 + (bytes[i] & 0xff)));
        i++;
      }
    }
    return out.toString();
  }

  private static IllegalArgumentException invalid() {
    return new IllegalArgumentException("invalid syntax");
  }
}
