package io.narthex.testkit;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.InputFile;
import io.narthex.base.file.MappedFile;
import io.narthex.base.file.OutputFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/**
 * The real disk, which fills up, fails to sync, refuses to truncate or to read, becomes read-only,
 * or stops altogether when told to. A write that does not fit is torn: what fits is written. Not
 * meant for several threads.
 */
public final class FaultyDisk implements Disk {

  private long room = Long.MAX_VALUE;
  private boolean syncsFail;
  private boolean truncationsFail;
  private int openOutputs;
  private long changes;
  private long lastChange = Long.MAX_VALUE;
  private boolean deletesWork = true;
  private long freeBytes = -1;
  private boolean readOnly;
  private Predicate<Path> undeletable = path -> false;
  private String fileSystem = "";
  private Predicate<Path> unreadable = path -> false;

  /** From now on this many bytes can be written. */
  public void room(long bytes) {
    room = bytes;
  }

  /** Whether making files durable fails. */
  public void failSyncs(boolean fail) {
    syncsFail = fail;
  }

  /** Whether cutting files fails. */
  public void failTruncations(boolean fail) {
    truncationsFail = fail;
  }

  /**
   * Lets so many changes (creating, writing, syncing, renaming, linking, deleting) happen from now
   * on and fails all others; of a write that fails, half reaches the file.
   *
   * @param deletes whether deleting works all the same, as on a full disk; otherwise the disk ends
   *     up as though the process had been killed
   */
  public void failAfter(long number, boolean deletes) {
    lastChange = number == Long.MAX_VALUE ? number : changes + number;
    deletesWork = deletes;
  }

  /** Nothing fails any more. */
  public void heal() {
    room = Long.MAX_VALUE;
    syncsFail = false;
    truncationsFail = false;
    lastChange = Long.MAX_VALUE;
    deletesWork = true;
    freeBytes = -1;
    readOnly = false;
    undeletable = path -> false;
    unreadable = path -> false;
  }

  /** Which files cannot be read or mapped. */
  public void failReads(Predicate<Path> files) {
    unreadable = files;
  }

  /** Which files and directories cannot be deleted. */
  public void failDeletes(Predicate<Path> paths) {
    undeletable = paths;
  }

  /** What {@link #freeBytes(Path)} says, whatever is really free. */
  public void sayFree(long bytes) {
    freeBytes = bytes;
  }

  /** Whether every change is refused, deleting too, as on a disk that was mounted anew so. */
  public void readOnly(boolean refuse) {
    readOnly = refuse;
  }

  /** What {@link #fileSystem(Path)} says. */
  public void sayFileSystem(String type) {
    fileSystem = type;
  }

  private void change(String action, Path path) {
    if (readOnly) {
      throw new DiskException(action, path, new IOException("Read-only file system"));
    }
    if (changes >= lastChange) {
      throw new DiskException(action, path, new IOException("No space left on device"));
    }
    changes++;
  }

  private void read(String action, Path path) {
    if (unreadable.test(path)) {
      throw new DiskException(action, path, new IOException("Input/output error"));
    }
  }

  /** The files that are open for writing. */
  public int openOutputs() {
    return openOutputs;
  }

  @Override
  public OutputFile create(Path file) {
    change("create", file);
    OutputFile real = SYSTEM.create(file);
    openOutputs++;
    return new Output(file, real);
  }

  private final class Output implements OutputFile {
    private final Path path;
    private final OutputFile real;
    private boolean closed;

    Output(Path path, OutputFile real) {
      this.path = path;
      this.real = real;
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      if (readOnly) {
        change("write", path);
      }
      if (changes < lastChange && length <= room) {
        changes++;
        room -= length;
        real.write(bytes, from, length);
        return;
      }
      // Torn: the bytes reach the file, but nobody is told that they did.
      int fits = changes < lastChange ? (int) room : changes == lastChange ? length / 2 : 0;
      if (changes < lastChange) {
        room = 0;
      }
      changes++;
      long before = real.position();
      real.write(bytes, from, fits);
      hidden += real.position() - before;
      throw new DiskException("write", path, new IOException("No space left on device"));
    }

    private long hidden;

    @Override
    public void writeAt(long position, byte[] bytes, int from, int length) {
      change("write", path);
      real.writeAt(position, bytes, from, length);
    }

    @Override
    public long position() {
      return real.position() - hidden;
    }

    @Override
    public void truncate(long length) {
      if (truncationsFail) {
        throw new DiskException("truncate", path, new IOException("Input/output error"));
      }
      change("truncate", path);
      real.truncate(length);
      hidden = 0;
    }

    @Override
    public void sync() {
      if (syncsFail) {
        throw new DiskException("sync", path, new IOException("Input/output error"));
      }
      change("sync", path);
      real.sync();
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        openOutputs--;
      }
      real.close();
    }
  }

  @Override
  public InputFile open(Path file) {
    read("open", file);
    return SYSTEM.open(file);
  }

  @Override
  public MappedFile map(Path file) {
    read("map", file);
    return SYSTEM.map(file);
  }

  @Override
  public MappedFile map(Path file, long from, long length) {
    read("map", file);
    return SYSTEM.map(file, from, length);
  }

  @Override
  public byte[] readAll(Path file) {
    read("read", file);
    return SYSTEM.readAll(file);
  }

  @Override
  public long size(Path file) {
    return SYSTEM.size(file);
  }

  @Override
  public long freeBytes(Path directory) {
    return freeBytes < 0 ? SYSTEM.freeBytes(directory) : freeBytes;
  }

  @Override
  public long totalBytes(Path directory) {
    return SYSTEM.totalBytes(directory);
  }

  @Override
  public String fileSystem(Path directory) {
    return fileSystem;
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
    read("list", directory);
    return SYSTEM.list(directory);
  }

  @Override
  public void createDirectories(Path directory) {
    if (!SYSTEM.isDirectory(directory)) {
      change("create directory", directory);
    }
    SYSTEM.createDirectories(directory);
  }

  @Override
  public void rename(Path from, Path to) {
    change("rename", from);
    SYSTEM.rename(from, to);
  }

  @Override
  public void link(Path existing, Path link) {
    change("link", link);
    SYSTEM.link(existing, link);
  }

  @Override
  public void truncate(Path file, long length) {
    if (truncationsFail) {
      throw new DiskException("truncate", file, new IOException("Input/output error"));
    }
    change("truncate", file);
    SYSTEM.truncate(file, length);
  }

  @Override
  public void delete(Path path) {
    if (undeletable.test(path)) {
      throw new DiskException("delete", path, new IOException("Operation not permitted"));
    }
    if (SYSTEM.exists(path) && (!deletesWork || readOnly)) {
      change("delete", path);
    }
    SYSTEM.delete(path);
  }

  @Override
  public void syncDirectory(Path directory) {
    if (syncsFail) {
      throw new DiskException("sync directory", directory, new IOException("Input/output error"));
    }
    change("sync directory", directory);
    SYSTEM.syncDirectory(directory);
  }
}
