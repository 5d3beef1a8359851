package io.narthex.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder twice: as it is, and as it would be if the power went now. Names that were not synced
 * wait in a journal, bytes that were not synced in their file. Paths are relative to the folder.
 */
final class DurableTree {

  /** What the kernel writes as a whole. */
  private static final int PAGE = 4096;

  private sealed interface Node permits FileNode, Directory {}

  private static final class Directory implements Node {
    private final TreeMap<String, Node> now = new TreeMap<>();
    private final TreeMap<String, Node> durable = new TreeMap<>();
  }

  private sealed interface Change {}

  private record Write(int position, byte[] bytes) implements Change {}

  private record Cut(int length) implements Change {}

  /** A file, whatever its names. */
  static final class FileNode implements Node {
    private byte[] durable = new byte[0];
    private final List<Change> pending = new ArrayList<>();

    void write(long position, byte[] bytes, int from, int length) {
      pending.add(new Write((int) position, Arrays.copyOfRange(bytes, from, from + length)));
    }

    void cut(long length) {
      pending.add(new Cut((int) length));
    }

    void sync() {
      durable = all();
      pending.clear();
    }

    private byte[] all() {
      byte[] content = durable;
      for (Change change : pending) {
        content = apply(content, change);
      }
      return content;
    }

    private static byte[] apply(byte[] content, Change change) {
      return switch (change) {
        case Cut cut -> Arrays.copyOf(content, cut.length);
        case Write write -> {
          int end = write.position + write.bytes.length;
          byte[] next = end > content.length ? Arrays.copyOf(content, end) : content.clone();
          System.arraycopy(write.bytes, 0, next, write.position, write.bytes.length);
          yield next;
        }
      };
    }

    /** What is left of it by chance. */
    private byte[] some(Random random) {
      switch (random.nextInt(5)) {
        case 0 -> {
          return durable;
        }
        case 1 -> {
          return all();
        }
        default -> {}
      }
      byte[] content = durable;
      int from = 0;
      while (true) {
        int to = from;
        while (to < pending.size() && !(pending.get(to) instanceof Cut)) {
          to++;
        }
        if (to == pending.size() || random.nextBoolean()) {
          content = somePages(content, pending.subList(from, to), random);
          break;
        }
        for (Change change : pending.subList(from, to + 1)) {
          content = apply(content, change);
        }
        from = to + 1;
      }
      // The new length may be durable before the bytes are.
      int length = all().length;
      return length > content.length && random.nextInt(4) == 0
          ? Arrays.copyOf(content, length)
          : content;
    }

    /** Each page as it was after one of the writes to it. */
    private static byte[] somePages(byte[] before, List<Change> writes, Random random) {
      TreeMap<Integer, List<Write>> byPage = new TreeMap<>();
      for (Change change : writes) {
        if (change instanceof Write write) {
          int at = 0;
          while (at < write.bytes.length) {
            int page = (write.position + at) / PAGE;
            int end = Math.min(write.bytes.length, (page + 1) * PAGE - write.position);
            byPage
                .computeIfAbsent(page, key -> new ArrayList<>())
                .add(new Write(write.position + at, Arrays.copyOfRange(write.bytes, at, end)));
            at = end;
          }
        }
      }
      byte[] content = before;
      for (List<Write> pieces : byPage.values()) {
        int kept =
            switch (random.nextInt(3)) {
              case 0 -> 0;
              case 1 -> pieces.size();
              default -> random.nextInt(pieces.size() + 1);
            };
        for (Write piece : pieces.subList(0, kept)) {
          content = apply(content, piece);
        }
      }
      return content;
    }
  }

  /** A change of names; an end that is null is none. */
  private record Naming(
      @Nullable Directory from, String oldName, @Nullable Directory to, String newName, Node node) {

    boolean touches(Directory directory) {
      return from == directory || to == directory;
    }

    void apply() {
      if (from != null && from.durable.get(oldName) == node) {
        from.durable.remove(oldName);
      }
      if (to != null) {
        to.durable.put(newName, node);
      }
    }
  }

  private final Directory root = new Directory();
  private List<Naming> journal = new ArrayList<>();

  /** Takes in what is there, all of it durable. */
  void scan(Path folder) throws IOException {
    scan(folder, root);
  }

  private static void scan(Path folder, Directory into) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      for (Path child : children.sorted().toList()) {
        Node node;
        if (Files.isDirectory(child)) {
          Directory directory = new Directory();
          scan(child, directory);
          node = directory;
        } else {
          FileNode file = new FileNode();
          file.durable = Files.readAllBytes(child);
          node = file;
        }
        into.now.put(name(child), node);
        into.durable.put(name(child), node);
      }
    }
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  private @Nullable Node find(Path path) {
    Node node = root;
    for (Path part : path) {
      if (!part.toString().isEmpty()) {
        node = node instanceof Directory directory ? directory.now.get(part.toString()) : null;
      }
    }
    return node;
  }

  private Directory directory(@Nullable Path path) {
    if (path == null) {
      return root;
    }
    if (find(path) instanceof Directory directory) {
      return directory;
    }
    throw new IllegalArgumentException("no directory " + path);
  }

  FileNode file(Path path) {
    if (find(path) instanceof FileNode file) {
      return file;
    }
    throw new IllegalArgumentException("no file " + path);
  }

  boolean isDurable(Path path) {
    Node now = root;
    Node durable = root;
    for (Path part : path) {
      now = now instanceof Directory directory ? directory.now.get(part.toString()) : null;
      durable =
          durable instanceof Directory directory ? directory.durable.get(part.toString()) : null;
    }
    return now == durable && now instanceof FileNode file && file.pending.isEmpty();
  }

  FileNode create(Path path) {
    if (find(path) instanceof FileNode there) {
      there.cut(0);
      return there;
    }
    FileNode file = new FileNode();
    add(path, file);
    return file;
  }

  private void add(Path path, Node node) {
    Directory parent = directory(path.getParent());
    parent.now.put(name(path), node);
    journal.add(new Naming(null, "", parent, name(path), node));
  }

  void createDirectories(Path path) {
    Directory parent = root;
    for (Path part : path) {
      Node there = parent.now.get(part.toString());
      if (there instanceof Directory directory) {
        parent = directory;
      } else {
        Directory made = new Directory();
        parent.now.put(part.toString(), made);
        parent.durable.put(part.toString(), made);
        parent = made;
      }
    }
  }

  void rename(Path from, Path to) {
    Directory source = directory(from.getParent());
    Directory target = directory(to.getParent());
    Node node = source.now.remove(name(from));
    if (node == null) {
      throw new IllegalArgumentException("no " + from);
    }
    target.now.put(name(to), node);
    journal.add(new Naming(source, name(from), target, name(to), node));
  }

  void link(Path existing, Path link) {
    add(link, file(existing));
  }

  void delete(Path path) {
    Directory parent = directory(path.getParent());
    Node node = parent.now.remove(name(path));
    if (node == null) {
      throw new IllegalArgumentException("no " + path);
    }
    journal.add(new Naming(parent, name(path), null, "", node));
  }

  void syncDirectory(Path path) {
    Directory directory = directory(path);
    List<Naming> left = new ArrayList<>();
    for (Naming naming : journal) {
      if (naming.touches(directory)) {
        naming.apply();
      } else {
        left.add(naming);
      }
    }
    journal = left;
  }

  /** Writes what survives; the tree is of no use after that. */
  void write(Path into, PowerDisk.Survival survival, Random random) throws IOException {
    List<Naming> surviving =
        switch (survival) {
          case NOTHING -> List.of();
          case EVERYTHING -> journal;
          case UP_TO_SOME_MOMENT -> journal.subList(0, random.nextInt(journal.size() + 1));
          case ANY -> journal.stream().filter(naming -> random.nextBoolean()).toList();
        };
    surviving.forEach(Naming::apply);
    write(into, root, survival, random, new IdentityHashMap<>());
  }

  private static void write(
      Path into,
      Directory directory,
      PowerDisk.Survival survival,
      Random random,
      Map<FileNode, byte[]> contents)
      throws IOException {
    Files.createDirectories(into);
    for (Map.Entry<String, Node> entry : directory.durable.entrySet()) {
      Path path = into.resolve(entry.getKey());
      switch (entry.getValue()) {
        case Directory inner -> write(path, inner, survival, random, contents);
        case FileNode file ->
            Files.write(
                path,
                contents.computeIfAbsent(
                    file,
                    key ->
                        switch (survival) {
                          case NOTHING -> file.durable;
                          case EVERYTHING -> file.all();
                          case UP_TO_SOME_MOMENT, ANY -> file.some(random);
                        }));
      }
    }
  }
}
