package io.narthex.net.http;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.GatheringByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** The answer to one request on a connection. */
final class ServerResponse implements HttpResponse {

  private final GatheringByteChannel channel;
  private final Patience patience;
  private final RequestHead request;
  private final HttpDate date;
  private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private int status = 200;
  private @Nullable ResponseBody body;
  private @Nullable FramedOutput framed;

  ServerResponse(GatheringByteChannel channel, Patience patience, RequestHead request, HttpDate date) {
    this.channel = channel;
    this.patience = patience;
    this.request = request;
    this.date = date;
  }

  @Override
  public HttpResponse status(int code) {
    if (code < 200 || code > 999) {
      throw new IllegalArgumentException("not a final status: " + code);
    }
    requireOpen();
    status = code;
    return this;
  }

  @Override
  public HttpResponse header(String name, String value) {
    requireOpen();
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < ' ' && value.charAt(i) != '\t') {
        throw new IllegalArgumentException("a header value with a control character");
      }
    }
    headers.put(name, value);
    return this;
  }

  private void requireOpen() {
    if (body != null) {
      throw new IllegalStateException("the body is already open");
    }
  }

  @Override
  public OutputStream body() throws IOException {
    requireOpen();
    ResponseBody opened = new ResponseBody(this::open);
    body = opened;
    return opened;
  }

  @Override
  public void sendEmpty() throws IOException {
    body().close();
  }

  /** Ends the response if the handler has not. */
  void finish() throws IOException {
    if (body == null) {
      sendEmpty();
    } else if (!body.isClosed()) {
      body.close();
    }
  }

  /** Whether the status can still be changed. */
  boolean isUncommitted() {
    return framed == null || !framed.isCommitted();
  }

  /** Forgets what was said so far, for an answer that nothing of is on its way. */
  void reset() {
    headers.clear();
    status = 200;
    body = null;
    framed = null;
  }

  /** Whether the response is whole, and the connection may serve another. */
  boolean leavesConnectionUsable() {
    return framed != null && framed.isComplete();
  }

  private OutputStream open(boolean mayBeLong) {
    String encoding = mayBeLong && compressible() ? encoding() : null;
    if (encoding != null) {
      headers.put("Content-Encoding", encoding);
      headers.remove("Content-Length");
      headers.merge("Vary", "Accept-Encoding", (before, ours) -> before + ", " + ours);
    }
    String length = headers.remove("Content-Length");
    framed =
        new FramedOutput(
            channel,
            patience,
            request,
            status,
            length == null ? -1 : Long.parseLong(length),
            this::head);
    if (encoding == null) {
      return framed;
    }
    if (encoding.equals("deflate")) {
      return new Deflating(framed);
    }
    try {
      return new Gzipping(framed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean compressible() {
    if (headers.containsKey("Content-Encoding") || request.method().equals("HEAD")) {
      return false;
    }
    String type = headers.getOrDefault("Content-Type", "");
    return !type.startsWith("image/png")
        && !type.startsWith("font/")
        && !type.startsWith("text/event-stream")
        && !type.startsWith("application/octet-stream");
  }

  /** The first encoding that the client names and that we speak. */
  private @Nullable String encoding() {
    String accepted = request.first("Accept-Encoding");
    if (accepted == null) {
      return null;
    }
    for (String item : accepted.split(",", -1)) {
      String[] parts = item.split(";", -1);
      String name = parts[0].strip();
      boolean refused = parts.length > 1 && parts[1].replace(" ", "").matches("q=0(\\.0*)?");
      if (!refused && (name.equals("gzip") || name.equals("deflate"))) {
        return name;
      }
    }
    return null;
  }

  private byte[] head(@Nullable String framing, boolean keepAlive) {
    StringBuilder out = new StringBuilder(256);
    out.append("HTTP/1.1 ").append(Statuses.line(status)).append("\r\n");
    headers.forEach((name, value) -> out.append(name).append(": ").append(value).append("\r\n"));
    if (!headers.containsKey("Date")) {
      out.append("Date: ").append(date.now()).append("\r\n");
    }
    if (framing != null) {
      out.append(framing).append("\r\n");
    }
    if (!keepAlive) {
      out.append("Connection: close\r\n");
    } else if (!request.http11()) {
      out.append("Connection: keep-alive\r\n");
    }
    return out.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  // Both give the deflater's memory back on close; level 1 halves the time for a tenth more bytes.

  private static final class Gzipping extends GZIPOutputStream {
    Gzipping(OutputStream out) throws IOException {
      super(out, 8192, true);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  private static final class Deflating extends DeflaterOutputStream {
    Deflating(OutputStream out) {
      super(out, new Deflater(Deflater.BEST_SPEED), 8192, true);
    }

    @Override
    public void close() throws IOException {
      try {
        super.close();
      } finally {
        def.end();
      }
    }
  }
}
