package io.narthex.base.file;

import java.nio.file.Path;
import java.util.List;

/**
 * The file system as the house uses it. Thread-safe. Every failure is a {@link DiskException} that
 * names the file and the reason.
 *
 * <p>Writing never goes through a mapping: a full disk under a writable mapping is a crash, not an
 * error. Nor can it be interrupted: an interrupt that closes the file of the write-ahead log under
 * every other writer's hands is worse than a late one.
 */
public interface Disk {

  /** The machine's own file system. */
  Disk SYSTEM = new SystemDisk();

  /** Creates a file for writing, or empties the one that is there. */
  OutputFile create(Path file);

  /** Opens a file for reading from its beginning. */
  InputFile open(Path file);

  /** Maps a whole file for reading, as long as it is now. */
  MappedFile map(Path file);

  /**
   * Maps a part of a file for reading. The file must not get shorter while it is mapped.
   *
   * @param from the first byte
   * @param length the number of bytes; the file must have them
   */
  MappedFile map(Path file, long from, long length);

  /** The whole content of a small file. */
  byte[] readAll(Path file);

  /** The length in bytes. */
  long size(Path file);

  /**
   * The bytes that can still be written to the file system that a directory is in; the greatest
   * number if it does not tell.
   */
  long freeBytes(Path directory);

  /** The size of the file system that a directory is in, in bytes; 0 if it does not tell. */
  long totalBytes(Path directory);

  /**
   * What kind of file system a directory is in, as the system calls it ({@code ext4}, {@code
   * nfs4}), or nothing if it does not tell.
   */
  default String fileSystem(Path directory) {
    return "";
  }

  /** Whether there is a file or directory of this name. */
  boolean exists(Path path);

  /** Whether there is a directory of this name. */
  boolean isDirectory(Path path);

  /** What a directory holds, sorted by name; empty if the directory does not exist. */
  List<Path> list(Path directory);

  /** Creates a directory and those above it, where they are missing; their names are durable. */
  void createDirectories(Path directory);

  /**
   * Renames a file or directory in one step; replaces a file (or empty directory) at the target.
   */
  void rename(Path from, Path to);

  /** Gives a file a second name. */
  void link(Path existing, Path link);

  /** Cuts a file to a length and makes that durable. */
  void truncate(Path file, long length);

  /** Deletes a file or an empty directory; nothing happens if it is not there. */
  void delete(Path path);

  /** Makes created, renamed and deleted names in a directory durable. */
  void syncDirectory(Path directory);

  /** Deletes a file, or a directory with all it holds; nothing happens if it is not there. */
  default void deleteTree(Path path) {
    if (isDirectory(path)) {
      for (Path child : list(path)) {
        deleteTree(child);
      }
    }
    delete(path);
  }
}
