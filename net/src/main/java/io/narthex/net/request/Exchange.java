package io.narthex.net.request;

import io.narthex.base.bytes.BulkInputStream;
import io.narthex.net.connect.Link;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPInputStream;

/**
 * An answer whose body is still to be read: for watches and large bodies. It belongs to one thread,
 * but for {@link #close}, which any thread may call to end the reading.
 */
public final class Exchange implements AutoCloseable {

  /** The longest rest that is read for the sake of the connection. */
  private static final int MOST_DRAINED = 64 * 1024;

  private final HttpClient client;
  private final String key;
  private final Link link;
  private final Answer answer;
  private final InputStream raw;
  private final InputStream body;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread owner = Thread.currentThread();

  Exchange(HttpClient client, String key, Link link, Answer answer, String method, boolean unpack)
      throws IOException {
    this.client = client;
    this.key = key;
    this.link = link;
    this.answer = answer;
    this.raw = answer.body(method);
    String encoding = answer.headers().first("Content-Encoding");
    boolean gzip = encoding != null && encoding.equalsIgnoreCase("gzip");
    boolean packed = unpack && gzip && !method.equals("HEAD");
    this.body = packed ? new Unpacked(raw) : raw;
    if (packed) {
      answer.headers().remove("Content-Encoding");
      answer.headers().remove("Content-Length");
    }
  }

  /** Opens the packed stream when it is first read: an answer may have none. */
  private static final class Unpacked extends BulkInputStream {
    private final InputStream packed;
    private InputStream open = InputStream.nullInputStream();
    private boolean isOpen;

    Unpacked(InputStream packed) {
      this.packed = packed;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (!isOpen) {
        open = new GZIPInputStream(packed, 8192);
        isOpen = true;
      }
      return open.read(into, offset, length);
    }

    @Override
    public void close() throws IOException {
      open.close();
    }
  }

  /** The status code. */
  public int status() {
    return answer.status();
  }

  /** What stood behind the code. */
  public String reason() {
    return answer.reason();
  }

  /** The headers of the answer. */
  public Headers headers() {
    return answer.headers();
  }

  /**
   * The body, uncompressed. Reads throw {@link java.net.SocketTimeoutException} when the request's
   * time is over.
   */
  public InputStream body() {
    return body;
  }

  /** Says what has happened to the connection. */
  String describe(IOException e) {
    return link.describe(e);
  }

  /** Gives the connection back if the body has been read, or nearly; else ends it. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    if (Thread.currentThread() != owner || !drained()) {
      link.close();
    } else {
      client.giveBack(key, link);
    }
  }

  private boolean drained() {
    try {
      client.hurry(link);
      byte[] rest = new byte[4096];
      for (int total = 0; !answer.isReusable() && total <= MOST_DRAINED; ) {
        int n = raw.read(rest, 0, rest.length);
        if (n < 0) {
          break;
        }
        total += n;
      }
      return answer.isReusable();
    } catch (IOException e) {
      // The connection is of no use any more.
      return false;
    } finally {
      try {
        if (body != raw) {
          body.close();
        }
      } catch (IOException e) {
        // It is being thrown away.
        link.close();
      }
    }
  }
}
