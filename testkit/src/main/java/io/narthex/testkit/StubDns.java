package io.narthex.testkit;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A name server of a test (RFC 1035), over UDP and TCP. A name without records does not exist; one
 * with records of another type than asked for has an empty answer. It can fail, cut its answers
 * short over UDP, and be away.
 */
public final class StubDns implements AutoCloseable {

  private static final Map<String, Integer> TYPES =
      Map.of("A", 1, "NS", 2, "CNAME", 5, "MX", 15, "TXT", 16, "AAAA", 28, "SRV", 33);
  private static final int HEADER = 12;
  private static final int NO_SUCH_NAME = 3;

  /** A question as it came: {@code udp SRV a.example. edns}, the last word only over EDNS. */
  private final List<String> asked = new CopyOnWriteArrayList<>();

  /** Records by their name and type, as in zone files. */
  private final Map<String, Map<String, List<String>>> zone = new ConcurrentHashMap<>();

  private final Map<String, Integer> codes = new ConcurrentHashMap<>();
  private volatile int code;
  private volatile boolean truncating;
  private InetAddress address;
  private int port;
  private DatagramSocket packets;
  private ServerSocket connections;

  /** Listens somewhere on this machine. */
  public StubDns() throws IOException {
    this(InetAddress.getLoopbackAddress(), 0);
  }

  /** Listens there. */
  public StubDns(InetAddress address, int port) throws IOException {
    this.address = address;
    this.port = port;
    back();
  }

  /** Sets the records of a name, each as it would stand in a zone file; none of them is no name. */
  public void set(String name, String type, String... records) {
    Map<String, List<String>> byType =
        zone.computeIfAbsent(name.toLowerCase(Locale.ROOT), n -> new ConcurrentHashMap<>());
    byType.remove(type);
    if (records.length > 0) {
      byType.put(type, List.of(records));
    }
  }

  /** The code of every answer from now on; 0 is for answers as they should be. */
  public void code(int failure) {
    code = failure;
  }

  /** The code of every answer about one name from now on. */
  public void code(String name, int failure) {
    codes.put(name.toLowerCase(Locale.ROOT), failure);
  }

  /** Whether answers over UDP are cut short. */
  public void truncating(boolean is) {
    truncating = is;
  }

  /** All questions so far. */
  public List<String> asked() {
    return List.copyOf(asked);
  }

  /** The address, without the port. */
  public String address() {
    return address.getHostAddress();
  }

  /** The port, of UDP and TCP. */
  public int port() {
    return port;
  }

  /** Is there again, at the same place. */
  public void back() throws IOException {
    boolean any = port == 0;
    for (int i = 0; ; i++) {
      connections = new ServerSocket(port, 16, address);
      try {
        packets = new DatagramSocket(connections.getLocalPort(), address);
        break;
      } catch (BindException e) {
        connections.close();
        // The port may be taken by somebody else's UDP alone.
        if (!any || i == 10) {
          throw e;
        }
      }
    }
    port = connections.getLocalPort();
    DatagramSocket udp = packets;
    ServerSocket tcp = connections;
    Thread.ofVirtual().start(() -> serveUdp(udp));
    Thread.ofVirtual().start(() -> serveTcp(tcp));
  }

  /** Moves to another place. */
  public void move(InetAddress newAddress, int newPort) throws IOException {
    away();
    address = newAddress;
    port = newPort;
    back();
  }

  /** Goes away, until it is {@link #back}. */
  public void away() {
    packets.close();
    try {
      connections.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    away();
  }

  private void serveUdp(DatagramSocket socket) {
    DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
    while (!socket.isClosed()) {
      try {
        packet.setLength(65_535);
        socket.receive(packet);
        byte[] answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()), "udp");
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      } catch (IOException e) {
        if (!socket.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void serveTcp(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] question = new byte[in.readUnsignedShort()];
        in.readFully(question);
        byte[] answer = answer(question, "tcp");
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeShort(answer.length);
        out.write(answer);
        out.flush();
      } catch (IOException e) {
        if (!server.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private byte[] answer(byte[] question, String over) throws UnknownHostException {
    ByteBuffer in = ByteBuffer.wrap(question);
    int id = in.getShort() & 0xffff;
    boolean edns = (in.getShort(10) & 0xffff) > 0;
    in.position(HEADER);
    StringBuilder read = new StringBuilder();
    for (int size = in.get(); size > 0; size = in.get()) {
      byte[] label = new byte[size];
      in.get(label);
      read.append(new String(label, StandardCharsets.UTF_8)).append('.');
    }
    int type = in.getShort();
    int end = in.position() + 2;
    String name = read.isEmpty() ? "." : read.toString();
    String typeName =
        TYPES.entrySet().stream()
            .filter(entry -> entry.getValue() == type)
            .map(Map.Entry::getKey)
            .findFirst()
            .orElse("TYPE" + type);
    asked.add(over + " " + typeName + " " + name + (edns ? " edns" : ""));
    String key = name.toLowerCase(Locale.ROOT);
    Map<String, List<String>> found = zone.getOrDefault(key, Map.of());
    int failure = codes.getOrDefault(key, code);
    int status = failure != 0 ? failure : found.isEmpty() ? NO_SUCH_NAME : 0;
    boolean cut = truncating && over.equals("udp") && status == 0;
    List<byte[]> records = status != 0 || cut ? List.of() : records(found, typeName);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    two(out, id);
    two(out, 0x8180 | (cut ? 0x0200 : 0) | status);
    two(out, 1);
    two(out, records.size());
    two(out, 0);
    two(out, 0);
    out.write(question, HEADER, end - HEADER);
    records.forEach(out::writeBytes);
    return out.toByteArray();
  }

  private static List<byte[]> records(Map<String, List<String>> found, String asked)
      throws UnknownHostException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<byte[]> records = new ArrayList<>();
    for (String type : List.of("CNAME", "TXT", asked)) {
      for (String text : found.getOrDefault(type, List.of())) {
        out.reset();
        // The name is that of the question, by a pointer to it.
        two(out, 0xc000 | HEADER);
        two(out, TYPES.getOrDefault(type, 0));
        two(out, 1);
        two(out, 0);
        two(out, 60);
        byte[] data = data(type, text);
        two(out, data.length);
        out.writeBytes(data);
        records.add(out.toByteArray());
      }
    }
    return records;
  }

  private static byte[] data(String type, String text) throws UnknownHostException {
    List<String> words = List.of(text.split(" ", -1));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    switch (type) {
      case "A", "AAAA" -> {
        byte[] bytes = InetAddress.getByName(text).getAddress();
        if (type.equals("AAAA") && bytes.length == 4) {
          // Java takes the mapping of an address away.
          out.writeBytes(new byte[10]);
          two(out, 0xffff);
        }
        out.writeBytes(bytes);
      }
      case "MX", "SRV" -> {
        words.subList(0, words.size() - 1).forEach(word -> two(out, Integer.parseInt(word)));
        name(out, words.getLast());
      }
      case "NS", "CNAME" -> name(out, text);
      default -> {
        out.write(text.length());
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
      }
    }
    return out.toByteArray();
  }

  private static void name(ByteArrayOutputStream out, String name) {
    for (String label : name.split("[.]", -1)) {
      if (!label.isEmpty()) {
        byte[] bytes = label.getBytes(StandardCharsets.UTF_8);
        out.write(bytes.length);
        out.writeBytes(bytes);
      }
    }
    out.write(0);
  }

  private static void two(ByteArrayOutputStream out, int value) {
    out.write(value >> 8);
    out.write(value);
  }
}
