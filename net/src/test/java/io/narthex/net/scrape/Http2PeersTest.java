package io.narthex.net.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.time.Clock;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.ProxyConfig;
import io.narthex.net.client.TlsConfig;
import io.narthex.net.connect.DialException;
import io.narthex.net.connect.Dialer;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.connect.Link;
import io.narthex.net.connect.Resolver;
import io.narthex.net.request.HttpClient;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import io.narthex.testkit.Peers;
import io.narthex.testkit.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HTTP/2 as the servers of the field speak it. */
@Timeout(120)
final class Http2PeersTest {

  @TempDir private Path folder;

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Process start(String name, int port) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Peers.program(name).toString());
    command.add("--web.listen-address=127.0.0.1:" + port);
    command.add("--web.config.file=" + folder.resolve("web.yml"));
    if (name.startsWith("prometheus")) {
      command.add("--config.file=" + folder.resolve("prometheus.yml"));
      command.add("--storage.tsdb.path=" + folder.resolve("data"));
    }
    return new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  private Link connect(HttpClientConfig config, HttpUrl url) throws Exception {
    Dialer dialer =
        new Dialer(
            config.tls(),
            config.proxy(),
            config.enableHttp2(),
            Map.of(),
            Resolver.system(),
            Clock.SYSTEM);
    for (int i = 0; ; i++) {
      try {
        return dialer.connect(url, null, Clock.SYSTEM.nanos() + Duration.ofSeconds(10).toNanos());
      } catch (DialException e) {
        assertThat(i).as(Files.readString(folder.resolve("log"))).isLessThan(600);
        Clock.SYSTEM.sleep(Duration.ofMillis(50));
      }
    }
  }

  /** Prometheus 3.5.3 says that it speaks HTTP/2, and agrees on nothing. */
  @ParameterizedTest
  @CsvSource({"prometheus242, true", "node_exporter, true", "prometheus35, false"})
  void areScraped(String peer, boolean http2) throws Exception {
    TestAuthority authority = new TestAuthority("authority");
    TestAuthority.Issued issued = authority.issue("server", "127.0.0.1");
    Files.writeString(folder.resolve("server.pem"), issued.certificate());
    Files.writeString(folder.resolve("server.key"), issued.key());
    Files.writeString(folder.resolve("prometheus.yml"), "{}");
    Files.writeString(
        folder.resolve("web.yml"),
        "tls_server_config: {cert_file: server.pem, key_file: server.key}\n");
    TlsConfig tls = new TlsConfig(authority.certificate(), "", "", "", "", "", "", false, "", "");
    HttpClientConfig config =
        new HttpClientConfig(null, null, tls, true, true, ProxyConfig.NONE, Map.of());
    int port = freePort();
    HttpUrl url = HttpUrl.of("https", "127.0.0.1:" + port, "/metrics");
    Process process = start(peer, port);
    BodyBuffers buffers = new BodyBuffers(64 << 20, Clock.SYSTEM);
    try {
      try (Link link = connect(config, url)) {
        assertThat(link.http2() != null).as("HTTP/2 is agreed on").isEqualTo(http2);
      }
      for (boolean gzip : new boolean[] {true, false}) {
        int[] dials = new int[1];
        Resolver counting =
            (host, wait) -> {
              dials[0]++;
              return List.of(InetAddress.getByName(host));
            };
        ScrapeClient client =
            new ScrapeClient(
                config, "text/plain", gzip, "x", counting, Clock.SYSTEM, buffers, Map.of());
        try (ScrapeSession session = client.session(url, Duration.ofSeconds(10), 0)) {
          for (int i = 0; i < 200; i++) {
            try (Body body = session.fetch()) {
              assertThat(new String(body.bytes(), 0, body.length(), StandardCharsets.UTF_8))
                  .startsWith("# HELP ")
                  .contains("\ngo_info{")
                  .endsWith("\n");
              assertThat(body.contentType()).startsWith("text/plain; version=0.0.4");
            }
          }
          assertThat(dials[0]).as("connections").isEqualTo(1);
        }
      }
      try (HttpClient client = new HttpClient(config, "x")) {
        Reply head = client.send(Request.get(url).method("HEAD"));
        assertThat(head.status()).isEqualTo(peer.equals("node_exporter") ? 200 : 405);
        assertThat(head.body()).isEmpty();
        Reply all = client.send(Request.get(url));
        assertThat(all.text()).contains("\ngo_info{");
        if (peer.startsWith("prometheus")) {
          Reply none = client.send(Request.get(url.withTarget("/api/v1/none")));
          assertThat(none.statusText()).isEqualTo("404 Not Found");
          // More than a window: the server has to open it.
          String query = "query=1" + "%20".repeat(100_000);
          Reply answer =
              client.send(
                  Request.post(
                      url.withTarget("/api/v1/query"),
                      "application/x-www-form-urlencoded",
                      query.getBytes(StandardCharsets.US_ASCII)));
          assertThat(answer.text()).contains("\"resultType\":\"scalar\"");
        }
      }
      assertThat(buffers.usedBytes()).isZero();
    } finally {
      process.destroy();
      process.waitFor();
    }
  }
}
