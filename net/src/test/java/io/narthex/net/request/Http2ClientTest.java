package io.narthex.net.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.net.client.ProxyConfig;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.http2.FrameBytes;
import io.narthex.net.http2.Http2Stub;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The general client over HTTP/2. */
@Timeout(60)
final class Http2ClientTest {

  private static HttpClient client(Http2Stub server) throws IOException {
    return new HttpClient(server.config(true, ProxyConfig.NONE), "test/1");
  }

  private static HttpUrl url(Http2Stub server) {
    return HttpUrl.of("https", "127.0.0.1:" + server.port(), "/a?b=c");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void sendsAndReads() throws Exception {
    byte[] large = new byte[1_000_000];
    Arrays.fill(large, (byte) 'x');
    Http2Stub.Script script =
        side -> {
          for (byte[] body = side.request(); body != null; body = side.request()) {
            side.send(
                new FrameBytes()
                    .head(side.stream(), false, ":status: 103", "link: a")
                    .head(side.stream(), false, ":status: 201", "x-a: 1", "x-a: 2")
                    .data(side.stream(), true, "took " + body.length));
          }
        };
    try (Http2Stub server = new Http2Stub(script);
        HttpClient client = client(server)) {
      Reply reply = client.send(Request.json(url(server), "{}").header("X-Other", "y"));
      assertThat(reply.statusText()).isEqualTo("201 Created");
      assertThat(reply.headers().all("X-A")).containsExactly("1", "2");
      assertThat(reply.headers().first("link")).isNull();
      assertThat(reply.text()).isEqualTo("took 2");
      assertThat(server.requests.getFirst())
          .isEqualTo(
              ":method: POST\n:scheme: https\n:path: /a?b=c\n:authority: 127.0.0.1:"
                  + server.port()
                  + "\nuser-agent: test/1\ncontent-type: application/json\nx-other: y\n"
                  + "accept-encoding: gzip\ncontent-length: 2\n");
      assertThat(client.send(Request.post(url(server), "a/b", large)).text())
          .isEqualTo("took 1000000");
      assertThat(client.send(Request.get(url(server))).text()).isEqualTo("took 0");
      assertThat(server.connections).hasValue(1);
    }
  }

  @Test
  void sendsAgainWhatTheServerHasNotTouched() throws Exception {
    Http2Stub.Script script =
        side -> {
          side.request();
          side.send(new FrameBytes().page(1, "ok"));
          side.request();
          side.send(new FrameBytes().reset(3, 7));
          side.awaitEnd();
        };
    try (Http2Stub server = new Http2Stub(script);
        HttpClient client = client(server)) {
      for (int i = 0; i < 3; i++) {
        Reply reply = client.send(Request.post(url(server), "a/b", ascii("body")));
        assertThat(reply.text()).isEqualTo("ok");
      }
      assertThat(server.connections).hasValue(3);
    }
  }

  @Test
  void sendsNothingTwiceThatMustNotBe() throws Exception {
    Http2Stub.Script script =
        side -> {
          side.request();
          side.send(new FrameBytes().page(1, "ok"));
          side.request();
        };
    try (Http2Stub server = new Http2Stub(script);
        HttpClient client = client(server)) {
      client.send(Request.get(url(server)));
      assertThatThrownBy(() -> client.send(Request.post(url(server), "a/b", ascii("body"))))
          .isInstanceOfSatisfying(
              HttpFailure.class, e -> assertThat(e.kind()).isEqualTo(HttpFailure.Kind.CONNECTION))
          .hasMessage("Post \"" + url(server).text() + "\": unexpected EOF");
      assertThat(server.connections).hasValue(1);
      client.send(Request.get(url(server)));
      assertThat(client.send(Request.get(url(server))).text()).as("this one may").isEqualTo("ok");
      assertThat(server.connections).hasValue(3);
    }
  }

  @Test
  void saysWhatWentWrong() throws Exception {
    Http2Stub.Script script =
        side -> {
          side.request();
          side.send(
              new FrameBytes().head(1, false, ":status: 200").data(1, false, "o").reset(1, 2));
          side.awaitEnd();
        };
    try (Http2Stub server = new Http2Stub(script);
        HttpClient client = client(server)) {
      assertThatThrownBy(() -> client.send(Request.get(url(server))))
          .isInstanceOfSatisfying(
              HttpFailure.class, e -> assertThat(e.kind()).isEqualTo(HttpFailure.Kind.PROTOCOL))
          .hasMessage(
              "Get \""
                  + url(server).text()
                  + "\": stream error: stream ID 1; INTERNAL_ERROR; received from peer");
    }
  }

  @Test
  void stopsAtItsTime() throws Exception {
    try (Http2Stub server =
            new Http2Stub(side -> {
              side.request();
              side.awaitEnd();
            });
        HttpClient client = client(server)) {
      assertThatThrownBy(
              () -> client.send(Request.get(url(server)).timeout(Duration.ofMillis(300))))
          .isInstanceOfSatisfying(
              HttpFailure.class, e -> assertThat(e.kind()).isEqualTo(HttpFailure.Kind.DEADLINE))
          .hasMessageEndingWith(": context deadline exceeded");
    }
  }

  @Test
  void aWatchIsReadAsItComesAndEndedFromOutside() throws Exception {
    CountDownLatch more = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Http2Stub.Script script =
        side -> {
          side.request();
          side.send(new FrameBytes().head(1, false, ":status: 200").data(1, false, "one\n"));
          more.await();
          side.send(new FrameBytes().ping("12345678").data(1, false, "").data(1, false, "two\n"));
          try {
            side.awaitEnd();
          } finally {
            ended.countDown();
          }
        };
    try (Http2Stub server = new Http2Stub(script);
        HttpClient client = client(server);
        Exchange exchange = client.open(Request.get(url(server)))) {
      assertThat(exchange.status()).isEqualTo(200);
      assertThat(exchange.body().readNBytes(4)).isEqualTo(ascii("one\n"));
      more.countDown();
      assertThat(exchange.body().readNBytes(4)).isEqualTo(ascii("two\n"));
      Thread.ofVirtual().start(exchange::close);
      assertThatThrownBy(() -> exchange.body().read()).isInstanceOf(IOException.class);
      ended.await();
      assertThat(server.failures).isEmpty();
    }
  }

  @Test
  void aWatchThatIsLeftEndsItsConnection() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    Http2Stub.Script script =
        side -> {
          side.request();
          side.send(new FrameBytes().head(1, false, ":status: 200").data(1, false, "one\n"));
          try {
            side.awaitEnd();
          } finally {
            ended.countDown();
          }
        };
    try (Http2Stub server = new Http2Stub(script);
        HttpClient client = client(server)) {
      try (Exchange exchange = client.open(Request.get(url(server)))) {
        assertThat(exchange.body().readNBytes(4)).isEqualTo(ascii("one\n"));
      }
      ended.await();
      try (Exchange exchange = client.open(Request.get(url(server)))) {
        assertThat(exchange.body().readNBytes(4)).isEqualTo(ascii("one\n"));
      }
      assertThat(server.connections).hasValue(2);
    }
  }
}
