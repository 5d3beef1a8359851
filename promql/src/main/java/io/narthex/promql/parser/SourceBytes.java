package io.narthex.promql.parser;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A query's text as UTF-8. A byte that is not UTF-8 reaches us as an unpaired surrogate, U+DC00
 * plus the byte where the sender said which, and counts as one byte.
 */
final class SourceBytes {

  private SourceBytes() {}

  static byte[] of(String text) {
    return hasUnpairedSurrogate(text) ? slow(text) : text.getBytes(StandardCharsets.UTF_8);
  }

  private static boolean hasUnpairedSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        int c = text.codePointAt(i);
        if (c < 0x10000) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  private static byte[] slow(String text) {
    var out = new ByteArrayOutputStream(text.length() + 16);
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        out.write(c >= 0xdc80 && c <= 0xdcff ? c - 0xdc00 : 0xff);
      } else {
        out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    return out.toByteArray();
  }
}
