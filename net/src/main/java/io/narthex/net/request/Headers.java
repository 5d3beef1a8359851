package io.narthex.net.request;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The headers of an answer, by name in any case. */
public final class Headers {

  private final Map<String, List<String>> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  Headers() {}

  void add(String name, String value) {
    values.computeIfAbsent(name, n -> new ArrayList<>(1)).add(value);
  }

  void remove(String name) {
    values.remove(name);
  }

  /** The first value of a header, or null. */
  public @Nullable String first(String name) {
    List<String> all = values.get(name);
    return all == null ? null : all.getFirst();
  }

  /** All values of a header. */
  public List<String> all(String name) {
    return List.copyOf(values.getOrDefault(name, List.of()));
  }
}
