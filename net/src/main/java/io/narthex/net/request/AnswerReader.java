package io.narthex.net.request;

import io.narthex.base.bytes.BulkInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Reads one answer of HTTP/1.1: the head, then the body in any framing, without what packs it. The
 * client that scrapes has a reader of its own, which keeps its buffers and reads no header that it
 * does not need; this one keeps all headers and gives a stream.
 */
final class AnswerReader implements Answer {

  private static final int MOST_HEAD = 1 << 20;
  private static final int MOST_LINE = 64 * 1024;

  private final InputStream in;
  private final byte[] buffer = new byte[16 * 1024];
  private int at;
  private int end;

  private int status;
  private String reason = "";
  private boolean keepAlive;
  private boolean complete;
  private Headers headers = new Headers();

  AnswerReader(InputStream in) {
    this.in = in;
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public String reason() {
    return reason;
  }

  @Override
  public Headers headers() {
    return headers;
  }

  @Override
  public boolean isReusable() {
    return complete && keepAlive && at == end;
  }

  @Override
  public boolean readHead() throws IOException {
    if (!fill()) {
      return false;
    }
    do {
      headers = new Headers();
      readOneHead();
    } while (status >= 100 && status < 200 && status != 101);
    return true;
  }

  private void readOneHead() throws IOException {
    int total = 0;
    String line = line();
    if (!line.startsWith("HTTP/1.") || line.length() < 12 || line.charAt(8) != ' ') {
      throw malformed("HTTP response", line);
    }
    keepAlive = line.charAt(7) != '0';
    status = 0;
    for (int i = 9; i < 12; i++) {
      int digit = line.charAt(i) - '0';
      status = digit >= 0 && digit <= 9 ? status * 10 + digit : -1000;
    }
    if (status < 100) {
      throw malformed("HTTP status code", line.substring(9, 12));
    }
    reason = line.substring(12).strip();
    while (!(line = line()).isEmpty()) {
      total += line.length();
      int colon = line.indexOf(':');
      if (colon <= 0) {
        throw malformed("MIME header line:", line);
      }
      if (total > MOST_HEAD) {
        throw new HttpFailure(
            HttpFailure.Kind.PROTOCOL,
            "net/http: server response headers exceeded " + MOST_HEAD + " bytes; aborted");
      }
      headers.add(line.substring(0, colon), line.substring(colon + 1).strip());
    }
    String connection = headers.first("Connection");
    if (connection != null) {
      String told = connection.toLowerCase(Locale.ROOT);
      keepAlive = told.contains("keep-alive") || (keepAlive && !told.contains("close"));
    }
  }

  private static HttpFailure malformed(String what, String text) {
    String shown = text.length() > 100 ? text.substring(0, 100) : text;
    return new HttpFailure(
        HttpFailure.Kind.PROTOCOL,
        "net/http: HTTP/1.x transport connection broken: malformed "
            + what
            + " "
            + io.narthex.base.text.GoQuote.quote(shown));
  }

  @Override
  public InputStream body(String method) throws IOException {
    if (method.equals("HEAD") || status == 204 || status == 304) {
      complete = true;
      return InputStream.nullInputStream();
    }
    String encoding = headers.first("Transfer-Encoding");
    if (encoding != null) {
      if (!encoding.equalsIgnoreCase("chunked")) {
        throw new HttpFailure(
            HttpFailure.Kind.PROTOCOL, "unsupported transfer encoding: \"" + encoding + "\"");
      }
      return new Chunks();
    }
    String length = headers.first("Content-Length");
    if (length == null) {
      keepAlive = false;
      return new Body(Long.MAX_VALUE, true);
    }
    return new Body(number(length), false);
  }

  private static long number(String text) throws HttpFailure {
    boolean digits = text.chars().allMatch(c -> c >= '0' && c <= '9');
    if (text.isEmpty() || !digits || text.length() > 18) {
      throw new HttpFailure(HttpFailure.Kind.PROTOCOL, "bad Content-Length \"" + text + "\"");
    }
    return Long.parseLong(text);
  }

  private boolean fill() throws IOException {
    if (at < end) {
      return true;
    }
    int n = in.read(buffer, 0, buffer.length);
    at = 0;
    end = Math.max(n, 0);
    return n > 0;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      if (!fill()) {
        throw new EOFException("unexpected EOF");
      }
      int from = at;
      while (at < end && buffer[at] != '\n') {
        at++;
      }
      line.append(new String(buffer, from, at - from, StandardCharsets.ISO_8859_1));
      if (line.length() > MOST_LINE) {
        throw new HttpFailure(HttpFailure.Kind.PROTOCOL, "a line of the answer is too long");
      }
      if (at < end) {
        at++;
        int last = line.length() - 1;
        if (last >= 0 && line.charAt(last) == '\r') {
          line.setLength(last);
        }
        return line.toString();
      }
    }
  }

  private int take(byte[] into, int offset, int length) throws IOException {
    if (at == end && length >= buffer.length) {
      return in.read(into, offset, length);
    }
    if (!fill()) {
      return -1;
    }
    int n = Math.min(length, end - at);
    System.arraycopy(buffer, at, into, offset, n);
    at += n;
    return n;
  }

  /** A body of so many bytes, or to the end of the connection. */
  private final class Body extends BulkInputStream {
    private final boolean untilClose;
    private long left;

    Body(long length, boolean untilClose) {
      this.left = length;
      this.untilClose = untilClose;
      complete = length == 0;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int n = take(into, offset, (int) Math.min(length, left));
      if (n < 0) {
        if (!untilClose) {
          throw new EOFException("unexpected EOF");
        }
        left = 0;
        return -1;
      }
      left -= n;
      complete = left == 0;
      return n;
    }
  }

  private final class Chunks extends BulkInputStream {
    private long left;
    private boolean first = true;
    private boolean over;

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (over || (left == 0 && !next())) {
        return -1;
      }
      int n = take(into, offset, (int) Math.min(length, left));
      if (n < 0) {
        throw new EOFException("unexpected EOF");
      }
      left -= n;
      return n;
    }

    private boolean next() throws IOException {
      if (!first && !line().isEmpty()) {
        throw new HttpFailure(HttpFailure.Kind.PROTOCOL, "malformed chunked encoding");
      }
      first = false;
      left = size(line());
      if (left > 0) {
        return true;
      }
      while (!line().isEmpty()) {
        // Trailers say nothing that anybody here asks for.
      }
      over = true;
      complete = true;
      return false;
    }

    private static long size(String line) throws HttpFailure {
      int semicolon = line.indexOf(';');
      String digits = (semicolon < 0 ? line : line.substring(0, semicolon)).strip();
      long size = 0;
      for (int i = 0; i < digits.length(); i++) {
        int digit = Character.digit(digits.charAt(i), 16);
        if (digit < 0 || i > 14) {
          throw new HttpFailure(HttpFailure.Kind.PROTOCOL, "invalid byte in chunk length");
        }
        size = size << 4 | digit;
      }
      if (digits.isEmpty()) {
        throw new HttpFailure(HttpFailure.Kind.PROTOCOL, "invalid byte in chunk length");
      }
      return size;
    }
  }
}
