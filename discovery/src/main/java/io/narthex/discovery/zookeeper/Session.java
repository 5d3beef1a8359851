package io.narthex.discovery.zookeeper;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A session with one ZooKeeper server over one connection, which reads nodes and is told when they
 * change. One thread at a time. It ends with its connection: nothing is kept at the server that
 * would be worth coming back for, and who reads everything anew afterwards needs no watch of
 * before.
 *
 * <p>The protocol (ZooKeeper's {@code zookeeper.jute} and {@code ClientCnxn}), numbers big-endian,
 * texts and buffers behind their length:
 *
 * <pre>
 *   hello     length | 4 version 0 | 8 last zxid 0 | 4 timeout ms | 8 session 0 | password | 1 read-only
 *   welcome   length | 4 version | 4 timeout ms | 8 session | password | 1 read-only
 *   request   length | 4 xid | 4 operation | path | 1 watch
 *   reply     length | 4 xid | 8 zxid | 4 error | what was asked for
 *   event     the same with xid -1: 4 kind | 4 state | path
 *   ping      the same both ways with xid -2
 * </pre>
 *
 * A watch is told of once; whoever reads a node again sets it again. Events stand between the
 * replies in the order in which things happened, so that a node is never read older than the event
 * that comes after it.
 */
final class Session implements AutoCloseable {

  private static final int EVENT = -1;
  private static final int PING_XID = -2;

  private static final int EXISTS = 3;
  private static final int GET_DATA = 4;
  private static final int GET_CHILDREN = 8;
  private static final int PING = 11;
  private static final int CLOSE = -11;

  private static final int OK = 0;
  private static final int NO_NODE = -101;
  private static final int NO_KIND = -1;

  /** Why a server refuses ({@code KeeperException.Code}), as far as readers see it. */
  private static final Map<Integer, String> ERRORS =
      Map.of(
          -4, "connection loss",
          -5, "marshalling error",
          -6, "unimplemented",
          -8, "bad arguments",
          -102, "not authenticated",
          -112, "session expired",
          -115, "authentication failed");

  private static final int PASSWORD = 16;

  /** The most that one reply may have; servers allow 1 MiB for a node unless told otherwise. */
  private static final int LARGEST = 64 << 20;

  private static final int CONNECT_MILLIS = 1_000;

  private final Socket socket;
  private final InputStream in;
  private final Deque<String> events = new ArrayDeque<>();
  private int lastXid;

  /** Whether nothing came for a while, and the server was asked whether it is there. */
  private boolean asked;

  private Session(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
  }

  /**
   * Opens one.
   *
   * @param timeout how long the server is to wait for a sign of life; it may decide otherwise
   */
  static Session open(InetSocketAddress server, Duration timeout) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(server, CONNECT_MILLIS);
      Session session = new Session(socket);
      session.greet(Math.toIntExact(Math.min(timeout.toMillis(), Integer.MAX_VALUE)));
      return session;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private void greet(int timeoutMillis) throws IOException {
    socket.setSoTimeout(silence(timeoutMillis));
    ByteBuffer hello = ByteBuffer.allocate(4 + 8 + 4 + 8 + 4 + PASSWORD + 1);
    hello.putInt(0).putLong(0).putInt(timeoutMillis).putLong(0);
    hello.putInt(PASSWORD).put(new byte[PASSWORD]).put((byte) 0);
    send(hello);
    // Until it has answered the server takes no ping.
    asked = true;
    ByteBuffer welcome = frame();
    if (welcome.remaining() < 8) {
      throw new IOException("a ZooKeeper server greets in an unknown way");
    }
    int granted = welcome.getInt(4);
    if (granted <= 0) {
      throw new IOException("the ZooKeeper server granted no session");
    }
    socket.setSoTimeout(silence(granted));
  }

  /** How long it may be silent before it is asked for a sign of life. */
  private static int silence(int timeoutMillis) {
    return Math.max(1, timeoutMillis / 3);
  }

  /** What a node holds, or null if it is not there; it is watched if it is. */
  byte @Nullable [] data(String path) throws IOException {
    ByteBuffer reply = ask(GET_DATA, path);
    return reply == null ? null : buffer(reply);
  }

  /** The names of the nodes right below a node, or null if it is not there; watched if it is. */
  @Nullable List<String> children(String path) throws IOException {
    ByteBuffer reply = ask(GET_CHILDREN, path);
    if (reply == null) {
      return null;
    }
    int count = number(reply);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(text(reply));
    }
    return names;
  }

  /** Whether a node is there; it is watched either way. */
  boolean exists(String path) throws IOException {
    return ask(EXISTS, path) != null;
  }

  /**
   * Waits for the next event.
   *
   * @return the node that came, went, or changed
   * @throws IOException if the server is gone
   */
  String await() throws IOException {
    while (events.isEmpty()) {
      take(frame());
    }
    return events.remove();
  }

  private @Nullable ByteBuffer ask(int operation, String path) throws IOException {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    int xid = ++lastXid;
    ByteBuffer request = ByteBuffer.allocate(4 + 4 + 4 + name.length + 1);
    request.putInt(xid).putInt(operation).putInt(name.length).put(name).put((byte) 1);
    send(request);
    while (true) {
      ByteBuffer reply = frame();
      if (reply.remaining() < 16) {
        throw malformed();
      }
      if (reply.getInt(0) == xid) {
        int error = reply.getInt(12);
        if (error != OK && error != NO_NODE) {
          throw new IOException(
              "ZooKeeper refuses " + path + ": " + ERRORS.getOrDefault(error, "error " + error));
        }
        return error == NO_NODE ? null : reply.position(16);
      }
      take(reply);
    }
  }

  /** Takes what nobody asked for: an event, or the answer to a ping. */
  private void take(ByteBuffer reply) throws IOException {
    if (reply.remaining() < 16) {
      throw malformed();
    }
    int xid = reply.getInt(0);
    if (xid == PING_XID) {
      return;
    }
    if (xid != EVENT) {
      throw new IOException("ZooKeeper answers what nobody asked");
    }
    reply.position(16);
    int kind = number(reply);
    number(reply);
    if (kind != NO_KIND) {
      events.add(text(reply));
    }
  }

  private static int number(ByteBuffer reply) throws IOException {
    if (reply.remaining() < 4) {
      throw malformed();
    }
    return reply.getInt();
  }

  /** A buffer; null, which is another thing to ZooKeeper, is empty. */
  private static byte[] buffer(ByteBuffer reply) throws IOException {
    int length = Math.max(0, number(reply));
    if (length > reply.remaining()) {
      throw malformed();
    }
    byte[] bytes = new byte[length];
    reply.get(bytes);
    return bytes;
  }

  private static String text(ByteBuffer reply) throws IOException {
    return new String(buffer(reply), StandardCharsets.UTF_8);
  }

  private static IOException malformed() {
    return new IOException("a malformed answer of ZooKeeper");
  }

  private void send(ByteBuffer request) throws IOException {
    ByteBuffer framed = ByteBuffer.allocate(4 + request.capacity());
    framed.putInt(request.capacity()).put(request.flip());
    socket.getOutputStream().write(framed.array());
  }

  private ByteBuffer frame() throws IOException {
    int length = ByteBuffer.wrap(read(4)).getInt();
    if (length < 0 || length > LARGEST) {
      throw malformed();
    }
    return ByteBuffer.wrap(read(length));
  }

  /** Reads that many bytes, however long there are none as long as the server shows life. */
  private byte[] read(int count) throws IOException {
    byte[] bytes = new byte[count];
    int have = 0;
    while (have < count) {
      try {
        int got = in.read(bytes, have, count - have);
        if (got < 0) {
          throw new IOException("the ZooKeeper server closed the connection");
        }
        have += got;
        asked = false;
      } catch (SocketTimeoutException e) {
        if (asked) {
          throw new IOException("the ZooKeeper server is silent", e);
        }
        asked = true;
        send(ByteBuffer.allocate(8).putInt(PING_XID).putInt(PING));
      }
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    try (socket) {
      // Else the server would keep the session until its time is over.
      send(ByteBuffer.allocate(8).putInt(++lastXid).putInt(CLOSE));
    }
  }
}
