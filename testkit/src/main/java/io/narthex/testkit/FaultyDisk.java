package io.narthex.testkit;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.InputFile;
import io.narthex.base.file.MappedFile;
import io.narthex.base.file.OutputFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The real disk, which fills up, fails to sync or refuses to truncate when told to. A write that
 * does not fit is torn: what fits is written. Not meant for several threads.
 */
public final class FaultyDisk implements Disk {

  private long room = Long.MAX_VALUE;
  private boolean syncsFail;
  private boolean truncationsFail;
  private int openOutputs;

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

  /** The files that are open for writing. */
  public int openOutputs() {
    return openOutputs;
  }

  @Override
  public OutputFile create(Path file) {
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
      if (length <= room) {
        room -= length;
        real.write(bytes, from, length);
        return;
      }
      // Torn: the bytes reach the file, but nobody is told that they did.
      int fits = (int) room;
      room = 0;
      long before = real.position();
      real.write(bytes, from, fits);
      hidden += real.position() - before;
      throw new DiskException("write", path, new IOException("No space left on device"));
    }

    private long hidden;

    @Override
    public void writeAt(long position, byte[] bytes, int from, int length) {
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
      real.truncate(length);
      hidden = 0;
    }

    @Override
    public void sync() {
      if (syncsFail) {
        throw new DiskException("sync", path, new IOException("Input/output error"));
      }
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
  public boolean exists(Path path) {
    return SYSTEM.exists(path);
  }

  @Override
  public boolean isDirectory(Path path) {
    return SYSTEM.isDirectory(path);
  }

  @Override
  public List<Path> list(Path directory) {
    return SYSTEM.list(directory);
  }

  @Override
  public void createDirectories(Path directory) {
    SYSTEM.createDirectories(directory);
  }

  @Override
  public void rename(Path from, Path to) {
    SYSTEM.rename(from, to);
  }

  @Override
  public void link(Path existing, Path link) {
    SYSTEM.link(existing, link);
  }

  @Override
  public void truncate(Path file, long length) {
    if (truncationsFail) {
      throw new DiskException("truncate", file, new IOException("Input/output error"));
    }
    SYSTEM.truncate(file, length);
  }

  @Override
  public void delete(Path path) {
    SYSTEM.delete(path);
  }

  @Override
  public void syncDirectory(Path directory) {
    if (syncsFail) {
      throw new DiskException("sync directory", directory, new IOException("Input/output error"));
    }
    SYSTEM.syncDirectory(directory);
  }
}
