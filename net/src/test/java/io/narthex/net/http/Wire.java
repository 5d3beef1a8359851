package io.narthex.net.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** A client that says exactly what the test tells it to. */
final class Wire implements AutoCloseable {

  record Answer(String statusLine, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    int status() {
      return Integer.parseInt(statusLine.split(" ")[1]);
    }
  }

  private final Socket socket;
  private final InputStream in;

  Wire(HttpServer server) {
    this(server, 0);
  }

  Wire(HttpServer server, int address) {
    InetSocketAddress at = server.addresses().get(address);
    try {
      socket =
          new Socket(
              at.getAddress().isAnyLocalAddress() ? "127.0.0.1" : at.getHostString(), at.getPort());
      socket.setSoTimeout(20_000);
      in = socket.getInputStream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Wire say(String text) {
    try {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  Answer get(String target, String... headers) {
    return say("GET " + target + " HTTP/1.1\r\nHost: test\r\n" + lines(headers) + "\r\n").answer();
  }

  private static String lines(String... headers) {
    StringBuilder out = new StringBuilder();
    for (String header : headers) {
      out.append(header).append("\r\n");
    }
    return out.toString();
  }

  Answer answer() {
    return answer(true);
  }

  Answer answer(boolean withBody) {
    try {
      String status = line();
      Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      for (String line = line(); !line.isEmpty(); line = line()) {
        int colon = line.indexOf(": ");
        headers.put(line.substring(0, colon), line.substring(colon + 2));
      }
      byte[] body;
      if (!withBody || status.contains(" 204 ") || status.contains(" 100 ")) {
        body = new byte[0];
      } else if (headers.containsKey("Content-Length")) {
        body = in.readNBytes(Integer.parseInt(headers.get("Content-Length")));
      } else if ("chunked".equals(headers.get("Transfer-Encoding"))) {
        body = chunks();
      } else {
        body = in.readAllBytes();
      }
      return new Answer(status, headers, body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
      body.write(in.readNBytes(size));
      line();
    }
    line();
    return body.toByteArray();
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("the server ended the connection behind: " + line);
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  /** Whether the server has ended the connection; waits until it says something. */
  boolean isEnded() {
    try {
      return in.read() < 0;
    } catch (java.net.SocketException e) {
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
