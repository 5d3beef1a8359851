package io.narthex.net.scrape;

import io.narthex.base.bytes.Utf8;
import io.narthex.net.http2.Http2Connection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads one response: of HTTP/1.1 from a stream, the head, and then the body by its Content-Length,
 * by chunks, or up to the end of the connection; or of HTTP/2, which frames by itself. Reusable;
 * the buffer and zlib's memory are what makes it worth pooling.
 */
final class Framing implements AutoCloseable {

  /** The longest head; also the size of a read. */
  private static final int BUFFER = 32 * 1024;

  /** The longest body of an error that is read for the sake of the connection. */
  private static final int MOST_DRAINED = 64 * 1024;

  private final byte[] wire = new byte[BUFFER];
  private int at;
  private int end;
  private InputStream in = InputStream.nullInputStream();
  private @Nullable Gunzip gunzip;

  private final AnswerHead head = new AnswerHead();
  private boolean chunked;
  private long contentLength;
  private boolean keepAlive;
  private boolean clean;

  /** Where the answer comes from if it is one of HTTP/2. */
  private @Nullable Http2Connection http2;

  static ScrapeException tooLarge() {
    return new ScrapeException(ScrapeException.Kind.BODY_SIZE, "body size limit exceeded");
  }

  /** What the head has said. */
  AnswerHead head() {
    return head;
  }

  /** Whether the connection can carry another request, now that the body has been read. */
  boolean isReusable() {
    Http2Connection connection = http2;
    return connection == null ? keepAlive && clean && at == end : connection.isReusable();
  }

  /** Reads the head of an answer of HTTP/2. */
  void readHead(Http2Connection connection) throws IOException {
    http2 = connection;
    connection.readHead(head);
  }

  /**
   * Reads the head.
   *
   * @param first the first byte, which has been read already
   */
  void readHead(InputStream stream, int first) throws IOException, ScrapeException {
    in = stream;
    http2 = null;
    wire[0] = (byte) first;
    at = 0;
    end = 1;
    clean = false;
    int headEnd;
    do {
      headEnd = nextHead();
    } while (head.status() < 200 && head.status() != 101);
    at = headEnd;
  }

  private int nextHead() throws IOException, ScrapeException {
    int scanned = at;
    int headEnd;
    while ((headEnd = endOfHead(scanned)) < 0) {
      checkStart();
      scanned = Math.max(at, end - 3);
      if (end == wire.length) {
        throw ScrapeException.protocol(
            "net/http: server response headers exceeded " + BUFFER + " bytes; aborted");
      }
      if (fill() < 0) {
        throw ScrapeException.protocol(end > at ? "unexpected EOF" : "EOF");
      }
    }
    checkStart();
    parseHead(headEnd);
    at = headEnd;
    return headEnd;
  }

  /** Behind the empty line that ends the head, or -1. */
  private int endOfHead(int from) {
    for (int i = from; i < end; i++) {
      if (wire[i] == '\n') {
        if (i + 1 < end && wire[i + 1] == '\n') {
          return i + 2;
        }
        if (i + 2 < end && wire[i + 1] == '\r' && wire[i + 2] == '\n') {
          return i + 3;
        }
      }
    }
    return -1;
  }

  private void checkStart() throws IOException, ScrapeException {
    String protocol = "HTTP/1.";
    int n = Math.min(protocol.length(), end - at);
    for (int i = 0; i < n; i++) {
      if (wire[at + i] != protocol.charAt(i)) {
        if (end - at == 1) {
          // Only the first byte is here: the message is for people, so show more of it.
          fill();
        }
        int stop = at;
        while (stop < end && wire[stop] != '\n' && wire[stop] != '\r' && stop - at < 100) {
          stop++;
        }
        throw malformed("HTTP response", Utf8.text(wire, at, stop - at));
      }
    }
  }

  private static ScrapeException malformed(String what, String text) {
    return ScrapeException.protocol(
        "net/http: HTTP/1.x transport connection broken: malformed "
            + what
            + " "
            + Quoted.go(text));
  }

  private void parseHead(int headEnd) throws ScrapeException {
    chunked = false;
    contentLength = -1;
    int line = at;
    int lineEnd = lineEnd(line);
    parseStatus(text(line, lineEnd));
    keepAlive = wire[line + 7] != '0';
    line = nextLine(lineEnd);
    while (line < headEnd) {
      lineEnd = lineEnd(line);
      if (lineEnd == line) {
        break;
      }
      header(line, lineEnd);
      line = nextLine(lineEnd);
    }
    if (chunked) {
      contentLength = -1;
    }
  }

  private void parseStatus(String line) throws ScrapeException {
    int space = line.indexOf(' ');
    if (space < 0) {
      throw malformed("HTTP response", line);
    }
    String statusText = line.substring(space + 1).strip();
    String code = statusText.length() > 3 ? statusText.substring(0, 3) : statusText;
    int status = 0;
    for (int i = 0; i < code.length(); i++) {
      int digit = code.charAt(i) - '0';
      status = digit >= 0 && digit <= 9 ? status * 10 + digit : -1000;
    }
    if (code.length() != 3 || status < 100) {
      throw malformed("HTTP status code", statusText.split(" ", 2)[0]);
    }
    head.begin(status, statusText);
  }

  private int lineEnd(int from) {
    int i = from;
    while (wire[i] != '\n') {
      i++;
    }
    return i > from && wire[i - 1] == '\r' ? i - 1 : i;
  }

  private int nextLine(int lineEnd) {
    return wire[lineEnd] == '\r' ? lineEnd + 2 : lineEnd + 1;
  }

  private void header(int from, int to) throws ScrapeException {
    int colon = from;
    while (colon < to && wire[colon] != ':') {
      colon++;
    }
    if (colon == to) {
      throw malformed("MIME header line:", text(from, to));
    }
    // Most headers mean nothing here and are not even turned into text.
    switch (colon - from) {
      case 8 -> {
        if (isName(from, "location")) {
          head.field("location", value(colon, to));
        }
      }
      case 10 -> {
        if (isName(from, "connection")) {
          String value = value(colon, to);
          if (value.equalsIgnoreCase("close")) {
            keepAlive = false;
          } else if (value.equalsIgnoreCase("keep-alive")) {
            keepAlive = true;
          }
        }
      }
      case 12 -> {
        if (isName(from, "content-type")) {
          head.field("content-type", value(colon, to));
        }
      }
      case 14 -> {
        if (isName(from, "content-length")) {
          contentLength = length(value(colon, to));
        }
      }
      case 16 -> {
        if (isName(from, "content-encoding")) {
          head.field("content-encoding", value(colon, to));
        }
      }
      case 17 -> {
        if (isName(from, "transfer-encoding")) {
          String value = value(colon, to);
          if (!value.equalsIgnoreCase("chunked")) {
            throw ScrapeException.protocol("unsupported transfer encoding: " + Quoted.go(value));
          }
          chunked = true;
        }
      }
      default -> {}
    }
  }

  private boolean isName(int from, String lower) {
    for (int i = 0; i < lower.length(); i++) {
      byte c = wire[from + i];
      if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != lower.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private String value(int colon, int to) {
    return text(colon + 1, to).strip();
  }

  private String text(int from, int to) {
    return new String(wire, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private static long length(String value) throws ScrapeException {
    long length = 0;
    for (int i = 0; i < value.length(); i++) {
      int digit = value.charAt(i) - '0';
      if (digit < 0 || digit > 9 || i > 17) {
        throw ScrapeException.protocol("bad Content-Length " + Quoted.go(value));
      }
      length = length * 10 + digit;
    }
    if (value.isEmpty()) {
      throw ScrapeException.protocol("bad Content-Length " + Quoted.go(value));
    }
    return length;
  }

  /**
   * Reads the body, uncompressed.
   *
   * @param limit a body of this many bytes is too large
   */
  void readBody(Body into, long limit) throws IOException, ScrapeException {
    Gunzip unzip = null;
    if (head.isGzip()) {
      unzip = gunzip;
      if (unzip == null) {
        unzip = new Gunzip();
        gunzip = unzip;
      }
      unzip.reset();
    }
    Http2Connection connection = http2;
    if (connection != null) {
      frames(connection, into, limit, unzip);
    } else if (chunked) {
      chunks(into, limit, unzip);
    } else if (contentLength >= 0) {
      if (unzip == null && contentLength >= limit) {
        throw tooLarge();
      }
      exactly(contentLength, into, limit, unzip);
    } else {
      keepAlive = false;
      toTheEnd(into, limit, unzip);
    }
    if (unzip != null) {
      unzip.finish();
    }
    clean = true;
  }

  private void frames(Http2Connection connection, Body into, long limit, @Nullable Gunzip unzip)
      throws IOException, ScrapeException {
    if (unzip == null) {
      int n;
      do {
        int room = into.room();
        n = connection.read(into.bytes(), into.length(), room);
        into.grow(Math.max(n, 0));
        checkLimit(into, limit);
      } while (n >= 0);
    } else {
      for (int n = 0; n >= 0; n = connection.read(wire, 0, wire.length)) {
        unzip.feed(wire, 0, n, into, limit);
      }
    }
  }

  private void exactly(long count, Body into, long limit, @Nullable Gunzip unzip)
      throws IOException, ScrapeException {
    long left = count;
    while (left > 0) {
      if (at < end || unzip != null) {
        if (at == end) {
          refill();
        }
        int n = (int) Math.min(left, end - at);
        take(n, into, limit, unzip);
        left -= n;
      } else {
        // Nothing is buffered and nothing to unpack: straight into the body.
        int room = into.room();
        int n = in.read(into.bytes(), into.length(), (int) Math.min(left, room));
        if (n < 0) {
          throw ScrapeException.protocol("unexpected EOF");
        }
        into.grow(n);
        left -= n;
        checkLimit(into, limit);
      }
    }
  }

  private void toTheEnd(Body into, long limit, @Nullable Gunzip unzip)
      throws IOException, ScrapeException {
    do {
      take(end - at, into, limit, unzip);
      at = 0;
      end = 0;
    } while (fill() >= 0);
  }

  private void chunks(Body into, long limit, @Nullable Gunzip unzip)
      throws IOException, ScrapeException {
    while (true) {
      long size = chunkSize();
      if (size == 0) {
        break;
      }
      exactly(size, into, limit, unzip);
      if (next() != '\r' || next() != '\n') {
        throw ScrapeException.protocol("malformed chunked encoding");
      }
    }
    // Trailers, up to an empty line.
    int length;
    do {
      length = 0;
      for (int c = next(); c != '\n'; c = next()) {
        length += c == '\r' ? 0 : 1;
      }
    } while (length > 0);
  }

  private long chunkSize() throws IOException, ScrapeException {
    long size = 0;
    int digits = 0;
    int c = next();
    for (; Character.digit(c, 16) >= 0; c = next()) {
      size = size << 4 | Character.digit(c, 16);
      if (++digits > 15) {
        throw ScrapeException.protocol("http chunk length too large");
      }
    }
    if (digits == 0 || (c != ';' && c != '\r' && c != '\n' && c != ' ')) {
      throw ScrapeException.protocol("invalid byte in chunk length");
    }
    for (int skipped = 0; c != '\n'; c = next()) {
      if (++skipped > 4096) {
        throw ScrapeException.protocol("malformed chunked encoding");
      }
    }
    return size;
  }

  private int next() throws IOException, ScrapeException {
    if (at == end) {
      refill();
    }
    return wire[at++];
  }

  private void take(int count, Body into, long limit, @Nullable Gunzip unzip)
      throws ScrapeException {
    if (unzip != null) {
      unzip.feed(wire, at, count, into, limit);
    } else {
      into.append(wire, at, count);
      checkLimit(into, limit);
    }
    at += count;
  }

  private static void checkLimit(Body into, long limit) throws ScrapeException {
    if (into.length() >= limit) {
      throw tooLarge();
    }
  }

  /** Reads a body that nobody wants, if it is short, so that the connection can go on. */
  void drain() throws IOException, ScrapeException {
    Http2Connection connection = http2;
    if (connection != null) {
      int total = 0;
      for (int n = 0; n >= 0 && total <= MOST_DRAINED; total += n) {
        n = connection.read(wire, 0, wire.length);
      }
    } else if (head.status() == 204 || head.status() == 304 || (contentLength == 0 && !chunked)) {
      clean = true;
    } else if (contentLength > 0 && contentLength <= MOST_DRAINED) {
      long left = contentLength;
      while (left > 0) {
        if (at == end) {
          refill();
        }
        int n = (int) Math.min(left, end - at);
        at += n;
        left -= n;
      }
      clean = true;
    }
  }

  private void refill() throws IOException, ScrapeException {
    at = 0;
    end = 0;
    if (fill() < 0) {
      throw ScrapeException.protocol("unexpected EOF");
    }
  }

  private int fill() throws IOException {
    int n = in.read(wire, end, wire.length - end);
    if (n > 0) {
      end += n;
    }
    return n;
  }

  @Override
  public void close() {
    if (gunzip != null) {
      gunzip.close();
    }
  }
}
