package io.narthex.net.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.time.Clock;
import io.narthex.net.client.Authorization;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.OAuth2;
import io.narthex.net.client.ProxyConfig;
import io.narthex.net.client.TlsConfig;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.http.HttpHandler;
import io.narthex.net.secret.Pem;
import io.narthex.net.web.Served;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class HttpClientTest {

  private static HttpClient client() throws IOException {
    return new HttpClient(HttpClientConfig.DEFAULT, "test/1");
  }

  private static HttpUrl url(Served server, String target) {
    return HttpUrl.of("http", "127.0.0.1:" + server.port(), target);
  }

  @Test
  void sendsAndReads() throws Exception {
    HttpHandler echo =
        (request, response) ->
            response
                .status(201)
                .header("X-Said", request.method() + " " + request.header("Content-Type"))
                .header("X-Agent", String.valueOf(request.header("User-Agent")))
                .send("application/json", request.body().readAllBytes());
    try (Served server = Served.by(echo);
        HttpClient client = client()) {
      Reply reply = client.send(Request.json(url(server, "/a?b=c"), "{\"x\":1}"));
      assertThat(reply.statusText()).isEqualTo("201 Created");
      assertThat(reply.isOk()).isTrue();
      assertThat(reply.text()).isEqualTo("{\"x\":1}");
      assertThat(reply.headers().first("x-said")).isEqualTo("POST application/json");
      assertThat(reply.headers().first("X-Agent")).isEqualTo("test/1");
      Reply put = client.send(Request.json(url(server, "/"), "{}").method("PUT"));
      assertThat(put.headers().all("X-Said")).containsExactly("PUT application/json");
      Reply head = client.send(Request.get(url(server, "/")).method("HEAD"));
      assertThat(head.body()).isEmpty();
      Reply kept = client.send(Request.get(url(server, "/")).header("X-Other", "y"));
      assertThat(kept.status()).isEqualTo(201);
      assertThatThrownBy(() -> Request.get(url(server, "/")).header("X", "a\r\nY: b"))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void unpacksAndLimits() throws Exception {
    String large = "abc ".repeat(200_000);
    HttpHandler page = (request, response) -> response.sendText(large);
    try (Served server = Served.by(page);
        HttpClient client = client()) {
      Reply reply = client.send(Request.get(url(server, "/")));
      assertThat(reply.text()).isEqualTo(large);
      assertThat(reply.headers().first("Content-Encoding")).isNull();
      assertThatThrownBy(() -> client.send(Request.get(url(server, "/")).limit(100_000)))
          .isInstanceOfSatisfying(
              HttpFailure.class, e -> assertThat(e.kind()).isEqualTo(HttpFailure.Kind.SIZE))
          .hasMessageContaining("longer than the limit of 100000 bytes");
      assertThat(client.send(Request.get(url(server, "/"))).text()).hasSize(large.length());
    }
  }

  /** Answers each connection's requests from a script; an empty answer closes. */
  private static final class Scripted implements AutoCloseable {
    final ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    final List<String> requests = new CopyOnWriteArrayList<>();
    final AtomicInteger connections = new AtomicInteger();

    Scripted(List<List<String>> answers) throws IOException {
      Thread.ofVirtual()
          .start(() -> {
            for (List<String> one : answers) {
              try {
                Socket client = listener.accept();
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(client, one));
              } catch (IOException e) {
                return;
              }
            }
          });
    }

    private void serve(Socket client, List<String> answers) {
      try (client) {
        for (String answer : answers) {
          ByteArrayOutputStream head = new ByteArrayOutputStream();
          while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int c = client.getInputStream().read();
            if (c < 0) {
              return;
            }
            head.write(c);
          }
          requests.add(head.toString(StandardCharsets.ISO_8859_1));
          client.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
        }
      } catch (IOException e) {
        requests.add(e.toString());
      }
    }

    HttpUrl url() {
      return HttpUrl.of("http", "127.0.0.1:" + listener.getLocalPort(), "/");
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @Test
  void keepsConnectionsAndMakesANewOneForADeadOne() throws Exception {
    try (Scripted server = new Scripted(List.of(List.of(OK, OK), List.of(OK)));
        HttpClient client = client()) {
      for (int i = 0; i < 3; i++) {
        assertThat(client.send(Request.get(server.url())).text()).isEqualTo("ok");
      }
      assertThat(server.connections).hasValue(2);
    }
  }

  @Test
  void whatIsPackedAndNotSentIsNoBody() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n";
    try (Scripted server = new Scripted(List.of(List.of(head, OK)));
        HttpClient client = client()) {
      Reply reply = client.send(Request.get(server.url()).method("HEAD"));
      assertThat(reply.body()).isEmpty();
      assertThat(reply.headers().first("Content-Length")).isEqualTo("99");
      assertThat(client.send(Request.get(server.url())).text()).isEqualTo("ok");
      assertThat(server.connections).hasValue(1);
    }
  }

  @Test
  void sendsNothingTwiceThatMustNotBe() throws Exception {
    try (Scripted server = new Scripted(List.of(List.of(OK, ""), List.of(OK)));
        HttpClient client = client()) {
      client.send(Request.get(server.url()));
      assertThatThrownBy(() -> client.send(Request.post(server.url(), "a/b", new byte[0])))
          .isInstanceOf(HttpFailure.class)
          .hasMessage("Post \"" + server.url().text() + "\": EOF");
      assertThat(server.connections).hasValue(1);
    }
  }

  @Test
  void readsEveryFraming() throws Exception {
    try (Scripted server =
            new Scripted(
                List.of(
                    List.of(
                        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: v\r\n\r\n",
                        "HTTP/1.1 204 No Content\r\n\r\n",
                        "HTTP/1.0 200 OK\r\n\r\nto the end")));
        HttpClient client = client()) {
      assertThat(client.send(Request.get(server.url())).text()).isEqualTo("abcde");
      assertThat(client.send(Request.get(server.url())).status()).isEqualTo(204);
      assertThat(client.send(Request.get(server.url())).text()).isEqualTo("to the end");
      assertThat(server.connections).hasValue(1);
    }
  }

  @Test
  void saysWhatIsNoHttp() throws Exception {
    try (Scripted server =
            new Scripted(
                List.of(
                    List.of("SSH-2.0-OpenSSH\r\n"),
                    List.of("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"),
                    List.of("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")));
        HttpClient client = client()) {
      assertThatThrownBy(() -> client.send(Request.get(server.url())))
          .hasMessageContaining("malformed HTTP response \"SSH-2.0-OpenSSH\"");
      assertThatThrownBy(() -> client.send(Request.get(server.url())))
          .hasMessageContaining("unexpected EOF");
      assertThatThrownBy(() -> client.send(Request.get(server.url())))
          .hasMessageContaining("bad Content-Length");
    }
  }

  @Test
  void followsRedirectsWithoutTellingOthersItsPassword() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    HttpHandler last =
        (request, response) -> {
          seen.add(request.method() + " " + request.header("Authorization"));
          response.sendText("there");
        };
    try (Served there = Served.by(last)) {
      HttpHandler first =
          (request, response) -> {
            seen.add(request.method() + " " + request.header("Authorization"));
            boolean once = request.path().equals("/a");
            response
                .status(once ? 307 : 302)
                .header("Location", once ? "/b" : "http://localhost:" + there.port() + "/c")
                .sendEmpty();
          };
      HttpClientConfig config =
          new HttpClientConfig(
              null,
              new Authorization("Bearer", "x", ""),
              TlsConfig.DEFAULT,
              true,
              true,
              ProxyConfig.NONE,
              Map.of());
      try (Served here = Served.by(first);
          HttpClient client = new HttpClient(config, "test")) {
        Reply reply = client.send(Request.post(url(here, "/a"), "a/b", new byte[] {1}));
        assertThat(reply.text()).isEqualTo("there");
        assertThat(seen).containsExactly("POST Bearer x", "POST Bearer x", "GET null");
      }
    }
  }

  @Test
  void anOwnAuthorizationReplacesTheConfiguredOne() throws Exception {
    HttpHandler says =
        (request, response) -> response.sendText(String.valueOf(request.header("Authorization")));
    HttpClientConfig config =
        new HttpClientConfig(
            null,
            new Authorization("Bearer", "x", ""),
            TlsConfig.DEFAULT,
            true,
            true,
            ProxyConfig.NONE,
            Map.of());
    try (Served server = Served.by(says);
        HttpClient client = new HttpClient(config, "test")) {
      Request request = Request.get(url(server, "/"));
      assertThat(client.send(request).text()).isEqualTo("Bearer x");
      assertThat(client.send(request.header("authorization", "Own y")).text()).isEqualTo("Own y");
    }
  }

  @Test
  void givesUpAtTheDeadlineWhenNobodyReadsWhatItSends() throws Exception {
    String large = "a".repeat(64 << 20);
    try (ServerSocket deaf = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        HttpClient client = client()) {
      HttpUrl url = HttpUrl.of("http", "127.0.0.1:" + deaf.getLocalPort(), "/");
      assertThatThrownBy(
              () -> client.send(Request.json(url, large).timeout(Duration.ofMillis(300))))
          .isInstanceOfSatisfying(
              HttpFailure.class, e -> assertThat(e.kind()).isEqualTo(HttpFailure.Kind.DEADLINE))
          .hasMessageEndingWith(": context deadline exceeded");
    }
  }

  @Test
  void givesUpAtTheDeadlineAndWhenInterrupted() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(2);
    HttpHandler slow =
        (request, response) -> {
          asked.countDown();
          try {
            over.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    try (Served server = Served.by(slow);
        HttpClient client = client()) {
      assertThatThrownBy(
              () -> client.send(Request.get(url(server, "/")).timeout(Duration.ofMillis(100))))
          .isInstanceOfSatisfying(
              HttpFailure.class, e -> assertThat(e.kind()).isEqualTo(HttpFailure.Kind.DEADLINE))
          .hasMessageEndingWith(": context deadline exceeded");
      CompletableFuture<String> said = new CompletableFuture<>();
      Thread thread =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  said.complete(client.send(Request.get(url(server, "/"))).text());
                } catch (HttpFailure e) {
                  said.complete(String.valueOf(e.getMessage()));
                }
              });
      asked.await();
      thread.interrupt();
      assertThat(said.get()).endsWith("context canceled");
      over.countDown();
    }
  }

  @Test
  void aWatchIsReadAsItComesAndEndedFromOutside() throws Exception {
    CountDownLatch more = new CountDownLatch(1);
    HttpHandler watch =
        (request, response) -> {
          try (var out = response.body()) {
            out.write("one\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            more.await();
            out.write("two\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            for (int i = 0; i < 400 && !request.clientGone(); i++) {
              Clock.SYSTEM.sleep(Duration.ofMillis(10));
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    try (Served server = Served.by(watch);
        HttpClient client = client();
        Exchange exchange = client.open(Request.get(url(server, "/")))) {
      assertThat(exchange.status()).isEqualTo(200);
      assertThat(exchange.body().readNBytes(4))
          .isEqualTo("one\n".getBytes(StandardCharsets.US_ASCII));
      more.countDown();
      assertThat(exchange.body().readNBytes(4))
          .isEqualTo("two\n".getBytes(StandardCharsets.US_ASCII));
      Thread.ofVirtual().start(exchange::close);
      assertThatThrownBy(() -> exchange.body().read()).isInstanceOf(IOException.class);
    }
  }

  private static OAuth2 oauth2(Served server, String secret, String grant, String key) {
    return new OAuth2(
        "me",
        secret,
        "",
        "kid",
        key,
        "",
        grant,
        "RS384",
        "",
        "",
        Map.of("extra", 7L),
        List.of(),
        "http://127.0.0.1:" + server.port() + "/token",
        Map.of("audience", "all"),
        TlsConfig.DEFAULT,
        ProxyConfig.NONE);
  }

  private static HttpClient withTokens(OAuth2 oauth2) throws IOException {
    return new HttpClient(
        new HttpClientConfig(
            null, null, oauth2, TlsConfig.DEFAULT, true, true, ProxyConfig.NONE, Map.of()),
        "test");
  }

  @Test
  void findsOutHowATokenServerWantsTheSecret() throws Exception {
    List<String> asked = new CopyOnWriteArrayList<>();
    HttpHandler handler =
        (request, response) -> {
          if (!request.path().equals("/token")) {
            response.sendText(String.valueOf(request.header("Authorization")));
            return;
          }
          asked.add(request.header("Authorization") + " " + request.form().first("client_secret"));
          assertThat(request.form().first("audience")).isEqualTo("all");
          if (request.form().first("client_secret").isEmpty()) {
            response
                .status(401)
                .send(
                    "application/json",
                    "{\"error\":\"invalid_client\"}".getBytes(StandardCharsets.UTF_8));
          } else {
            response.send(
                "application/x-www-form-urlencoded",
                "access_token=t%2B1&expires_in=1".getBytes(StandardCharsets.UTF_8));
          }
        };
    try (Served server = Served.by(handler);
        HttpClient client = withTokens(oauth2(server, "s", "", ""))) {
      assertThat(client.send(Request.get(url(server, "/"))).text()).isEqualTo("Bearer t+1");
      assertThat(asked).containsExactly("Basic bWU6cw== ", "null s");
      for (int i = 0; i < 100 && asked.size() < 3; i++) {
        Clock.SYSTEM.sleep(Duration.ofMillis(25));
        client.send(Request.get(url(server, "/")));
      }
      assertThat(asked)
          .as("renewed at its end, as it was found out")
          .hasSize(3)
          .last()
          .isEqualTo("null s");
    }
  }

  @Test
  void saysWhatATokenServerSays() throws Exception {
    HttpHandler handler =
        (request, response) ->
            response
                .status(400)
                .send(
                    "application/json",
                    "{\"error\":\"invalid_client\",\"error_description\":\"who are you\"}"
                        .getBytes(StandardCharsets.UTF_8));
    try (Served server = Served.by(handler);
        HttpClient client = withTokens(oauth2(server, "s", "", ""))) {
      assertThatThrownBy(() -> client.send(Request.get(url(server, "/"))))
          .hasMessage(
              "Get \"http://127.0.0.1:"
                  + server.port()
                  + "/\": oauth2: \"invalid_client\" \"who are you\"");
    }
  }

  @Test
  void signsAssertions() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair keys = generator.generateKeyPair();
    byte[] pkcs8 = keys.getPrivate().getEncoded();
    // The older form of an RSA key is what the newer one wraps, behind 26 bytes.
    byte[] pkcs1 = java.util.Arrays.copyOfRange(pkcs8, 26, pkcs8.length);
    String pem =
        "-----BEGIN RSA PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(pkcs1)
            + "\n-----END RSA PRIVATE KEY-----\n";
    assertThat(Pem.key(pem.getBytes(StandardCharsets.US_ASCII))).isEqualTo(keys.getPrivate());
    List<String> assertions = new CopyOnWriteArrayList<>();
    HttpHandler handler =
        (request, response) -> {
          if (request.path().equals("/token")) {
            assertThat(request.form().first("grant_type")).isEqualTo(OAuth2.JWT_BEARER);
            assertions.add(String.valueOf(request.form().first("assertion")));
            response.send(
                "application/json",
                "{\"access_token\":\"t\",\"more\":{\"deep\":[1]}}"
                    .getBytes(StandardCharsets.UTF_8));
          } else {
            response.sendText(String.valueOf(request.header("Authorization")));
          }
        };
    try (Served server = Served.by(handler);
        HttpClient client = withTokens(oauth2(server, "", OAuth2.JWT_BEARER, pem))) {
      assertThat(client.send(Request.get(url(server, "/"))).text()).isEqualTo("Bearer t");
      String[] parts = assertions.getFirst().split("\\.", -1);
      assertThat(new String(Base64.getUrlDecoder().decode(parts[0]), StandardCharsets.UTF_8))
          .isEqualTo("{\"alg\":\"RS384\",\"kid\":\"kid\",\"typ\":\"JWT\"}");
      assertThat(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8))
          .contains(
              "\"iss\":\"me\"", "\"sub\":\"me\"", "\"extra\":7", ":" + server.port() + "/token");
      Signature signature = Signature.getInstance("SHA384withRSA");
      signature.initVerify(keys.getPublic());
      signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
      assertThat(signature.verify(Base64.getUrlDecoder().decode(parts[2]))).isTrue();
    }
  }
}
