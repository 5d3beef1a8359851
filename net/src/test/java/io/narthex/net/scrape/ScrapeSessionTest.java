package io.narthex.net.scrape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.time.Clock;
import io.narthex.net.client.Authorization;
import io.narthex.net.client.BasicAuth;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.HttpHeader;
import io.narthex.net.client.ProxyConfig;
import io.narthex.net.client.TlsConfig;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.connect.Resolver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class ScrapeSessionTest {

  private static final String PAGE = "up 1\n";
  private static final String OK =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n" + PAGE;

  private final BodyBuffers buffers = new BodyBuffers(64 << 20, Clock.SYSTEM);
  private HttpClientConfig config = HttpClientConfig.DEFAULT;
  private Resolver resolver = Resolver.system();
  private long limit;
  private Duration timeout = Duration.ofSeconds(5);

  private ScrapeSession session(String authority, String target) throws IOException {
    ScrapeClient client =
        new ScrapeClient(
            config, "text/plain", true, "Prometheus/3.14.0", resolver, Clock.SYSTEM, buffers);
    return client.session(HttpUrl.of("http", authority, target), timeout, limit);
  }

  private ScrapeSession session(Peer peer) throws IOException {
    return session("127.0.0.1:" + peer.port(), "/metrics");
  }

  private static String fetch(ScrapeSession session) throws ScrapeException {
    try (Body body = session.fetch()) {
      return new String(body.bytes(), 0, body.length(), StandardCharsets.UTF_8);
    }
  }

  private void assertFails(Peer peer, String message) throws IOException {
    try (peer;
        ScrapeSession session = session(peer)) {
      assertThatThrownBy(session::fetch)
          .isInstanceOf(ScrapeException.class)
          .hasMessage(message.replace("URL", "http://127.0.0.1:" + peer.port() + "/metrics"));
    }
    assertThat(buffers.usedBytes()).as("buffers that were not given back").isZero();
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private static byte[] response(String headers, byte[] body) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(("HTTP/1.1 200 OK\r\n" + headers + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    out.write(body);
    return out.toByteArray();
  }

  @Test
  void asksAsPrometheusDoesAndKeepsTheConnection() throws Exception {
    try (Peer peer = Peer.saying(OK);
        ScrapeSession session = session(peer)) {
      for (int i = 0; i < 3; i++) {
        try (Body body = session.fetch()) {
          assertThat(body.contentType()).isEqualTo("text/plain");
          assertThat(body.length()).isEqualTo(5);
        }
      }
      assertThat(peer.connections).hasValue(1);
      assertThat(peer.requests.getFirst())
          .isEqualTo(
              "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:"
                  + peer.port()
                  + "\r\nUser-Agent: Prometheus/3.14.0\r\nAccept: text/plain\r\n"
                  + "Accept-Encoding: gzip\r\nX-Prometheus-Scrape-Timeout-Seconds: 5\r\n\r\n");
    }
  }

  @Test
  void opensAClosedConnectionAnew() throws Exception {
    try (Peer peer = Peer.saying(OK);
        ScrapeSession session = session(peer)) {
      assertThat(fetch(session)).isEqualTo(PAGE);
      peer.closeConnections();
      assertThat(fetch(session)).isEqualTo(PAGE);
      assertThat(peer.connections).hasValue(2);
    }
  }

  @Test
  void asksForTheNameAgainWhenItConnectsAgain() throws Exception {
    try (Peer peer =
        new Peer((request, out) -> {
          out.write(OK.getBytes(StandardCharsets.ISO_8859_1));
          return false;
        })) {
      int[] asked = new int[1];
      resolver =
          (host, wait) -> {
            asked[0]++;
            return List.of(InetAddress.getLoopbackAddress());
          };
      try (ScrapeSession session = session("some_host.example:" + peer.port(), "/metrics")) {
        fetch(session);
        fetch(session);
      }
      assertThat(asked[0]).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Transfer-Encoding: chunked\r\n\r\n3\r\nup \r\n2;ext=1\r\n1\n\r\n0\r\nTrailer: x\r\n\r\n",
        "transfer-encoding: Chunked\r\nContent-Length: 99\r\n\r\n5\r\nup 1\n\r\n0\r\n\r\n",
        "content-length:5\r\n\r\nup 1\n",
        "Connection: close\r\nContent-Length: 5\r\n\r\nup 1\n"
      })
  void readsEveryFraming(String rest) throws Exception {
    try (Peer peer = Peer.saying("HTTP/1.1 200 OK\r\n" + rest);
        ScrapeSession session = session(peer)) {
      assertThat(fetch(session)).isEqualTo(PAGE);
      assertThat(fetch(session)).isEqualTo(PAGE);
    }
  }

  @Test
  void aBodyMayEndWithTheConnection() throws Exception {
    try (Peer peer =
            new Peer((request, out) -> {
              out.write("HTTP/1.0 200 OK\r\n\r\nup 1\n".getBytes(StandardCharsets.ISO_8859_1));
              return false;
            });
        ScrapeSession session = session(peer)) {
      assertThat(fetch(session)).isEqualTo(PAGE);
    }
  }

  @Test
  void skipsInterimAnswers() throws Exception {
    try (Peer peer = Peer.saying("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK);
        ScrapeSession session = session(peer)) {
      assertThat(fetch(session)).isEqualTo(PAGE);
    }
  }

  @Test
  void unpacksGzipOfAnySizeAndFraming() throws Exception {
    Random random = new Random(3);
    StringBuilder page = new StringBuilder();
    for (int i = 0; i < 60_000; i++) {
      page.append("metric{id=\"").append(random.nextInt()).append("\"} ").append(i).append('\n');
    }
    byte[] packed = gzip(page.toString());
    ByteArrayOutputStream chunked = new ByteArrayOutputStream();
    for (int at = 0; at < packed.length; ) {
      int n = Math.min(1 + random.nextInt(5000), packed.length - at);
      chunked.write((Integer.toHexString(n) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      chunked.write(packed, at, n);
      chunked.write("\r\n".getBytes(StandardCharsets.US_ASCII));
      at += n;
    }
    chunked.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    byte[] known =
        response("Content-Encoding: gzip\r\nContent-Length: " + packed.length + "\r\n", packed);
    byte[] pieces =
        response("Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", chunked.toByteArray());
    for (byte[] response : List.of(known, pieces)) {
      try (Peer peer = Peer.saying(response);
          ScrapeSession session = session(peer)) {
        for (int i = 0; i < 3; i++) {
          assertThat(fetch(session)).isEqualTo(page.toString());
        }
        assertThat(peer.connections).hasValue(1);
      }
    }
  }

  @Test
  void brokenGzipIsAnError() throws Exception {
    byte[] packed = gzip(PAGE.repeat(100));
    byte[] wrong = packed.clone();
    wrong[wrong.length - 6] ^= 1;
    String headers = "Content-Encoding: gzip\r\nContent-Length: ";
    assertFails(
        Peer.saying(response(headers + wrong.length + "\r\n", wrong)), "gzip: invalid checksum");
    assertFails(
        Peer.saying(
            response(headers + "20\r\n", "this is plain text, ".getBytes(StandardCharsets.UTF_8))),
        "gzip: invalid header");
    assertFails(
        Peer.saying(response(headers + "25\r\n", java.util.Arrays.copyOf(packed, 25))),
        "unexpected EOF");
  }

  @Test
  void limitsTheBodyPackedOrNot() throws Exception {
    limit = 1000;
    byte[] packed = gzip(PAGE.repeat(1000));
    assertFails(
        Peer.saying("HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n" + PAGE),
        "body size limit exceeded");
    assertFails(
        Peer.saying(
            response(
                "Content-Encoding: gzip\r\nContent-Length: " + packed.length + "\r\n", packed)),
        "body size limit exceeded");
    assertFails(
        new Peer((request, out) -> {
          out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
          while (true) {
            out.write(PAGE.repeat(50).getBytes(StandardCharsets.US_ASCII));
          }
        }),
        "body size limit exceeded");
  }

  @Test
  void memoryForBodiesIsLimitedForAllTogether() throws Exception {
    BodyBuffers small = new BodyBuffers(1 << 20, Clock.SYSTEM);
    ScrapeClient client = new ScrapeClient(config, "*/*", true, "x", resolver, Clock.SYSTEM, small);
    try (Peer endless =
            new Peer((request, out) -> {
              out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
              byte[] line = PAGE.repeat(1000).getBytes(StandardCharsets.US_ASCII);
              while (true) {
                out.write(line);
              }
            });
        Peer good = Peer.saying(OK)) {
      try (ScrapeSession session =
          client.session(HttpUrl.of("http", "127.0.0.1:" + endless.port(), "/"), timeout, 0)) {
        assertThatThrownBy(session::fetch).hasMessageContaining("set body_size_limit");
      }
      assertThat(small.usedBytes()).isZero();
      try (ScrapeSession session =
          client.session(HttpUrl.of("http", "127.0.0.1:" + good.port(), "/"), timeout, 0)) {
        assertThat(fetch(session)).isEqualTo(PAGE);
      }
    }
  }

  @Test
  void failuresReadAsPrometheusTellsThem() throws Exception {
    assertFails(
        Peer.saying("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nno"),
        "server returned HTTP status 500 Internal Server Error");
    assertFails(
        Peer.saying("\u0001\u0002 garbage\r\n\r\n"),
        "Get \"URL\": net/http: HTTP/1.x transport connection broken: malformed HTTP response"
            + " \"\\x01\\x02 garbage\"");
    assertFails(
        Peer.saying("HTTP/1.1 abc\r\n\r\n"),
        "Get \"URL\": net/http: HTTP/1.x transport connection broken: malformed HTTP status code"
            + " \"abc\"");
    assertFails(new Peer((request, out) -> false), "Get \"URL\": EOF");
    assertFails(
        new Peer((request, out) -> {
          out.write(
              "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nup"
                  .getBytes(StandardCharsets.US_ASCII));
          return false;
        }),
        "unexpected EOF");
    assertFails(
        Peer.saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        "invalid byte in chunk length");
  }

  @Test
  void anErrorDoesNotCostTheConnection() throws Exception {
    try (Peer peer =
            Peer.saying("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno");
        ScrapeSession session = session(peer)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(session::fetch)
            .hasMessage("server returned HTTP status 503 Service Unavailable");
      }
      assertThat(peer.connections).hasValue(1);
    }
  }

  @Test
  void nobodyListensOrNobodyIsThere() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    try (ScrapeSession session = session("127.0.0.1:" + port, "/m")) {
      assertThatThrownBy(session::fetch)
          .hasMessage(
              "Get \"http://127.0.0.1:%d/m\": dial tcp 127.0.0.1:%d: connect: connection refused",
              port, port);
    }
    resolver =
        (host, wait) -> {
          throw new UnknownHostException(host);
        };
    try (ScrapeSession session = session("nowhere.example:80", "/m")) {
      assertThatThrownBy(session::fetch)
          .hasMessage(
              "Get \"http://nowhere.example:80/m\": dial tcp: lookup nowhere.example: no such host");
    }
  }

  @Test
  void triesEveryAddress() throws Exception {
    try (Peer peer = Peer.saying(OK)) {
      resolver =
          (host, wait) ->
              List.of(InetAddress.getByName("127.0.0.2"), InetAddress.getByName("127.0.0.1"));
      try (ScrapeSession session = session("two.example:" + peer.port(), "/")) {
        assertThat(fetch(session)).isEqualTo(PAGE);
      }
    }
  }

  @Test
  void nothingHoldsAFetchBeyondItsTime() throws Exception {
    timeout = Duration.ofMillis(300);
    CountDownLatch over = new CountDownLatch(1);
    assertFails(
        new Peer((request, out) -> {
          over.await();
          return false;
        }),
        "Get \"URL\": context deadline exceeded");
    assertFails(
        new Peer((request, out) -> {
          out.write(
              "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
          while (!over.await(20, java.util.concurrent.TimeUnit.MILLISECONDS)) {
            out.write('x');
            out.flush();
          }
          return false;
        }),
        "context deadline exceeded");
    assertFails(
        new Peer((request, out) -> {
          for (int i = 0; !over.await(20, java.util.concurrent.TimeUnit.MILLISECONDS); i++) {
            out.write(i < 17 ? "HTTP/1.1 200 OK\r\n".charAt(i) : 'h');
            out.flush();
          }
          return false;
        }),
        "Get \"URL\": context deadline exceeded");
    resolver =
        (host, wait) -> {
          throw new java.util.concurrent.TimeoutException();
        };
    try (ScrapeSession session = session("silent.example:80", "/m")) {
      assertThatThrownBy(session::fetch)
          .hasMessage("Get \"http://silent.example:80/m\": context deadline exceeded");
    }
    over.countDown();
  }

  @Test
  void anInterruptEndsAFetch() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    try (Peer peer =
            new Peer((request, out) -> {
              asked.countDown();
              over.await();
              return false;
            });
        ScrapeSession session = session(peer)) {
      String[] message = new String[1];
      Thread thread =
          Thread.ofVirtual()
              .start(() -> {
                try (Body body = session.fetch()) {
                  message[0] = String.valueOf(body.contentType());
                } catch (ScrapeException e) {
                  message[0] = String.valueOf(e.getMessage());
                }
              });
      asked.await();
      thread.interrupt();
      thread.join();
      assertThat(message[0]).endsWith("context canceled");
      over.countDown();
    }
  }

  @Test
  void sendsCredentialsButNotToOtherHosts(@TempDir Path folder) throws Exception {
    Path password = folder.resolve("password");
    Files.writeString(password, "first\n");
    config =
        new HttpClientConfig(
            new BasicAuth("me", "", "", password.toString()),
            null,
            TlsConfig.DEFAULT,
            true,
            true,
            ProxyConfig.NONE,
            Map.of("X-Scope", new HttpHeader(List.of("a"), List.of("b"), List.of())));
    try (Peer other = Peer.saying(OK);
        Peer peer =
            new Peer((request, out) -> {
              String location =
                  request.startsWith("GET /metrics ")
                      ? "/there"
                      : "http://localhost:" + other.port() + "/x?y=z";
              out.write(
                  ("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + "\r\n\r\n")
                      .getBytes(StandardCharsets.US_ASCII));
              return true;
            });
        ScrapeSession session = session(peer)) {
      resolver = Resolver.system();
      assertThat(fetch(session)).isEqualTo(PAGE);
      assertThat(peer.requests.get(0))
          .contains("Authorization: Basic bWU6Zmlyc3Q=\r\n", "X-Scope: a\r\n", "X-Scope: b\r\n");
      assertThat(peer.requests.get(1)).startsWith("GET /there ").contains("Authorization: ");
      assertThat(other.requests.getFirst())
          .startsWith("GET /x?y=z HTTP/1.1\r\nHost: localhost:")
          .doesNotContain("Authorization", "X-Scope");
      Files.writeString(password, "second");
      Clock.SYSTEM.sleep(Duration.ofMillis(300));
      fetch(session);
      assertThat(peer.requests.get(2)).contains("Basic bWU6c2Vjb25k");
    }
  }

  @Test
  void followsRedirectsOnlyIfConfiguredAndNotForEver() throws Exception {
    String redirect = "HTTP/1.1 301 Moved Permanently\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
    assertFailsWith(redirect, "stopped after 10 redirects");
    config =
        new HttpClientConfig(
            null,
            new Authorization("Bearer", "token", ""),
            TlsConfig.DEFAULT,
            false,
            true,
            ProxyConfig.NONE,
            Map.of());
    try (Peer peer = Peer.saying(redirect);
        ScrapeSession session = session(peer)) {
      assertThatThrownBy(session::fetch)
          .hasMessage("server returned HTTP status 301 Moved Permanently");
      assertThat(peer.requests.getFirst()).contains("Authorization: Bearer token\r\n");
    }
  }

  private void assertFailsWith(String response, String message) throws IOException {
    try (Peer peer = Peer.saying(response);
        ScrapeSession session = session(peer)) {
      assertThatThrownBy(session::fetch).hasMessage(message);
    }
  }

  @Test
  void aKeptConnectionOutlivesTheDeadlineOfItsLastFetch() throws Exception {
    timeout = Duration.ofMillis(200);
    try (Peer peer = Peer.saying("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na 1");
        ScrapeSession session = session("127.0.0.1:" + peer.port(), "/")) {
      fetch(session);
      Clock.SYSTEM.sleep(timeout.multipliedBy(2));
      fetch(session);
      assertThat(peer.connections.get()).isEqualTo(1);
    }
  }

  @Test
  void plainHttpBehindHttpsIsSaid() throws Exception {
    try (Peer peer = new Peer((request, out) -> true)) {
      ScrapeClient client =
          new ScrapeClient(config, "*/*", true, "x", resolver, Clock.SYSTEM, buffers);
      timeout = Duration.ofMillis(300);
      HttpUrl url = HttpUrl.of("https", "127.0.0.1:" + peer.port(), "/");
      try (ScrapeSession session = client.session(url, timeout, 0)) {
        assertThatThrownBy(session::fetch).hasMessageContaining("context deadline exceeded");
      }
    }
  }

  @Test
  void urlsAreReadLaxly() {
    assertThat(HttpUrl.of("http", "[::1]:9100", "/metrics"))
        .isEqualTo(new HttpUrl("http", "[::1]:9100", "::1", 9100, "/metrics"));
    assertThat(HttpUrl.of("HTTPS", "my_host", "metrics?x=1").text())
        .isEqualTo("https://my_host/metrics?x=1");
    assertThat(HttpUrl.of("http", "[fe80::1]", "/").port()).isEqualTo(80);
    assertThatThrownBy(() -> HttpUrl.of("http", "a:b", "/")).hasMessage("invalid port \"b\"");
    assertThatThrownBy(() -> HttpUrl.of("http", "a/b", "/"))
        .hasMessage("\"a/b\" is not a valid hostname");
    assertThatThrownBy(() -> HttpUrl.of("ftp", "a", "/"))
        .hasMessage("unsupported protocol scheme \"ftp\"");
  }
}
