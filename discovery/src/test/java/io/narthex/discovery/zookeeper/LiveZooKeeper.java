package io.narthex.discovery.zookeeper;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZKUtil;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.server.ServerCnxn;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** ZooKeeper itself, in this process, written to by its own client. */
public final class LiveZooKeeper implements AutoCloseable {

  private static final int TICK_MILLIS = 100;

  static {
    ((Logger) LoggerFactory.getLogger("org.apache.zookeeper")).setLevel(Level.ERROR);
  }

  private final Path folder;
  private int port;
  private ServerCnxnFactory connections;
  private ZooKeeperServer server;
  private @Nullable ZooKeeper client;

  /**
   * Starts it.
   *
   * @param folder keeps what it knows
   */
  public LiveZooKeeper(Path folder) throws IOException, InterruptedException {
    this.folder = folder;
    back();
  }

  /** {@code 127.0.0.1:port}. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  /** Is there again, with what it knew. */
  public void back() throws IOException, InterruptedException {
    server = new ZooKeeperServer(folder.toFile(), folder.toFile(), TICK_MILLIS);
    connections =
        ServerCnxnFactory.createFactory(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
    connections.startup(server);
    port = connections.getLocalPort();
  }

  /** Goes away. */
  public void away() throws InterruptedException {
    forgetClient();
    connections.shutdown();
  }

  /** Breaks all connections. */
  public void disconnect() throws InterruptedException {
    forgetClient();
    connections.closeAll(ServerCnxn.DisconnectReason.UNKNOWN);
  }

  private void forgetClient() throws InterruptedException {
    if (client != null) {
      client.close();
      client = null;
    }
  }

  /** How many connections there are. */
  public int connections() {
    return connections.getNumAliveConnections();
  }

  /** How many packets came. */
  public long packets() {
    return server.serverStats().getPacketsReceived();
  }

  private ZooKeeper client() throws IOException {
    if (client == null) {
      client = new ZooKeeper(address(), 10_000, event -> {});
    }
    return client;
  }

  /** Sets what a node holds; the nodes above it come by themselves. */
  public void set(String path, String data) throws Exception {
    byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
    try {
      client().setData(path, bytes, -1);
    } catch (KeeperException.NoNodeException e) {
      int slash = path.lastIndexOf('/');
      if (slash > 0 && client().exists(path.substring(0, slash), false) == null) {
        set(path.substring(0, slash), "");
      }
      client().create(path, bytes, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }
  }

  /** Removes a node and all below it. */
  public void delete(String path) throws Exception {
    ZKUtil.deleteRecursive(client(), path);
  }

  /** The names of the nodes right below one; none if it is not there. */
  public List<String> children(String path) throws Exception {
    try {
      return client().getChildren(path, false);
    } catch (KeeperException.NoNodeException e) {
      return List.of();
    }
  }

  @Override
  public void close() throws InterruptedException {
    away();
  }
}
