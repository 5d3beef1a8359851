package io.narthex.tools.check;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlException;
import io.narthex.base.yaml.YamlMap;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.HttpClient;
import io.narthex.net.request.HttpFailure;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import io.narthex.server.BuildInfo;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** {@code check healthy} and {@code check ready}. */
final class ServerCheck {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int OK = 200;

  private final PrintStream err;

  ServerCheck(PrintStream err) {
    this.err = err;
  }

  /**
   * Asks a server.
   *
   * @param url where it is
   * @param httpConfig a file that says how to speak to it, empty for none
   * @param path what is asked
   */
  int run(String url, String httpConfig, String path) throws IOException {
    HttpClientConfig config;
    try {
      config = httpConfig.isEmpty() ? HttpClientConfig.DEFAULT : read(Path.of(httpConfig));
    } catch (YamlException | IOException e) {
      err.println("promtool: error: Failed to load HTTP config file: " + e.getMessage());
      return 1;
    }
    String server = url.contains("://") ? url : "http://" + url;
    String base = server.endsWith("/") ? server.substring(0, server.length() - 1) : server;
    try (HttpClient client = new HttpClient(config, "promtool/" + BuildInfo.PROMETHEUS_VERSION)) {
      Reply reply = client.send(Request.get(HttpUrl.parse(base + path)).timeout(TIMEOUT));
      if (reply.status() != OK) {
        err.println("check failed: URL=" + server + ", status=" + reply.status());
        return 1;
      }
      err.println("  SUCCESS:  " + reply.text());
      return 0;
    } catch (HttpFailure | IllegalArgumentException e) {
      err.println("Get \"" + base + path + "\": " + e.getMessage());
      return 1;
    }
  }

  private static HttpClientConfig read(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    return Yaml.decode(
        Files.readString(file),
        parent == null ? Path.of("") : parent,
        value -> {
          YamlMap map = value.map("config.plain");
          HttpClientConfig.Draft draft = HttpClientConfig.read(map);
          map.finish();
          return draft.complete();
        });
  }
}
