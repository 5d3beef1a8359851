package io.narthex.net.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A client of HTTP/2 against servers that have said everything already, good and bad. */
@Timeout(60)
final class Http2ConnectionTest {

  private static final byte[] GET =
      Http2Connection.block("GET /metrics HTTP/1.1\r\nHost: a:1\r\n\r\n");
  private static final int PREFACE = 24;
  private static final int MAX = Integer.MAX_VALUE;

  /** What the client has sent. */
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

  private Http2Connection connection(FrameBytes answers) {
    return new Http2Connection(new ByteArrayInputStream(answers.bytes()), sent);
  }

  /** Notes a head as {@code 200 name=value}. */
  private static final class Noted implements Head {
    final StringBuilder text = new StringBuilder();

    @Override
    public void begin(int status) {
      text.setLength(0);
      text.append(status);
    }

    @Override
    public void field(String name, String value) {
      text.append(' ').append(name).append('=').append(value);
    }
  }

  private static String receive(Http2Connection connection) throws IOException {
    Noted head = new Noted();
    connection.readHead(head);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] part = new byte[1000];
    for (int n = connection.read(part, 0, part.length);
        n >= 0;
        n = connection.read(part, 0, part.length)) {
      body.write(part, 0, n);
    }
    return head.text + "|" + body.toString(StandardCharsets.ISO_8859_1);
  }

  private static String get(Http2Connection connection) throws IOException {
    connection.send(GET, new byte[0], false);
    return receive(connection);
  }

  /** The frames that the client has sent, as {@code TYPE flags stream length}. */
  private List<String> sentFrames() {
    ByteBuffer all = ByteBuffer.wrap(sent.toByteArray());
    all.position(PREFACE);
    List<String> frames = new ArrayList<>();
    while (all.hasRemaining()) {
      int length = (all.get() & 0xff) << 16 | (all.get() & 0xff) << 8 | all.get() & 0xff;
      int type = all.get();
      frames.add(type + " " + all.get() + " " + all.getInt() + " " + length);
      all.position(all.position() + length);
    }
    return frames;
  }

  @Test
  void asksOneAfterTheOther() throws Exception {
    Http2Connection connection =
        connection(
            FrameBytes.settled().page(1, "up 1\n").page(3, "up 2\n").page(5, "").page(7, "up 4\n"));
    assertThat(connection.isReusable()).isFalse();
    assertThat(get(connection)).isEqualTo("200 content-type=text/plain|up 1\n");
    assertThat(connection.isReusable()).isTrue();
    assertThat(get(connection)).endsWith("|up 2\n");
    assertThat(get(connection)).endsWith("|");
    assertThat(get(connection)).endsWith("|up 4\n");
    assertThat(new String(sent.toByteArray(), 0, PREFACE, StandardCharsets.US_ASCII))
        .isEqualTo("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    String head = " " + GET.length;
    assertThat(sentFrames())
        .containsExactly(
            "4 0 0 24",
            "8 0 0 4",
            "1 5 1" + head,
            "4 1 0 0",
            "1 5 3" + head,
            "1 5 5" + head,
            "1 5 7" + head);
  }

  @Test
  void takesWhatAServerMayDo() throws Exception {
    byte[] block = FrameBytes.block(":status: 200", "x-a: 1", "content-length: 6");
    // Padding of seven bytes, a priority of five, and the first four of the block.
    byte[] padded = new byte[1 + 5 + 4 + 7];
    padded[0] = 7;
    System.arraycopy(block, 0, padded, 6, 4);
    byte[] rest = Arrays.copyOfRange(block, 4, block.length);
    FrameBytes answer =
        FrameBytes.settled()
            .ping("12345678")
            .frame(Frame.PING, Frame.ACK, 0, new byte[8])
            .frame(Frame.SETTINGS, Frame.ACK, 0)
            .settings(Frame.MAX_FRAME_SIZE, 1 << 20, 0x99, 5, Frame.HEADER_TABLE_SIZE, 0)
            .frame(Frame.PRIORITY, 0, 1, new byte[5])
            .frame(0x42, 0xff, 17, new byte[300])
            .window(0, 10)
            .window(1, 10)
            .head(1, false, ":status: 103", "link: x", "content-length: 99")
            .head(1, false, ":status: 100")
            .frame(Frame.HEADERS, Frame.PADDED | Frame.PRIORITIZED, 1, padded)
            .frame(Frame.CONTINUATION, 0, 1, rest[0])
            .frame(Frame.CONTINUATION, 0, 1)
            .frame(
                Frame.CONTINUATION, Frame.END_HEADERS, 1, Arrays.copyOfRange(rest, 1, rest.length))
            .frame(Frame.DATA, 0, 1)
            .frame(
                Frame.DATA,
                Frame.PADDED,
                1,
                (byte) 3,
                (byte) 'a',
                (byte) 'b',
                (byte) 0,
                (byte) 0,
                (byte) 0)
            .ping("abcdefgh")
            .data(1, false, "cdef")
            .head(1, true, "x-trailer: z")
            .reset(1, 0)
            .window(1, 5)
            .page(3, "next");
    Http2Connection connection = connection(answer);
    assertThat(get(connection)).isEqualTo("200 x-a=1 content-length=6|abcdef");
    assertThat(connection.isReusable()).isTrue();
    assertThat(get(connection)).endsWith("|next");
    assertThat(sentFrames()).contains("6 1 0 8", "4 1 0 0");
    assertThat(sent.toString(StandardCharsets.ISO_8859_1)).contains("12345678", "abcdefgh");
  }

  @Test
  void answersWithoutABody() throws Exception {
    Http2Connection connection =
        connection(
            FrameBytes.settled()
                .head(1, true, ":status: 304", "content-length: 5")
                .head(3, false, ":status: 204")
                .frame(Frame.DATA, Frame.END_STREAM, 3)
                .head(5, true, ":status: 200", "content-length: 77")
                .head(7, true, ":status: 200", "content-length: 0"));
    assertThat(get(connection)).isEqualTo("304 content-length=5|");
    assertThat(get(connection)).isEqualTo("204|");
    connection.send(GET, new byte[0], true);
    assertThat(receive(connection)).as("HEAD").isEqualTo("200 content-length=77|");
    assertThat(get(connection)).isEqualTo("200 content-length=0|");
    assertThat(connection.isReusable()).isTrue();
  }

  @Test
  void sendsABodyAsTheWindowsAllow() throws Exception {
    byte[] body = new byte[200_000];
    Arrays.fill(body, (byte) 'x');
    Http2Connection connection =
        connection(
            new FrameBytes()
                .settings(Frame.INITIAL_WINDOW_SIZE, 100_000)
                .window(0, 10_000)
                .window(0, 40_000)
                .window(1, 50_000)
                .window(0, MAX - 200_000)
                .window(1, 50_000)
                .settings(Frame.INITIAL_WINDOW_SIZE, 10)
                .page(1, "taken"));
    connection.send(GET, body, false);
    assertThat(receive(connection)).endsWith("|taken");
    assertThat(connection.isReusable()).isTrue();
    List<Integer> data =
        sentFrames().stream()
            .filter(f -> f.startsWith("0 "))
            .map(f -> Integer.parseInt(f.substring(f.lastIndexOf(' ') + 1)))
            .toList();
    // 65,535 at once; then what the connection allows, what the stream allows, and the rest.
    assertThat(data)
        .containsExactly(
            16_384, 16_384, 16_384, 16_383, 10_000, 16_384, 8_081, 15_535, 16_384, 16_384, 1_697,
            16_384, 16_384, 16_384, 848);
    assertThat(data.stream().mapToInt(n -> n).sum()).isEqualTo(body.length);
  }

  @Test
  void anAnswerMayComeBeforeAllIsSent() throws Exception {
    Http2Connection connection =
        connection(FrameBytes.settled().head(1, false, ":status: 413").data(1, true, "too much"));
    connection.send(GET, new byte[100_000], false);
    assertThat(receive(connection)).isEqualTo("413|too much");
    assertThat(connection.isReusable()).as("half a request is on its way").isFalse();
  }

  @Test
  void sendsALongHeadInPieces() throws Exception {
    Http2Connection connection = connection(FrameBytes.settled().page(1, "x"));
    byte[] head =
        Http2Connection.block("GET / HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(40_000) + "\r\n\r\n");
    connection.send(head, new byte[0], false);
    assertThat(receive(connection)).endsWith("|x");
    assertThat(sentFrames())
        .contains("1 1 1 16384", "9 0 1 16384", "9 4 1 " + (head.length - 2 * 16_384));
  }

  @Test
  void opensItsWindowsAgain() throws Exception {
    FrameBytes answer = FrameBytes.settled().head(1, false, ":status: 200");
    byte[] part = new byte[Frame.MOST];
    int parts = 3 * Http2Connection.STREAM_WINDOW / Frame.MOST;
    IntStream.range(0, parts).forEach(i -> answer.data(1, i == parts - 1, part));
    assertThat(get(connection(answer))).hasSize(4 + 3 * Http2Connection.STREAM_WINDOW);
    assertThat(sentFrames().stream().filter(f -> f.equals("8 0 1 4")).count()).isEqualTo(5);
  }

  static Stream<Arguments> violations() {
    String head = ":status: 200";
    FrameBytes idle = FrameBytes.settled();
    FrameBytes empty = FrameBytes.settled().head(1, false, head);
    FrameBytes settings = FrameBytes.settled();
    FrameBytes continued = FrameBytes.settled().frame(Frame.HEADERS, 0, 1);
    FrameBytes interim = FrameBytes.settled();
    FrameBytes unknown = FrameBytes.settled();
    for (int i = 0; i <= Http2Connection.MOST_IDLE; i++) {
      idle.ping("12345678");
      empty.data(1, false, "");
      settings.settings(Frame.INITIAL_WINDOW_SIZE, i);
      continued.frame(Frame.CONTINUATION, 0, 1);
      interim.head(1, false, ":status: 100");
      unknown.frame(0x77, 0, 0);
    }
    String flood = "connection error: ENHANCE_YOUR_CALM; more than 1000 frames that bring nothing";
    String large = "http2: response header list larger than advertised limit";
    FrameBytes longBlock = FrameBytes.settled().frame(Frame.HEADERS, 0, 1, new byte[16_384]);
    IntStream.range(0, 4).forEach(i -> longBlock.frame(Frame.CONTINUATION, 0, 1, new byte[16_384]));
    String protocol = "connection error: PROTOCOL_ERROR; ";
    String size = "connection error: FRAME_SIZE_ERROR; a frame of type ";
    String stream = "stream error: stream ID 1; ";
    String malformed = stream + "PROTOCOL_ERROR; ";
    return Stream.of(
        Arguments.of(idle, flood),
        Arguments.of(empty, flood),
        Arguments.of(settings, flood),
        Arguments.of(interim, flood),
        Arguments.of(unknown, flood),
        Arguments.of(
            continued, "connection error: ENHANCE_YOUR_CALM; a block of more than 100 frames"),
        Arguments.of(longBlock, large),
        Arguments.of(
            FrameBytes.settled().frame(Frame.DATA, 0, 1, new byte[16_385]),
            "http2: frame too large"),
        Arguments.of(new FrameBytes().page(1, "x"), protocol + "a frame before SETTINGS"),
        Arguments.of(
            new FrameBytes().frame(Frame.SETTINGS, Frame.ACK, 0),
            protocol + "a frame before SETTINGS"),
        Arguments.of(
            FrameBytes.settled().frame(Frame.PUSH_PROMISE, Frame.END_HEADERS, 1, new byte[9]),
            protocol + "an unexpected frame of type 5"),
        Arguments.of(
            FrameBytes.settled().frame(Frame.CONTINUATION, Frame.END_HEADERS, 1, new byte[9]),
            protocol + "an unexpected frame of type 9"),
        Arguments.of(
            FrameBytes.settled().frame(Frame.HEADERS, 0, 1).ping("12345678"),
            protocol + "a block of headers that is interrupted"),
        Arguments.of(
            FrameBytes.settled().head(2, true, head),
            protocol + "a frame of stream 2, which does not exist"),
        Arguments.of(
            FrameBytes.settled().page(3, "x"),
            protocol + "a frame of stream 3, which does not exist"),
        Arguments.of(
            FrameBytes.settled().reset(0, 2),
            protocol + "a frame of stream 0, which does not exist"),
        Arguments.of(
            FrameBytes.settled().frame(Frame.SETTINGS, 0, 1),
            protocol + "a frame of type 4 for a stream"),
        Arguments.of(
            FrameBytes.settled().frame(Frame.PING, 0, 1, new byte[8]),
            protocol + "a frame of type 6 for a stream"),
        Arguments.of(
            FrameBytes.settled().frame(Frame.GOAWAY, 0, 1, new byte[8]),
            protocol + "a frame of type 7 for a stream"),
        Arguments.of(
            FrameBytes.settled().frame(Frame.PING, 0, 0, new byte[7]), size + "6 with 7 bytes"),
        Arguments.of(
            FrameBytes.settled().frame(Frame.SETTINGS, 0, 0, new byte[5]), size + "4 with 5 bytes"),
        Arguments.of(
            FrameBytes.settled().frame(Frame.SETTINGS, Frame.ACK, 0, new byte[6]),
            size + "4 with 6 bytes"),
        Arguments.of(
            FrameBytes.settled().frame(Frame.RST_STREAM, 0, 1, new byte[3]),
            size + "3 with 3 bytes"),
        Arguments.of(
            FrameBytes.settled().frame(Frame.WINDOW_UPDATE, 0, 1, new byte[5]),
            size + "8 with 5 bytes"),
        Arguments.of(
            FrameBytes.settled().frame(Frame.GOAWAY, 0, 0, new byte[7]), size + "7 is too short"),
        Arguments.of(
            FrameBytes.settled().frame(Frame.HEADERS, Frame.PADDED, 1), size + "1 is too short"),
        Arguments.of(
            FrameBytes.settled().frame(Frame.HEADERS, Frame.PADDED, 1, (byte) 5, (byte) 1),
            protocol + "more padding than payload"),
        Arguments.of(
            FrameBytes.settled().head(1, false, head).frame(Frame.DATA, Frame.PADDED, 1, (byte) 1),
            protocol + "more padding than payload"),
        Arguments.of(
            FrameBytes.settled().settings(Frame.ENABLE_PUSH, 1),
            protocol + "a server that wants to be pushed to"),
        Arguments.of(
            FrameBytes.settled().settings(Frame.MAX_FRAME_SIZE, 16_383),
            protocol + "a maximum frame size of 16383"),
        Arguments.of(
            FrameBytes.settled().settings(Frame.INITIAL_WINDOW_SIZE, -1),
            "connection error: FLOW_CONTROL_ERROR; a window of more than 2147483647 bytes"),
        Arguments.of(
            FrameBytes.settled().window(0, MAX),
            "connection error: FLOW_CONTROL_ERROR; a window of more than 2147483647 bytes"),
        Arguments.of(
            FrameBytes.settled().window(1, MAX - 65_535).settings(Frame.INITIAL_WINDOW_SIZE, MAX),
            "connection error: FLOW_CONTROL_ERROR; a window of more than 2147483647 bytes"),
        Arguments.of(FrameBytes.settled().window(1, 0), protocol + "a window update of nothing"),
        Arguments.of(FrameBytes.settled().data(1, true, "x"), malformed + "DATA before HEADERS"),
        Arguments.of(
            FrameBytes.settled().head(1, false, head).head(1, false, "a: b"),
            malformed + "trailers that do not end the stream"),
        Arguments.of(
            FrameBytes.settled().head(1, false, head).head(1, true, head),
            malformed + "invalid pseudo-header \":status\""),
        Arguments.of(
            FrameBytes.settled().head(1, true, "a: b"),
            "malformed response from server: missing status pseudo header"),
        Arguments.of(
            FrameBytes.settled().head(1, true, ":status: abc"),
            "malformed response from server: malformed non-numeric status pseudo header"),
        Arguments.of(
            FrameBytes.settled().head(1, true, ":status: 100"),
            "1xx informational response with END_STREAM flag"),
        Arguments.of(
            FrameBytes.settled().head(1, false, ":status: 101"),
            malformed + "a change of protocols"),
        Arguments.of(
            FrameBytes.settled().head(1, true, head, ":path: /"),
            malformed + "invalid pseudo-header \":path\""),
        Arguments.of(
            FrameBytes.settled().head(1, true, head, head),
            malformed + "duplicate pseudo-header \":status\""),
        Arguments.of(
            FrameBytes.settled().head(1, true, head, "a: b", ":status: 200"),
            malformed + "pseudo header field after regular"),
        Arguments.of(
            FrameBytes.settled().head(1, true, head, "Upper: b"),
            malformed + "invalid header field name \"Upper\""),
        Arguments.of(
            FrameBytes.settled().head(1, true, head, "a: b\nc"),
            malformed + "invalid header field value for \"a\""),
        Arguments.of(
            FrameBytes.settled().head(1, false, head, "content-length: 2").data(1, true, "abc"),
            "net/http: server replied with more than declared Content-Length; truncated"),
        Arguments.of(
            FrameBytes.settled().head(1, false, head, "content-length: 4").data(1, true, "abc"),
            "unexpected EOF"),
        Arguments.of(
            FrameBytes.settled().head(1, true, head, "content-length: 4"), "unexpected EOF"),
        Arguments.of(
            FrameBytes.settled().head(1, false, head).data(1, false, "a"), "unexpected EOF"),
        Arguments.of(new FrameBytes(), "unexpected EOF"),
        Arguments.of(
            FrameBytes.settled().frame(Frame.HEADERS, 5, 1, (byte) 0xff),
            "connection error: COMPRESSION_ERROR; hpack: truncated headers"),
        Arguments.of(
            FrameBytes.settled().reset(1, 7), stream + "REFUSED_STREAM; received from peer"),
        Arguments.of(
            FrameBytes.settled().head(1, false, head).data(1, false, "a").reset(1, 2),
            stream + "INTERNAL_ERROR; received from peer"),
        Arguments.of(
            FrameBytes.settled().reset(1, 0xabc),
            stream + "unknown error code 0xabc; received from peer"),
        Arguments.of(
            FrameBytes.settled().goAway(0, 0, ""),
            "http2: Transport received Server's graceful shutdown GOAWAY"),
        Arguments.of(
            FrameBytes.settled().goAway(0, 11, "calm"),
            "http2: Transport received GOAWAY from server ErrCode:ENHANCE_YOUR_CALM"),
        Arguments.of(
            FrameBytes.settled().goAway(1, 2, "too \"bad\""),
            "http2: server sent GOAWAY and closed the connection; LastStreamID=1,"
                + " ErrCode=INTERNAL_ERROR, debug=\"too \\\"bad\\\"\""));
  }

  @ParameterizedTest
  @MethodSource("violations")
  void whatBreaksTheRulesIsSaid(FrameBytes answer, String message) {
    Http2Connection connection = connection(answer);
    assertThatThrownBy(() -> get(connection)).isInstanceOf(IOException.class).hasMessage(message);
    assertThat(connection.isReusable()).isFalse();
    boolean ours =
        !message.contains("from peer") && !message.contains("GOAWAY") && !message.contains("EOF");
    assertThat(sentFrames().getLast().startsWith("7 ")).as("it is told").isEqualTo(ours);
  }

  @Test
  void framesOfAnEarlierStreamAreRefused() throws Exception {
    for (FrameBytes late :
        List.of(
            FrameBytes.settled().page(1, "x").data(1, false, "y"),
            FrameBytes.settled().page(1, "x").head(1, true, ":status: 200"))) {
      Http2Connection connection = connection(late);
      assertThat(get(connection)).endsWith("|x");
      assertThatThrownBy(() -> get(connection))
          .hasMessage("connection error: STREAM_CLOSED; a frame of stream 1, which is over");
    }
  }

  @Test
  void whoGoesAwayAnswersWhatItHasTaken() throws Exception {
    Http2Connection connection =
        connection(FrameBytes.settled().goAway(MAX, 0, "").goAway(1, 0, "").page(1, "last"));
    assertThat(get(connection)).endsWith("|last");
    assertThat(connection.isReusable()).isFalse();
  }

  @Test
  void saysWhatMayBeSentAgain() throws Exception {
    record Case(FrameBytes end, boolean unprocessed) {}
    for (Case one :
        List.of(
            new Case(FrameBytes.settled().page(1, "x").goAway(1, 0, ""), true),
            new Case(FrameBytes.settled().page(1, "x").goAway(1, 2, ""), true),
            new Case(FrameBytes.settled().page(1, "x").reset(3, 7), true),
            new Case(FrameBytes.settled().page(1, "x").reset(3, 2), false),
            new Case(FrameBytes.settled().page(1, "x").goAway(3, 0, ""), false))) {
      Http2Connection connection = connection(one.end());
      assertThat(get(connection)).endsWith("|x");
      connection.send(GET, new byte[0], false);
      assertThatThrownBy(connection::await)
          .isInstanceOfSatisfying(
              Http2Exception.class,
              e -> assertThat(e.isUnprocessed()).isEqualTo(one.unprocessed()));
    }
  }

  @Provide
  Arbitrary<FrameBytes> frames() {
    Arbitrary<byte[]> payload =
        Arbitraries.oneOf(
            Arbitraries.bytes().array(byte[].class).ofMaxSize(40),
            Arbitraries.of(
                FrameBytes.block(":status: 200"),
                FrameBytes.block(":status: 100", "a: b"),
                FrameBytes.int32(1),
                new byte[0],
                new byte[8]));
    return Combinators.combine(
            Arbitraries.integers().between(0, 10),
            Arbitraries.of(0, 1, 4, 5, 8, 12, 13, 0x20, 0x2d, 0xff),
            Arbitraries.of(0, 1, 1, 1, 1, 2, 3),
            payload)
        .as((type, flags, stream, bytes) ->
            new FrameBytes().frame(type, flags, stream, bytes).bytes())
        .list()
        .ofMaxSize(12)
        .map(all -> {
          FrameBytes settled = FrameBytes.settled();
          all.forEach(settled::append);
          return settled;
        });
  }

  @Property(tries = 5000)
  void anyFramesAreAnAnswerOrAnError(@ForAll("frames") FrameBytes frames) {
    endsWell(frames);
  }

  @Property(tries = 2000)
  void anyBytesAreAnAnswerOrAnError(@ForAll byte[] bytes, @ForAll boolean settled) {
    FrameBytes all = settled ? FrameBytes.settled() : new FrameBytes();
    all.append(bytes);
    endsWell(all);
  }

  /** Anything but an answer or an exception of input and output fails the test. */
  private static void endsWell(FrameBytes frames) {
    Http2Connection connection =
        new Http2Connection(new ByteArrayInputStream(frames.bytes()), new ByteArrayOutputStream());
    try {
      assertThat(get(connection)).contains("|");
    } catch (IOException e) {
      assertThat(e).hasMessageMatching("(?s).+");
      assertThat(connection.isReusable()).isFalse();
    }
  }
}
