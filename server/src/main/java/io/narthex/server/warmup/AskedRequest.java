package io.narthex.server.warmup;

import io.narthex.net.http.HttpRequest;
import io.narthex.net.http.Parameters;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** A request that no client sent: a GET with some parameters. */
final class AskedRequest implements HttpRequest {

  private final String path;
  private final Parameters parameters = new Parameters();

  /**
   * @param parameters names and values in turn; they stand for those of the path too
   */
  AskedRequest(String path, String... parameters) {
    this.path = path;
    for (int i = 0; i < parameters.length; i += 2) {
      this.parameters.add(parameters[i], parameters[i + 1]);
    }
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public String pathParameter(String name) {
    return parameters.first(name);
  }

  @Override
  public @Nullable String header(String name) {
    return null;
  }

  @Override
  public Parameters query() {
    return parameters;
  }

  @Override
  public Parameters form() {
    return parameters;
  }

  @Override
  public InputStream body() {
    return InputStream.nullInputStream();
  }

  @Override
  public String remoteAddress() {
    return "";
  }

  @Override
  public boolean clientGone() {
    return false;
  }
}
