package io.narthex.tsdb.block;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.storage.StorageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** The blocks in the directory of a database. */
public final class BlockDirectory {

  /** What the name of a block ends in while it is deleted. */
  static final String DELETING = ".tmp-for-deletion";

  /**
   * A block that cannot be opened.
   *
   * @param reason names the file and what is wrong with it
   */
  public record Broken(Path directory, String reason) {}

  /**
   * What was found.
   *
   * @param blocks open, by their time; the caller closes them
   * @param broken set aside: they stay on the disk
   */
  public record Blocks(List<Block> blocks, List<Broken> broken) {}

  private final Disk disk;
  private final Path directory;

  public BlockDirectory(Disk disk, Path directory) {
    this.disk = disk;
    this.directory = directory;
  }

  /** The directories of blocks, sorted by name, which is the order they were made in. */
  public List<Path> list() {
    return list(Set.of());
  }

  /**
   * The same, without looking at those that are known to be directories: with many blocks that is
   * most of the time.
   */
  public List<Path> list(Set<Path> known) {
    List<Path> found = new ArrayList<>();
    for (Path entry : disk.list(directory)) {
      if (known.contains(entry) || (Ulid.isUlid(name(entry)) && disk.isDirectory(entry))) {
        found.add(entry);
      }
    }
    return found;
  }

  /**
   * What was removed, and what could not be.
   *
   * @param removed names
   * @param failures one line each
   */
  public record Removal(List<String> removed, List<String> failures) {}

  /** Removes what an interrupted creation or deletion left behind. */
  public Removal removeTemporary() {
    List<String> removed = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    for (Path entry : disk.list(directory)) {
      String name = name(entry);
      int dot = name.indexOf('.');
      // .tmp is what older Prometheus wrote.
      boolean temporary =
          dot > 0
              && Ulid.isUlid(name.substring(0, dot))
              && (name.endsWith(BlockWriter.CREATING)
                  || name.endsWith(DELETING)
                  || name.endsWith(".tmp"));
      if (temporary) {
        try {
          disk.deleteTree(entry);
          removed.add(name);
        } catch (DiskException e) {
          failures.add(String.valueOf(e.getMessage()));
        }
      }
    }
    return new Removal(removed, failures);
  }

  /** Opens all blocks. */
  public Blocks open() {
    List<Block> blocks = new ArrayList<>();
    List<Broken> broken = new ArrayList<>();
    for (Path path : list()) {
      try {
        blocks.add(Block.open(disk, path));
      } catch (StorageException e) {
        broken.add(new Broken(path, String.valueOf(e.getMessage())));
      }
    }
    blocks.sort(
        Comparator.comparingLong((Block b) -> b.meta().minTime())
            .thenComparingLong(b -> b.meta().maxTime())
            .thenComparing(b -> b.meta().ulid()));
    return new Blocks(blocks, broken);
  }

  /** Deletes a block: it loses its name in one step, and its files after that. */
  public void delete(Path block) {
    Path dying = directory.resolve(name(block) + DELETING);
    disk.deleteTree(dying);
    disk.rename(block, dying);
    // Else a power cut might bring the name back after some of the files are gone.
    disk.syncDirectory(directory);
    disk.deleteTree(dying);
  }

  private static String name(Path path) {
    Path name = path.getFileName();
    return name == null ? "" : name.toString();
  }
}
