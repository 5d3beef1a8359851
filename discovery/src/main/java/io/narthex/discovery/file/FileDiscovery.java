package io.narthex.discovery.file;

import io.narthex.base.glob.Glob;
import io.narthex.base.hash.Hashes;
import io.narthex.base.yaml.YamlException;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the files, again whenever something happens in their folders (a swapped symbolic link as
 * Kubernetes makes them is such a thing) and after each interval. A file that cannot be read or
 * understood keeps the targets it gave before.
 */
final class FileDiscovery implements Discovery {

  private static final Logger LOG = LoggerFactory.getLogger(FileDiscovery.class);

  private final FileConfig config;
  private final DiscoveryContext context;

  /** What each file held when it was last understood. */
  private Map<String, Content> last = Map.of();

  /**
   * What a file held.
   *
   * @param hash of its bytes: the same ones need not be understood again, however often something
   *     else happens in the folder
   */
  private record Content(long hash, List<TargetGroup> groups) {}

  FileDiscovery(FileConfig config, DiscoveryContext context) {
    this.config = config;
    this.context = context;
  }

  @Override
  public List<TargetGroup> known() {
    return refresh();
  }

  @Override
  public void run(Sink sink) throws InterruptedException {
    try (WatchService watcher = FileSystems.getDefault().newWatchService()) {
      Set<Path> watched = new HashSet<>();
      watch(watcher, watched);
      Thread watching =
          Thread.ofVirtual().name("discovery-file-watch").start(() -> follow(watcher, sink));
      // What changed between the first reading and the watching.
      tell(sink);
      try {
        while (true) {
          context.clock().sleep(config.refreshInterval());
          // A folder that was not there at first may be there now.
          watch(watcher, watched);
          tell(sink);
        }
      } finally {
        watching.interrupt();
        watcher.close();
        watching.join();
      }
    } catch (IOException e) {
      context.metrics().watchFailed();
      LOG.atError().addKeyValue("err", e.getMessage()).log("Error adding file watcher");
      refreshByTime(sink);
    }
  }

  /** Without a watcher there is still the interval. */
  private void refreshByTime(Sink sink) throws InterruptedException {
    while (true) {
      context.clock().sleep(config.refreshInterval());
      tell(sink);
    }
  }

  private void watch(WatchService watcher, Set<Path> watched) {
    for (String pattern : config.files()) {
      Path parent = Path.of(pattern).getParent();
      Path folder = parent == null ? Path.of(".") : parent;
      if (!watched.contains(folder) && Files.isDirectory(folder)) {
        try {
          folder.register(
              watcher,
              StandardWatchEventKinds.ENTRY_CREATE,
              StandardWatchEventKinds.ENTRY_MODIFY,
              StandardWatchEventKinds.ENTRY_DELETE);
          watched.add(folder);
        } catch (IOException e) {
          context.metrics().watchFailed();
          LOG.atError()
              .addKeyValue("path", folder)
              .addKeyValue("err", e.getMessage())
              .log("Error adding file watch");
        }
      }
    }
  }

  private void follow(WatchService watcher, Sink sink) {
    try {
      while (true) {
        WatchKey key = watcher.take();
        key.pollEvents();
        key.reset();
        tell(sink);
      }
    } catch (InterruptedException | ClosedWatchServiceException e) {
      LOG.debug("File discovery stopped watching");
    }
  }

  private void tell(Sink sink) {
    List<TargetGroup> changes = refresh();
    if (!changes.isEmpty()) {
      sink.update(changes);
    }
  }

  /** Reads all files; returns the groups that are new, changed or gone (those without targets). */
  private synchronized List<TargetGroup> refresh() {
    long start = context.clock().nanos();
    Map<String, Content> now = new LinkedHashMap<>();
    for (String pattern : config.files()) {
      for (Path path : find(pattern)) {
        String file = path.toString();
        try {
          now.put(file, read(path, last.get(file)));
          context.metrics().fileRead(file, Files.getLastModifiedTime(path).toMillis() / 1000 * 1.0);
        } catch (IOException | YamlException e) {
          context.metrics().fileFailed();
          LOG.atError()
              .addKeyValue("path", file)
              .addKeyValue("err", e.getMessage())
              .log("Error reading file");
          Content before = last.get(file);
          if (before != null) {
            now.put(file, before);
          }
        }
      }
    }
    List<TargetGroup> changes = changes(now);
    last = now;
    context.metrics().filesScanned((context.clock().nanos() - start) / 1e9);
    return changes;
  }

  private static Content read(Path path, @Nullable Content before) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    long hash = Hashes.xxHash64(bytes, 0, bytes.length);
    return before != null && before.hash == hash
        ? before
        : new Content(hash, TargetFile.parse(path, bytes));
  }

  private List<Path> find(String pattern) {
    try {
      return Glob.find(pattern);
    } catch (IllegalArgumentException e) {
      LOG.atError()
          .addKeyValue("glob", pattern)
          .addKeyValue("err", e.getMessage())
          .log("Error expanding glob");
      return List.of();
    }
  }

  private List<TargetGroup> changes(Map<String, Content> now) {
    List<TargetGroup> changes = new ArrayList<>();
    now.forEach((file, content) -> {
      List<TargetGroup> groups = content.groups;
      Content old = last.get(file);
      List<TargetGroup> before = old == null ? List.of() : old.groups;
      for (int i = 0; i < groups.size(); i++) {
        if (i >= before.size() || !groups.get(i).equals(before.get(i))) {
          changes.add(groups.get(i));
        }
      }
      before.stream().skip(groups.size()).map(FileDiscovery::gone).forEach(changes::add);
    });
    last.forEach((file, content) -> {
      if (!now.containsKey(file)) {
        context.metrics().fileGone(file);
        content.groups.stream().map(FileDiscovery::gone).forEach(changes::add);
      }
    });
    return changes;
  }

  private static TargetGroup gone(TargetGroup group) {
    return new TargetGroup(group.source(), group.labels(), List.of());
  }
}
