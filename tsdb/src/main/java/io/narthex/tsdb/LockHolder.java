package io.narthex.tsdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds out, for a message, which process holds a lock. */
final class LockHolder {

  private static final Path LOCKS = Path.of("/proc/locks");

  private LockHolder() {}

  /**
   * The process that holds a file's lock, as {@code " (pid 17, prometheus)"}; nothing where the
   * system does not tell.
   */
  static String of(Path file) {
    try {
      String inode = ":" + Files.getAttribute(file, "unix:ino");
      // 1: FLOCK  ADVISORY  WRITE 17 fe:01:131077 0 EOF
      for (String line : Files.readAllLines(LOCKS)) {
        List<String> words = List.of(line.strip().split("\\s+"));
        if (words.size() > 5 && words.get(1).equals("FLOCK") && words.get(5).endsWith(inode)) {
          String process = words.get(4);
          if (hasOpen(process, file)) {
            return " (pid " + process + ", " + name(process) + ")";
          }
        }
      }
      return "";
    } catch (IOException | UncheckedIOException | UnsupportedOperationException e) {
      return ""; // Not this system, or not our process to look at: the message does without.
    }
  }

  /** Inodes have the same numbers on several disks; the names of open files tell them apart. */
  private static boolean hasOpen(String process, Path file) throws IOException {
    Path wanted = file.toRealPath();
    try (Stream<Path> open = Files.list(Path.of("/proc", process, "fd"))) {
      for (Path descriptor : open.toList()) {
        if (Files.isSymbolicLink(descriptor) && wanted.equals(Files.readSymbolicLink(descriptor))) {
          return true;
        }
      }
    }
    return false;
  }

  private static String name(String process) throws IOException {
    return Files.readString(Path.of("/proc", process, "comm")).strip();
  }
}
