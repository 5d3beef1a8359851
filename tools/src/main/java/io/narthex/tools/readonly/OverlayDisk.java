package io.narthex.tools.readonly;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.InputFile;
import io.narthex.base.file.MappedFile;
import io.narthex.base.file.OutputFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A view of another disk that can be written to while that one stays as it is: what is created lies
 * in a directory of its own, what is deleted, renamed or cut is only noted. The content of a file
 * that is there is never copied, unless the file is cut.
 *
 * <p>It is known for each name that was touched where its content lies now, or that there is none;
 * a name below such a name is found through it. Nothing is durable. Thread-safe.
 */
public final class OverlayDisk implements Disk {

  private static final int COPY_BYTES = 1 << 20;

  /** Where a name leads; null for a name that is gone. */
  private record Place(@Nullable Path real) {}

  private final Disk below;
  private final Path upper;
  // Under the lock of this.
  private final Map<Path, Place> touched = new TreeMap<>();
  private int made;

  /**
   * @param upper an empty directory, for what is written; the caller deletes it in the end
   */
  public OverlayDisk(Disk below, Path upper) {
    this.below = below;
    this.upper = upper;
  }

  private static Path key(Path path) {
    return path.toAbsolutePath().normalize();
  }

  /** Where the content of a name lies, or null if there is nothing of that name. */
  private synchronized @Nullable Path find(Path path) {
    Path whole = key(path);
    for (Path at = whole; at != null; at = at.getParent()) {
      Place place = touched.get(at);
      if (place != null) {
        Path real = place.real;
        return real == null ? null : at.equals(whole) ? real : real.resolve(at.relativize(whole));
      }
    }
    return path;
  }

  private Path real(String what, Path path) {
    Path real = find(path);
    if (real == null) {
      throw new DiskException(
          what, path, new java.nio.file.NoSuchFileException(String.valueOf(path)));
    }
    return real;
  }

  private synchronized Path fresh() {
    return upper.resolve("f" + made++);
  }

  private synchronized void lead(Path path, @Nullable Path real) {
    Path whole = key(path);
    // What was noted of names below goes with the name.
    touched.keySet().removeIf(other -> other.startsWith(whole));
    touched.put(whole, new Place(real));
  }

  private boolean isOurs(Path real) {
    return real.startsWith(upper);
  }

  @Override
  public OutputFile create(Path file) {
    Path old = find(file);
    Path real = fresh();
    OutputFile out = below.create(real);
    lead(file, real);
    release(old);
    return out;
  }

  @Override
  public InputFile open(Path file) {
    return below.open(real("open", file));
  }

  @Override
  public MappedFile map(Path file) {
    return below.map(real("map", file));
  }

  @Override
  public MappedFile map(Path file, long from, long length) {
    return below.map(real("map", file), from, length);
  }

  @Override
  public byte[] readAll(Path file) {
    return below.readAll(real("read", file));
  }

  @Override
  public long size(Path file) {
    return below.size(real("look at", file));
  }

  @Override
  public long freeBytes(Path directory) {
    return below.freeBytes(upper);
  }

  @Override
  public long totalBytes(Path directory) {
    return below.totalBytes(upper);
  }

  @Override
  public boolean exists(Path path) {
    Path real = find(path);
    return real != null && below.exists(real);
  }

  @Override
  public boolean isDirectory(Path path) {
    Path real = find(path);
    return real != null && below.isDirectory(real);
  }

  @Override
  public List<Path> list(Path directory) {
    Path real = find(directory);
    TreeSet<Path> all = new TreeSet<>();
    if (real != null) {
      for (Path child : below.list(real)) {
        Path name = child.getFileName();
        if (name != null && !key(child).equals(key(upper))) {
          all.add(directory.resolve(name));
        }
      }
    }
    Path whole = key(directory);
    synchronized (this) {
      touched.forEach((path, place) -> {
        Path name = path.getFileName();
        if (name != null && whole.equals(path.getParent())) {
          if (place.real == null) {
            all.remove(directory.resolve(name));
          } else {
            all.add(directory.resolve(name));
          }
        }
      });
    }
    return new ArrayList<>(all);
  }

  @Override
  public void createDirectories(Path directory) {
    if (!isDirectory(directory)) {
      Path above = directory.toAbsolutePath().getParent();
      if (above != null) {
        createDirectories(above);
      }
      Path real = fresh();
      below.createDirectories(real);
      lead(directory, real);
    }
  }

  @Override
  public synchronized void rename(Path from, Path to) {
    Path real = real("rename to " + to, from);
    Path source = key(from);
    Path target = key(to);
    Map<Path, Place> moved = new TreeMap<>();
    touched.forEach((path, place) -> {
      if (path.startsWith(source) && !path.equals(source)) {
        moved.put(target.resolve(source.relativize(path)), place);
      }
    });
    lead(from, null);
    lead(to, real);
    touched.putAll(moved);
  }

  @Override
  public void link(Path existing, Path link) {
    lead(link, real("link to", existing));
  }

  @Override
  public void truncate(Path file, long length) {
    Path real = real("truncate", file);
    if (isOurs(real)) {
      below.truncate(real, length);
      return;
    }
    Path copy = fresh();
    byte[] buffer = new byte[(int) Math.min(COPY_BYTES, Math.max(1, length))];
    try (InputFile in = below.open(real);
        OutputFile out = below.create(copy)) {
      long left = length;
      while (left > 0) {
        int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (n == 0) {
          throw new NoSuchElementException("the file " + file + " is shorter than " + length);
        }
        out.write(buffer, 0, n);
        left -= n;
      }
    }
    lead(file, copy);
  }

  @Override
  public void delete(Path path) {
    Path real = find(path);
    if (real != null) {
      lead(path, null);
      release(real);
    }
  }

  /** Deletes what was written here, unless another name leads to it. */
  private synchronized void release(@Nullable Path real) {
    if (real != null
        && isOurs(real)
        && !below.isDirectory(real)
        && touched.values().stream().noneMatch(place -> real.equals(place.real))) {
      below.delete(real);
    }
  }

  @Override
  public void syncDirectory(Path directory) {
    // Nothing of what is written here is to last.
  }
}
