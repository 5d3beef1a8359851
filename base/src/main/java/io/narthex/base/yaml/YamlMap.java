package io.narthex.base.yaml;

import io.narthex.base.text.DidYouMean;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;

/**
 * A map whose keys are known. A decoder reads the keys it knows, each with its default, then calls
 * {@link #finish}: the keys that nobody read are errors, and if anything in the map had the wrong
 * type the section is given up there, before its rules are checked. Until then a value of the wrong
 * type reads as its default.
 *
 * <p>Some sections lie inline in others (the HTTP client's keys in a job, say): the inner decoder
 * reads from the same map and the outer one finishes it.
 */
public final class YamlMap {

  private final YamlValue self;
  private final String goType;
  private final Map<String, NodeTuple> pairs = new LinkedHashMap<>();
  private final List<NodeTuple> repeated = new ArrayList<>();
  private final Set<String> read = new LinkedHashSet<>();
  private final YamlContext errors;
  private boolean failed;

  YamlMap(YamlValue self, String goType, List<NodeTuple> tuples, YamlContext errors) {
    this.self = self;
    this.goType = goType;
    this.errors = errors;
    for (NodeTuple tuple : tuples) {
      try {
        if (pairs.putIfAbsent(name(tuple), tuple) != null) {
          repeated.add(tuple);
        }
      } catch (YamlException.Collected e) {
        failed = true;
      }
    }
  }

  /** The name of a key; null as a key is the empty name. */
  private String name(NodeTuple tuple) {
    YamlValue key = new YamlValue(tuple.getKeyNode(), errors);
    return key.isNull() ? "" : key.text();
  }

  /** The map itself, for its line and for complaints about it. */
  public YamlValue self() {
    return self;
  }

  /** Whether the key is there, be it without a value. */
  public boolean has(String key) {
    return pairs.containsKey(key);
  }

  /** The keys that are there. */
  public Set<String> keys() {
    return Set.copyOf(pairs.keySet());
  }

  /** The value of a key, or null where the key is absent. */
  public @Nullable YamlValue get(String key) {
    read.add(key);
    NodeTuple tuple = pairs.get(key);
    return tuple == null ? null : new YamlValue(tuple.getValueNode(), errors);
  }

  /** The line of a key that is there, or of the map. */
  public int line(String key) {
    NodeTuple tuple = pairs.get(key);
    return tuple == null ? self.line() : YamlValue.lineOf(tuple.getKeyNode());
  }

  /** A complaint about a key, to be thrown. */
  public YamlException error(String key, String message) {
    return YamlValue.errorAt(line(key), message);
  }

  /** The decoded value of a key, or the default where it is absent, null or of the wrong type. */
  public <T> T value(String key, T absent, YamlDecoder<T> decoder) {
    T value = optional(key, decoder);
    return value == null ? absent : value;
  }

  /** The decoded value of a key, or null where it is absent, null or of the wrong type. */
  public <T> @Nullable T optional(String key, YamlDecoder<T> decoder) {
    YamlValue value = get(key);
    if (value == null || value.isNull()) {
      return null;
    }
    try {
      return decoder.decode(value);
    } catch (YamlException.Collected e) {
      failed = true;
      return null;
    }
  }

  /** A text. */
  public String text(String key, String absent) {
    return value(key, absent, YamlValue::text);
  }

  /** The path of a file, empty where the key is absent. */
  public String file(String key) {
    return value(key, "", YamlValue::file);
  }

  /**
   * Notes keys whose work is still to come, as {@link YamlValue#later} does. Written empty ({@code
   * []}, {@code {}}, null) they ask for nothing.
   */
  public void notYet(String... keys) {
    for (String key : keys) {
      YamlValue value = get(key);
      if (value != null && !value.isEmpty()) {
        later(key, "field " + key);
      }
    }
  }

  /** Notes that what a key asks for is still to come, as {@link YamlValue#later} does. */
  public void later(String key, String what) {
    errors.later(line(key), what + " is not supported by Narthex yet");
  }

  /** A truth value; as in Go, a key without a value is false whatever the default. */
  public boolean bool(String key, boolean absent) {
    YamlValue value = get(key);
    return value != null && value.isNull() ? false : value(key, absent, YamlValue::bool);
  }

  /** A text whose Go type has a name of its own, a secret for example. */
  public String text(String key, String goType, String absent) {
    return value(key, absent, v -> v.text(goType));
  }

  /** An integer of 32 bits, which is more than Go's int needs where it is used. */
  public int whole(String key, int absent) {
    return value(key, absent, YamlValue::whole);
  }

  /** An integer that is not negative. */
  public long unsigned(String key, long absent) {
    return value(key, absent, YamlValue::unsigned);
  }

  /** A floating point number. */
  public double number(String key, double absent) {
    return value(key, absent, YamlValue::number);
  }

  /** A list of texts, empty where the key is absent. */
  public List<String> texts(String key) {
    return list(key, "[]string", YamlValue::text);
  }

  /** A list, empty where the key is absent. */
  public <T> List<T> list(String key, String goType, YamlDecoder<T> element) {
    return value(key, List.of(), v -> v.list(goType, element));
  }

  /**
   * Ends the reading: the keys nobody asked for become errors.
   *
   * @throws YamlException if this map had errors; they have been collected, and the decoder that is
   *     reading it is to let the exception pass
   */
  public void finish() {
    pairs.forEach((key, tuple) -> {
      if (!read.contains(key)) {
        unknown(key, tuple.getKeyNode());
      }
    });
    for (NodeTuple tuple : repeated) {
      String key = name(tuple);
      if (read.contains(key)) {
        add(tuple.getKeyNode(), "field " + key + " already set in type " + goType);
      } else {
        unknown(key, tuple.getKeyNode());
      }
    }
    if (failed) {
      throw new YamlException.Collected();
    }
  }

  /**
   * Ends the reading and lets keys pass that nobody asked for.
   *
   * @throws YamlException as {@link #finish}
   */
  public void finishWithUnknown() {
    for (NodeTuple tuple : repeated) {
      add(tuple.getKeyNode(), "field " + name(tuple) + " already set in type " + goType);
    }
    if (failed) {
      throw new YamlException.Collected();
    }
  }

  private void unknown(String key, Node node) {
    add(node, "field " + key + " not found in type " + goType + DidYouMean.suffix(key, read));
  }

  private void add(Node node, String message) {
    errors.add(YamlValue.lineOf(node), message);
    failed = true;
  }
}
