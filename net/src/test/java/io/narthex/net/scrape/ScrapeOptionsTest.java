package io.narthex.net.scrape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.time.Clock;
import io.narthex.net.client.Authorization;
import io.narthex.net.client.BasicAuth;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.OAuth2;
import io.narthex.net.client.ProxyConfig;
import io.narthex.net.client.TlsConfig;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.connect.Resolver;
import io.narthex.net.http.HttpHandler;
import io.narthex.net.web.Served;
import io.narthex.testkit.TestAuthority;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The options of the client that scrapes, against servers that insist on them. */
@Timeout(60)
final class ScrapeOptionsTest {

  private static final String PAGE = "up 1\n";
  private static final String OK =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n" + PAGE;

  private final BodyBuffers buffers = new BodyBuffers(64 << 20, Clock.SYSTEM);
  private Map<String, String> environment = Map.of();
  private @Nullable Path socket;
  @TempDir private Path folder;

  private static HttpClientConfig config(
      @Nullable BasicAuth basic,
      @Nullable Authorization authorization,
      @Nullable OAuth2 oauth2,
      TlsConfig tls,
      ProxyConfig proxy) {
    return new HttpClientConfig(basic, authorization, oauth2, tls, true, true, proxy, Map.of());
  }

  private static HttpClientConfig through(ProxyConfig proxy) {
    return config(null, null, null, TlsConfig.DEFAULT, proxy);
  }

  private ScrapeSession session(HttpClientConfig config, String scheme, String authority)
      throws IOException {
    ScrapeClient client =
        new ScrapeClient(
            config, "*/*", true, "x", Resolver.system(), Clock.SYSTEM, buffers, environment);
    return client.session(
        HttpUrl.of(scheme, authority, "/metrics"), socket, Duration.ofSeconds(10), 0);
  }

  private static String fetch(ScrapeSession session) throws ScrapeException {
    try (Body body = session.fetch()) {
      return new String(body.bytes(), 0, body.length(), StandardCharsets.UTF_8);
    }
  }

  private String file(String name, String content) throws IOException {
    Served.replace(folder.resolve(name), content);
    return folder.resolve(name).toString();
  }

  private TlsConfig tls(String name) {
    return new TlsConfig(
        "",
        folder.resolve("ca.pem").toString(),
        "",
        folder.resolve(name + ".pem").toString(),
        "",
        folder.resolve(name + ".key").toString(),
        "",
        false,
        "",
        "");
  }

  private void issue(TestAuthority authority, String name, String... names) throws IOException {
    TestAuthority.Issued issued = authority.issue(name, names);
    file(name + ".pem", issued.certificate());
    file(name + ".key", issued.key());
  }

  @Test
  void showsItsCertificateAndTakesUpANewOne() throws Exception {
    TestAuthority authority = new TestAuthority("authority");
    TestAuthority clients = new TestAuthority("clients 1");
    file("ca.pem", authority.certificate());
    file("clients.pem", clients.certificate());
    issue(authority, "server", "127.0.0.1");
    issue(clients, "client");
    Path web =
        Path.of(
            file(
                "web.yml",
                """
                tls_server_config:
                  cert_file: server.pem
                  key_file: server.key
                  client_auth_type: RequireAndVerifyClientCert
                  client_ca_file: clients.pem
                """));
    HttpHandler page = (request, response) -> response.sendText(PAGE);
    try (Served server = Served.by(page, web);
        ScrapeSession session =
            session(
                config(null, null, null, tls("client"), ProxyConfig.NONE),
                "https",
                "127.0.0.1:" + server.port())) {
      assertThat(fetch(session)).isEqualTo(PAGE);
      for (int i = 2; i < 5; i++) {
        TestAuthority next = new TestAuthority("clients " + i);
        file("clients.pem", next.certificate());
        // The key first and the certificate a while later: what lies between is no pair.
        TestAuthority.Issued issued = next.issue("client");
        file("client.key", issued.key());
        Clock.SYSTEM.sleep(Duration.ofMillis(300));
        assertThat(fetch(session)).isEqualTo(PAGE);
        file("client.pem", issued.certificate());
        Clock.SYSTEM.sleep(Duration.ofMillis(300));
        assertThat(fetch(session)).isEqualTo(PAGE);
      }
    }
  }

  @Test
  void aKeyThatDoesNotFitIsSaidAtOnce() throws Exception {
    TestAuthority authority = new TestAuthority("authority");
    file("ca.pem", authority.certificate());
    issue(authority, "client");
    file("client.key", authority.issue("other").key());
    assertThatThrownBy(() ->
            session(config(null, null, null, tls("client"), ProxyConfig.NONE), "https", "a:1"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("unable to use specified client cert (")
        .hasMessageEndingWith("tls: private key does not match public key");
  }

  @Test
  void aRenewedAuthorityCostsNoScrape() throws Exception {
    TestAuthority first = new TestAuthority("first");
    TestAuthority second = new TestAuthority("second");
    file("ca.pem", first.certificate());
    issue(first, "server", "127.0.0.1");
    issue(first, "client");
    Path web =
        Path.of(
            file("web.yml", "tls_server_config: {cert_file: server.pem, key_file: server.key}"));
    HttpHandler page =
        (request, response) -> {
          response.header("Connection", "close");
          response.sendText(PAGE);
        };
    HttpClientConfig config = config(null, null, null, tls("client"), ProxyConfig.NONE);
    try (Served server = Served.by(page, web)) {
      try (ScrapeSession session = session(config, "https", "127.0.0.1:" + server.port())) {
        assertThat(fetch(session)).isEqualTo(PAGE);
      }
      try (ScrapeSession session = session(config, "https", "127.0.0.1:" + server.port())) {
        issue(second, "server", "127.0.0.1");
        Clock.SYSTEM.sleep(Duration.ofMillis(300));
        assertThatThrownBy(() -> fetch(session)).hasMessageContaining("unknown authority");
        file("ca.pem", second.certificate());
        assertThat(fetch(session)).as("the files were looked at in time").isEqualTo(PAGE);
      }
    }
  }

  @Test
  void aPasswordThatIsRefusedIsReadAgain() throws Exception {
    AtomicReference<String> right = new AtomicReference<>("Bearer one");
    AtomicInteger refused = new AtomicInteger();
    HttpHandler page =
        (request, response) -> {
          if (right.get().equals(request.header("Authorization"))) {
            response.sendText(PAGE);
          } else {
            refused.incrementAndGet();
            response.status(401).sendText("no\n");
          }
        };
    String token = file("token", "one\n");
    HttpClientConfig config =
        config(
            null,
            new Authorization("Bearer", "", token),
            null,
            TlsConfig.DEFAULT,
            ProxyConfig.NONE);
    try (Served server = Served.by(page);
        ScrapeSession session = session(config, "http", "127.0.0.1:" + server.port())) {
      assertThat(fetch(session)).isEqualTo(PAGE);
      for (int i = 0; i < 5; i++) {
        right.set("Bearer next " + i);
        Files.writeString(Path.of(token), "next " + i);
        assertThat(fetch(session)).isEqualTo(PAGE);
      }
      assertThat(refused).hasValueLessThanOrEqualTo(5);
      right.set("Bearer none");
      assertThatThrownBy(() -> fetch(session))
          .hasMessage("server returned HTTP status 401 Unauthorized");
      Files.delete(Path.of(token));
      Clock.SYSTEM.sleep(Duration.ofMillis(300));
      assertThatThrownBy(() -> fetch(session))
          .hasMessageEndingWith(
              ": unable to read authorization credentials: unable to read file "
                  + token
                  + ": open "
                  + token
                  + ": no such file or directory");
    }
  }

  @Test
  void fetchesTokensOnceAndAgainWhenTheyAreRefused() throws Exception {
    AtomicInteger issued = new AtomicInteger();
    AtomicReference<String> valid = new AtomicReference<>("");
    HttpHandler tokens =
        (request, response) -> {
          assertThat(request.form().first("grant_type")).isEqualTo("client_credentials");
          assertThat(request.form().first("scope")).isEqualTo("a b");
          String token = "t" + issued.incrementAndGet();
          valid.set("Bearer " + token);
          response.send(
              "application/json",
              ("{\"access_token\":\"" + token + "\",\"token_type\":\"bearer\",\"expires_in\":3600}")
                  .getBytes(StandardCharsets.UTF_8));
        };
    HttpHandler page =
        (request, response) -> {
          if (valid.get().equals(request.header("Authorization"))) {
            response.sendText(PAGE);
          } else {
            response.status(401).sendText("no\n");
          }
        };
    try (Served server = Served.by(tokens);
        Served target = Served.by(page)) {
      OAuth2 oauth2 =
          new OAuth2(
              "me",
              "",
              file("secret", "s"),
              "",
              "",
              "",
              "",
              "",
              "",
              "",
              Map.of(),
              List.of("a", "b"),
              "http://127.0.0.1:" + server.port() + "/token",
              Map.of(),
              TlsConfig.DEFAULT,
              ProxyConfig.NONE);
      HttpClientConfig config = config(null, null, oauth2, TlsConfig.DEFAULT, ProxyConfig.NONE);
      try (ScrapeSession session = session(config, "http", "127.0.0.1:" + target.port())) {
        for (int i = 0; i < 5; i++) {
          assertThat(fetch(session)).isEqualTo(PAGE);
        }
        assertThat(issued).hasValue(1);
        Clock.SYSTEM.sleep(Duration.ofMillis(260));
        valid.set("Bearer revoked");
        assertThat(fetch(session)).isEqualTo(PAGE);
        assertThat(issued).hasValue(2);
      }
    }
  }

  @Test
  void asksAProxyForPlainPages() throws Exception {
    try (StubProxy proxy = new StubProxy(OK);
        ScrapeSession session =
            session(
                through(
                    new ProxyConfig(
                        "http://u:p%40@127.0.0.1:" + proxy.port(), "", false, Map.of())),
                "http",
                "far.example:81")) {
      assertThat(fetch(session)).isEqualTo(PAGE);
      assertThat(proxy.heads.getFirst())
          .startsWith("GET http://far.example:81/metrics HTTP/1.1\r\nHost: far.example:81\r\n")
          .contains("Proxy-Authorization: Basic dTpwQA==\r\n");
    }
  }

  @Test
  void goesThroughAProxyToTls() throws Exception {
    TestAuthority authority = new TestAuthority("authority");
    file("ca.pem", authority.certificate());
    issue(authority, "server", "127.0.0.1");
    issue(authority, "client");
    Path web =
        Path.of(
            file("web.yml", "tls_server_config: {cert_file: server.pem, key_file: server.key}"));
    HttpHandler page =
        (request, response) ->
            response
                .status(request.header("Proxy-Authorization") == null ? 200 : 500)
                .sendText(PAGE);
    try (Served server = Served.by(page, web);
        StubProxy proxy = new StubProxy(OK);
        ScrapeSession session =
            session(
                config(
                    null,
                    null,
                    null,
                    tls("client"),
                    new ProxyConfig(
                        "http://u:p@127.0.0.1:" + proxy.port(),
                        "",
                        false,
                        Map.of("X-Way", List.of("a", "b")))),
                "https",
                "127.0.0.1:" + server.port())) {
      assertThat(fetch(session)).isEqualTo(PAGE);
      assertThat(fetch(session)).isEqualTo(PAGE);
      assertThat(proxy.heads)
          .containsExactly(
              "CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-Way: a\r\nX-Way: b\r\nProxy-Authorization: Basic dTpw\r\n\r\n"
                  .formatted(server.port(), server.port()));
    }
  }

  @Test
  void saysWhatAProxySays() throws Exception {
    try (StubProxy proxy = new StubProxy(OK)) {
      proxy.refusal = "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
      ProxyConfig way = new ProxyConfig("http://127.0.0.1:" + proxy.port(), "", false, Map.of());
      try (ScrapeSession session = session(through(way), "https", "far.example")) {
        assertThatThrownBy(() -> fetch(session))
            .hasMessage("Get \"https://far.example/metrics\": Proxy Authentication Required");
      }
    }
    int closed;
    try (ServerSocket gone = new ServerSocket(0)) {
      closed = gone.getLocalPort();
    }
    ProxyConfig way = new ProxyConfig("http://127.0.0.1:" + closed, "", false, Map.of());
    try (ScrapeSession session = session(through(way), "http", "far.example")) {
      assertThatThrownBy(() -> fetch(session))
          .hasMessage(
              "Get \"http://far.example/metrics\": proxyconnect tcp: dial tcp 127.0.0.1:"
                  + closed
                  + ": connect: connection refused");
    }
  }

  @Test
  void takesTheProxyOfTheEnvironment() throws Exception {
    try (StubProxy proxy = new StubProxy(OK);
        Peer direct = Peer.saying(OK)) {
      environment = Map.of("http_proxy", "127.0.0.1:" + proxy.port());
      HttpClientConfig config = through(new ProxyConfig("", "", true, Map.of()));
      try (ScrapeSession far = session(config, "http", "far.example");
          ScrapeSession near = session(config, "http", "127.0.0.1:" + direct.port())) {
        assertThat(fetch(far)).isEqualTo(PAGE);
        assertThat(fetch(near)).isEqualTo(PAGE);
        assertThat(proxy.heads).hasSize(1);
        assertThat(direct.requests).hasSize(1);
      }
    }
  }

  @Test
  void goesThroughSocks() throws Exception {
    List<String> asked = new CopyOnWriteArrayList<>();
    try (ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(() -> {
            try (Socket client = listener.accept()) {
              InputStream in = client.getInputStream();
              in.readNBytes(4);
              client.getOutputStream().write(new byte[] {5, 2});
              asked.add(new String(in.readNBytes(5), StandardCharsets.US_ASCII));
              client.getOutputStream().write(new byte[] {1, 0});
              in.readNBytes(4);
              asked.add(new String(in.readNBytes(in.read()), StandardCharsets.US_ASCII));
              in.readNBytes(2);
              client.getOutputStream().write(new byte[] {5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
              in.read();
              client.getOutputStream().write(OK.getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
              asked.add(e.toString());
            }
          });
      ProxyConfig way =
          new ProxyConfig("socks5://u:p@127.0.0.1:" + listener.getLocalPort(), "", false, Map.of());
      try (ScrapeSession session = session(through(way), "http", "far.example")) {
        assertThat(fetch(session)).isEqualTo(PAGE);
        assertThat(asked).containsExactly("\u0001\u0001u\u0001p", "far.example");
      }
    }
  }

  @Test
  void scrapesOverAUnixSocket() throws Exception {
    socket = folder.resolve("s");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(folder.resolve("s")));
      Thread.ofVirtual()
          .start(() -> {
            try (SocketChannel client = listener.accept()) {
              ByteBuffer in = ByteBuffer.allocate(4096);
              while (client.read(in) > 0) {
                String asked = new String(in.array(), 0, in.position(), StandardCharsets.US_ASCII);
                if (asked.endsWith("\r\n\r\n")) {
                  in.clear();
                  client.write(ByteBuffer.wrap(OK.getBytes(StandardCharsets.US_ASCII)));
                }
              }
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
      try (ScrapeSession session = session(HttpClientConfig.DEFAULT, "http", "localhost")) {
        assertThat(fetch(session)).isEqualTo(PAGE);
        assertThat(fetch(session)).isEqualTo(PAGE);
      }
    }
    socket = folder.resolve("none");
    try (ScrapeSession session = session(HttpClientConfig.DEFAULT, "http", "localhost")) {
      assertThatThrownBy(() -> fetch(session))
          .hasMessageContaining("dial unix " + socket + ": connect: no such file or directory");
    }
  }

  @Test
  void aSilentUnixSocketIsGivenUp() throws Exception {
    Path path = folder.resolve("s");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(path));
      ScrapeClient client =
          new ScrapeClient(
              HttpClientConfig.DEFAULT,
              "*/*",
              true,
              "x",
              Resolver.system(),
              Clock.SYSTEM,
              buffers,
              environment);
      try (ScrapeSession session =
          client.session(HttpUrl.of("http", "localhost", "/"), path, Duration.ofMillis(200), 0)) {
        assertThatThrownBy(() -> fetch(session)).hasMessageContaining("context deadline exceeded");
      }
    }
  }

  @Test
  void scrapesTargetsOfIpv6() throws Exception {
    ServerSocket listener;
    try {
      listener = new ServerSocket(0, 10, InetAddress.getByName("::1"));
    } catch (IOException e) {
      org.junit.jupiter.api.Assumptions.abort("no IPv6 here");
      return;
    }
    try (Peer peer =
            new Peer(
                listener,
                (request, out) -> {
                  out.write(OK.getBytes(StandardCharsets.US_ASCII));
                  return true;
                });
        ScrapeSession session = session(HttpClientConfig.DEFAULT, "http", "[::1]:" + peer.port())) {
      assertThat(fetch(session)).isEqualTo(PAGE);
      assertThat(peer.requests.getFirst()).contains("Host: [::1]:" + peer.port() + "\r\n");
    }
  }

  /** With a password in a file too: nothing is read and nothing is built for a scrape. */
  @Test
  void aScrapeTakesNextToNoMemory() throws Exception {
    HttpClientConfig config =
        config(
            new BasicAuth("me", "", "", file("password", "p")),
            null,
            null,
            TlsConfig.DEFAULT,
            ProxyConfig.NONE);
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Peer peer = Peer.saying(OK);
        ScrapeSession session = session(config, "http", "127.0.0.1:" + peer.port())) {
      for (int i = 0; i < 2_000; i++) {
        fetch(session);
      }
      long before = threads.getCurrentThreadAllocatedBytes();
      int count = 1_000;
      for (int i = 0; i < count; i++) {
        session.fetch().close();
      }
      long each = (threads.getCurrentThreadAllocatedBytes() - before) / count;
      assertThat(each).as("bytes allocated for a scrape").isLessThan(2_000);
    }
  }
}
