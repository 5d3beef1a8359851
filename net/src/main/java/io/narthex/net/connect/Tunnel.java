package io.narthex.net.connect;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Asks a proxy to pass bytes on to a server: CONNECT of HTTP (RFC 9110), or SOCKS 5 (RFC 1928). */
final class Tunnel {

  private static final int MOST_HEAD = 16 * 1024;

  private Tunnel() {}

  /** The proxy has refused. */
  static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message);
    }
  }

  static void connect(
      Socket proxy, Proxies.Via via, HttpUrl to, Map<String, List<String>> headers)
      throws IOException {
    String host = to.host().indexOf(':') >= 0 ? "[" + to.host() + "]" : to.host();
    String authority = host + ":" + to.port();
    StringBuilder request = new StringBuilder("CONNECT ");
    request.append(authority).append(" HTTP/1.1\r\nHost: ").append(authority).append("\r\n");
    new TreeMap<>(headers)
        .forEach((name, values) ->
            values.forEach(
                v -> request.append(name).append(": ").append(v).append("\r\n")));
    if (!via.authorization().isEmpty()) {
      request.append("Proxy-Authorization: ").append(via.authorization()).append("\r\n");
    }
    request.append("\r\n");
    proxy.getOutputStream().write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
    String head = head(proxy.getInputStream());
    String line = head.lines().findFirst().orElse("");
    int space = line.indexOf(' ');
    if (!line.startsWith("HTTP/1.") || space < 0) {
      throw new Refused("malformed HTTP response \"" + line + "\"");
    }
    String status = line.substring(space + 1).strip();
    if (!status.startsWith("200")) {
      int reason = status.indexOf(' ');
      throw new Refused(reason < 0 ? status : status.substring(reason + 1));
    }
  }

  /** Byte by byte: what follows the head belongs to the server. */
  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int newlines = 0;
    while (newlines < 2) {
      int c = in.read();
      if (c < 0) {
        throw new EOFException("unexpected EOF");
      }
      if (c == '\n') {
        newlines++;
      } else if (c != '\r') {
        newlines = 0;
      }
      head.write(c);
      if (head.size() > MOST_HEAD) {
        throw new Refused("the answer of the proxy has no end");
      }
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  static void socks(Socket proxy, Proxies.Via via, HttpUrl to) throws IOException {
    boolean hasUser = !via.user().isEmpty();
    InputStream in = proxy.getInputStream();
    proxy.getOutputStream().write(hasUser ? new byte[] {5, 2, 0, 2} : new byte[] {5, 1, 0});
    byte[] method = exactly(in, 2);
    if (method[0] != 5 || (method[1] != 0 && !(method[1] == 2 && hasUser))) {
      throw new Refused("socks connect: no acceptable authentication methods");
    }
    if (method[1] == 2) {
      ByteArrayOutputStream login = new ByteArrayOutputStream();
      login.write(1);
      writeShort(login, via.user().getBytes(StandardCharsets.UTF_8));
      writeShort(login, via.password().getBytes(StandardCharsets.UTF_8));
      proxy.getOutputStream().write(login.toByteArray());
      if (exactly(in, 2)[1] != 0) {
        throw new Refused("socks connect: username/password authentication failed");
      }
    }
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(new byte[] {5, 1, 0});
    if (to.host().indexOf(':') >= 0) {
      request.write(4);
      request.writeBytes(InetAddress.getByName(to.host()).getAddress());
    } else {
      request.write(3);
      writeShort(request, to.host().getBytes(StandardCharsets.UTF_8));
    }
    request.write(to.port() >> 8);
    request.write(to.port());
    proxy.getOutputStream().write(request.toByteArray());
    byte[] answer = exactly(in, 4);
    if (answer[1] != 0) {
      throw new Refused("socks connect: the proxy answered with code " + answer[1]);
    }
    int address =
        switch (answer[3]) {
          case 1 -> 4;
          case 4 -> 16;
          case 3 -> exactly(in, 1)[0] & 0xff;
          default -> throw new Refused("socks connect: unknown address type");
        };
    exactly(in, address + 2);
  }

  private static void writeShort(ByteArrayOutputStream out, byte[] text) throws Refused {
    if (text.length > 255) {
      throw new Refused("socks connect: a name of more than 255 bytes");
    }
    out.write(text.length);
    out.writeBytes(text);
  }

  private static byte[] exactly(InputStream in, int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("unexpected EOF");
    }
    return bytes;
  }
}
