package io.narthex.base.glob;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds files by a pattern: {@code *} is any run of characters within a path element, {@code ?} one
 * character, {@code [a-z]} and {@code [^a-z]} one of a set, and a backslash takes the next
 * character as it is. Hidden files match like all others.
 */
public final class Glob {

  private Glob() {}

  /**
   * The files that match, sorted; none where nothing is there or a folder cannot be read.
   *
   * @throws IllegalArgumentException if the pattern is malformed
   */
  public static List<Path> find(String pattern) {
    matches(pattern, "");
    Path path = Path.of(pattern);
    List<Path> found = new ArrayList<>();
    found.add(path.isAbsolute() ? path.getRoot() : Path.of(""));
    for (Path element : path) {
      List<Path> next = new ArrayList<>();
      for (Path folder : found) {
        if (hasMeta(element.toString())) {
          list(folder, element.toString(), next);
        } else if (Files.exists(folder.resolve(element))) {
          next.add(folder.resolve(element));
        }
      }
      found = next;
    }
    return List.copyOf(found);
  }

  private static boolean hasMeta(String element) {
    return element.chars().anyMatch(c -> c == '*' || c == '?' || c == '[' || c == '\\');
  }

  private static void list(Path folder, String element, List<Path> into) {
    List<Path> matching = new ArrayList<>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(folder.toString().isEmpty() ? Path.of(".") : folder)) {
      for (Path entry : entries) {
        if (matches(element, entry.getFileName().toString())) {
          matching.add(folder.resolve(entry.getFileName()));
        }
      }
    } catch (IOException e) {
      // What cannot be listed has no matches, as in Go.
      return;
    }
    matching.sort(null);
    into.addAll(matching);
  }

  /**
   * Whether a name matches a pattern.
   *
   * @throws IllegalArgumentException if the pattern is malformed
   */
  static boolean matches(String pattern, String name) {
    int p = 0;
    int n = 0;
    int starPattern = -1;
    int starName = 0;
    while (n < name.length() || p < pattern.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        starPattern = ++p;
        starName = n;
        continue;
      }
      int end = p < pattern.length() ? endOfOne(pattern, p) : p;
      if (n < name.length() && end > p && matchesOne(pattern, p, end, name.charAt(n))) {
        p = end;
        n++;
      } else if (starPattern >= 0 && starName < name.length()) {
        p = starPattern;
        n = ++starName;
      } else {
        check(pattern, p);
        return false;
      }
    }
    return true;
  }

  /** Finds faults behind the place where matching gave up. */
  private static void check(String pattern, int from) {
    for (int at = from; at < pattern.length(); ) {
      at = pattern.charAt(at) == '*' ? at + 1 : endOfOne(pattern, at);
    }
  }

  private static int endOfOne(String pattern, int at) {
    char c = pattern.charAt(at);
    if (c == '\\') {
      if (at + 1 == pattern.length()) {
        throw malformed();
      }
      return at + 2;
    }
    if (c != '[') {
      return at + 1;
    }
    int from = at + 1;
    if (pattern.startsWith("^", from)) {
      from++;
    }
    for (int i = from; i < pattern.length(); i++) {
      if (pattern.charAt(i) == '\\') {
        i++;
      } else if (pattern.charAt(i) == ']' && i > from) {
        return i + 1;
      }
    }
    throw malformed();
  }

  private static boolean matchesOne(String pattern, int at, int end, char c) {
    return switch (pattern.charAt(at)) {
      case '?' -> true;
      case '\\' -> pattern.charAt(at + 1) == c;
      case '[' -> inSet(pattern.substring(at + 1, end - 1), c);
      default -> pattern.charAt(at) == c;
    };
  }

  private static boolean inSet(String set, char c) {
    boolean negated = set.startsWith("^");
    boolean found = false;
    for (int i = negated ? 1 : 0; i < set.length(); i++) {
      if (set.charAt(i) == '\\') {
        i++;
      }
      char low = set.charAt(i);
      char high = low;
      if (i + 2 < set.length() && set.charAt(i + 1) == '-') {
        high = set.charAt(i + 2);
        i += 2;
      }
      found |= low <= c && c <= high;
    }
    return found != negated;
  }

  private static IllegalArgumentException malformed() {
    return new IllegalArgumentException("syntax error in pattern");
  }
}
