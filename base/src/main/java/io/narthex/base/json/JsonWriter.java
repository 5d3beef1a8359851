package io.narthex.base.json;

import io.narthex.base.bytes.ShortestDecimal;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes JSON into a stream as it is told, without a tree and without strings in between. Commas
 * and colons are its own business. It belongs to one thread. {@link #flush} hands on what is
 * buffered; the stream stays the caller's.
 *
 * <p>Text is written as Prometheus' servers write it: control characters as {@code \\u00XX} but for
 * {@code \n \r \t}, everything else as UTF-8. {@link #string} also escapes {@code < > &} and the
 * two line separators, as Go's {@code encoding/json} does; {@link #label} does not, as Prometheus
 * does for the labels of query results.
 */
public final class JsonWriter {

  private static final int SIZE = 8 * 1024;
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };
  private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
  private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};

  private final OutputStream out;
  private final ShortestDecimal decimal = new ShortestDecimal();
  private final byte[] buffer = new byte[SIZE];
  private int size;

  /** Whether a comma stands before the next name or value. */
  private boolean comma;

  public JsonWriter(OutputStream out) {
    this.out = out;
  }

  public JsonWriter beginObject() throws IOException {
    return open('{');
  }

  public JsonWriter endObject() throws IOException {
    return shut('}');
  }

  public JsonWriter beginArray() throws IOException {
    return open('[');
  }

  public JsonWriter endArray() throws IOException {
    return shut(']');
  }

  private JsonWriter open(char bracket) throws IOException {
    separate();
    put(bracket);
    comma = false;
    return this;
  }

  private JsonWriter shut(char bracket) throws IOException {
    put(bracket);
    comma = true;
    return this;
  }

  /** Begins a member of an object. */
  public JsonWriter name(String name) throws IOException {
    string(name);
    put(':');
    comma = false;
    return this;
  }

  /** Begins a member whose name is UTF-8 bytes. */
  public JsonWriter name(byte[] bytes, int from, int length) throws IOException {
    label(bytes, from, length);
    put(':');
    comma = false;
    return this;
  }

  /** Writes a text. */
  public JsonWriter string(String text) throws IOException {
    separate();
    put('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        putAscii(c, true);
      } else if (c == 0x2028 || c == 0x2029) {
        putEscape(c);
      } else if (Character.isSurrogate(c)) {
        i += putSurrogates(text, i);
      } else {
        putCodePoint(c);
      }
    }
    put('"');
    comma = true;
    return this;
  }

  /** Writes a member with a text. */
  public JsonWriter member(String name, String text) throws IOException {
    return name(name).string(text);
  }

  /** Writes a member with a whole number. */
  public JsonWriter member(String name, long value) throws IOException {
    return name(name).number(value);
  }

  /** Writes a text of UTF-8 bytes, as labels of query results are written. */
  public JsonWriter label(byte[] bytes, int from, int length) throws IOException {
    separate();
    put('"');
    int end = from + length;
    int clean = from;
    for (int i = from; i < end; i++) {
      byte b = bytes[i];
      if ((b >= 0 && b < ' ') || b == '"' || b == '\\') {
        putBytes(bytes, clean, i - clean);
        putAscii((char) b, false);
        clean = i + 1;
      }
    }
    putBytes(bytes, clean, end - clean);
    put('"');
    comma = true;
    return this;
  }

  /** Writes a whole number. */
  public JsonWriter number(long value) throws IOException {
    separate();
    reserve(NumberText.MOST);
    size = NumberText.putLong(buffer, size, value);
    comma = true;
    return this;
  }

  /**
   * Writes a float as a JSON number.
   *
   * @throws IllegalArgumentException for infinities and NaN, which JSON does not have
   */
  public JsonWriter number(double value) throws IOException {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("not a JSON number: " + value);
    }
    separate();
    reserve(NumberText.MOST);
    size = NumberText.putDouble(buffer, size, value, decimal, false);
    comma = true;
    return this;
  }

  /** Writes a float as Prometheus writes sample values: a text, so that all floats have one. */
  public JsonWriter sampleValue(double value) throws IOException {
    separate();
    reserve(NumberText.MOST + 2);
    buffer[size++] = '"';
    if (Double.isFinite(value)) {
      size = NumberText.putDouble(buffer, size, value, decimal, true);
    } else if (Double.isNaN(value)) {
      ascii("NaN");
    } else {
      ascii(value > 0 ? "+Inf" : "-Inf");
    }
    buffer[size++] = '"';
    comma = true;
    return this;
  }

  private void ascii(String text) {
    for (int i = 0; i < text.length(); i++) {
      buffer[size++] = (byte) text.charAt(i);
    }
  }

  /** Writes a time in seconds, with three decimals unless it is whole. */
  public JsonWriter timestamp(long millis) throws IOException {
    separate();
    reserve(NumberText.MOST);
    if (millis < 0) {
      buffer[size++] = '-';
    }
    size = NumberText.putLong(buffer, size, Math.abs(millis / 1000));
    int fraction = (int) Math.abs(millis % 1000);
    if (fraction != 0) {
      buffer[size++] = '.';
      buffer[size++] = (byte) ('0' + fraction / 100);
      buffer[size++] = (byte) ('0' + fraction / 10 % 10);
      buffer[size++] = (byte) ('0' + fraction % 10);
    }
    comma = true;
    return this;
  }

  public JsonWriter bool(boolean value) throws IOException {
    return raw(value ? TRUE : FALSE);
  }

  public JsonWriter nullValue() throws IOException {
    return raw(NULL);
  }

  /** Writes a value that is JSON already. */
  public JsonWriter raw(byte[] json) throws IOException {
    separate();
    putBytes(json, 0, json.length);
    comma = true;
    return this;
  }

  /** Hands on what is buffered, and flushes the stream. */
  public void flush() throws IOException {
    drain();
    out.flush();
  }

  /** Hands on what is buffered. */
  public void drain() throws IOException {
    out.write(buffer, 0, size);
    size = 0;
  }

  private void separate() throws IOException {
    if (comma) {
      put(',');
    }
  }

  private void reserve(int bytes) throws IOException {
    if (SIZE - size < bytes) {
      drain();
    }
  }

  private void put(char c) throws IOException {
    reserve(1);
    buffer[size++] = (byte) c;
  }

  private void putBytes(byte[] bytes, int from, int length) throws IOException {
    if (length > SIZE - size) {
      drain();
      if (length > SIZE) {
        out.write(bytes, from, length);
        return;
      }
    }
    System.arraycopy(bytes, from, buffer, size, length);
    size += length;
  }

  private void putAscii(char c, boolean html) throws IOException {
    switch (c) {
      case '"', '\\' -> {
        put('\\');
        put(c);
      }
      case '\n' -> {
        put('\\');
        put('n');
      }
      case '\r' -> {
        put('\\');
        put('r');
      }
      case '\t' -> {
        put('\\');
        put('t');
      }
      case '<', '>', '&' -> {
        if (html) {
          putEscape(c);
        } else {
          put(c);
        }
      }
      default -> {
        if (c < ' ') {
          putEscape(c);
        } else {
          put(c);
        }
      }
    }
  }

  private void putEscape(char c) throws IOException {
    reserve(6);
    buffer[size++] = '\\';
    buffer[size++] = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
      buffer[size++] = HEX[(c >> shift) & 15];
    }
  }

  /** Writes the pair that begins here, or a replacement for half a pair; returns what to skip. */
  private int putSurrogates(String text, int at) throws IOException {
    int c = text.codePointAt(at);
    if (c < 0x10000) {
      putCodePoint(0xfffd);
      return 0;
    }
    putCodePoint(c);
    return 1;
  }

  private void putCodePoint(int c) throws IOException {
    reserve(4);
    if (c < 0x800) {
      buffer[size++] = (byte) (0xc0 | c >> 6);
    } else {
      if (c < 0x10000) {
        buffer[size++] = (byte) (0xe0 | c >> 12);
      } else {
        buffer[size++] = (byte) (0xf0 | c >> 18);
        buffer[size++] = (byte) (0x80 | (c >> 12 & 0x3f));
      }
      buffer[size++] = (byte) (0x80 | (c >> 6 & 0x3f));
    }
    buffer[size++] = (byte) (0x80 | (c & 0x3f));
  }
}
