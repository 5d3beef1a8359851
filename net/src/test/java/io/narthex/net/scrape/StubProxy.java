package io.narthex.net.scrape;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A proxy that passes on what it is asked to, and notes what it was asked. What it need not pass on
 * it answers itself.
 */
final class StubProxy implements AutoCloseable {
  final List<String> heads = new CopyOnWriteArrayList<>();
  final ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  String refusal = "";

  private final String answer;

  StubProxy(String answer) throws IOException {
    this.answer = answer;
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      StringBuilder head = new StringBuilder();
      InputStream in = client.getInputStream();
      while (head.indexOf("\r\n\r\n") < 0) {
        int c = in.read();
        if (c < 0) {
          return;
        }
        head.append((char) c);
      }
      heads.add(head.toString());
      OutputStream out = client.getOutputStream();
      if (!refusal.isEmpty()) {
        out.write(refusal.getBytes(StandardCharsets.US_ASCII));
        return;
      }
      if (!head.toString().startsWith("CONNECT ")) {
        out.write(answer.getBytes(StandardCharsets.US_ASCII));
        return;
      }
      String to = head.substring(8, head.indexOf(" HTTP/1.1"));
      int colon = to.lastIndexOf(':');
      try (Socket server =
          new Socket(to.substring(0, colon), Integer.parseInt(to.substring(colon + 1)))) {
        out.write(
            "HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        Thread back = Thread.ofVirtual().start(() -> copy(server, client));
        copy(client, server);
        back.join();
      }
    } catch (IOException | InterruptedException e) {
      // The test is over.
      return;
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      // One of the two has gone.
      return;
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
