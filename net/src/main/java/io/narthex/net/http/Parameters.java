package io.narthex.net.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Names with one or more values each, in the order they came. Immutable once handed out. */
public final class Parameters {

  /** No parameters. */
  public static final Parameters NONE = new Parameters();

  private final Map<String, List<String>> values = new LinkedHashMap<>();
  private @Nullable String flaw;

  /** Adds one; for those who build the parameters. */
  public void add(String name, String value) {
    values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
  }

  /** Notes what was wrong with the text; the first note stays. For those who build them. */
  public void flaw(String text) {
    if (flaw == null) {
      flaw = text;
    }
  }

  /**
   * What was wrong with the text that the parameters were read from, in the words of Go's {@code
   * ParseForm}, or null. What could be read is there all the same.
   */
  public @Nullable String flaw() {
    return flaw;
  }

  /** The first value of a name, or the empty text. */
  public String first(String name) {
    List<String> all = values.get(name);
    return all == null ? "" : all.getFirst();
  }

  /** All values of a name; empty when there is none. */
  public List<String> all(String name) {
    return List.copyOf(values.getOrDefault(name, List.of()));
  }

  /** Whether the name is there, be it without a value. */
  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** The names that are there. */
  public Set<String> names() {
    return Set.copyOf(values.keySet());
  }
}
