package io.narthex.discovery.moby;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.DiscoveryMetrics;
import io.narthex.discovery.Stub;
import io.narthex.discovery.section.Filter;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.testkit.FakeClock;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URLDecoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The conversation: Docker Engine API reference, "Versioning", "Ping" and "List networks". */
final class DaemonTest {

  private final Stub stub = new Stub();
  private final DiscoveryContext context =
      new DiscoveryContext(
          new FakeClock(0),
          new DiscoveryMetrics(new PrometheusRegistry(), "scrape"),
          "test",
          "job");

  @AfterEach
  void closeStub() {
    stub.close();
  }

  private Daemon daemon(String host) throws IOException {
    return new Daemon(host, HttpClientConfig.DEFAULT, Duration.ofSeconds(5), context);
  }

  private void serve(String version) {
    stub.answer(asked ->
        asked.path().endsWith("/_ping")
            ? new Stub.Answer(
                200,
                "text/plain",
                "OK",
                version.isEmpty() ? Map.of() : Map.of("Api-Version", version))
            : Stub.Answer.json("[{\"Id\": \"1\"}]"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1.40 | 1.40
          1.51 | 1.51
          1.99 | 1.51
          2.0  | 1.51
          1.9  | 1.9
          ''   | 1.24
          """)
  void speaksTheNewestVersionThatBothKnow(String theirs, String spoken) throws Exception {
    serve(theirs);
    try (Daemon daemon = daemon(stub.url())) {
      assertThat(daemon.list("/networks", List.of())).hasSize(1);
      daemon.list("/nodes", List.of());
    }
    assertThat(stub.asked())
        .extracting(Stub.Asked::path)
        .containsExactly("/_ping", "/v" + spoken + "/networks", "/v" + spoken + "/nodes");
  }

  @Test
  void theVersionIsAgreedUponAnewAfterAFailure() throws Exception {
    serve("1.40");
    try (Daemon daemon = daemon("tcp://" + stub.address() + "/base/")) {
      daemon.list("/networks", List.of());
      stub.answer(asked -> Stub.Answer.status(400, "{\"message\":\"client version is too old\"}"));
      assertThatThrownBy(() -> daemon.list("/networks", List.of()))
          .hasMessageContaining("400 Bad Request: {\"message\":\"client version is too old\"}");
      serve("1.44");
      daemon.list("/networks", List.of());
    }
    assertThat(stub.asked())
        .extracting(Stub.Asked::path)
        .containsExactly(
            "/base/_ping",
            "/base/v1.40/networks",
            "/base/v1.40/networks",
            "/base/_ping",
            "/base/v1.44/networks");
  }

  @Test
  void filtersOfOneNameAreJoined() throws Exception {
    serve("1.40");
    try (Daemon daemon = daemon(stub.url())) {
      daemon.list(
          "/tasks",
          List.of(
              new Filter("name", List.of("a", "b\"")),
              new Filter("empty", List.of()),
              new Filter("label", List.of("x=y")),
              new Filter("name", List.of("c"))));
    }
    String path = stub.asked().getLast().path();
    assertThat(path).startsWith("/v1.40/tasks?filters=");
    assertThat(URLDecoder.decode(path.substring(path.indexOf('=') + 1), StandardCharsets.UTF_8))
        .isEqualTo("{\"name\":{\"a\":true,\"b\\\"\":true,\"c\":true},\"label\":{\"x=y\":true}}");
  }

  @Test
  void unixSockets(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("docker.sock");
    List<String> heard = new CopyOnWriteArrayList<>();
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread thread =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  for (String body : List.of("OK", "[{}, {}]")) {
                    answer(server, heard, body);
                  }
                } catch (IOException e) {
                  heard.add(e.toString());
                }
              });
      try (Daemon daemon = daemon("unix://" + socket)) {
        assertThat(daemon.list("/networks", List.of())).hasSize(2);
      }
      thread.join();
    }
    assertThat(heard).containsExactly("GET /_ping HTTP/1.1", "GET /v1.43/networks HTTP/1.1");
  }

  private static void answer(ServerSocketChannel server, List<String> heard, String body)
      throws IOException {
    try (SocketChannel client = server.accept()) {
      StringBuilder head = new StringBuilder();
      ByteBuffer bytes = ByteBuffer.allocate(1024);
      while (head.indexOf("\r\n\r\n") < 0 && client.read(bytes.clear()) >= 0) {
        head.append(StandardCharsets.US_ASCII.decode(bytes.flip()));
      }
      heard.add(head.substring(0, head.indexOf("\r\n")));
      String answer =
          "HTTP/1.1 200 OK\r\nApi-Version: 1.43\r\nConnection: close\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body;
      client.write(StandardCharsets.US_ASCII.encode(answer));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          docker.sock          | unable to parse docker host `docker.sock`
          npipe:////./pipe/x   | docker host `npipe:////./pipe/x`: expected unix://, tcp://, http:// or https://
          http://              | no Host in request URL
          """)
  void badHosts(String host, String message) {
    assertThatThrownBy(() -> daemon(host))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void badVersions() throws Exception {
    serve("latest");
    try (Daemon daemon = daemon(stub.url())) {
      assertThatThrownBy(() -> daemon.list("/networks", List.of()))
          .hasMessage("no version of the Docker API: \"latest\"");
    }
  }
}
