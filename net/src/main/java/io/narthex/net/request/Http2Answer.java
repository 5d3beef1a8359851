package io.narthex.net.request;

import io.narthex.base.bytes.BulkInputStream;
import io.narthex.net.http.Statuses;
import io.narthex.net.http2.Head;
import io.narthex.net.http2.Http2Connection;
import java.io.IOException;
import java.io.InputStream;

/** One answer of HTTP/2. */
final class Http2Answer implements Answer, Head {

  private final Http2Connection connection;
  private int status;
  private Headers headers = new Headers();

  Http2Answer(Http2Connection connection) {
    this.connection = connection;
  }

  @Override
  public boolean readHead() throws IOException {
    connection.readHead(this);
    return true;
  }

  @Override
  public void begin(int code) {
    status = code;
    headers = new Headers();
  }

  @Override
  public void field(String name, String value) {
    headers.add(name, value);
  }

  @Override
  public int status() {
    return status;
  }

  /** HTTP/2 sends none: it is the one that everybody knows. */
  @Override
  public String reason() {
    return Statuses.text(status);
  }

  @Override
  public Headers headers() {
    return headers;
  }

  @Override
  public InputStream body(String method) {
    return new BulkInputStream() {
      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        return connection.read(into, offset, length);
      }
    };
  }

  @Override
  public boolean isReusable() {
    return connection.isReusable();
  }
}
