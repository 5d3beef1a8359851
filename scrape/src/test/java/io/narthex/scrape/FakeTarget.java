package io.narthex.scrape;

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

/** A target on a port of loopback that answers what the test tells it. */
final class FakeTarget implements AutoCloseable {

  /** Answers one request; true to keep the connection. */
  interface Answer {
    boolean write(OutputStream out) throws Exception;
  }

  final List<String> requests = new CopyOnWriteArrayList<>();
  private final ServerSocket socket;
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private volatile Answer answer;

  FakeTarget(Answer answer) throws IOException {
    this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.answer = answer;
    Thread.ofVirtual().start(this::accept);
  }

  static FakeTarget page(String page) throws IOException {
    return new FakeTarget(pageAnswer("text/plain; version=0.0.4", page));
  }

  static Answer pageAnswer(String contentType, String page) {
    return pageAnswer(contentType, page.getBytes(StandardCharsets.UTF_8));
  }

  static Answer pageAnswer(String contentType, byte[] body) {
    return out -> {
      String head =
          "HTTP/1.1 200 OK\r\n"
              + (contentType.isEmpty() ? "" : "Content-Type: " + contentType + "\r\n")
              + "Content-Length: "
              + body.length
              + "\r\n\r\n";
      out.write(head.getBytes(StandardCharsets.UTF_8));
      out.write(body);
      return true;
    };
  }

  void says(String page) {
    answer = pageAnswer("text/plain; version=0.0.4", page);
  }

  void answers(Answer next) {
    answer = next;
  }

  String address() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        open.add(client);
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
        requests.add(head.toString(StandardCharsets.ISO_8859_1));
        if (!answer.write(client.getOutputStream())) {
          return;
        }
        client.getOutputStream().flush();
      }
    } catch (SocketException | InterruptedException e) {
      return;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket client : open) {
      client.close();
    }
  }
}
