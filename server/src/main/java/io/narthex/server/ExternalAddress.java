package io.narthex.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where others reach this server, as far as it knows.
 *
 * @param scheme http or https
 * @param host the name in links
 * @param port the port in links
 * @param path what its routes begin with for a browser, at least a slash
 */
record ExternalAddress(String scheme, String host, int port, String path) {

  /**
   * @param externalUrl {@code --web.external-url}: a URL, a path, or empty
   * @param listenPort the port that the server listens on
   */
  static ExternalAddress of(String externalUrl, int listenPort) {
    if (externalUrl.contains("://")) {
      URI uri = URI.create(externalUrl);
      int port = uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
      return new ExternalAddress(
          orElse(uri.getScheme(), "http"),
          orElse(uri.getHost(), hostname()),
          port,
          path(uri.getPath()));
    }
    return new ExternalAddress("http", hostname(), listenPort, path(externalUrl));
  }

  private static String path(@org.jspecify.annotations.Nullable String path) {
    return path == null || path.isEmpty() ? "/" : path;
  }

  private static String orElse(@org.jspecify.annotations.Nullable String text, String other) {
    return text == null || text.isEmpty() ? other : text;
  }

  static String hostname() {
    try {
      // The kernel knows it without asking a name server.
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return hostnameOfJdk();
    }
  }

  private static String hostnameOfJdk() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost"; // A machine without a name of its own is still this one.
    }
  }
}
