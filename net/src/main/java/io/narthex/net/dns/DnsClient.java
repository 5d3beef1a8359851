package io.narthex.net.dns;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;

/** Asks one server one question: over UDP, and over TCP where the answer is too long for that. */
final class DnsClient {

  /** Packets that answer another question; a server that sends more of them is no server. */
  private static final int MOST_STRANGERS = 64;

  private static final int LARGEST = 65_535;

  private final SecureRandom random = new SecureRandom();
  private final int timeoutMillis;

  /**
   * Makes it ready.
   *
   * @param timeout how long to wait for each answer
   */
  DnsClient(Duration timeout) {
    this.timeoutMillis = Math.toIntExact(timeout.toMillis());
  }

  /**
   * Asks.
   *
   * @throws IOException if there is no answer, or none that can be read
   */
  DnsReply ask(InetSocketAddress server, String name, RecordType type) throws IOException {
    DnsReply reply = overUdp(server, new DnsQuery(random.nextInt(1 << 16), name, type, true));
    if (!reply.truncated()) {
      return reply;
    }
    DnsReply whole = overTcp(server, new DnsQuery(random.nextInt(1 << 16), name, type, false));
    if (whole.truncated()) {
      throw new IOException("got truncated message on TCP (64kiB limit exceeded?)");
    }
    return whole;
  }

  private DnsReply overUdp(InetSocketAddress server, DnsQuery query) throws IOException {
    byte[] question = query.message();
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(timeoutMillis);
      // From now on the kernel takes packets of this server alone.
      socket.connect(server);
      socket.send(new DatagramPacket(question, question.length));
      DatagramPacket packet = new DatagramPacket(new byte[LARGEST], LARGEST);
      for (int i = 0; i < MOST_STRANGERS; i++) {
        packet.setLength(LARGEST);
        socket.receive(packet);
        if (DnsReply.isFor(query, packet.getData(), packet.getLength())) {
          return DnsReply.read(packet.getData(), packet.getLength());
        }
      }
      throw new IOException("only answers to other questions");
    } catch (SocketTimeoutException e) {
      throw new IOException("no answer over UDP within " + timeoutMillis + "ms", e);
    }
  }

  private DnsReply overTcp(InetSocketAddress server, DnsQuery query) throws IOException {
    byte[] question = query.message();
    ByteBuffer framed = ByteBuffer.allocate(2 + question.length);
    framed.putShort((short) question.length).put(question);
    try (Socket socket = new Socket()) {
      socket.connect(server, timeoutMillis);
      socket.setSoTimeout(timeoutMillis);
      socket.getOutputStream().write(framed.array());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] answer = new byte[in.readUnsignedShort()];
      in.readFully(answer);
      if (!DnsReply.isFor(query, answer, answer.length)) {
        throw new IOException("an answer to another question");
      }
      return DnsReply.read(answer, answer.length);
    } catch (SocketTimeoutException e) {
      throw new IOException("no answer over TCP within " + timeoutMillis + "ms", e);
    }
  }
}
