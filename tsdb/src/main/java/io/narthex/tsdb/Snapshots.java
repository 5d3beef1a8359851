package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.tsdb.block.Block;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
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
  Path name(long millis, RandomGenerator random) {
    return directory.resolve(
        NAME.format(Instant.ofEpochMilli(millis))
            + "-"
            + String.format(Locale.ROOT, "%016x", random.nextLong() & Long.MAX_VALUE));
  }

  /** Links blocks into a snapshot. */
  void link(List<Block> blocks, Path snapshot) {
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
}
