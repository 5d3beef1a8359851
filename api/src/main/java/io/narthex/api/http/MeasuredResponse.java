package io.narthex.api.http;

import io.narthex.net.http.HttpResponse;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Remembers what a handler answered. */
final class MeasuredResponse implements HttpResponse {

  private final HttpResponse response;
  private int status = 200;
  private long bytes;

  MeasuredResponse(HttpResponse response) {
    this.response = response;
  }

  int status() {
    return status;
  }

  /** The size of the body before it is compressed. */
  long bytes() {
    return bytes;
  }

  @Override
  public HttpResponse status(int code) {
    response.status(code);
    status = code;
    return this;
  }

  @Override
  public HttpResponse header(String name, String value) {
    response.header(name, value);
    return this;
  }

  @Override
  public OutputStream body() throws IOException {
    return new FilterOutputStream(response.body()) {
      @Override
      public void write(int b) throws IOException {
        out.write(b);
        bytes++;
      }

      @Override
      public void write(byte[] b, int offset, int length) throws IOException {
        out.write(b, offset, length);
        bytes += length;
      }

      @Override
      public void close() throws IOException {
        out.close();
      }
    };
  }

  @Override
  public void sendEmpty() throws IOException {
    response.sendEmpty();
  }
}
