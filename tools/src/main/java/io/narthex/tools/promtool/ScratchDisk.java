package io.narthex.tools.promtool;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.InputFile;
import io.narthex.base.file.MappedFile;
import io.narthex.base.file.OutputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The machine's disk for data that nobody wants after the run: nothing waits to be durable. */
final class ScratchDisk implements Disk {

  private static final Disk DISK = Disk.SYSTEM;

  @Override
  public OutputFile create(Path file) {
    return new Unsynced(DISK.create(file));
  }

  @Override
  public void createDirectories(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new DiskException("create", directory, e);
    }
  }

  @Override
  public void syncDirectory(Path directory) {}

  @Override
  public InputFile open(Path file) {
    return DISK.open(file);
  }

  @Override
  public MappedFile map(Path file) {
    return DISK.map(file);
  }

  @Override
  public MappedFile map(Path file, long from, long length) {
    return DISK.map(file, from, length);
  }

  @Override
  public byte[] readAll(Path file) {
    return DISK.readAll(file);
  }

  @Override
  public long size(Path file) {
    return DISK.size(file);
  }

  @Override
  public long freeBytes(Path directory) {
    return DISK.freeBytes(directory);
  }

  @Override
  public long totalBytes(Path directory) {
    return DISK.totalBytes(directory);
  }

  @Override
  public boolean exists(Path path) {
    return DISK.exists(path);
  }

  @Override
  public boolean isDirectory(Path path) {
    return DISK.isDirectory(path);
  }

  @Override
  public List<Path> list(Path directory) {
    return DISK.list(directory);
  }

  @Override
  public void rename(Path from, Path to) {
    DISK.rename(from, to);
  }

  @Override
  public void link(Path existing, Path link) {
    DISK.link(existing, link);
  }

  @Override
  public void truncate(Path file, long length) {
    DISK.truncate(file, length);
  }

  @Override
  public void delete(Path path) {
    DISK.delete(path);
  }

  private record Unsynced(OutputFile file) implements OutputFile {

    @Override
    public void write(byte[] bytes, int from, int length) {
      file.write(bytes, from, length);
    }

    @Override
    public void writeAt(long position, byte[] bytes, int from, int length) {
      file.writeAt(position, bytes, from, length);
    }

    @Override
    public long position() {
      return file.position();
    }

    @Override
    public void truncate(long length) {
      file.truncate(length);
    }

    @Override
    public void sync() {}

    @Override
    public void close() {
      file.close();
    }
  }
}
