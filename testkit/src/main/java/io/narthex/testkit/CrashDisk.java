package io.narthex.testkit;

import io.narthex.base.file.Disk;
import io.narthex.base.file.InputFile;
import io.narthex.base.file.MappedFile;
import io.narthex.base.file.OutputFile;
import io.narthex.base.regex.AnchoredRegex;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The real disk of a process that ends in the midst of one operation, as if it were killed there.
 * Thread-safe.
 */
public final class CrashDisk implements Disk {

  /** What is done to a file or directory. */
  public enum Operation {
    CREATE,
    WRITE,
    SYNC,
    CLOSE,
    RENAME,
    LINK,
    TRUNCATE,
    DELETE
  }

  /** When the process ends; a write can also be left half done. */
  public enum Moment {
    BEFORE,
    WITHIN,
    AFTER
  }

  /**
   * Where the process ends.
   *
   * @param path is looked for in the path, with slashes; of a rename in the new one
   * @param occurrence which of the operations that match, from 1
   * @param inside the method that must be under way in the same thread, as {@code Class.method}
   *     without the package; or its beginning, or nothing for any
   */
  public record Point(
      Operation operation, Moment moment, AnchoredRegex path, int occurrence, String inside) {

    /**
     * Reads {@code operation:moment:occurrence:path} or {@code
     * operation:moment:occurrence:path@Class.method}, the path a regular expression.
     */
    public static Point parse(String text) {
      String[] parts = text.split(":", 4);
      if (parts.length != 4) {
        throw new IllegalArgumentException(
            "a crash point is operation:moment:occurrence:path, got " + text);
      }
      int at = parts[3].indexOf('@');
      return new Point(
          Operation.valueOf(parts[0].toUpperCase(Locale.ROOT)),
          Moment.valueOf(parts[1].toUpperCase(Locale.ROOT)),
          AnchoredRegex.compile(".*(?:" + (at < 0 ? parts[3] : parts[3].substring(0, at)) + ").*"),
          Integer.parseInt(parts[2]),
          at < 0 ? "" : parts[3].substring(at + 1));
    }

    private boolean matches(Operation done, Path where) {
      return operation == done && path.matches(where.toString()) && isInside();
    }

    private boolean isInside() {
      return inside.isEmpty()
          || StackWalker.getInstance()
              .walk(frames -> frames.anyMatch(frame -> name(frame).startsWith(inside)));
    }

    private static String name(StackWalker.StackFrame frame) {
      String type = frame.getClassName();
      return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethodName();
    }

    @Override
    public String toString() {
      return (operation + ":" + moment).toLowerCase(Locale.ROOT)
          + ":"
          + occurrence
          + ":"
          + path
          + (inside.isEmpty() ? "" : "@" + inside);
    }
  }

  private final Point point;
  private final Runnable end;
  private final AtomicInteger seen = new AtomicInteger();

  /**
   * @param end ends the process; it must not return where that is meant in earnest
   */
  public CrashDisk(Point point, Runnable end) {
    this.point = point;
    this.end = end;
  }

  /** Does a thing, or what is left of it by the crash. */
  private void crossing(Operation operation, Path path, Runnable whole, Runnable half) {
    boolean here = point.matches(operation, path) && seen.incrementAndGet() == point.occurrence;
    if (!here) {
      whole.run();
      return;
    }
    switch (point.moment) {
      case BEFORE -> {}
      case WITHIN -> half.run();
      case AFTER -> whole.run();
    }
    end.run();
  }

  private void crossing(Operation operation, Path path, Runnable whole) {
    crossing(operation, path, whole, () -> {});
  }

  @Override
  public OutputFile create(Path file) {
    OutputFile[] created = new OutputFile[1];
    crossing(Operation.CREATE, file, () -> created[0] = SYSTEM.create(file));
    return new Output(file, created[0]);
  }

  private final class Output implements OutputFile {
    private final Path path;
    private final OutputFile real;

    Output(Path path, OutputFile real) {
      this.path = path;
      this.real = real;
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      crossing(
          Operation.WRITE,
          path,
          () -> real.write(bytes, from, length),
          () -> real.write(bytes, from, length / 2));
    }

    @Override
    public void writeAt(long position, byte[] bytes, int from, int length) {
      crossing(
          Operation.WRITE,
          path,
          () -> real.writeAt(position, bytes, from, length),
          () -> real.writeAt(position, bytes, from, length / 2));
    }

    @Override
    public long position() {
      return real.position();
    }

    @Override
    public void truncate(long length) {
      crossing(Operation.TRUNCATE, path, () -> real.truncate(length));
    }

    @Override
    public void sync() {
      crossing(Operation.SYNC, path, real::sync);
    }

    @Override
    public void close() {
      crossing(Operation.CLOSE, path, real::close);
    }
  }

  @Override
  public void rename(Path from, Path to) {
    crossing(Operation.RENAME, to, () -> SYSTEM.rename(from, to));
  }

  @Override
  public void link(Path existing, Path link) {
    crossing(Operation.LINK, link, () -> SYSTEM.link(existing, link));
  }

  @Override
  public void truncate(Path file, long length) {
    crossing(Operation.TRUNCATE, file, () -> SYSTEM.truncate(file, length));
  }

  @Override
  public void delete(Path path) {
    crossing(Operation.DELETE, path, () -> SYSTEM.delete(path));
  }

  @Override
  public void createDirectories(Path directory) {
    crossing(Operation.CREATE, directory, () -> SYSTEM.createDirectories(directory));
  }

  @Override
  public void syncDirectory(Path directory) {
    crossing(Operation.SYNC, directory, () -> SYSTEM.syncDirectory(directory));
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
  public String fileSystem(Path directory) {
    return SYSTEM.fileSystem(directory);
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
}
