package io.narthex.testkit;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.InputFile;
import io.narthex.base.file.MappedFile;
import io.narthex.base.file.OutputFile;
import io.narthex.base.time.Clock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;

/**
 * A folder on a machine whose power goes. Everything happens to real files at once, but it is noted
 * what was not made durable: written bytes until their file is synced, new, changed and removed
 * names until their directory is. After the cut nothing can be changed any more, and {@link
 * #restore} makes the folder that the machine finds when it is switched on again.
 *
 * <p>The model promises no more than POSIX does: syncing a file does not make its name durable, and
 * what was not synced may survive in part, in any order. Made directories, and files cut by their
 * path, are durable at once, as {@link Disk} says.
 *
 * <p>Thread-safe. Syncs that other threads than the maker's ask for can be held back, so that a run
 * can be repeated.
 */
public final class PowerDisk implements Disk {

  /** What is left of what was not synced. */
  public enum Survival {
    /** Nothing. */
    NOTHING,
    /** Names as they were at some moment since the last sync; of files any pages. */
    UP_TO_SOME_MOMENT,
    /** Any names and any pages, each by chance. */
    ANY,
    /** Everything, as after the death of the process alone. */
    EVERYTHING
  }

  private static final long PATIENCE_MILLIS = 60_000;

  private final Path root;
  private final DurableTree tree;
  private final Thread maker = Thread.currentThread();
  private Predicate<Path> held = path -> false;
  private long changes;
  private long last = Long.MAX_VALUE;
  private boolean off;

  /**
   * A folder, all of which is durable.
   *
   * @param root is there
   */
  public PowerDisk(Path root) {
    this.root = root;
    this.tree = new DurableTree();
    try {
      tree.scan(root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The power goes before the change that comes behind so many others, if it is not gone yet. */
  public synchronized void cutAfter(long number) {
    last = changes + number;
  }

  /** The power goes now. */
  public synchronized void cut() {
    off = true;
    notifyAll();
  }

  /** Whether the power is gone. */
  public synchronized boolean isOff() {
    return off;
  }

  /** The changes that were made: creating, writing, syncing, renaming, linking, deleting. */
  public synchronized long changes() {
    return changes;
  }

  /** Whether a file is there, and all of it, its name included, would survive a cut now. */
  public synchronized boolean isDurable(Path file) {
    return tree.isDurable(relative(file));
  }

  /** From now on other threads wait when they sync one of these files. */
  public synchronized void hold(Predicate<Path> files) {
    held = files;
    notifyAll();
  }

  /** Nobody waits any more. */
  public void release() {
    hold(path -> false);
  }

  /**
   * Lets those that wait go on until some files are durable; then others wait again.
   *
   * @throws IllegalStateException if that takes a minute
   */
  public synchronized void settle(List<Path> files) throws InterruptedException {
    Predicate<Path> before = held;
    release();
    long end = Clock.SYSTEM.nanos() + PATIENCE_MILLIS * 1_000_000;
    while (!off && !files.stream().allMatch(this::isDurable)) {
      if (Clock.SYSTEM.nanos() > end) {
        throw new IllegalStateException("nobody syncs " + files);
      }
      wait(PATIENCE_MILLIS);
    }
    held = before;
  }

  /**
   * Makes a folder of what is left after the cut. To be called once.
   *
   * @param into is made
   */
  public synchronized void restore(Path into, Survival survival, Random random) {
    if (!off) {
      throw new IllegalStateException("the power is still there");
    }
    try {
      tree.write(into, survival, random);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Counts a change; the last is not made. */
  private void change(String action, Path path) {
    if (!off && changes >= last) {
      cut();
    }
    if (off) {
      throw new DiskException(action, path, new IOException("the power is gone"));
    }
    changes++;
  }

  private Path relative(Path path) {
    if (!path.startsWith(root)) {
      throw new IllegalArgumentException(path + " is not in " + root);
    }
    return root.relativize(path);
  }

  @Override
  public synchronized OutputFile create(Path file) {
    change("create", file);
    OutputFile real = SYSTEM.create(file);
    return new Output(file, real, tree.create(relative(file)));
  }

  private final class Output implements OutputFile {
    private final Path path;
    private final OutputFile real;
    private final DurableTree.FileNode node;

    Output(Path path, OutputFile real, DurableTree.FileNode node) {
      this.path = path;
      this.real = real;
      this.node = node;
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      synchronized (PowerDisk.this) {
        boolean lost = !off && changes >= last;
        if (lost) {
          // It has been begun: any part of it may survive.
          node.write(real.position(), bytes, from, length);
        }
        change("write", path);
        node.write(real.position(), bytes, from, length);
        real.write(bytes, from, length);
      }
    }

    @Override
    public void writeAt(long position, byte[] bytes, int from, int length) {
      synchronized (PowerDisk.this) {
        change("write", path);
        node.write(position, bytes, from, length);
        real.writeAt(position, bytes, from, length);
      }
    }

    @Override
    public long position() {
      return real.position();
    }

    @Override
    public void truncate(long length) {
      synchronized (PowerDisk.this) {
        change("truncate", path);
        node.cut(length);
        real.truncate(length);
      }
    }

    @Override
    public void sync() {
      synchronized (PowerDisk.this) {
        awaitRelease(path);
        change("sync", path);
        node.sync();
        PowerDisk.this.notifyAll();
      }
    }

    @Override
    public void close() {
      real.close();
    }
  }

  private void awaitRelease(Path path) {
    boolean interrupted = false;
    while (Thread.currentThread() != maker && !off && held.test(path)) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void createDirectories(Path directory) {
    if (SYSTEM.isDirectory(directory)) {
      return;
    }
    change("create directory", directory);
    SYSTEM.createDirectories(directory);
    tree.createDirectories(relative(directory));
  }

  @Override
  public synchronized void rename(Path from, Path to) {
    change("rename", from);
    SYSTEM.rename(from, to);
    tree.rename(relative(from), relative(to));
  }

  @Override
  public synchronized void link(Path existing, Path link) {
    change("link", link);
    SYSTEM.link(existing, link);
    tree.link(relative(existing), relative(link));
  }

  @Override
  public synchronized void truncate(Path file, long length) {
    change("truncate", file);
    SYSTEM.truncate(file, length);
    DurableTree.FileNode node = tree.file(relative(file));
    node.cut(length);
    node.sync();
  }

  @Override
  public synchronized void delete(Path path) {
    if (SYSTEM.exists(path)) {
      change("delete", path);
      SYSTEM.delete(path);
      tree.delete(relative(path));
    }
  }

  @Override
  public synchronized void syncDirectory(Path directory) {
    change("sync directory", directory);
    tree.syncDirectory(relative(directory));
    notifyAll();
  }

  @Override
  public InputFile open(Path file) {
    return SYSTEM.open(file);
  }

  @Override
  public MappedFile map(Path file) {
    return SYSTEM.map(file);
  }

  @Override
  public MappedFile map(Path file, long from, long length) {
    return SYSTEM.map(file, from, length);
  }

  @Override
  public byte[] readAll(Path file) {
    return SYSTEM.readAll(file);
  }

  @Override
  public long size(Path file) {
    return SYSTEM.size(file);
  }

  @Override
  public long freeBytes(Path directory) {
    return SYSTEM.freeBytes(directory);
  }

  @Override
  public long totalBytes(Path directory) {
    return SYSTEM.totalBytes(directory);
  }

  @Override
  public boolean exists(Path path) {
    return SYSTEM.exists(path);
  }

  @Override
  public boolean isDirectory(Path path) {
    return SYSTEM.isDirectory(path);
  }

  @Override
  public List<Path> list(Path directory) {
    return Files.isDirectory(directory) ? SYSTEM.list(directory) : List.of();
  }
}
