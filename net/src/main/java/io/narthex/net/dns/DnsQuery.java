package io.narthex.net.dns;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * One question, as it goes over the wire (RFC 1035 §4.1; EDNS RFC 6891 §6.1).
 *
 * <pre>
 *   2 id | 2 flags | 2 questions | 2 answers | 2 authorities | 2 additional
 *   name | 2 type | 2 class                                    the question
 *   0 | 2 type 41 | 2 largest answer over UDP | 4 zero | 2 zero   EDNS
 * </pre>
 *
 * A name is a list of labels, each its length in a byte and its bytes, ended by an empty one.
 */
record DnsQuery(int id, String name, RecordType type, boolean extended) {

  /** The largest answer that is taken over UDP. */
  static final int LARGEST_UDP = 4096;

  private static final int RECURSION_DESIRED = 0x0100;
  private static final int INTERNET = 1;
  private static final int OPTIONS = 41;
  private static final int LONGEST_LABEL = 63;
  private static final int LONGEST_NAME = 255;

  /**
   * The message.
   *
   * @throws IOException if the name is none that can be asked for
   */
  byte[] message() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(64);
    two(out, id);
    two(out, RECURSION_DESIRED);
    two(out, 1);
    two(out, 0);
    two(out, 0);
    two(out, extended ? 1 : 0);
    int start = out.size();
    name(out);
    if (out.size() - start > LONGEST_NAME) {
      throw bad("it has more than 255 bytes");
    }
    two(out, type.code);
    two(out, INTERNET);
    if (extended) {
      out.write(0);
      two(out, OPTIONS);
      two(out, LARGEST_UDP);
      two(out, 0);
      two(out, 0);
      two(out, 0);
    }
    return out.toByteArray();
  }

  private static void two(ByteArrayOutputStream out, int value) {
    out.write(value >> 8);
    out.write(value);
  }

  private void name(ByteArrayOutputStream out) throws IOException {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream label = new ByteArrayOutputStream();
    for (int i = 0; i < text.length; i++) {
      if (text[i] == '\\') {
        i += escaped(text, i + 1, label);
      } else if (text[i] == '.') {
        // The root is a dot alone.
        if (text.length > 1) {
          label(label, out);
        }
      } else {
        label.write(text[i]);
      }
    }
    if (label.size() > 0) {
      label(label, out);
    }
    out.write(0);
  }

  private void label(ByteArrayOutputStream label, ByteArrayOutputStream out) throws IOException {
    if (label.size() == 0) {
      throw bad("a part of it is empty");
    }
    if (label.size() > LONGEST_LABEL) {
      throw bad("a part of it has more than 63 bytes");
    }
    out.write(label.size());
    out.writeBytes(label.toByteArray());
    label.reset();
  }

  /** Takes what stands behind a backslash: three digits or any byte; how many bytes that was. */
  private int escaped(byte[] text, int from, ByteArrayOutputStream label) throws IOException {
    if (from >= text.length) {
      throw bad("it ends with a backslash");
    }
    if (from + 2 < text.length && digit(text[from])) {
      if (!digit(text[from + 1]) || !digit(text[from + 2])) {
        throw bad("a backslash needs three digits behind it");
      }
      label.write((text[from] - '0') * 100 + (text[from + 1] - '0') * 10 + text[from + 2] - '0');
      return 3;
    }
    label.write(text[from]);
    return 1;
  }

  private static boolean digit(byte c) {
    return c >= '0' && c <= '9';
  }

  private IOException bad(String why) {
    return new IOException("\"" + name + "\" is not a valid domain name: " + why);
  }
}
