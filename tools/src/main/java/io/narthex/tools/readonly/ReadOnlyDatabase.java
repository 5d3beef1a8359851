package io.narthex.tools.readonly;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.time.Clock;
import io.narthex.storage.Querier;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.Database;
import io.narthex.tsdb.DatabaseOptions;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockDirectory;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.Ulid;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * A data directory that is only read: blocks, head chunks and log. A server may have it and write
 * to it; what it wrote after the opening is not seen.
 */
public final class ReadOnlyDatabase {

  /** A server may delete a segment or a block between listing and opening. */
  private static final int TRIES = 3;

  private final Disk disk;
  private final Path path;

  /**
   * @throws StorageException if there is no such directory
   */
  public ReadOnlyDatabase(Disk disk, Path path) {
    this.disk = disk;
    this.path = path;
    if (!disk.exists(path)) {
      throw new StorageException(
          "opening the db dir: stat " + path + ": no such file or directory");
    }
  }

  /**
   * Opens all blocks, by their time. The caller closes them.
   *
   * @throws StorageException if one is broken of which no other was made; all are named
   */
  public List<Block> blocks() {
    BlockDirectory.Blocks found = new BlockDirectory(disk, path).open();
    Set<Ulid> replaced = new HashSet<>();
    for (Block block : found.blocks()) {
      block.meta().compaction().parents().stream()
          .map(BlockMeta.Parent::ulid)
          .forEach(replaced::add);
    }
    StringBuilder broken = new StringBuilder();
    for (BlockDirectory.Broken one : found.broken()) {
      String name = String.valueOf(one.directory().getFileName());
      if (!replaced.contains(Ulid.parse(name))) {
        broken.append(broken.isEmpty() ? "" : "; ");
        broken.append("corrupted block ").append(name).append(": ").append(one.reason());
      }
    }
    if (!broken.isEmpty()) {
      found.blocks().forEach(Block::close);
      throw new StorageException(broken.toString());
    }
    return found.blocks();
  }

  /** The name of the block that was made last. */
  public String lastBlock() {
    Path last = null;
    long newest = 0;
    for (Path block : new BlockDirectory(disk, path).list()) {
      long time = Ulid.parse(String.valueOf(block.getFileName())).millis();
      if (time > newest) {
        newest = time;
        last = block;
      }
    }
    if (last == null) {
      throw new StorageException("no blocks found");
    }
    return String.valueOf(last.getFileName());
  }

  /** Opens one block. The caller closes it. */
  public Block block(String name) {
    Path block = path.resolve(name);
    if (!disk.exists(block) || !Ulid.isUlid(name)) {
      throw new StorageException("invalid block ID " + name);
    }
    return Block.open(disk, block);
  }

  /** What is read in one go. */
  public interface Work {
    void with(Querier querier) throws IOException;
  }

  /**
   * Lets something be read of everything there is.
   *
   * @param sandboxRoot where a directory is made, for as long as this takes, for what opening would
   *     write: full chunks that only the log has, and what of the log is mended
   * @throws StorageException if the directory cannot be read
   */
  public void query(Path sandboxRoot, long minTime, long maxTime, Work work) throws IOException {
    blocks().forEach(Block::close); // A broken one is an error here, not something to pass over.
    for (int tries = 1; ; tries++) {
      Path sandbox = makeSandbox(sandboxRoot);
      try (Database database = open(new OverlayDisk(disk, sandbox))) {
        try (Querier querier = database.querier(minTime, maxTime)) {
          work.with(querier);
        }
        return;
      } catch (OpeningException e) {
        if (tries == TRIES) {
          throw new StorageException(String.valueOf(e.getMessage()), e);
        }
      } finally {
        disk.deleteTree(sandbox);
      }
    }
  }

  /** The directory has changed while it was being opened, or is not one of a database. */
  private static final class OpeningException extends RuntimeException {
    private static final long serialVersionUID = 1;

    OpeningException(RuntimeException cause) {
      super(cause.getMessage(), cause);
    }
  }

  private Database open(Disk overlay) {
    Database database = null;
    boolean done = false;
    try {
      database =
          Database.open(
              path,
              DatabaseOptions.DEFAULT.withLockFile(false),
              overlay,
              new RestingClock(),
              new PrometheusRegistry());
      database.replay();
      done = true;
      return database;
    } catch (StorageException | DiskException e) {
      throw new OpeningException(e);
    } finally {
      if (!done && database != null) {
        database.close();
      }
    }
  }

  private static Path makeSandbox(Path root) {
    try {
      return Files.createTempDirectory(root, "tmp_dbro_sandbox");
    } catch (IOException e) {
      throw new StorageException("setting up sandbox dir: " + e, e);
    }
  }

  /** The machine's time, in which no pause ever ends: so there is no maintenance. */
  public static final class RestingClock implements Clock {

    @Override
    public long millis() {
      return Clock.SYSTEM.millis();
    }

    @Override
    public long nanos() {
      return Clock.SYSTEM.nanos();
    }

    @Override
    public void sleep(Duration time) throws InterruptedException {
      new CountDownLatch(1).await();
    }
  }
}
