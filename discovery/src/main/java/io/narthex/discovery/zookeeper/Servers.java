package io.narthex.discovery.zookeeper;

import io.narthex.net.connect.Resolver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * The servers of an ensemble, any of which will do. The one behind the last is the next to be
 * tried, so that a server that is away, or that cannot serve, is not asked again and again.
 */
final class Servers {

  private static final int PORT = 2181;
  private static final Duration LOOKUP = Duration.ofSeconds(5);

  private final List<String> servers;
  private final Duration timeout;
  private int next;

  /**
   * Makes them ready.
   *
   * @param servers hosts, with or without a port
   * @param timeout of a session
   * @param first which of them is tried first, any number
   */
  Servers(List<String> servers, Duration timeout, int first) {
    this.servers = servers;
    this.timeout = timeout;
    this.next = Math.floorMod(first, servers.size());
  }

  /**
   * A session with the first that grants one.
   *
   * @throws IOException if none does; the message is the last one's
   */
  Session connect() throws IOException, InterruptedException {
    IOException failure = new IOException("no ZooKeeper server");
    for (int i = 0; i < servers.size(); i++) {
      String server = servers.get(next);
      next = (next + 1) % servers.size();
      try {
        return connect(server);
      } catch (IOException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        failure = new IOException(server + ": " + e.getMessage(), e);
      }
    }
    throw failure;
  }

  private Session connect(String server) throws IOException, InterruptedException {
    int colon = server.lastIndexOf(':');
    boolean hasPort = colon >= 0 && !server.endsWith("]");
    String host = hasPort ? server.substring(0, colon) : server;
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    int port = hasPort ? port(server.substring(colon + 1)) : PORT;
    List<InetAddress> addresses;
    try {
      addresses = Resolver.system().resolve(host, LOOKUP);
    } catch (TimeoutException e) {
      throw new IOException("the host is not found in time", e);
    }
    IOException failure = new IOException("the host has no address");
    for (InetAddress address : addresses) {
      try {
        return Session.open(new InetSocketAddress(address, port), timeout);
      } catch (IOException e) {
        failure = e;
      }
    }
    throw failure;
  }

  private static int port(String text) throws IOException {
    try {
      int port = Integer.parseInt(text);
      if (port > 0 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException e) {
      throw new IOException("\"" + text + "\" is no port", e);
    }
    throw new IOException("\"" + text + "\" is no port");
  }
}
