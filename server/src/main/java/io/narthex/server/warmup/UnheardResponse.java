package io.narthex.server.warmup;

import io.narthex.net.http.HttpResponse;
import java.io.OutputStream;

/** A response that goes nowhere. */
final class UnheardResponse implements HttpResponse {

  @Override
  public HttpResponse status(int status) {
    return this;
  }

  @Override
  public HttpResponse header(String name, String value) {
    return this;
  }

  @Override
  public OutputStream body() {
    return OutputStream.nullOutputStream();
  }

  @Override
  public void sendEmpty() {}
}
