package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.block.Block;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Copies of the database below {@code snapshots/}: blocks by hard links. */
final class Snapshots {

  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Disk disk;
  private final Path directory;

  Snapshots(Disk disk, Path database) {
    this.disk = disk;
    this.directory = database.resolve("snapshots");
  }

  /** A new snapshot's directory, not made yet. */
  private Path name(long millis, RandomGenerator random) {
    return directory.resolve(
        NAME.format(Instant.ofEpochMilli(millis))
            + "-"
            + String.format(Locale.ROOT, "%016x", random.nextLong() & Long.MAX_VALUE));
  }

  /** Links blocks into a snapshot. */
  private void link(List<Block> blocks, Path snapshot) {
    for (Block block : blocks) {
      linkTree(block.directory(), snapshot.resolve(block.meta().ulid().toString()));
    }
  }

  private void linkTree(Path from, Path to) {
    if (disk.isDirectory(from)) {
      disk.createDirectories(to);
      for (Path child : disk.list(from)) {
        linkTree(child, to.resolve(child.getFileName()));
      }
      disk.syncDirectory(to);
    } else {
      disk.link(from, to);
    }
  }

  /**
   * Writes a snapshot: links of blocks, and what else is put beside them.
   *
   * @param more writes into the directory
   * @return the directory
   * @throws StorageException if it cannot be written; nothing is left behind
   */
  Path write(long now, RandomGenerator random, List<Block> blocks, Consumer<Path> more) {
    Path into = name(now, random);
    boolean done = false;
    try {
      disk.createDirectories(into);
      link(blocks, into);
      more.accept(into);
      disk.syncDirectory(into);
      done = true;
      return into;
    } catch (DiskException e) {
      throw new StorageException("snapshot: " + e.getMessage(), e);
    } finally {
      if (!done) {
        disk.deleteTree(into);
      }
    }
  }
}
