package io.narthex.net.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.time.Clock;
import io.narthex.net.http.Wire.Answer;
import io.narthex.testkit.FakeClock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpServerTest {

  private final Router router = new Router();
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final List<HttpServer> opened = new ArrayList<>();

  @AfterEach
  void close() {
    release.countDown();
    opened.forEach(HttpServer::close);
  }

  private HttpServer open() {
    return open(Clock.SYSTEM, 512);
  }

  private HttpServer open(Clock clock, int maxConnections) {
    HttpServer.Options options =
        new HttpServer.Options(List.of("127.0.0.1:0"), Duration.ofMinutes(5), maxConnections);
    HttpServer server = SocketServer.open(options, router, clock);
    opened.add(server);
    return server;
  }

  /** A handler that says that it is there, and waits. */
  private void await(HttpRequest request, HttpResponse response) throws IOException {
    entered.countDown();
    try {
      assertThat(release.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    response.sendText("done");
  }

  @Test
  void answersWithPathAndQueryDecoded() {
    router.get(
        "/label/{name}/values",
        (q, p) ->
            p.sendText(q.path() + "|" + q.pathParameter("name") + "|" + q.query().all("match[]")));
    try (Wire wire = new Wire(open())) {
      Answer answer = wire.get("/label/a%2Fb%20c/values?match[]=up{a=\"b+c\"}&match%5B%5D=%C3%BC");
      assertThat(answer.statusLine()).isEqualTo("HTTP/1.1 200 OK");
      assertThat(answer.text()).isEqualTo("/label/a/b c/values|a/b c|[up{a=\"b c\"}, \u00fc]");
      assertThat(answer.headers()).containsKeys("Date", "Content-Length");
      assertThat(answer.headers().get("Content-Type")).isEqualTo("text/plain; charset=utf-8");
    }
  }

  @Test
  void readsFormsAsGoDoes() {
    router.getAndPost(
        "/form",
        (q, p) -> {
          Parameters form = q.form();
          p.sendText(form.all("a") + " " + form.first("none") + " " + form.flaw());
        });
    try (Wire wire = new Wire(open())) {
      String body = "a=1&b=%zz&a=2";
      String head =
          "POST /form?a=3 HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n";
      wire.say(head + "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n\r\n");
      assertThat(wire.say(body).answer().text()).isEqualTo("[1, 2, 3]  invalid URL escape \"%zz\"");
      wire.say(head + "Content-Type: text/plain\r\n\r\n" + body);
      assertThat(wire.answer().text()).isEqualTo("[3]  null");
      assertThat(wire.get("/form?a=1;b=2").text())
          .isEqualTo("[]  invalid semicolon separator in query");
    }
  }

  @Test
  void routesByMethodAndPath() {
    router.get("/thing", (q, p) -> p.sendText("thing"));
    router.on("POST", "/thing", (q, p) -> p.sendText("posted"));
    router.get("/files/{path...}", (q, p) -> p.sendText(q.pathParameter("path")));
    try (Wire wire = new Wire(open())) {
      assertThat(wire.get("/nothing").statusLine()).isEqualTo("HTTP/1.1 404 Not Found");
      assertThat(wire.get("/nothing").text()).isEqualTo("404 page not found\n");
      Answer wrong = wire.say("DELETE /thing HTTP/1.1\r\nHost: x\r\n\r\n").answer();
      assertThat(wrong.status()).isEqualTo(405);
      assertThat(wrong.headers().get("Allow")).isEqualTo("GET, HEAD, POST");
      assertThat(wire.get("/files/a/b%20c").text()).isEqualTo("a/b c");
      Answer moved = wire.get("/thing/?a=b");
      assertThat(moved.status()).isEqualTo(301);
      assertThat(moved.headers().get("Location")).isEqualTo("/thing?a=b");
      Answer head = wire.say("HEAD /thing HTTP/1.1\r\nHost: x\r\n\r\n").answer(false);
      assertThat(head.headers().get("Content-Length")).isEqualTo("5");
      assertThat(wire.get("/thing").text()).isEqualTo("thing");
    }
  }

  @Test
  void servesPipelinedRequestsInOrder() {
    router.get("/{n}", (q, p) -> p.sendText(q.pathParameter("n")));
    try (Wire wire = new Wire(open())) {
      wire.say("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(wire.answer().text()).isEqualTo("1");
      assertThat(wire.answer().text()).isEqualTo("2");
    }
  }

  @Test
  void speaksToClientsOfTheOldProtocol() {
    router.get("/long", (q, p) -> p.send("text/plain", new byte[100_000]));
    router.get("/short", (q, p) -> p.sendText("short"));
    HttpServer server = open();
    try (Wire wire = new Wire(server)) {
      Answer answer = wire.say("GET /long HTTP/1.0\r\n\r\n").answer();
      assertThat(answer.body()).hasSize(100_000);
      assertThat(answer.headers().get("Connection")).isEqualTo("close");
      assertThat(answer.headers()).doesNotContainKey("Transfer-Encoding");
    }
    try (Wire wire = new Wire(server)) {
      wire.say("GET /short HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      assertThat(wire.answer().headers().get("Connection")).isEqualTo("keep-alive");
      assertThat(wire.say("GET /short HTTP/1.0\r\n\r\n").answer().text()).isEqualTo("short");
      assertThat(wire.isEnded()).isTrue();
    }
  }

  @Test
  void compressesWhatIsWorthIt() throws IOException {
    byte[] text = "0123456789".repeat(10_000).getBytes(StandardCharsets.UTF_8);
    router.get("/long", (q, p) -> p.header("Vary", "Origin").send("text/plain", text));
    router.get("/short", (q, p) -> p.sendText("short"));
    try (Wire wire = new Wire(open())) {
      assertThat(wire.get("/long").body()).isEqualTo(text);
      Answer gzip = wire.get("/long", "Accept-Encoding: br, gzip;q=1.0, deflate");
      assertThat(gzip.headers().get("Content-Encoding")).isEqualTo("gzip");
      assertThat(gzip.headers().get("Vary")).isEqualTo("Origin, Accept-Encoding");
      assertThat(gzip.body().length).isLessThan(2_000);
      assertThat(new GZIPInputStream(new ByteArrayInputStream(gzip.body())).readAllBytes())
          .isEqualTo(text);
      Answer deflate = wire.get("/long", "Accept-Encoding: deflate");
      assertThat(new InflaterInputStream(new ByteArrayInputStream(deflate.body())).readAllBytes())
          .isEqualTo(text);
      assertThat(wire.get("/long", "Accept-Encoding: gzip;q=0").headers())
          .doesNotContainKey("Content-Encoding");
      assertThat(wire.get("/short", "Accept-Encoding: gzip").headers())
          .doesNotContainKey("Content-Encoding");
    }
  }

  @Test
  void takesLongQueriesButNotEndlessOnes() {
    router.get("/q", (q, p) -> p.sendText("" + q.query().first("query").length()));
    HttpServer server = open();
    try (Wire wire = new Wire(server)) {
      assertThat(wire.get("/q?query=" + "x".repeat(500_000)).text()).isEqualTo("500000");
      assertThat(wire.get("/q?query=y").text()).isEqualTo("1");
    }
    try (Wire wire = new Wire(server)) {
      Answer answer = wire.get("/q?query=" + "x".repeat(1_100_000));
      assertThat(answer.statusLine()).isEqualTo("HTTP/1.1 431 Request Header Fields Too Large");
      assertThat(answer.text()).isEqualTo("431 Request Header Fields Too Large");
    }
  }

  @Test
  void refusesWhatCanBeReadInTwoWays() {
    router.getAndPost("/", (q, p) -> p.sendText("ok"));
    HttpServer server = open();
    for (String request :
        List.of(
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "nonsense\r\n\r\n")) {
      try (Wire wire = new Wire(server)) {
        assertThat(wire.say(request).answer().status()).as(request).isEqualTo(400);
        assertThat(wire.isEnded()).isTrue();
      }
    }
    try (Wire wire = new Wire(server)) {
      assertThat(wire.say("GET / HTTP/3.0\r\n\r\n").answer().text())
          .isEqualTo("505 HTTP Version Not Supported: unsupported protocol version");
    }
  }

  @Test
  void readsChunkedBodiesAndAsksForThemWhenTold() {
    router.on(
        "POST",
        "/",
        (q, p) -> p.sendText(new String(q.body().readAllBytes(), StandardCharsets.UTF_8)));
    try (Wire wire = new Wire(open())) {
      wire.say("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n");
      wire.say("Expect: 100-continue\r\n\r\n");
      assertThat(wire.answer().statusLine()).isEqualTo("HTTP/1.1 100 Continue");
      wire.say("5;x=y\r\nhello\r\nA\r\n, world!!!\r\n0\r\nTrailer: t\r\n\r\n");
      assertThat(wire.answer().text()).isEqualTo("hello, world!!!");
    }
  }

  @Test
  void goesOnBehindAnUnreadBodyUnlessItIsHuge() {
    router.on("POST", "/", (q, p) -> p.sendText("ignored"));
    HttpServer server = open();
    try (Wire wire = new Wire(server)) {
      wire.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
      assertThat(wire.answer().text()).isEqualTo("ignored");
      wire.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\nhello");
      assertThat(wire.answer().text()).isEqualTo("ignored");
      wire.say("x".repeat(300_000));
      assertThat(wire.isEnded()).isTrue();
    }
  }

  @Test
  void noticesThatTheClientHasGone() throws InterruptedException {
    CountDownLatch noticed = new CountDownLatch(1);
    router.get(
        "/",
        (q, p) -> {
          assertThat(q.clientGone()).isFalse();
          entered.countDown();
          while (!q.clientGone()) {
            Thread.onSpinWait();
          }
          noticed.countDown();
        });
    Wire wire = new Wire(open());
    wire.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(noticed.getCount()).isEqualTo(1);
    wire.close();
    assertThat(noticed.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void losesNothingByLookingForTheClient() throws InterruptedException {
    router.getAndPost(
        "/ask",
        (q, p) -> {
          String text = q.form().first("a");
          boolean gone = q.clientGone();
          entered.countDown();
          try {
            assertThat(release.await(20, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          gone |= q.clientGone();
          p.sendText(text + gone);
        });
    router.get("/next", (q, p) -> p.sendText("next"));
    try (Wire wire = new Wire(open())) {
      wire.say(
          "POST /ask HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
              + "Content-Type: application/x-www-form-urlencoded\r\n\r\na=b");
      assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
      wire.say("GET /next HTTP/1.1\r\nHost: " + "x".repeat(2000) + "\r\n\r\n");
      release.countDown();
      assertThat(wire.answer().text()).isEqualTo("bfalse");
      assertThat(wire.answer().text()).isEqualTo("next");
      assertThat(wire.get("/ask").text()).isEqualTo("false");
      assertThat(wire.get("/next").text()).isEqualTo("next");
    }
  }

  @Test
  void noticesThatAClientHasGoneBehindItsNextRequests() throws InterruptedException {
    CountDownLatch noticed = new CountDownLatch(1);
    router.get(
        "/",
        (q, p) -> {
          assertThat(q.clientGone()).isFalse();
          entered.countDown();
          while (!q.clientGone()) {
            Thread.onSpinWait();
          }
          noticed.countDown();
        });
    Wire wire = new Wire(open());
    wire.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
    wire.say("GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
    wire.say("GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(noticed.getCount()).isEqualTo(1);
    wire.close();
    assertThat(noticed.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void losesNoneOfManyRequestsThatCameWhileItLooked() throws InterruptedException {
    router.get(
        "/ask",
        (q, p) -> {
          boolean gone = q.clientGone();
          entered.countDown();
          try {
            assertThat(release.await(20, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          p.sendText("" + (gone | q.clientGone()));
        });
    router.get("/next/{number}", (q, p) -> p.sendText(q.pathParameter("number") + q.clientGone()));
    try (Wire wire = new Wire(open())) {
      wire.say("GET /ask HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
      // More than is read ahead, and in pieces.
      for (int i = 0; i < 100; i++) {
        wire.say("GET /next/" + i + " HTTP/1.1\r\nHost: ").say("x".repeat(i * 2) + "\r\n\r\n");
      }
      release.countDown();
      assertThat(wire.answer().text()).isEqualTo("false");
      for (int i = 0; i < 100; i++) {
        assertThat(wire.answer().text()).isEqualTo(i + "false");
      }
      assertThat(wire.get("/ask").text()).isEqualTo("false");
    }
  }

  @Test
  void cutsOffClientsThatAreTooSlow() {
    FakeClock clock = new FakeClock(0);
    router.getAndPost("/", (q, p) -> p.sendText("" + q.body().readAllBytes().length));
    router.get(
        "/endless",
        (q, p) -> {
          try (OutputStream out = p.body()) {
            while (true) {
              out.write(new byte[1 << 16]);
            }
          } finally {
            entered.countDown();
          }
        });
    HttpServer server = open(clock, 512);
    Wire idle = new Wire(server);
    assertThat(idle.get("/").status()).isEqualTo(200);
    Wire head = new Wire(server).say("GET / HT");
    Wire body = new Wire(server).say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
    Wire deaf = new Wire(server).say("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
    Thread time =
        Thread.ofVirtual()
            .start(() -> {
              try {
                for (int sleeps = 1; true; sleeps++) {
                  clock.awaitSleeps(sleeps);
                  clock.advance(Duration.ofSeconds(10));
                }
              } catch (InterruptedException e) {
                // The test is over.
              }
            });
    try {
      for (Wire slow : List.of(idle, head, body)) {
        assertThat(slow.isEnded()).isTrue();
        slow.close();
      }
      assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      deaf.close();
      server.close();
      time.interrupt();
    }
  }

  @Test
  void holdsConnectionsBackBeyondTheLimit() throws InterruptedException {
    router.get("/wait", this::await);
    router.get("/", (q, p) -> p.sendText("here"));
    HttpServer server = open(Clock.SYSTEM, 1);
    try (Wire first = new Wire(server);
        Wire second = new Wire(server)) {
      first.say("GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
      second.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      release.countDown();
      assertThat(first.answer().text()).isEqualTo("done");
      assertThat(first.isEnded()).isTrue();
      assertThat(second.answer().text()).isEqualTo("here");
    }
  }

  @Test
  void letsRunningRequestsEndWhenItCloses() throws InterruptedException {
    router.get("/wait", this::await);
    HttpServer server = open();
    try (Wire idle = new Wire(server);
        Wire running = new Wire(server)) {
      running.say("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
      Thread closer = Thread.ofVirtual().start(server::close);
      assertThat(idle.isEnded()).isTrue();
      release.countDown();
      assertThat(running.answer().text()).isEqualTo("done");
      closer.join();
      assertThatThrownBy(() -> new Wire(server)).isInstanceOf(UncheckedIOException.class);
    }
  }

  @Test
  void survivesAHandlerThatFails() {
    router.get(
        "/early",
        (q, p) -> {
          throw new IllegalStateException("expected by the test");
        });
    router.get(
        "/late",
        (q, p) -> {
          OutputStream out = p.body();
          out.write(new byte[100_000]);
          throw new IllegalStateException("expected by the test");
        });
    HttpServer server = open();
    try (Wire wire = new Wire(server)) {
      assertThat(wire.get("/early").status()).isEqualTo(500);
      assertThat(wire.get("/early").text()).isEqualTo("Internal Server Error\n");
      assertThatThrownBy(() -> wire.get("/late")).isInstanceOf(UncheckedIOException.class);
    }
  }

  @Test
  void listensOnSeveralAddresses() {
    router.get("/", (q, p) -> p.sendText(q.remoteAddress()));
    HttpServer server =
        HttpServer.open(
            new HttpServer.Options(
                List.of("127.0.0.1:0", "[::1]:0", ":0", "localhost:0"), Duration.ofMinutes(1), 10),
            router);
    opened.add(server);
    for (int i = 0; i < 4; i++) {
      try (Wire wire = new Wire(server, i)) {
        assertThat(wire.get("/").text()).isEqualTo(i == 1 ? "0:0:0:0:0:0:0:1" : "127.0.0.1");
      }
    }
  }

  @Test
  void saysInOneLineWhyAnAddressCannotBeTaken() {
    int taken = open().addresses().getFirst().getPort();
    refused("127.0.0.1:" + taken)
        .hasMessage("listen tcp 127.0.0.1:" + taken + ": bind: address already in use");
    refused(":" + taken).hasMessage("listen tcp :" + taken + ": bind: address already in use");
    refused("203.0.113.1:80")
        .hasMessage("listen tcp 203.0.113.1:80: bind: cannot assign requested address");
    refused("9090").hasMessage("listen tcp: address 9090: missing port in address");
    refused("::1:90").hasMessage("listen tcp: address ::1:90: too many colons in address");
    refused(":99999").hasMessage("listen tcp: address 99999: invalid port");
  }

  private org.assertj.core.api.AbstractThrowableAssert<?, ?> refused(String address) {
    HttpServer.Options options =
        new HttpServer.Options(List.of(":0", address), Duration.ofMinutes(1), 10);
    return assertThatThrownBy(() -> HttpServer.open(options, router))
        .isInstanceOf(HttpException.class);
  }
}
