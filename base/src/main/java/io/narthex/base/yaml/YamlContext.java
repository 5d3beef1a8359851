package io.narthex.base.yaml;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The file being decoded: its folder and the errors found in it so far. */
final class YamlContext {

  private record Entry(int line, String message) {}

  final Path folder;
  private final List<Entry> entries = new ArrayList<>();
  private final List<Entry> later = new ArrayList<>();

  YamlContext(Path folder) {
    this.folder = folder;
  }

  /** Notes something that the file asks for and that is still to come. */
  void later(int line, String message) {
    later.add(new Entry(line, message));
  }

  /** What has been noted, in the order of the file. */
  List<String> laterMessages() {
    return later.stream()
        .sorted(Comparator.comparingInt(Entry::line))
        .map(e -> e.message + " (line " + e.line + ")")
        .distinct()
        .toList();
  }

  void add(int line, String message) {
    entries.add(new Entry(line, message));
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** All of them in the order of the file. */
  YamlException toException() {
    return new YamlException(
        entries.stream()
            .sorted(Comparator.comparingInt(Entry::line))
            .map(e -> "\n  line " + e.line + ": " + e.message)
            .collect(Collectors.joining("", "yaml: unmarshal errors:", "")));
  }
}
