package io.narthex.discovery.zookeeper;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A path of ZooKeeper and all that is below it, as it was last seen. After an event the node that
 * it names is read again, and with it the nodes below that were not known; so every node that is
 * known is watched. What was seen stays where reading fails, and the next whole reading tells what
 * changed meanwhile. One thread at a time.
 */
final class WatchedTree {

  /** Is told what changed. */
  @FunctionalInterface
  interface Listener {

    /** A node is new or has other data; or, with null, is gone. */
    void changed(String path, byte @Nullable [] data);
  }

  private static final class Node {
    final byte[] data;
    final Set<String> children;

    Node(byte[] data, Set<String> children) {
      this.data = data;
      this.children = children;
    }
  }

  private final String root;
  private final Listener listener;
  private Map<String, Node> nodes = new HashMap<>();

  WatchedTree(String root, Listener listener) {
    this.root = root;
    this.listener = listener;
  }

  String root() {
    return root;
  }

  /** How many nodes there are. */
  int size() {
    return nodes.size();
  }

  /** Whether the path is the root or below it. */
  boolean contains(String path) {
    return path.equals(root) || path.startsWith(root.equals("/") ? root : root + "/");
  }

  /**
   * Reads everything anew.
   *
   * @return whether the root is there; it is watched either way
   */
  boolean readAll(Session session) throws IOException {
    Map<String, Node> now = new HashMap<>();
    readRoot(session, now);
    Map<String, Node> before = nodes;
    nodes = now;
    before.keySet().stream()
        .filter(path -> !now.containsKey(path))
        .forEach(path -> listener.changed(path, null));
    now.forEach((path, node) -> tell(path, node, before.get(path)));
    return now.containsKey(root);
  }

  private void readRoot(Session session, Map<String, Node> into) throws IOException {
    read(session, root, Map.of(), into);
    // A node that is not there is watched by asking whether it is; it may have come in between.
    while (!into.containsKey(root) && session.exists(root)) {
      read(session, root, Map.of(), into);
    }
  }

  /**
   * Reads a node after an event.
   *
   * @return whether the root is there
   */
  boolean read(Session session, String path) throws IOException {
    Map<String, Node> now = new HashMap<>();
    if (path.equals(root) && !nodes.containsKey(root)) {
      readRoot(session, now);
    } else {
      read(session, path, nodes, now);
      if (path.equals(root) && now.isEmpty()) {
        readRoot(session, now);
      }
    }
    Node node = now.get(path);
    if (node == null) {
      forget(path);
    } else {
      Node before = nodes.get(path);
      if (before != null) {
        before.children.stream()
            .filter(child -> !node.children.contains(child))
            .forEach(child -> forget(below(path, child)));
      }
    }
    now.forEach((each, read) -> tell(each, read, nodes.put(each, read)));
    return nodes.containsKey(root);
  }

  /** Reads a node, if it is there, and those below it that are not known. */
  private static void read(
      Session session, String path, Map<String, Node> known, Map<String, Node> into)
      throws IOException {
    byte[] data = session.data(path);
    List<String> children = data == null ? null : session.children(path);
    if (data == null || children == null) {
      return;
    }
    into.put(path, new Node(data, Set.copyOf(children)));
    for (String child : children) {
      String below = below(path, child);
      if (!known.containsKey(below)) {
        read(session, below, known, into);
      }
    }
  }

  private void forget(String path) {
    Node node = nodes.remove(path);
    if (node != null) {
      listener.changed(path, null);
      node.children.forEach(child -> forget(below(path, child)));
    }
  }

  private void tell(String path, Node now, @Nullable Node before) {
    if (before == null || !Arrays.equals(now.data, before.data)) {
      listener.changed(path, now.data);
    }
  }

  private static String below(String path, String child) {
    return path.equals("/") ? path + child : path + "/" + child;
  }
}
