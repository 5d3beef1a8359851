package io.narthex.net.http;

import io.narthex.base.time.Clock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import javax.net.ssl.SSLEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP/1.1 and 1.0 over blocking sockets: a thread per listening address, one per connection, and
 * one that closes the connections of clients that are too slow. Why it is our own, and why handlers
 * have platform threads, stands in the module's RATIONALE.md.
 */
final class SocketServer implements HttpServer {

  private static final Logger log = LoggerFactory.getLogger(SocketServer.class);
  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final Duration LONGEST_TICK = Duration.ofSeconds(1);
  private static final Duration SHORTEST_TICK = Duration.ofMillis(10);

  private final Clock clock;
  private final Options options;
  private final Entrance entrance;
  private final RouteTable routes;
  private final HttpDate date;
  private final List<ServerSocketChannel> listeners;
  private final List<InetSocketAddress> addresses = new ArrayList<>();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final Semaphore permits;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("http-", 0).factory());
  private final Thread reaper;
  private volatile boolean closing;

  static HttpServer open(Options options, Router router, Clock clock) {
    return open(options, router, Entrance.OPEN, clock);
  }

  static HttpServer open(Options options, Router router, Entrance entrance, Clock clock) {
    List<ServerSocketChannel> listeners = new ArrayList<>();
    try {
      for (String address : options.addresses()) {
        listeners.add(ListenAddress.parse(address).bind());
      }
      return new SocketServer(options, router, entrance, clock, listeners);
    } catch (HttpException | IOException e) {
      for (ServerSocketChannel listener : listeners) {
        closeQuietly(listener);
      }
      throw e instanceof HttpException ours ? ours : new HttpException(e.toString(), e);
    }
  }

  private SocketServer(
      Options options,
      Router router,
      Entrance entrance,
      Clock clock,
      List<ServerSocketChannel> listeners)
      throws IOException {
    this.clock = clock;
    this.options = options;
    this.entrance = entrance;
    this.routes = new RouteTable(router);
    this.date = new HttpDate(clock);
    this.listeners = List.copyOf(listeners);
    this.permits = new Semaphore(options.maxConnections());
    for (ServerSocketChannel listener : listeners) {
      addresses.add((InetSocketAddress) listener.getLocalAddress());
    }
    for (ServerSocketChannel listener : listeners) {
      Thread.ofPlatform().daemon().name("http-accept").start(() -> accept(listener));
    }
    this.reaper = Thread.ofVirtual().name("http-reaper").start(this::reap);
  }

  @Override
  public List<InetSocketAddress> addresses() {
    return List.copyOf(addresses);
  }

  private void accept(ServerSocketChannel listener) {
    while (!closing) {
      try {
        SocketChannel channel = listener.accept();
        permits.acquire();
        serve(channel);
      } catch (ClosedChannelException | InterruptedException e) {
        return;
      } catch (IOException e) {
        // Most likely out of file descriptors; those in use come back.
        log.warn("cannot accept a connection, trying again", e);
        pause();
      }
    }
  }

  private void pause() {
    try {
      clock.sleep(Duration.ofMillis(100));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(SocketChannel channel) {
    SSLEngine engine;
    try {
      engine = entrance.tls();
    } catch (IOException e) {
      log.error("TLS cannot be set up for a connection: {}", e.getMessage());
      permits.release();
      closeQuietly(channel);
      return;
    }
    Connection connection =
        new Connection(
            channel, engine, entrance, routes, date, clock, options.readTimeout().toNanos());
    connections.add(connection);
    try {
      threads.execute(() -> {
        try {
          connection.run();
        } finally {
          forget(connection);
        }
      });
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      // The server is closed, or the machine gives no more threads; those in use come back.
      connection.abort();
      forget(connection);
      if (!closing) {
        log.warn("no thread for a connection, trying again", e);
        pause();
      }
    }
    if (closing) {
      connection.endSoon();
    }
  }

  private void forget(Connection connection) {
    connections.remove(connection);
    permits.release();
    synchronized (connections) {
      connections.notifyAll();
    }
  }

  private void reap() {
    // Not Duration.dividedBy: it makes the JDK fill the tables of BigDecimal at each start.
    Duration tick = Duration.ofMillis(options.readTimeout().toMillis() / 10);
    tick = tick.compareTo(LONGEST_TICK) > 0 ? LONGEST_TICK : tick;
    tick = tick.compareTo(SHORTEST_TICK) < 0 ? SHORTEST_TICK : tick;
    try {
      while (true) {
        clock.sleep(tick);
        long now = clock.nanos();
        connections.forEach(c -> c.reap(now));
      }
    } catch (InterruptedException e) {
      // The server is closed.
    }
  }

  @Override
  public void close() {
    closing = true;
    listeners.forEach(SocketServer::closeQuietly);
    connections.forEach(Connection::endSoon);
    try {
      long end = clock.nanos() + GRACE.toNanos();
      synchronized (connections) {
        // Not asleep on the clock: it may stand still, and the last connection is on its way out.
        while (!connections.isEmpty() && clock.nanos() - end < 0) {
          connections.wait(SHORTEST_TICK.toMillis());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    connections.forEach(Connection::abort);
    threads.shutdown();
    reaper.interrupt();
  }

  private static void closeQuietly(Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("closing a socket failed", e);
    }
  }
}
