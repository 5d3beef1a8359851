package io.narthex.discovery.moby;

import io.narthex.net.connect.HttpUrl;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a daemon listens.
 *
 * @param base what paths of the API are appended to, without a slash at the end
 * @param socket a Unix socket, or null
 * @param web whether the host is a URL of HTTP, so that the options of the HTTP client are for it
 */
record DaemonHost(String base, @Nullable Path socket, boolean web) {

  /**
   * Reads a host as Docker writes them: {@code unix:///run/docker.sock}, {@code tcp://host:2375},
   * {@code http://host:2375}.
   *
   * @throws IllegalArgumentException if it is none, or of a kind that is not spoken
   */
  static DaemonHost parse(String host) {
    int colon = host.indexOf("://");
    if (colon <= 0) {
      throw new IllegalArgumentException("unable to parse docker host `" + host + "`");
    }
    String rest = host.substring(colon + 3);
    return switch (host.substring(0, colon)) {
      case "unix" -> new DaemonHost("http://docker", Path.of(rest), false);
      case "tcp" -> new DaemonHost(base("http", rest), null, false);
      case "http" -> new DaemonHost(base("http", rest), null, true);
      case "https" -> new DaemonHost(base("https", rest), null, true);
      default ->
          throw new IllegalArgumentException(
              "docker host `" + host + "`: expected unix://, tcp://, http:// or https://");
    };
  }

  private static String base(String scheme, String rest) {
    HttpUrl url = HttpUrl.parse(scheme + "://" + rest);
    String text = url.text();
    return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }
}
