package io.narthex.net.http;

import io.narthex.base.time.Clock;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** A running HTTP server. Closing it ends its connections and frees its ports. */
public interface HttpServer extends AutoCloseable {

  /**
   * What a server is opened with.
   *
   * @param addresses where to listen, as {@code host:port} or {@code :port}; port 0 takes a free
   *     one
   * @param readTimeout how long a client may take to send a request, to take a piece of the answer,
   *     and to stay idle
   * @param maxConnections over all addresses; further ones wait
   */
  record Options(List<String> addresses, Duration readTimeout, int maxConnections) {}

  /**
   * Opens a server; it answers when this returns.
   *
   * @throws HttpException if an address cannot be taken; the message names it and says why, as Go
   *     does: {@code listen tcp 0.0.0.0:9090: bind: address already in use}
   */
  static HttpServer open(Options options, Router router) {
    return open(options, router, Entrance.OPEN);
  }

  /** The same with something before the handlers. */
  static HttpServer open(Options options, Router router, Entrance entrance) {
    return SocketServer.open(options, router, entrance, Clock.SYSTEM);
  }

  /** The addresses that it listens on, ports resolved. */
  List<InetSocketAddress> addresses();

  /**
   * Stops taking connections, lets running requests end for a short while, closes the rest. Frees
   * the ports.
   */
  @Override
  void close();
}
