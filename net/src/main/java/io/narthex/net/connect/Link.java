package io.narthex.net.connect;

import io.narthex.net.http2.Http2Connection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One open connection. It belongs to one thread at a time, but for {@link #close}, which any thread
 * may call to end what the owner waits for.
 */
public final class Link implements AutoCloseable {

  private final DeadlineSocket socket;
  private final InputStream in;
  private final OutputStream out;
  private final @Nullable SSLContext context;
  private final boolean toProxy;
  private final String proxyAuthorization;
  private final @Nullable Http2Connection http2;
  private long lastUsed;

  Link(
      DeadlineSocket socket,
      Socket top,
      @Nullable SSLContext context,
      boolean toProxy,
      String proxyAuthorization,
      boolean http2)
      throws IOException {
    this.socket = socket;
    this.in = top.getInputStream();
    this.out = top.getOutputStream();
    this.context = context;
    this.toProxy = toProxy;
    this.proxyAuthorization = proxyAuthorization;
    this.http2 = http2 ? new Http2Connection(in, out) : null;
  }

  /** How to speak HTTP/2, where that was agreed; else null, and HTTP/1.1 is spoken. */
  public @Nullable Http2Connection http2() {
    return http2;
  }

  /**
   * What the peer sends. At the deadline the connection is closed, and reads throw {@link
   * java.net.SocketTimeoutException}.
   */
  public InputStream in() {
    return in;
  }

  /** To the peer, unbuffered; with the same end. */
  public OutputStream out() {
    return out;
  }

  /** Sets the point on the clock's stopwatch at which reading and writing end. */
  public void deadline(long nanos) {
    socket.deadline(nanos);
  }

  /**
   * Whether the other end is a proxy that is to be told the whole URL. Through a tunnel it is the
   * server.
   */
  public boolean isToProxy() {
    return toProxy;
  }

  /** The value of the Proxy-Authorization header for such a proxy, or empty. */
  public String proxyAuthorization() {
    return proxyAuthorization;
  }

  /** Whether TLS is spoken to the server. */
  public boolean isTls() {
    return context != null;
  }

  @Nullable SSLContext context() {
    return context;
  }

  /** When {@link #used} was told last, on the clock's stopwatch. */
  public long lastUsed() {
    return lastUsed;
  }

  /**
   * Notes that an exchange has ended well, and that the connection is idle: it has no deadline now.
   *
   * @return whether it can be kept; false if the deadline has come meanwhile
   */
  public boolean used(long nanos) {
    lastUsed = nanos;
    return socket.release();
  }

  /** Says what has happened to the connection, in the words of Go's client. */
  public String describe(IOException e) {
    if (Thread.currentThread().isInterrupted()) {
      return "context canceled";
    }
    String message = String.valueOf(e.getMessage());
    if (e instanceof SSLException ssl) {
      return tlsProblem(ssl);
    }
    if (!(e instanceof SocketException)) {
      return message;
    }
    String what = message.contains("reset") ? "connection reset by peer" : message;
    String operation = message.contains("pipe") ? "write" : "read";
    InetSocketAddress local =
        new InetSocketAddress(socket.getLocalAddress(), socket.getLocalPort());
    InetSocketAddress remote = new InetSocketAddress(socket.getInetAddress(), socket.getPort());
    return operation + " tcp " + text(local) + "->" + text(remote) + ": " + operation + ": " + what;
  }

  static String tlsProblem(SSLException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("unable to find valid certification path")) {
      return "tls: failed to verify certificate: x509: certificate signed by unknown authority";
    }
    if (message.contains("Unsupported or unrecognized SSL message")) {
      return "http: server gave HTTP response to HTTPS client";
    }
    String alert = "Received fatal alert: ";
    int at = message.indexOf(alert);
    if (at >= 0) {
      return "remote error: tls: " + message.substring(at + alert.length()).replace('_', ' ');
    }
    return "tls: " + message;
  }

  static String text(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    if (ip == null) {
      return address.getHostString() + ":" + address.getPort();
    }
    String host = ip.getHostAddress();
    return (host.indexOf(':') >= 0 ? "[" + shortened(host) + "]" : host) + ":" + address.getPort();
  }

  /** The loopback as Go writes it; other IPv6 addresses as Java does. */
  private static String shortened(String v6) {
    return v6.equals("0:0:0:0:0:0:0:1") ? "::1" : v6;
  }

  /** Ends the connection. A goodbye of TLS could block on a peer that reads nothing. */
  @Override
  public void close() {
    closeQuietly(socket);
  }

  static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is being thrown away; there is nothing to tell anybody.
      return;
    }
  }
}
