package io.narthex.net.dns;

/** Addresses as texts, as Go writes them. */
final class AddressText {

  private static final int GROUPS = 8;

  private AddressText() {}

  /** Four bytes with dots between. */
  static String v4(byte[] bytes, int from) {
    return (bytes[from] & 0xff)
        + "."
        + (bytes[from + 1] & 0xff)
        + "."
        + (bytes[from + 2] & 0xff)
        + "."
        + (bytes[from + 3] & 0xff);
  }

  /**
   * Sixteen bytes in the form of RFC 5952: the longest run of zeros as {@code ::}. An address of
   * version 4 that was mapped to version 6 is written as the former.
   */
  static String v6(byte[] bytes, int from) {
    int[] groups = new int[GROUPS];
    for (int i = 0; i < GROUPS; i++) {
      groups[i] = (bytes[from + 2 * i] & 0xff) << 8 | (bytes[from + 2 * i + 1] & 0xff);
    }
    int zeros = zerosFrom(groups, 0);
    if (zeros == 5 && groups[5] == 0xffff) {
      return v4(bytes, from + 12);
    }
    int longest = 1;
    int at = -1;
    for (int i = 0; i < GROUPS; i++) {
      int run = zerosFrom(groups, i);
      if (run > longest) {
        longest = run;
        at = i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == at) {
        text.append("::");
        i += longest - 1;
        continue;
      }
      if (i > 0 && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }

  private static int zerosFrom(int[] groups, int from) {
    int end = from;
    while (end < GROUPS && groups[end] == 0) {
      end++;
    }
    return end - from;
  }
}
