package io.narthex.net.scrape;

import io.narthex.net.client.Authorization;
import io.narthex.net.client.BasicAuth;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.HttpHeader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The credentials and the extra headers of a configuration. Those that stand in files are read for
 * every request, so that they can be renewed.
 */
final class RequestHeaders {

  private final HttpClientConfig config;
  private final @Nullable String constant;

  RequestHeaders(HttpClientConfig config) throws IOException {
    this.config = config;
    this.constant = hasFiles(config) ? null : build();
  }

  /** Header lines, each with its end. */
  String lines() throws IOException {
    return constant == null ? build() : constant;
  }

  /** Whether the lines are the same for each request. */
  boolean isConstant() {
    return constant != null;
  }

  private static boolean hasFiles(HttpClientConfig config) {
    BasicAuth basic = config.basicAuth();
    Authorization authorization = config.authorization();
    return (basic != null && !(basic.usernameFile().isEmpty() && basic.passwordFile().isEmpty()))
        || (authorization != null && !authorization.credentialsFile().isEmpty())
        || config.headers().values().stream().anyMatch(h -> !h.files().isEmpty());
  }

  private String build() throws IOException {
    StringBuilder out = new StringBuilder();
    BasicAuth basic = config.basicAuth();
    if (basic != null) {
      String pair =
          either(basic.username(), basic.usernameFile())
              + ":"
              + either(basic.password(), basic.passwordFile());
      String encoded = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
      add(out, "Authorization", "Basic " + encoded);
    }
    Authorization authorization = config.authorization();
    if (authorization != null) {
      String credentials = either(authorization.credentials(), authorization.credentialsFile());
      add(out, "Authorization", authorization.type() + " " + credentials);
    }
    for (Map.Entry<String, HttpHeader> header : config.headers().entrySet()) {
      HttpHeader value = header.getValue();
      value.values().forEach(v -> add(out, header.getKey(), v));
      value.secrets().forEach(v -> add(out, header.getKey(), v));
      for (String file : value.files()) {
        add(out, header.getKey(), content(file));
      }
    }
    return out.toString();
  }

  private static void add(StringBuilder out, String name, String value) {
    if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
      throw new IllegalArgumentException("the value of header " + name + " has a line break");
    }
    out.append(name).append(": ").append(value).append("\r\n");
  }

  private static String either(String given, String file) throws IOException {
    return file.isEmpty() ? given : content(file);
  }

  private static String content(String file) throws IOException {
    return Files.readString(Path.of(file)).strip();
  }
}
