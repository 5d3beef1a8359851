package io.narthex.net.scrape;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The way to one target: a connection that is kept for the next time. Blocking, for a virtual
 * thread; one thread at a time.
 *
 * <p>A fetch is over at its deadline, whatever the peer does: connecting, shaking hands and each
 * read wait only for what is left. A connection that the peer has closed meanwhile is opened anew,
 * once, and the name is asked for again.
 */
public final class ScrapeSession implements AutoCloseable {

  private static final int MOST_REDIRECTS = 10;
  private static final long MOST_IDLE_NANOS = Duration.ofMinutes(5).toNanos();

  /** The least time that one of several addresses is given, as Go gives it. */
  private static final int LEAST_CONNECT_MILLIS = 2000;

  private final ScrapeClient client;
  private final HttpUrl url;
  private final Duration timeout;
  private final long bodyLimit;
  private byte @Nullable [] request;
  private @Nullable Connection kept;
  private int lastLength;

  ScrapeSession(ScrapeClient client, HttpUrl url, Duration timeout, long bodyLimit) {
    this.client = client;
    this.url = url;
    this.timeout = timeout;
    this.bodyLimit = bodyLimit;
  }

  private static final class Connection {
    final DeadlineSocket socket;
    final Socket secured;
    final InputStream in;
    long lastUsed;

    Connection(DeadlineSocket socket, Socket secured) throws IOException {
      this.socket = socket;
      this.secured = secured;
      this.in = secured.getInputStream();
    }

    void close() {
      try {
        // A TLS goodbye could block on a peer that reads nothing.
        socket.close();
      } catch (IOException e) {
        // It is being thrown away; there is nothing to tell anybody.
        return;
      }
    }
  }

  /** The URL that is fetched. */
  public HttpUrl url() {
    return url;
  }

  /**
   * Fetches the page.
   *
   * @return the body of an answer with status 200, to be closed by the caller
   * @throws ScrapeException if there is none within the time
   */
  public Body fetch() throws ScrapeException {
    long deadline = client.clock().nanos() + timeout.toNanos();
    HttpUrl next = url;
    try {
      for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
        Object answer = exchange(next, deadline);
        if (answer instanceof Body body) {
          return body;
        }
        next = redirect(next, (String) answer);
      }
      throw new ScrapeException(ScrapeException.Kind.PROTOCOL, "stopped after 10 redirects");
    } catch (BeforeAnswer e) {
      throw new ScrapeException(e.kind, "Get " + Quoted.go(next.text()) + ": " + e.getMessage());
    }
  }

  private HttpUrl redirect(HttpUrl from, String location) throws BeforeAnswer {
    try {
      return from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new BeforeAnswer(
          ScrapeException.Kind.PROTOCOL,
          "failed to parse Location header " + Quoted.go(location) + ": " + e.getMessage());
    }
  }

  /** A failure before the head of an answer was there: Go names method and URL in front of it. */
  private static final class BeforeAnswer extends Exception {
    private static final long serialVersionUID = 1;
    final ScrapeException.Kind kind;

    BeforeAnswer(ScrapeException.Kind kind, String message) {
      super(message, null, false, false);
      this.kind = kind;
    }

    BeforeAnswer(ScrapeException e) {
      this(e.kind(), String.valueOf(e.getMessage()));
    }
  }

  /** One request: the body, or the location of a redirect. */
  private Object exchange(HttpUrl to, long deadline) throws ScrapeException, BeforeAnswer {
    boolean own = to.sameOrigin(url);
    byte[] bytes = own && to.equals(url) ? ownRequest() : request(to);
    Connection connection = own ? takeKept() : null;
    boolean reused = connection != null;
    while (true) {
      if (connection == null) {
        connection = connect(to, deadline);
      }
      connection.socket.deadline(deadline);
      boolean handedOn = false;
      try {
        int first = send(connection, bytes);
        if (first >= 0) {
          handedOn = true;
          return receive(connection, first, own);
        }
        if (!reused) {
          throw new BeforeAnswer(ScrapeException.Kind.CONNECTION, "EOF");
        }
      } catch (SocketTimeoutException e) {
        throw new BeforeAnswer(ScrapeException.deadline());
      } catch (IOException e) {
        if (!reused || Thread.currentThread().isInterrupted()) {
          throw new BeforeAnswer(ScrapeException.Kind.CONNECTION, broken(connection, e));
        }
      } finally {
        if (!handedOn) {
          connection.close();
        }
      }
      // The peer has closed the idle connection; it has not seen this request.
      reused = false;
      connection = null;
    }
  }

  private byte[] ownRequest() throws BeforeAnswer {
    byte[] bytes = request;
    if (bytes == null) {
      bytes = request(url);
      if (client.isConstant()) {
        request = bytes;
      }
    }
    return bytes;
  }

  private byte[] request(HttpUrl to) throws BeforeAnswer {
    try {
      return client.request(to, timeout, to.sameHost(url)).getBytes(StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new BeforeAnswer(
          ScrapeException.Kind.CONNECTION, "unable to read credentials: " + e.getMessage());
    }
  }

  private @Nullable Connection takeKept() {
    Connection connection = kept;
    kept = null;
    if (connection != null && client.clock().nanos() - connection.lastUsed > MOST_IDLE_NANOS) {
      connection.close();
      return null;
    }
    return connection;
  }

  /** Sends a request and waits for the first byte of the answer; -1 at the end of the stream. */
  private static int send(Connection connection, byte[] bytes) throws IOException {
    connection.secured.getOutputStream().write(bytes);
    return connection.in.read();
  }

  /** Reads the answer, and then keeps the connection or closes it. */
  private Object receive(Connection connection, int first, boolean own)
      throws ScrapeException, BeforeAnswer {
    BodyBuffers buffers = client.buffers();
    Framing framing = buffers.framing();
    boolean reusable = false;
    try {
      head(framing, connection, first);
      String location = framing.location();
      Object answer;
      if (client.followsRedirects() && location != null && isRedirect(framing.status())) {
        framing.drain();
        answer = location;
      } else if (framing.status() != 200) {
        String status = framing.statusText();
        try {
          framing.drain();
          reusable = framing.isReusable();
        } catch (IOException | ScrapeException e) {
          reusable = false;
        }
        throw new ScrapeException(
            ScrapeException.Kind.STATUS, "server returned HTTP status " + status);
      } else {
        answer = body(framing);
      }
      reusable = framing.isReusable();
      return answer;
    } catch (SocketTimeoutException e) {
      throw ScrapeException.deadline();
    } catch (IOException e) {
      throw new ScrapeException(ScrapeException.Kind.CONNECTION, broken(connection, e));
    } finally {
      buffers.give(framing);
      if (reusable && own) {
        connection.lastUsed = client.clock().nanos();
        kept = connection;
      } else {
        connection.close();
      }
    }
  }

  private static void head(Framing framing, Connection connection, int first) throws BeforeAnswer {
    try {
      framing.readHead(connection.in, first);
    } catch (ScrapeException e) {
      throw new BeforeAnswer(e);
    } catch (SocketTimeoutException e) {
      throw new BeforeAnswer(ScrapeException.deadline());
    } catch (IOException e) {
      throw new BeforeAnswer(ScrapeException.Kind.CONNECTION, broken(connection, e));
    }
  }

  private Body body(Framing framing) throws IOException, ScrapeException {
    Body body = client.buffers().take(lastLength);
    boolean whole = false;
    try {
      framing.readBody(body, bodyLimit);
      body.contentType(framing.contentType());
      lastLength = body.length();
      whole = true;
      return body;
    } finally {
      if (!whole) {
        body.close();
      }
    }
  }

  private static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  private Connection connect(HttpUrl to, long deadline) throws BeforeAnswer {
    List<InetAddress> addresses = resolve(to, deadline);
    BeforeAnswer firstFailure = null;
    for (int i = 0; i < addresses.size(); i++) {
      InetSocketAddress address = new InetSocketAddress(addresses.get(i), to.port());
      DeadlineSocket socket = new DeadlineSocket(client.clock());
      socket.deadline(deadline);
      boolean connected = false;
      try {
        int left = socket.millisLeft();
        int share = Math.max(left / (addresses.size() - i), LEAST_CONNECT_MILLIS);
        socket.setTcpNoDelay(true);
        socket.connect(address, Math.min(left, share));
        Socket secured = to.isTls() ? client.tls().around(socket, to) : socket;
        Connection connection = new Connection(socket, secured);
        connected = true;
        return connection;
      } catch (SocketTimeoutException e) {
        firstFailure = firstOf(firstFailure, new BeforeAnswer(ScrapeException.deadline()));
      } catch (SSLException e) {
        throw new BeforeAnswer(ScrapeException.Kind.CONNECTION, tlsProblem(e));
      } catch (IOException e) {
        firstFailure =
            firstOf(
                firstFailure,
                new BeforeAnswer(
                    ScrapeException.Kind.CONNECTION,
                    "dial tcp " + text(address) + ": " + connectProblem(e)));
      } finally {
        if (!connected) {
          closeQuietly(socket);
        }
      }
    }
    throw firstFailure == null
        ? new BeforeAnswer(ScrapeException.Kind.CONNECTION, noSuchHost(to))
        : firstFailure;
  }

  private static BeforeAnswer firstOf(@Nullable BeforeAnswer first, BeforeAnswer other) {
    return first == null ? other : first;
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It never was connected.
      return;
    }
  }

  private List<InetAddress> resolve(HttpUrl to, long deadline) throws BeforeAnswer {
    try {
      int left = DeadlineSocket.millisLeft(client.clock(), deadline);
      return client.resolver().resolve(to.host(), Duration.ofMillis(left));
    } catch (UnknownHostException e) {
      throw new BeforeAnswer(ScrapeException.Kind.CONNECTION, noSuchHost(to));
    } catch (SocketTimeoutException | TimeoutException e) {
      throw new BeforeAnswer(ScrapeException.deadline());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BeforeAnswer(ScrapeException.Kind.CONNECTION, "context canceled");
    }
  }

  private static String noSuchHost(HttpUrl to) {
    return "dial tcp: lookup " + to.host() + ": no such host";
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

  private static String broken(Connection connection, IOException e) {
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
        new InetSocketAddress(
            connection.socket.getLocalAddress(), connection.socket.getLocalPort());
    InetSocketAddress remote =
        new InetSocketAddress(connection.socket.getInetAddress(), connection.socket.getPort());
    return operation + " tcp " + text(local) + "->" + text(remote) + ": " + operation + ": " + what;
  }

  private static String tlsProblem(SSLException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("unable to find valid certification path")) {
      return "tls: failed to verify certificate: x509: certificate signed by unknown authority";
    }
    if (message.contains("Unsupported or unrecognized SSL message")) {
      return "http: server gave HTTP response to HTTPS client";
    }
    return "tls: " + message;
  }

  private static String text(InetSocketAddress address) {
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

  @Override
  public void close() {
    Connection connection = kept;
    kept = null;
    if (connection != null) {
      connection.close();
    }
  }
}
