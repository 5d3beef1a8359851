package io.narthex.net.http;

import io.narthex.base.bytes.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One request on a connection. */
final class ServerRequest implements HttpRequest {

  /** Go's limit for the body of a form. */
  private static final int MAX_FORM = 10 << 20;

  private final RequestHead head;
  private final String path;
  private final Map<String, String> pathParameters;
  private final RequestBody body;
  private final ConnectionInput input;
  private final SocketChannel channel;
  private @Nullable Parameters query;
  private @Nullable Parameters form;

  ServerRequest(
      RequestHead head,
      String path,
      Map<String, String> pathParameters,
      RequestBody body,
      ConnectionInput input,
      SocketChannel channel) {
    this.head = head;
    this.path = path;
    this.pathParameters = pathParameters;
    this.body = body;
    this.input = input;
    this.channel = channel;
  }

  @Override
  public String method() {
    return head.method();
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public String pathParameter(String name) {
    String value = pathParameters.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the route has no parameter " + name);
    }
    return value;
  }

  @Override
  public @Nullable String header(String name) {
    return head.first(name);
  }

  @Override
  public Parameters query() {
    Parameters read = query;
    if (read == null) {
      read = new Parameters();
      UrlEncoding.parseQuery(head.rawQuery(), read);
      query = read;
    }
    return read;
  }

  @Override
  public Parameters form() throws IOException {
    Parameters read = form;
    if (read == null) {
      read = new Parameters();
      if (hasForm()) {
        readForm(read);
      }
      UrlEncoding.parseQuery(head.rawQuery(), read);
      form = read;
    }
    return read;
  }

  private boolean hasForm() {
    String type = head.first("Content-Type");
    if (type == null) {
      return false;
    }
    int semicolon = type.indexOf(';');
    String media = semicolon < 0 ? type : type.substring(0, semicolon);
    boolean sends =
        switch (head.method()) {
          case "POST", "PUT", "PATCH" -> true;
          default -> false;
        };
    return sends
        && media.strip().toLowerCase(Locale.ROOT).equals("application/x-www-form-urlencoded");
  }

  private void readForm(Parameters into) throws IOException {
    byte[] bytes = body.readNBytes(MAX_FORM + 1);
    if (bytes.length > MAX_FORM) {
      into.flaw("http: POST too large");
      return;
    }
    UrlEncoding.parseQuery(new String(bytes, StandardCharsets.ISO_8859_1), into);
  }

  @Override
  public InputStream body() {
    return body;
  }

  @Override
  public String remoteAddress() {
    try {
      return channel.getRemoteAddress() instanceof InetSocketAddress address
          ? address.getAddress().getHostAddress()
          : "";
    } catch (IOException e) {
      // The socket is closed: there is no client any more.
      return "";
    }
  }

  @Override
  public boolean clientGone() {
    return input.endSeen();
  }

  /** The path of a request for messages: decoded as far as it can be. */
  static String readable(String rawPath) {
    byte[] bytes = rawPath.getBytes(StandardCharsets.ISO_8859_1);
    return Utf8.text(bytes, 0, bytes.length);
  }
}
