package io.narthex.base.file;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

final class SystemDisk implements Disk {

  @Override
  public OutputFile create(Path file) {
    try {
      RandomAccessFile out = openForWriting(file);
      out.setLength(0);
      return new Output(file, out);
    } catch (IOException e) {
      throw new DiskException("create", file, e);
    }
  }

  @Override
  public InputFile open(Path file) {
    try {
      return new Input(file, new RandomAccessFile(file.toFile(), "r"));
    } catch (FileNotFoundException e) {
      throw new DiskException("open", file, clearer(file, e));
    }
  }

  @Override
  public MappedFile map(Path file) {
    return MappedFile.map(file, 0, -1);
  }

  @Override
  public MappedFile map(Path file, long from, long length) {
    return MappedFile.map(file, from, length);
  }

  @Override
  public byte[] readAll(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new DiskException("read", file, e);
    }
  }

  @Override
  public long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new DiskException("look at", file, e);
    }
  }

  @Override
  public long freeBytes(Path directory) {
    return totalBytes(directory) == 0 ? Long.MAX_VALUE : directory.toFile().getUsableSpace();
  }

  @Override
  public long totalBytes(Path directory) {
    return directory.toFile().getTotalSpace();
  }

  @Override
  public String fileSystem(Path directory) {
    try {
      return Files.getFileStore(directory).type();
    } catch (IOException e) {
      return ""; // It does not tell.
    }
  }

  @Override
  public boolean exists(Path path) {
    return Files.exists(path);
  }

  @Override
  public boolean isDirectory(Path path) {
    return Files.isDirectory(path);
  }

  @Override
  public List<Path> list(Path directory) {
    try (Stream<Path> children = Files.list(directory)) {
      return children.sorted().toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new DiskException("list", directory, e);
    }
  }

  @Override
  public void createDirectories(Path directory) {
    Path wanted = directory.toAbsolutePath();
    List<Path> parents = new ArrayList<>();
    for (Path parent = wanted.getParent(), child = wanted;
        parent != null && !Files.exists(child);
        child = parent, parent = child.getParent()) {
      parents.add(parent);
    }
    try {
      Files.createDirectories(wanted);
    } catch (IOException e) {
      throw new DiskException("create directory", directory, e);
    }
    parents.reversed().forEach(this::syncDirectory);
  }

  @Override
  public void rename(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new DiskException("rename to " + to, from, e);
    }
  }

  @Override
  public void link(Path existing, Path link) {
    try {
      Files.createLink(link, existing);
    } catch (IOException e) {
      throw new DiskException("link to " + existing, link, e);
    }
  }

  @Override
  public void truncate(Path file, long length) {
    try (RandomAccessFile out = openForWriting(file)) {
      out.setLength(length);
      out.getFD().sync();
    } catch (IOException e) {
      throw new DiskException("truncate", file, e);
    }
  }

  @Override
  public void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new DiskException("delete", path, e);
    }
  }

  @Override
  public void syncDirectory(Path directory) {
    // Only a channel opens a directory. The caller's interrupt is put off, not lost.
    boolean interrupted = Thread.interrupted();
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      throw new DiskException("sync directory", directory, e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static RandomAccessFile openForWriting(Path file) throws IOException {
    try {
      return new RandomAccessFile(file.toFile(), "rw");
    } catch (FileNotFoundException e) {
      throw clearer(file, e);
    }
  }

  /** RandomAccessFile says "not found" to everything and puts the reason in parentheses. */
  private static IOException clearer(Path file, FileNotFoundException e) {
    String message = String.valueOf(e.getMessage());
    int from = message.lastIndexOf('(');
    String reason = from < 0 ? message : message.substring(from + 1, message.length() - 1);
    return new FileSystemException(file.toString(), null, reason);
  }

  private static final class Output implements OutputFile {
    private final Path path;
    private final RandomAccessFile file;
    private long position;

    Output(Path path, RandomAccessFile file) {
      this.path = path;
      this.file = file;
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      try {
        file.write(bytes, from, length);
        position += length;
      } catch (IOException e) {
        throw new DiskException("write", path, e);
      }
    }

    @Override
    public void writeAt(long at, byte[] bytes, int from, int length) {
      if (at < 0 || at + length > position) {
        throw new IllegalArgumentException("behind the end of " + path + ": " + at);
      }
      try {
        file.seek(at);
        file.write(bytes, from, length);
        file.seek(position);
      } catch (IOException e) {
        throw new DiskException("write", path, e);
      }
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public void truncate(long length) {
      if (length < 0 || length > position) {
        throw new IllegalArgumentException("cannot cut " + path + " to " + length);
      }
      try {
        file.setLength(length);
        file.seek(length);
        position = length;
      } catch (IOException e) {
        throw new DiskException("truncate", path, e);
      }
    }

    @Override
    public void sync() {
      try {
        file.getFD().sync();
      } catch (IOException e) {
        throw new DiskException("sync", path, e);
      }
    }

    @Override
    public void close() {
      try {
        file.close();
      } catch (IOException e) {
        throw new DiskException("close", path, e);
      }
    }
  }

  private static final class Input implements InputFile {
    private final Path path;
    private final RandomAccessFile file;

    Input(Path path, RandomAccessFile file) {
      this.path = path;
      this.file = file;
    }

    @Override
    public int read(byte[] into, int from, int length) {
      try {
        int done = 0;
        while (done < length) {
          int n = file.read(into, from + done, length - done);
          if (n < 0) {
            break;
          }
          done += n;
        }
        return done;
      } catch (IOException e) {
        throw new DiskException("read", path, e);
      }
    }

    @Override
    public void close() {
      try {
        file.close();
      } catch (IOException e) {
        throw new DiskException("close", path, e);
      }
    }
  }
}
