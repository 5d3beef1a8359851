package io.narthex.net.http;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where to listen: {@code host:port}, {@code [::1]:port} or {@code :port}. An IPv4 host is listened
 * on over IPv4 alone, an absent host on all addresses of both families, as Go's {@code net.Listen}.
 */
record ListenAddress(String text, String host, int port) {

  static ListenAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    int bracket = text.lastIndexOf(']');
    if (colon < 0 || colon < bracket) {
      throw failure("listen tcp: address " + text + ": missing port in address", null);
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw failure("listen tcp: address " + text + ": too many colons in address", null);
    }
    String port = text.substring(colon + 1);
    int number = port.isEmpty() ? 0 : number(port);
    if (number < 0 || number > 65535) {
      throw failure("listen tcp: address " + port + ": invalid port", null);
    }
    return new ListenAddress(text, host, number);
  }

  private static int number(String port) {
    try {
      return Integer.parseInt(port);
    } catch (NumberFormatException e) {
      throw failure("listen tcp: lookup tcp/" + port + ": unknown port", e);
    }
  }

  /** Takes the address. */
  ServerSocketChannel bind() {
    InetSocketAddress address = resolve();
    boolean four = !host.isEmpty() && address.getAddress() instanceof Inet4Address;
    ServerSocketChannel channel = null;
    try {
      channel = four ? open(StandardProtocolFamily.INET) : ServerSocketChannel.open();
      return channel.bind(address, 1024);
    } catch (IOException e) {
      HttpException failure = failure("listen tcp " + text + ": bind: " + reason(e), e);
      if (channel != null) {
        closeQuietly(channel, failure);
      }
      throw failure;
    }
  }

  private static ServerSocketChannel open(ProtocolFamily family) throws IOException {
    return ServerSocketChannel.open(family);
  }

  private static void closeQuietly(ServerSocketChannel channel, HttpException failure) {
    try {
      channel.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private InetSocketAddress resolve() {
    if (host.isEmpty()) {
      return new InetSocketAddress(port);
    }
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw failure("listen tcp: lookup " + host + ": no such host", e);
    }
  }

  /** The operating system's words, in lower case as Go prints them. */
  private static String reason(IOException e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return message.equals("address already in use: bind") ? "address already in use" : message;
  }

  private static HttpException failure(String message, @Nullable Throwable cause) {
    return new HttpException(message, cause);
  }
}
