package io.narthex.net.scrape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.time.Clock;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.ProxyConfig;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.connect.Resolver;
import io.narthex.net.http2.FrameBytes;
import io.narthex.net.http2.Http2Stub;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Scraping over HTTP/2, behind TLS, from servers that do as they are told. */
@Timeout(60)
final class Http2ScrapeTest {

  private static final String PAGE = "up 1\n";

  private final BodyBuffers buffers = new BodyBuffers(64 << 20, Clock.SYSTEM);
  private Duration timeout = Duration.ofSeconds(10);
  private long limit;

  private ScrapeSession session(HttpClientConfig config, Http2Stub server) throws IOException {
    ScrapeClient client =
        new ScrapeClient(
            config, "*/*", true, "x", Resolver.system(), Clock.SYSTEM, buffers, Map.of());
    return client.session(
        HttpUrl.of("https", "127.0.0.1:" + server.port(), "/metrics"), timeout, limit);
  }

  private ScrapeSession session(Http2Stub server) throws IOException {
    return session(server.config(true, ProxyConfig.NONE), server);
  }

  private static String fetch(ScrapeSession session) throws ScrapeException {
    try (Body body = session.fetch()) {
      return new String(body.bytes(), 0, body.length(), StandardCharsets.UTF_8);
    }
  }

  /** Answers each request with the same page. */
  private static void pages(Http2Stub.Side side) throws IOException {
    while (side.request() != null) {
      side.send(new FrameBytes().page(side.stream(), PAGE));
    }
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private void assertFails(Http2Stub.Script script, ScrapeException.Kind kind, String message)
      throws Exception {
    try (Http2Stub server = new Http2Stub(script);
        ScrapeSession session = session(server)) {
      assertThatThrownBy(session::fetch)
          .isInstanceOfSatisfying(ScrapeException.class, e -> assertThat(e.kind()).isEqualTo(kind))
          .hasMessage(message.replace("URL", "https://127.0.0.1:" + server.port() + "/metrics"));
      assertThat(server.failures).isEmpty();
    }
    assertThat(buffers.usedBytes()).as("buffers that were not given back").isZero();
  }

  @Test
  void asksAsPrometheusDoesAndKeepsTheConnection() throws Exception {
    try (Http2Stub server = new Http2Stub(Http2ScrapeTest::pages);
        ScrapeSession session = session(server)) {
      for (int i = 0; i < 3; i++) {
        try (Body body = session.fetch()) {
          assertThat(body.contentType()).isEqualTo("text/plain");
          assertThat(body.length()).isEqualTo(5);
        }
      }
      assertThat(server.connections).hasValue(1);
      assertThat(server.offered).containsExactly(List.of("h2", "http/1.1"));
      assertThat(server.requests)
          .hasSize(3)
          .containsOnly(
              ":method: GET\n:scheme: https\n:path: /metrics\n:authority: 127.0.0.1:"
                  + server.port()
                  + "\nuser-agent: x\naccept: */*\naccept-encoding: gzip\n"
                  + "x-prometheus-scrape-timeout-seconds: 10\n");
    }
  }

  @Test
  void speaksTheOlderOneWhereItIsToldTo() throws Exception {
    try (Http2Stub server = new Http2Stub(Http2ScrapeTest::pages);
        ScrapeSession session = session(server.config(false, ProxyConfig.NONE), server)) {
      assertThat(fetch(session)).isEqualTo("one\n");
      assertThat(server.offered).containsExactly(List.of("http/1.1"));
      assertThat(server.requests.getFirst()).startsWith("GET /metrics HTTP/1.1\r\n");
    }
  }

  @Test
  void unpacksAndTakesLargePages() throws Exception {
    String large = "some_metric{label=\"value\"} 1\n".repeat(100_000);
    byte[] packed = gzip(large);
    Http2Stub.Script script =
        side -> {
          while (side.request() != null) {
            boolean gzip = side.stream() % 4 == 1;
            FrameBytes answer = new FrameBytes();
            if (gzip) {
              answer.head(side.stream(), false, ":status: 200", "content-encoding: gzip");
            } else {
              answer.head(side.stream(), false, ":status: 200");
            }
            byte[] body = gzip ? packed : large.getBytes(StandardCharsets.UTF_8);
            for (int at = 0; at < body.length; at += 16_384) {
              byte[] part =
                  java.util.Arrays.copyOfRange(body, at, Math.min(at + 16_384, body.length));
              answer.data(side.stream(), false, part);
            }
            side.send(answer.data(side.stream(), true, ""));
          }
        };
    try (Http2Stub server = new Http2Stub(script);
        ScrapeSession session = session(server)) {
      for (int i = 0; i < 4; i++) {
        assertThat(fetch(session)).isEqualTo(large);
      }
      assertThat(server.connections).hasValue(1);
    }
    limit = 1000;
    assertFails(script, ScrapeException.Kind.BODY_SIZE, "body size limit exceeded");
  }

  @Test
  void goesThroughAProxy() throws Exception {
    try (Http2Stub server = new Http2Stub(Http2ScrapeTest::pages);
        StubProxy proxy = new StubProxy("");
        ScrapeSession session =
            session(
                server.config(
                    true, new ProxyConfig("http://127.0.0.1:" + proxy.port(), "", false, Map.of())),
                server)) {
      assertThat(fetch(session)).isEqualTo(PAGE);
      assertThat(fetch(session)).isEqualTo(PAGE);
      assertThat(proxy.heads).hasSize(1).first().asString().startsWith("CONNECT 127.0.0.1:");
      assertThat(server.requests).hasSize(2);
    }
  }

  @Test
  void asksAgainWhereTheServerHasNotSeenTheRequest() throws Exception {
    for (Http2Stub.Script end :
        List.<Http2Stub.Script>of(
            side -> {},
            Http2Stub.Side::request,
            side -> side.send(new FrameBytes().goAway(1, 0, "")),
            side -> {
              side.request();
              side.send(new FrameBytes().goAway(1, 11, "too many"));
            },
            side -> {
              side.request();
              side.send(new FrameBytes().reset(3, 7));
              side.awaitEnd();
            })) {
      try (Http2Stub server =
              new Http2Stub(side -> {
                side.request();
                side.send(new FrameBytes().page(1, PAGE));
                end.play(side);
              });
          ScrapeSession session = session(server)) {
        for (int i = 0; i < 3; i++) {
          assertThat(fetch(session)).isEqualTo(PAGE);
        }
        assertThat(server.connections).hasValue(3);
      }
    }
  }

  @Test
  void asksOnlyTwice() throws Exception {
    assertFails(
        side -> {
          side.request();
          side.send(new FrameBytes().reset(1, 7));
          side.awaitEnd();
        },
        ScrapeException.Kind.PROTOCOL,
        "Get \"URL\": stream error: stream ID 1; REFUSED_STREAM; received from peer");
    assertFails(
        side -> {
          side.request();
          side.send(new FrameBytes().goAway(0, 0, ""));
          side.awaitEnd();
        },
        ScrapeException.Kind.PROTOCOL,
        "Get \"URL\": http2: Transport received Server's graceful shutdown GOAWAY");
  }

  @Test
  void saysWhatWentWrong() throws Exception {
    assertFails(
        side -> {
          side.request();
          side.send(new FrameBytes().goAway(0, 1, ""));
          side.awaitEnd();
        },
        ScrapeException.Kind.PROTOCOL,
        "Get \"URL\": http2: Transport received GOAWAY from server ErrCode:PROTOCOL_ERROR");
    assertFails(
        side -> {
          side.request();
          side.send(new FrameBytes().head(1, false, ":status: 200").data(1, false, "up"));
          side.send(new FrameBytes().reset(1, 2));
          side.awaitEnd();
        },
        ScrapeException.Kind.PROTOCOL,
        "stream error: stream ID 1; INTERNAL_ERROR; received from peer");
    assertFails(
        side -> {
          side.request();
          side.send(new FrameBytes().head(1, false, ":status: 200").data(1, false, "up"));
        },
        ScrapeException.Kind.CONNECTION,
        "unexpected EOF");
    assertFails(
        side -> {
          side.request();
          side.send(new FrameBytes().page(2, PAGE));
          side.awaitEnd();
        },
        ScrapeException.Kind.PROTOCOL,
        "Get \"URL\": connection error: PROTOCOL_ERROR; a frame of stream 2, which does not exist");
    assertFails(
        side -> {
          side.begin();
          side.awaitEnd();
        },
        ScrapeException.Kind.DEADLINE,
        "Get \"URL\": context deadline exceeded");
  }

  @Test
  void aRefusalKeepsTheConnection() throws Exception {
    Http2Stub.Script script =
        side -> {
          while (side.request() != null) {
            side.send(
                new FrameBytes()
                    .head(side.stream(), false, ":status: 503")
                    .data(side.stream(), false, "later")
                    .head(side.stream(), true, "x-trailer: a"));
          }
        };
    try (Http2Stub server = new Http2Stub(script);
        ScrapeSession session = session(server)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(session::fetch)
            .hasMessage("server returned HTTP status 503 Service Unavailable");
      }
      assertThat(server.connections).hasValue(1);
    }
  }

  @Test
  void followsRedirects() throws Exception {
    Http2Stub.Script script =
        side -> {
          while (side.request() != null) {
            side.send(
                side.stream() == 1
                    ? new FrameBytes().head(1, true, ":status: 302", "location: /other")
                    : new FrameBytes().page(side.stream(), PAGE));
          }
        };
    try (Http2Stub server = new Http2Stub(script);
        ScrapeSession session = session(server)) {
      assertThat(fetch(session)).isEqualTo(PAGE);
      assertThat(server.requests.getLast()).contains(":path: /other\n");
      assertThat(server.connections).hasValue(1);
    }
  }

  private static long allocated(ScrapeSession session) throws ScrapeException {
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < 2_000; i++) {
      fetch(session);
    }
    int count = 1_000;
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < count; i++) {
      session.fetch().close();
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / count;
  }

  @Test
  void aScrapeTakesNoMoreMemoryThanOverTheOlderOne() throws Exception {
    try (Http2Stub server = new Http2Stub(Http2ScrapeTest::pages);
        ScrapeSession newer = session(server);
        ScrapeSession older = session(server.config(false, ProxyConfig.NONE), server)) {
      long over2 = allocated(newer);
      long over1 = allocated(older);
      assertThat(over2)
          .as("bytes allocated, where HTTP/1.1 takes %s", over1)
          .isLessThan(over1 + 500);
    }
  }
}
