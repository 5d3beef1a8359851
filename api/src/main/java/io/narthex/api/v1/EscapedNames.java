package io.narthex.api.v1;

/**
 * Names of UTF-8 that were escaped to fit where only classic names do: {@code U__}, then each
 * character that is not allowed as {@code _hex_}, and each underscore twice.
 */
final class EscapedNames {

  private static final int MOST_DIGITS = 6;

  private EscapedNames() {}

  /** The name that was meant; a text that is no escaped name means itself. */
  static String decode(String escaped) {
    if (!escaped.startsWith("U__")) {
      return escaped;
    }
    StringBuilder out = new StringBuilder();
    for (int i = 3; i < escaped.length(); i++) {
      char c = escaped.charAt(i);
      if (c != '_') {
        out.append(c);
        continue;
      }
      int end = escaped.indexOf('_', i + 1);
      if (end < 0) {
        return escaped;
      }
      if (end == i + 1) {
        out.append('_');
      } else {
        int code = codePoint(escaped, i + 1, end);
        if (code < 0) {
          return escaped;
        }
        out.appendCodePoint(code);
      }
      i = end;
    }
    return out.toString();
  }

  private static int codePoint(String text, int from, int to) {
    if (to - from > MOST_DIGITS) {
      return -1;
    }
    int code = 0;
    for (int i = from; i < to; i++) {
      int digit = Character.digit(text.charAt(i), 16);
      if (digit < 0) {
        return -1;
      }
      code = code << 4 | digit;
    }
    boolean surrogate = code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE;
    return Character.isValidCodePoint(code) && !surrogate ? code : -1;
  }
}
