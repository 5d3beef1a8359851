package io.narthex.promql.engine.function;

import io.narthex.base.bytes.Utf8;

/** The order of texts in which runs of digits count as numbers: a2 comes before a10. */
final class NaturalOrder {

  private NaturalOrder() {}

  static int compare(String a, String b) {
    int i = 0;
    int j = 0;
    while (i < a.length() && j < b.length()) {
      int iEnd = chunk(a, i);
      int jEnd = chunk(b, j);
      String x = a.substring(i, iEnd);
      String y = b.substring(j, jEnd);
      int order =
          isDigit(x.charAt(0)) && isDigit(y.charAt(0)) ? compareNumbers(x, y) : Utf8.compare(x, y);
      if (order != 0) {
        return order;
      }
      i = iEnd;
      j = jEnd;
    }
    int order = Integer.compare(a.length() - i, b.length() - j);
    // Texts that differ in leading zeros alone.
    return order != 0 ? order : Utf8.compare(a, b);
  }

  private static int chunk(String text, int from) {
    boolean digits = isDigit(text.charAt(from));
    int to = from + 1;
    while (to < text.length() && isDigit(text.charAt(to)) == digits) {
      to++;
    }
    return to;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static int compareNumbers(String a, String b) {
    int i = 0;
    while (i < a.length() - 1 && a.charAt(i) == '0') {
      i++;
    }
    int j = 0;
    while (j < b.length() - 1 && b.charAt(j) == '0') {
      j++;
    }
    int order = Integer.compare(a.length() - i, b.length() - j);
    return order != 0 ? order : a.substring(i).compareTo(b.substring(j));
  }
}
