package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.SetAside;
import io.narthex.base.time.Clock;
import io.narthex.storage.StorageException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directories of blocks that cannot be opened. Each is named in the log, once for each reason,
 * and looked at again with each reload: somebody may be copying it here at this moment. One that
 * has not changed for {@link #PATIENCE} gets a name that is none of a block, since Prometheus
 * refuses to start over a broken index; nothing of it is lost. One that cannot be <i>read</i> stays
 * where it is however long that lasts: the disk or the permissions are to blame then, and not the
 * block.
 *
 * <p>Not thread-safe.
 */
final class BrokenBlocks {

  static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(BrokenBlocks.class);

  /**
   * A block that cannot be opened.
   *
   * @param content its files and their sizes
   * @param since when it was first seen to be like this, on the stopwatch
   * @param toBlame whether its files are, rather than the disk
   */
  private record Broken(String reason, String content, long since, boolean toBlame) {}

  private final Disk disk;
  private final Clock clock;
  private final Map<Path, Broken> all = new HashMap<>();

  BrokenBlocks(Disk disk, Clock clock) {
    this.disk = disk;
    this.clock = clock;
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  List<Path> paths() {
    return List.copyOf(all.keySet());
  }

  /** Forgets those that are not there any more. */
  void retain(Collection<Path> there) {
    all.keySet().retainAll(there);
  }

  /** Forgets one; whether it was broken. */
  boolean forget(Path path) {
    return all.remove(path) != null;
  }

  /** Notes that a block cannot be opened. */
  void note(Path path, StorageException failure) {
    String reason = String.valueOf(failure.getMessage());
    String content = content(path);
    Broken before = all.get(path);
    if (before == null || !before.reason.equals(reason)) {
      LOG.error("a block is set aside, the others go on without it: {}", reason);
    }
    if (before == null || !before.content.equals(content)) {
      all.put(path, new Broken(reason, content, clock.nanos(), isToBlame(failure)));
    } else if (!before.reason.equals(reason)) {
      all.put(path, new Broken(reason, content, before.since, isToBlame(failure)));
    }
  }

  private static boolean isToBlame(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof DiskException) {
        return cause.getCause() instanceof NoSuchFileException;
      }
    }
    return true;
  }

  private String content(Path path) {
    StringBuilder text = new StringBuilder();
    try {
      add(path, text);
    } catch (DiskException e) {
      return String.valueOf(e.getMessage());
    }
    return text.toString();
  }

  private void add(Path directory, StringBuilder text) {
    for (Path child : disk.list(directory)) {
      if (disk.isDirectory(child)) {
        add(child, text);
      } else {
        text.append(child.getFileName()).append(' ').append(disk.size(child)).append('\n');
      }
    }
  }

  /** Renames those that nobody is copying any more. */
  void moveAway() {
    for (Path path : paths()) {
      Broken broken = all.get(path);
      if (broken == null || !broken.toBlame || clock.nanos() - broken.since < PATIENCE.toNanos()) {
        continue;
      }
      try {
        Path place = SetAside.move(disk, path);
        all.remove(path);
        LOG.error(
            "block {} has been broken for {} minutes and is called {} from now on: {}",
            path,
            PATIENCE.toMinutes(),
            place.getFileName(),
            broken.reason);
      } catch (DiskException e) {
        LOG.error("a broken block cannot be renamed: {}", e.getMessage());
      }
    }
  }
}
