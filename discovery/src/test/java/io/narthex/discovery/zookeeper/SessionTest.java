package io.narthex.discovery.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What comes over the wire, byte by byte, from servers that are not as they should be. The
 * protocol: {@code zookeeper.jute} of ZooKeeper 3.9.
 */
final class SessionTest {

  private static final String WELCOME =
      "00000000 000003e8 00000000000000ff 00000010 00000000000000000000000000000000 00";

  /** What the server was sent, without the lengths. */
  private final List<String> sent = new CopyOnWriteArrayList<>();

  private interface Step {
    void run(Session session) throws IOException;
  }

  /** Answers each frame by the next of these, and is silent in the end. */
  private void with(List<String> frames, Step step) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread serving = Thread.ofVirtual().start(() -> serve(server, frames));
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
      try (Session session = Session.open(address, Duration.ofMillis(600))) {
        step.run(session);
      }
      serving.join();
    }
  }

  private void serve(ServerSocket server, List<String> frames) {
    try (Socket socket = server.accept()) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      for (int i = 0; ; i++) {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        sent.add(HexFormat.of().formatHex(frame));
        if (i < frames.size()) {
          byte[] answer = HexFormat.of().parseHex(frames.get(i).replace(" ", ""));
          out.writeInt(answer.length);
          out.write(answer);
          out.flush();
        }
      }
    } catch (IOException e) {
      // The client is gone.
      return;
    }
  }

  @Test
  void readsAndIsTold() throws Exception {
    String event = "ffffffff 0000000000000001 00000000 00000003 00000003 00000002 2f62";
    String data = "00000001 0000000000000001 00000000 00000002 6869 0000";
    String children = "00000002 0000000000000001 00000000 00000002 00000001 61 00000002 6262";
    String none = "00000003 0000000000000001 ffffff9b";
    with(
        List.of(WELCOME, data, children, none, event),
        session -> {
          assertThat(session.data("/a")).isEqualTo(new byte[] {'h', 'i'});
          assertThat(session.children("/a")).containsExactly("a", "bb");
          assertThat(session.exists("/b")).isFalse();
          // The event comes as the answer to the ping.
          assertThat(session.await()).isEqualTo("/b");
        });
    assertThat(sent)
        .containsExactly(
            "00000000"
                + "0".repeat(16)
                + "00000258"
                + "0".repeat(16)
                + "00000010"
                + "0".repeat(32)
                + "00",
            "00000001" + "00000004" + "00000002" + "2f61" + "01",
            "00000002" + "00000008" + "00000002" + "2f61" + "01",
            "00000003" + "00000003" + "00000002" + "2f62" + "01",
            "fffffffe" + "0000000b",
            "00000004" + "fffffff5");
  }

  @Test
  void aSilentServerIsGone() {
    assertThatThrownBy(() -> with(List.of(WELCOME), Session::await))
        .hasMessage("the ZooKeeper server is silent");
    assertThatThrownBy(() -> with(List.of(), session -> {}))
        .hasMessage("the ZooKeeper server is silent");
  }

  @Test
  void aSessionThatIsNotGranted() {
    assertThatThrownBy(() -> with(List.of(WELCOME.replace("3e8", "000")), session -> {}))
        .hasMessage("the ZooKeeper server granted no session");
    assertThatThrownBy(() -> with(List.of("00000000"), session -> {}))
        .hasMessage("a ZooKeeper server greets in an unknown way");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          00000001 0000000000000001 ffffff9a          | ZooKeeper refuses /a: not authenticated
          00000001 0000000000000001 00000007          | ZooKeeper refuses /a: error 7
          00000001 0000000000000001 00000000          | a malformed answer of ZooKeeper
          00000001 0000000000000001 00000000 00000009 | a malformed answer of ZooKeeper
          00000001                                    | a malformed answer of ZooKeeper
          00000009 0000000000000001 00000000          | ZooKeeper answers what nobody asked
          ffffffff 0000000000000001 00000000 00000001 | a malformed answer of ZooKeeper
          """)
  void wrongAnswers(String answer, String message) {
    assertThatThrownBy(() -> with(List.of(WELCOME, answer), session -> session.data("/a")))
        .hasMessage(message);
  }

  @Test
  void aNodeWithoutDataIsThere() throws Exception {
    String data = "00000001 0000000000000001 00000000 ffffffff";
    with(List.of(WELCOME, data), session -> assertThat(session.data("/a")).isEmpty());
  }
}
