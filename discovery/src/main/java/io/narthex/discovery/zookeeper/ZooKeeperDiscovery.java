package io.narthex.discovery.zookeeper;

import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the nodes below some paths of ZooKeeper; each that describes a target is a group of its
 * own. A lost connection takes nothing away: another is opened, with another session, and
 * everything is read anew.
 */
public final class ZooKeeperDiscovery implements Discovery {

  private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperDiscovery.class);

  /** The pauses between two tries; each is twice the last. */
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final String mechanism;
  private final Servers servers;
  private final Member member;
  private final DiscoveryContext context;
  private final List<WatchedTree> trees = new ArrayList<>();

  /** The groups that the sink knows. */
  private final Map<String, TargetGroup> told = new HashMap<>();

  /** What is to be told. */
  private final Map<String, TargetGroup> news = new LinkedHashMap<>();

  private int watched;

  /**
   * Makes it ready.
   *
   * @param mechanism its name in messages
   * @param servers hosts, with or without a port
   * @param paths where to look
   * @param timeout how long a server is to wait for a sign of life
   * @param member reads what stands in a node
   */
  public ZooKeeperDiscovery(
      String mechanism,
      List<String> servers,
      List<String> paths,
      Duration timeout,
      Member member,
      DiscoveryContext context) {
    this.mechanism = mechanism;
    // Jobs begin with different servers, each always with the same.
    this.servers = new Servers(servers, timeout, context.job().hashCode());
    this.member = member;
    this.context = context;
    for (String path : paths) {
      trees.add(new WatchedTree(path, this::changed));
    }
  }

  @Override
  public void run(Sink sink) throws InterruptedException {
    Duration pause = FIRST_PAUSE;
    try {
      while (true) {
        try (Session session = servers.connect()) {
          readAll(session, sink);
          pause = FIRST_PAUSE;
          follow(session, sink);
        } catch (IOException e) {
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
          failed("Lost touch with ZooKeeper", e.getMessage());
        }
        watching(0);
        context.clock().sleep(pause);
        Duration longer = pause.multipliedBy(2);
        pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
      }
    } finally {
      watching(0);
    }
  }

  private void readAll(Session session, Sink sink) throws IOException {
    for (WatchedTree tree : trees) {
      if (!tree.readAll(session)) {
        missing(tree);
      }
    }
    tell(sink);
  }

  /** Follows events, until the connection breaks. */
  private void follow(Session session, Sink sink) throws IOException {
    while (true) {
      String path = session.await();
      for (WatchedTree tree : trees) {
        if (tree.contains(path) && !tree.read(session, path)) {
          missing(tree);
        }
      }
      tell(sink);
    }
  }

  private void missing(WatchedTree tree) {
    failed("Error during reading of ZooKeeper", "path " + tree.root() + " does not exist");
  }

  private void failed(String what, @Nullable String why) {
    context.metrics().mechanisms().zooKeeperFailed();
    LOG.atError()
        .addKeyValue("discovery", mechanism)
        .addKeyValue("config", context.job())
        .addKeyValue("err", why)
        .log(what);
  }

  private void watching(int nodes) {
    context.metrics().mechanisms().zooKeeperWatching(nodes - watched);
    watched = nodes;
  }

  private void changed(String path, byte @Nullable [] data) {
    TargetGroup group = data == null ? null : group(path, data);
    if (group != null) {
      if (!group.equals(told.put(path, group))) {
        news.put(path, group);
      }
    } else if (told.remove(path) != null) {
      news.put(path, new TargetGroup(path, Labels.EMPTY, List.of()));
    }
  }

  private @Nullable TargetGroup group(String path, byte[] data) {
    try {
      return new TargetGroup(path, Labels.EMPTY, List.of(member.labels(path, data)));
    } catch (IOException e) {
      // Most are the nodes that the targets stand below.
      LOG.atDebug()
          .addKeyValue("discovery", mechanism)
          .addKeyValue("path", path)
          .addKeyValue("err", e.getMessage())
          .log("A node that is no target");
      return null;
    }
  }

  private void tell(Sink sink) {
    watching(trees.stream().mapToInt(WatchedTree::size).sum());
    if (!news.isEmpty()) {
      List<TargetGroup> groups = List.copyOf(news.values());
      news.clear();
      sink.update(groups);
    }
  }
}
