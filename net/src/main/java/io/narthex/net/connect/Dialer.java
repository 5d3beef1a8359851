package io.narthex.net.connect;

import io.narthex.base.time.Clock;
import io.narthex.net.client.ProxyConfig;
import io.narthex.net.client.TlsConfig;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections, as one configuration says. Blocking, for virtual threads; thread-safe. Names
 * are asked for each time, and each of several addresses gets its share of the time.
 */
public final class Dialer {

  /** The least time that one of several addresses is given, as Go gives it. */
  private static final int LEAST_CONNECT_MILLIS = 2000;

  private final ClientTls tls;
  private final Proxies proxies;
  private final Map<String, List<String>> connectHeader;
  private final Resolver resolver;
  private final Clock clock;
  private final boolean http2;

  /**
   * @param http2 whether HTTP/2 is offered where TLS is spoken
   * @param environment of the process, for a proxy that is named there
   * @throws IOException if a certificate or a key cannot be read
   * @throws IllegalArgumentException if the proxy is no URL
   */
  public Dialer(
      TlsConfig tls,
      ProxyConfig proxy,
      boolean http2,
      Map<String, String> environment,
      Resolver resolver,
      Clock clock)
      throws IOException {
    this.tls = new ClientTls(tls, clock);
    this.proxies = new Proxies(proxy, environment);
    this.http2 = http2;
    this.connectHeader = proxy.connectHeader();
    this.resolver = resolver;
    this.clock = clock;
  }

  /** Whether certificates have changed since the connection was made. */
  public boolean isOutdated(Link link) {
    SSLContext made = link.context();
    if (made == null) {
      return false;
    }
    try {
      return made != tls.context();
    } catch (IOException e) {
      // They cannot be read now; what is open still serves.
      return false;
    }
  }

  /** Looks at certificates and keys now, because they were refused; whether they have changed. */
  public boolean renew() {
    return tls.renew();
  }

  /**
   * Connects, through a proxy where one is to be used, and shakes hands where TLS is asked for.
   *
   * @param unixSocket a Unix socket to connect to instead of the URL's host, or null
   * @param deadline on the clock's stopwatch, nanoseconds
   */
  public Link connect(HttpUrl to, @Nullable Path unixSocket, long deadline) throws DialException {
    Proxies.Via via = unixSocket == null ? proxies.to(to) : null;
    DeadlineSocket socket = open(to, unixSocket, via, deadline);
    boolean done = false;
    try {
      Link link = secured(socket, to, via);
      done = true;
      return link;
    } catch (IOException e) {
      throw problem(socket, e);
    } finally {
      if (!done) {
        Link.closeQuietly(socket);
      }
    }
  }

  /** A socket that was closed at its deadline fails in many ways, which all mean the same. */
  private static DialException problem(DeadlineSocket socket, IOException e) {
    if (socket.hasExpired() || e instanceof SocketTimeoutException) {
      return DialException.deadline();
    }
    if (e instanceof SSLException tls) {
      return new DialException(DialException.Kind.TLS, Link.tlsProblem(tls));
    }
    if (e instanceof Tunnel.Refused) {
      return failed(String.valueOf(e.getMessage()));
    }
    return failed(Thread.currentThread().isInterrupted() ? "context canceled" : shown(e));
  }

  private static String shown(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("Connection reset") ? "read: connection reset by peer" : message;
  }

  private Link secured(DeadlineSocket socket, HttpUrl to, Proxies.@Nullable Via via)
      throws IOException {
    Socket top = socket;
    boolean toProxy = false;
    if (via != null) {
      if (via.isTls()) {
        top = tls.around(top, tls.context(), via.host(), via.port(), false);
      }
      if (via.isSocks()) {
        Tunnel.socks(top, via, to);
      } else if (to.isTls()) {
        Tunnel.connect(top, via, to, connectHeader);
      } else {
        toProxy = true;
      }
    }
    String authorization = toProxy && via != null ? via.authorization() : "";
    if (!to.isTls()) {
      return new Link(socket, top, null, toProxy, authorization, false);
    }
    SSLContext context = tls.context();
    SSLSocket secure = tls.around(top, context, to.host(), to.port(), http2);
    boolean agreed = "h2".equals(secure.getApplicationProtocol());
    return new Link(socket, secure, context, toProxy, authorization, agreed);
  }

  private DeadlineSocket open(
      HttpUrl to, @Nullable Path unixSocket, Proxies.@Nullable Via via, long deadline)
      throws DialException {
    if (unixSocket != null) {
      return unix(unixSocket, deadline);
    }
    if (via == null) {
      return tcp(to.host(), to.port(), deadline);
    }
    try {
      return tcp(via.host(), via.port(), deadline);
    } catch (DialException e) {
      throw e.kind() == DialException.Kind.DEADLINE
          ? e
          : new DialException(e.kind(), "proxyconnect tcp: " + e.text());
    }
  }

  private DeadlineSocket unix(Path path, long deadline) throws DialException {
    try {
      UnixSocket socket = new UnixSocket(clock, path);
      socket.deadline(deadline);
      return socket;
    } catch (IOException | IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      String reason =
          switch (message) {
            case "No such file or directory" -> "connect: no such file or directory";
            case "Connection refused" -> "connect: connection refused";
            case "Permission denied" -> "connect: permission denied";
            default -> "connect: " + message;
          };
      throw failed("dial unix " + path + ": " + reason);
    }
  }

  private DeadlineSocket tcp(String host, int port, long deadline) throws DialException {
    List<InetAddress> addresses = resolve(host, deadline);
    DialException first = null;
    for (int i = 0; i < addresses.size(); i++) {
      InetSocketAddress address = new InetSocketAddress(addresses.get(i), port);
      DeadlineSocket socket = new DeadlineSocket(clock);
      boolean connected = false;
      try {
        int left = DeadlineSocket.millisLeft(clock, deadline);
        int share = Math.max(left / (addresses.size() - i), LEAST_CONNECT_MILLIS);
        socket.setTcpNoDelay(true);
        socket.connect(address, Math.min(left, share));
        socket.deadline(deadline);
        connected = true;
        return socket;
      } catch (SocketTimeoutException e) {
        first = first == null ? DialException.deadline() : first;
      } catch (IOException e) {
        DialException failure = failed("dial tcp " + Link.text(address) + ": " + connectProblem(e));
        first = first == null ? failure : first;
      } finally {
        if (!connected) {
          Link.closeQuietly(socket);
        }
      }
    }
    throw first == null ? failed(noSuchHost(host)) : first;
  }

  private List<InetAddress> resolve(String host, long deadline) throws DialException {
    try {
      int left = DeadlineSocket.millisLeft(clock, deadline);
      return resolver.resolve(host, Duration.ofMillis(left));
    } catch (UnknownHostException e) {
      throw failed(noSuchHost(host));
    } catch (SocketTimeoutException | TimeoutException e) {
      throw DialException.deadline();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("context canceled");
    }
  }

  private static DialException failed(String message) {
    return new DialException(DialException.Kind.CONNECTION, message);
  }

  private static String noSuchHost(String host) {
    return "dial tcp: lookup " + host + ": no such host";
  }

  private static String connectProblem(IOException e) {
    if (Thread.currentThread().isInterrupted()) {
      return "operation was canceled";
    }
    String message = String.valueOf(e.getMessage());
    if (e instanceof NoRouteToHostException) {
      return "connect: no route to host";
    }
    if (e instanceof ConnectException && message.startsWith("Connection refused")) {
      return "connect: connection refused";
    }
    if (message.contains("unreachable")) {
      return "connect: network is unreachable";
    }
    return "connect: " + message;
  }
}
