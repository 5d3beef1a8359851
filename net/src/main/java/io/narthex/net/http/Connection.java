package io.narthex.net.http;

import io.narthex.base.time.Clock;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client: its requests, one after the other, on a thread of its own. */
final class Connection implements Runnable, Patience {

  private static final Logger log = LoggerFactory.getLogger(Connection.class);

  /** What is read of a body that the handler has left, before the connection is given up. */
  private static final int MAX_DISCARD = 256 * 1024;

  private static final long LINGER_NANOS = 500_000_000L;
  private static final long NEVER = Long.MAX_VALUE;

  private enum State {
    IDLE,
    BUSY,
    CLOSED
  }

  private final SocketChannel channel;
  private final @Nullable TlsChannel tls;
  private final GatheringByteChannel out;
  private final Entrance entrance;
  private final RouteTable routes;
  private final HttpDate date;
  private final Clock clock;
  private final long patienceNanos;
  private final ConnectionInput input;
  private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);
  private volatile boolean last;

  /** When the client's time to send the present request is over, on the clock's stopwatch. */
  private long requestEnd;

  /** When the reaper closes the connection; {@link #NEVER} while the server waits for nothing. */
  private volatile long deadline = NEVER;

  /**
   * @param engine TLS for the connection, or null
   */
  Connection(
      SocketChannel channel,
      @Nullable SSLEngine engine,
      Entrance entrance,
      RouteTable routes,
      HttpDate date,
      Clock clock,
      long patienceNanos) {
    this.channel = channel;
    this.tls = engine == null ? null : new TlsChannel(channel, engine);
    this.out = tls == null ? channel : tls;
    this.entrance = entrance;
    this.routes = routes;
    this.date = date;
    this.clock = clock;
    this.patienceNanos = patienceNanos;
    this.input = new ConnectionInput(tls == null ? channel : tls, this);
  }

  @Override
  public void begin() {
    deadline = requestEnd;
  }

  @Override
  public void beginWrite() {
    deadline = later(patienceNanos);
  }

  @Override
  public void end() {
    deadline = NEVER;
  }

  private long later(long nanos) {
    long at = clock.nanos() + nanos;
    return at == NEVER ? at - 1 : at;
  }

  /** Closes the connection if its client has used up the server's patience. */
  void reap(long now) {
    long at = deadline;
    if (at != NEVER && now - at >= 0) {
      abort();
    }
  }

  /** Ends the connection now if it is idle, or else with the present request. */
  void endSoon() {
    last = true;
    if (state.compareAndSet(State.IDLE, State.CLOSED)) {
      abort();
    }
  }

  /**
   * Ends the connection now. Who waits for the client is woken; a handler that works is not: it
   * learns from its request that the client has gone.
   */
  void abort() {
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("closing a connection failed", e);
    }
  }

  @Override
  public void run() {
    try (channel) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      boolean more = shakeHands();
      while (more) {
        requestEnd = later(patienceNanos);
        more = input.awaitRequest() && state.compareAndSet(State.IDLE, State.BUSY) && serve();
        more &= !last && state.compareAndSet(State.BUSY, State.IDLE);
        input.shrink();
      }
      sayGoodbye();
    } catch (IOException e) {
      // The client is gone, or too slow: there is nobody to tell.
      log.debug("connection ended", e);
    }
  }

  private boolean shakeHands() throws IOException {
    if (tls == null) {
      return true;
    }
    deadline = later(patienceNanos);
    try {
      tls.handshake();
      return true;
    } catch (SSLException e) {
      log.debug("TLS handshake error from {}: {}", channel.getRemoteAddress(), e.getMessage());
      lingerUnheard();
      return false;
    } finally {
      deadline = NEVER;
    }
  }

  /** As {@link #linger}, for a client whose bytes mean nothing. */
  private void lingerUnheard() throws IOException {
    channel.shutdownOutput();
    deadline = later(LINGER_NANOS);
    ByteBuffer rest = ByteBuffer.allocate(4096);
    while (channel.read(rest) >= 0) {
      rest.clear();
    }
  }

  private void sayGoodbye() throws IOException {
    if (tls != null && tls.hasShakenHands() && channel.isOpen()) {
      beginWrite();
      try {
        tls.sayGoodbye();
      } finally {
        end();
      }
    }
  }

  /** Answers one request; false if the connection cannot serve another. */
  private boolean serve() throws IOException {
    requestEnd = later(patienceNanos);
    RequestHead head;
    RouteTable.Match match;
    try {
      head = RequestHead.read(input);
      match = routes.find(head.method(), head.rawPath());
    } catch (Refusal e) {
      refuse(e);
      return false;
    } catch (UrlEncoding.BadEscape e) {
      refuse(new Refusal(400, ""));
      return false;
    }
    RequestBody body =
        new RequestBody(
            input,
            head.length(),
            () -> {
              if (head.expectsContinue()) {
                write("HTTP/1.1 100 Continue\r\n\r\n");
              }
            });
    boolean keepAlive = head.keepAlive() && !last;
    RequestHead known = keepAlive ? head : head.withoutKeepAlive();
    ServerResponse response = new ServerResponse(out, this, known, date);
    if (!answer(known, match, body, response)) {
      return false;
    }
    boolean usable = response.leavesConnectionUsable() && keepAlive;
    if (!body.isOver() && !(usable && discard(body, head))) {
      linger();
      return false;
    }
    return usable;
  }

  private boolean answer(
      RequestHead head, RouteTable.Match match, RequestBody body, ServerResponse response)
      throws IOException {
    try {
      if (!entrance.admits(head.first("Authorization"), response)) {
        response.finish();
        return true;
      }
      switch (match) {
        case RouteTable.Match.Found found ->
            found.handler().handle(request(head, found.parameters(), body), response);
        case RouteTable.Match.Redirect redirect -> {
          String query = head.rawQuery().isEmpty() ? "" : "?" + head.rawQuery();
          response
              .status(head.method().equals("GET") || head.method().equals("HEAD") ? 301 : 308)
              .header("Location", redirect.rawPath() + query)
              .sendEmpty();
        }
        case RouteTable.Match.WrongMethod wrong ->
            response
                .status(405)
                .header("Allow", String.join(", ", wrong.allowed()))
                .sendText("Method Not Allowed\n");
        case RouteTable.Match.Missing missing ->
            response.status(404).sendText("404 page not found\n");
      }
      response.finish();
      return true;
    } catch (RuntimeException | StackOverflowError e) {
      log.error("handling {} {} failed", head.method(), ServerRequest.readable(head.rawPath()), e);
      if (!response.isUncommitted()) {
        return false;
      }
      response.reset();
      response.status(500).sendText("Internal Server Error\n");
      return true;
    }
  }

  private ServerRequest request(
      RequestHead head, Map<String, String> parameters, RequestBody body) {
    String path;
    try {
      path = UrlEncoding.decodePath(head.rawPath());
    } catch (UrlEncoding.BadEscape e) {
      throw new IllegalStateException("the route was found by a path that cannot be decoded", e);
    }
    return new ServerRequest(head, path, parameters, body, input, channel);
  }

  /** Reads what the handler has left of a body; false if that is too much. */
  private static boolean discard(RequestBody body, RequestHead head) throws IOException {
    if (head.expectsContinue() && body.isUnasked()) {
      return false;
    }
    byte[] chunk = new byte[8192];
    for (int total = 0; total <= MAX_DISCARD; ) {
      int read = body.read(chunk, 0, chunk.length);
      if (read < 0) {
        return true;
      }
      total += read;
    }
    return false;
  }

  private void refuse(Refusal refusal) throws IOException {
    write(
        "HTTP/1.1 "
            + Statuses.line(refusal.status())
            + "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
            + refusal.getMessage());
    linger();
  }

  /**
   * Lets the client read the answer before the connection is closed: to close it with unread bytes
   * would throw the answer away.
   */
  private void linger() throws IOException {
    sayGoodbye();
    channel.shutdownOutput();
    requestEnd = later(LINGER_NANOS);
    byte[] chunk = new byte[8192];
    while (input.read(chunk, 0, chunk.length) >= 0) {
      // Whatever it is, it comes too late.
    }
  }

  private void write(String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      beginWrite();
      try {
        out.write(bytes);
      } finally {
        end();
      }
    }
  }
}
