package io.narthex.net.scrape;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;

/** A server that answers each request with whatever the test tells it, on one port of loopback. */
final class Peer implements AutoCloseable {

  /** Answers one request; true to keep the connection. */
  interface Answer {
    boolean write(String request, OutputStream out) throws Exception;
  }

  final List<String> requests = new CopyOnWriteArrayList<>();
  final AtomicInteger connections = new AtomicInteger();
  private final ServerSocket socket;
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private volatile Answer answer;

  Peer(Answer answer) throws IOException {
    this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), answer);
  }

  Peer(ServerSocket socket, Answer answer) {
    this.socket = socket;
    this.answer = answer;
    Thread.ofVirtual().start(this::accept);
  }

  static Peer saying(String response) throws IOException {
    return new Peer((request, out) -> {
      out.write(response.getBytes(StandardCharsets.ISO_8859_1));
      return true;
    });
  }

  static Peer saying(byte[] response) throws IOException {
    return new Peer((request, out) -> {
      out.write(response);
      return true;
    });
  }

  void answers(Answer next) {
    answer = next;
  }

  int port() {
    return socket.getLocalPort();
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        open.add(client);
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      InputStream in = client.getInputStream();
      while (true) {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
          int c = in.read();
          if (c < 0) {
            return;
          }
          head.write(c);
        }
        String request = head.toString(StandardCharsets.ISO_8859_1);
        requests.add(request);
        if (!answer.write(request, client.getOutputStream())) {
          return;
        }
        client.getOutputStream().flush();
      }
    } catch (SocketException | SSLException e) {
      return;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  void closeConnections() throws IOException {
    for (Socket client : open) {
      client.close();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    closeConnections();
  }
}
