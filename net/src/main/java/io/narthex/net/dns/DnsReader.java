package io.narthex.net.dns;

import java.io.IOException;
import java.util.Arrays;

/** Reads a message from front to back. Every step that would leave it is an error. */
final class DnsReader {

  private static final int POINTER = 0xc0;
  private static final int MOST_LABELS = 128;
  private static final String SPECIAL = ". '@;()\"\\";

  private final byte[] message;
  private final int length;
  private int at;

  DnsReader(byte[] message, int length) {
    this.message = message;
    this.length = length;
  }

  int at() {
    return at;
  }

  DnsReader at(int position) throws IOException {
    at = 0;
    return skip(position);
  }

  DnsReader skip(int bytes) throws IOException {
    if (at + bytes > length) {
      throw new IOException("malformed DNS message: it ends early");
    }
    at += bytes;
    return this;
  }

  int two() throws IOException {
    skip(2);
    return (message[at - 2] & 0xff) << 8 | (message[at - 1] & 0xff);
  }

  private int one() throws IOException {
    skip(1);
    return message[at - 1] & 0xff;
  }

  byte[] take(int bytes) throws IOException {
    skip(bytes);
    return Arrays.copyOfRange(message, at - bytes, at);
  }

  /** A name with a dot at the end; its rest may stand elsewhere, where a pointer leads. */
  String name() throws IOException {
    StringBuilder name = new StringBuilder();
    int behind = -1;
    // Each label is a step and each pointer too, so that one that leads to itself comes to an end.
    for (int steps = 0; steps < MOST_LABELS; steps++) {
      int size = one();
      if (size == 0) {
        if (behind >= 0) {
          at = behind;
        }
        return name.isEmpty() ? "." : name.toString();
      }
      if ((size & POINTER) == POINTER) {
        int to = (size & ~POINTER) << 8 | one();
        if (behind < 0) {
          behind = at;
        }
        at(to);
      } else if ((size & POINTER) != 0) {
        throw new IOException("malformed DNS message: a label of an unknown kind");
      } else {
        label(size, name);
      }
    }
    throw new IOException("malformed DNS message: a name without end");
  }

  private void label(int size, StringBuilder name) throws IOException {
    for (int i = 0; i < size; i++) {
      int c = one();
      if (SPECIAL.indexOf(c) >= 0) {
        name.append('\\').append((char) c);
      } else if (c < ' ' || c > '~') {
        name.append('\\').append((char) ('0' + c / 100));
        name.append((char) ('0' + c / 10 % 10)).append((char) ('0' + c % 10));
      } else {
        name.append((char) c);
      }
    }
    name.append('.');
  }
}
