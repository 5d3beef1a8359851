package io.narthex.tsdb;

import io.narthex.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lock on a data directory: {@code flock(2)} on the file {@code lock}, as Prometheus does, so
 * that neither program opens what the other has open. (The JDK's own file locks are of another
 * kind, which flock does not see.) The file's being there means nothing; it is removed at a clean
 * stop.
 */
public final class DirectoryLock implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DirectoryLock.class);
  private static final int EXCLUSIVE_AT_ONCE = 2 | 4; // LOCK_EX | LOCK_NB
  private static final int WOULD_BLOCK = 11; // EAGAIN
  private static final int READ_WRITE_CREATE_CLOEXEC = 2 | 0x40 | 0x80000; // of Linux

  private final Path file;
  private final int descriptor;
  private final boolean replaced;

  private DirectoryLock(Path file, int descriptor, boolean replaced) {
    this.file = file;
    this.descriptor = descriptor;
    this.replaced = replaced;
  }

  /**
   * Locks a directory.
   *
   * @throws StorageException if another process has it, which is named if the system tells, or the
   *     file cannot be made
   */
  public static DirectoryLock acquire(Path directory) {
    Path file = directory.resolve("lock");
    boolean replaced = Files.exists(file);
    int descriptor = Libc.open(file, READ_WRITE_CREATE_CLOEXEC);
    int refused = Libc.flock(descriptor, EXCLUSIVE_AT_ONCE);
    if (refused != 0) {
      Libc.close(descriptor);
      if (refused != WOULD_BLOCK) {
        throw new StorageException("cannot lock " + file + ": " + Libc.message(refused));
      }
      throw new StorageException(
          "the data directory "
              + directory
              + " is in use by another process"
              + LockHolder.of(file)
              + ", which holds the lock on "
              + file);
    }
    if (replaced) {
      LOG.warn("a lock file from a previous run was there and is replaced: {}", file);
    }
    return new DirectoryLock(file, descriptor, replaced);
  }

  /** Whether another process has a directory; nothing is changed by asking. */
  public static boolean isHeld(Path directory) {
    Path file = directory.resolve("lock");
    if (!Files.exists(file)) {
      return false;
    }
    int descriptor = Libc.open(file, READ_WRITE_CREATE_CLOEXEC);
    int refused = Libc.flock(descriptor, EXCLUSIVE_AT_ONCE);
    Libc.close(descriptor);
    if (refused != 0 && refused != WOULD_BLOCK) {
      throw new StorageException("cannot lock " + file + ": " + Libc.message(refused));
    }
    return refused != 0;
  }

  /** Whether the file was left by a run that did not stop cleanly. */
  public boolean replaced() {
    return replaced;
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("the lock file cannot be removed: {}", e.toString());
    }
    Libc.close(descriptor);
  }
}
