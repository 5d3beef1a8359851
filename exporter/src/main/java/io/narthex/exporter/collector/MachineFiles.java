package io.narthex.exporter.collector;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the kernel shows itself.
 *
 * @param proc usually /proc
 * @param sys usually /sys
 * @param root usually /; mount points are looked up below it and shown without it
 * @param udev usually /run/udev/data
 */
public record MachineFiles(Path proc, Path sys, Path root, Path udev) {

  /** The files of this machine. */
  public static final MachineFiles DEFAULT =
      new MachineFiles(Path.of("/proc"), Path.of("/sys"), Path.of("/"), Path.of("/run/udev/data"));

  /** The lines of a file. */
  static List<String> lines(Path file) throws IOException {
    // Bytes that are no UTF-8 (a mount point may hold any) must not fail the collector.
    return text(file).lines().toList();
  }

  /**
   * The text of a file. Read in large pieces: a file of /proc/sys answers only the first read, and
   * one that asks for a single byte (as {@code Files.readAllBytes} does when the size is unknown)
   * gets no more than that.
   */
  static String text(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = new byte[16 * 1024];
      int length = 0;
      for (int n; (n = in.read(bytes, length, bytes.length - length)) > 0; ) {
        length += n;
        if (length == bytes.length) {
          bytes = Arrays.copyOf(bytes, length * 2);
        }
      }
      return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
  }

  /** The text of a file without white space around it, or null where it cannot be read. */
  static @Nullable String trimmed(Path file) {
    try {
      return text(file).strip();
    } catch (IOException e) {
      return null; // Many files of sysfs exist on some machines only, or answer with an error.
    }
  }

  /** The number in a file, or null where there is none. */
  static @Nullable Long number(Path file) {
    String text = trimmed(file);
    if (text == null || text.isEmpty()) {
      return null;
    }
    try {
      return Long.decode(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** The entries of a folder, sorted by name; none where it is absent. */
  static List<Path> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    }
  }

  /** The words of a line. */
  static String[] words(String line) {
    String stripped = line.strip();
    int count = 0;
    String[] words = new String[stripped.length() / 2 + 1];
    int at = 0;
    while (at < stripped.length()) {
      int end = at;
      while (end < stripped.length() && !Character.isWhitespace(stripped.charAt(end))) {
        end++;
      }
      words[count++] = stripped.substring(at, end);
      while (end < stripped.length() && Character.isWhitespace(stripped.charAt(end))) {
        end++;
      }
      at = end;
    }
    return Arrays.copyOf(words, count);
  }
}
