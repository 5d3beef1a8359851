package io.narthex.base.yaml;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One value of a file. The methods that ask for a type collect an error where the value has another
 * one, and give up the section around it; the names of types are those of the Go program whose
 * error texts users know.
 */
public final class YamlValue {

  private final @Nullable Node node;
  private final YamlContext errors;

  YamlValue(@Nullable Node node, YamlContext errors) {
    this.node = node;
    this.errors = errors;
  }

  /** The line in the file, from 1. */
  public int line() {
    return lineOf(node);
  }

  static int lineOf(@Nullable Node node) {
    return node == null ? 1 : node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
  }

  /** Whether there is nothing: an empty file, {@code key:}, or {@code key: null}. */
  public boolean isNull() {
    return node == null || (node instanceof ScalarNode && node.getTag().equals(Tag.NULL));
  }

  /** Whether there is nothing in it: null, an empty text, list or map. */
  public boolean isEmpty() {
    return switch (node) {
      case null -> true;
      case SequenceNode sequence -> sequence.getValue().isEmpty();
      case MappingNode mapping -> mapping.getValue().isEmpty();
      case ScalarNode scalar -> isNull() || scalar.getValue().isEmpty();
      default -> false;
    };
  }

  /**
   * A complaint about this value, to be thrown. It ends the decoding of the file, as it does
   * upstream; the line stands behind the message.
   */
  public YamlException error(String message) {
    return errorAt(line(), message);
  }

  /** A complaint with the line where it belongs. */
  static YamlException errorAt(int line, String message) {
    return new YamlException(message + " (line " + line + ")");
  }

  /** The text; any scalar will do. */
  public String text() {
    return text("string");
  }

  /** The text of a value whose Go type has a name of its own. */
  public String text(String goType) {
    if (!(node instanceof ScalarNode scalar)) {
      throw mismatch(goType);
    }
    return node.getTag().equals(Tag.BINARY) ? binary(scalar) : scalar.getValue();
  }

  /**
   * The text of a base64 value. Bytes that are no UTF-8 become the lone surrogates U+DC80 to
   * U+DCFF, so that the checks that follow can tell them and print them.
   */
  private static String binary(ScalarNode scalar) {
    byte[] bytes;
    try {
      String digits = scalar.getValue().replaceAll("\\s", "");
      if (digits.length() % 4 != 0) {
        throw new IllegalArgumentException("padding is missing");
      }
      bytes = Base64.getDecoder().decode(digits);
    } catch (IllegalArgumentException e) {
      throw new YamlException(
          "yaml: !!binary value contains invalid base64 data (line " + lineOf(scalar) + ")", e);
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf('\ufffd') < 0) {
      return text;
    }
    StringBuilder escaped = new StringBuilder();
    for (byte b : bytes) {
      escaped.append((char) (b >= 0 ? b : 0xdc00 + (b & 0xff)));
    }
    return escaped.toString();
  }

  /** The path of a file; a relative one is read against the folder of the file being decoded. */
  public String file() {
    String path = text();
    return path.isEmpty() || path.startsWith("/")
        ? path
        : errors.folder.resolve(path).normalize().toString();
  }

  /** The column in the line, from 1. */
  public int column() {
    return node == null ? 1 : node.getStartMark().map(mark -> mark.getColumn() + 1).orElse(1);
  }

  /** A complaint that this value is known but its work is still to come, to be thrown. */
  public YamlException notYet(String what) {
    return error(what + " is not supported by Narthex yet");
  }

  /**
   * Notes that this value is known and right but its work is still to come. Whoever only checks
   * files passes it; for all others the decoding ends with this complaint.
   */
  public void later(String what) {
    errors.later(line(), what + " is not supported by Narthex yet");
  }

  /** The truth value: true, yes, on and their opposites. */
  public boolean bool() {
    if (!(node instanceof ScalarNode scalar)
        || !node.getTag().equals(Tag.BOOL)
        || !GoYamlSchema.isBool(scalar.getValue())) {
      throw mismatch("bool");
    }
    return GoYamlSchema.isTrue(scalar.getValue());
  }

  /** An integer from 0 to 2^63-1; a fraction is cut off. */
  public long unsigned() {
    return unsigned("uint");
  }

  /** An integer from 0 to 2^63-1 of a Go type with this name. */
  public long unsigned(String goType) {
    return integer(goType, 0, Long.MAX_VALUE);
  }

  /** An integer of Go's type int. */
  public long integer() {
    return integer("int", Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** An integer of Go's type int, as far as Java's goes. */
  public int whole() {
    return Math.toIntExact(integer("int", Integer.MIN_VALUE, Integer.MAX_VALUE));
  }

  private long integer(String goType, long low, long high) {
    BigInteger value = null;
    if (node instanceof ScalarNode scalar) {
      if (node.getTag().equals(Tag.INT)) {
        value = GoNumber.integer(scalar.getValue());
        if (value == null) {
          throw new YamlException(
              "yaml: cannot decode !!str `"
                  + scalar.getValue()
                  + "` as a !!int (line "
                  + line()
                  + ")");
        }
      } else if (node.getTag().equals(Tag.FLOAT)) {
        double number = GoNumber.toDouble(scalar.getValue());
        value = Double.isFinite(number) ? new BigDecimal(number).toBigInteger() : null;
      }
    }
    if (value == null
        || value.compareTo(BigInteger.valueOf(low)) < 0
        || value.compareTo(BigInteger.valueOf(high)) > 0) {
      throw mismatch(goType);
    }
    return value.longValueExact();
  }

  /** A floating point number. */
  public double number() {
    if (node instanceof ScalarNode scalar) {
      if (node.getTag().equals(Tag.FLOAT)) {
        return GoNumber.toDouble(scalar.getValue());
      }
      BigInteger value = node.getTag().equals(Tag.INT) ? GoNumber.integer(scalar.getValue()) : null;
      if (value != null) {
        return value.doubleValue();
      }
    }
    throw mismatch("float64");
  }

  /** A list, each element decoded; the errors of all elements are collected. */
  public <T> List<T> list(String goType, YamlDecoder<T> element) {
    if (!(node instanceof SequenceNode sequence)) {
      throw mismatch(goType);
    }
    List<T> values = new ArrayList<>();
    boolean failed = false;
    for (Node item : sequence.getValue()) {
      try {
        values.add(element.decode(new YamlValue(item, errors)));
      } catch (YamlException.Collected e) {
        failed = true;
      }
    }
    if (failed) {
      throw new YamlException.Collected();
    }
    return List.copyOf(values);
  }

  /** A map with free keys, in the order of the file. */
  public <T> Map<String, T> mapOf(String goType, YamlDecoder<T> element) {
    if (!(node instanceof MappingNode mapping)) {
      throw mismatch(goType);
    }
    Map<String, T> values = new LinkedHashMap<>();
    boolean failed = false;
    for (NodeTuple tuple : merged(mapping)) {
      try {
        String key = new YamlValue(tuple.getKeyNode(), errors).text();
        if (values.containsKey(key)) {
          errors.add(lineOf(tuple.getKeyNode()), "key \"" + key + "\" already set in map");
          failed = true;
        }
        values.put(key, element.decode(new YamlValue(tuple.getValueNode(), errors)));
      } catch (YamlException.Collected e) {
        failed = true;
      }
    }
    if (failed) {
      throw new YamlException.Collected();
    }
    return values;
  }

  /** A map whose keys are known: read the keys, then {@link YamlMap#finish}. */
  public YamlMap map(String goType) {
    if (isNull()) {
      return new YamlMap(this, goType, List.of(), errors);
    }
    if (!(node instanceof MappingNode mapping)) {
      throw mismatch(goType);
    }
    return new YamlMap(this, goType, merged(mapping), errors);
  }

  /** The pairs of a map, those merged by {@code <<} behind its own. */
  private static List<NodeTuple> merged(MappingNode mapping) {
    List<NodeTuple> own = new ArrayList<>();
    List<NodeTuple> inherited = new ArrayList<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!tuple.getKeyNode().getTag().equals(GoYamlSchema.MERGE)) {
        own.add(tuple);
      } else if (tuple.getValueNode() instanceof MappingNode other) {
        inherit(inherited, other);
      } else if (tuple.getValueNode() instanceof SequenceNode others
          && others.getValue().stream().allMatch(MappingNode.class::isInstance)) {
        for (Node other : others.getValue()) {
          inherit(inherited, (MappingNode) other);
        }
      } else {
        throw new YamlException(
            "yaml: map merge requires map or sequence of maps as the value (line "
                + lineOf(tuple.getKeyNode())
                + ")");
      }
    }
    for (NodeTuple tuple : inherited) {
      if (own.stream().noneMatch(o -> sameKey(o, tuple))) {
        own.add(tuple);
      }
    }
    return own;
  }

  private static void inherit(List<NodeTuple> into, MappingNode from) {
    if (from.isRecursive()) {
      throw errorAt(lineOf(from), "yaml: anchor value contains itself");
    }
    for (NodeTuple tuple : merged(from)) {
      if (into.stream().noneMatch(i -> sameKey(i, tuple))) {
        into.add(tuple);
      }
    }
  }

  private static boolean sameKey(NodeTuple a, NodeTuple b) {
    return a.getKeyNode() instanceof ScalarNode x
        && b.getKeyNode() instanceof ScalarNode y
        && x.getValue().equals(y.getValue());
  }

  private YamlException mismatch(String goType) {
    errors.add(line(), "cannot unmarshal " + described() + " into " + goType);
    return new YamlException.Collected();
  }

  private String described() {
    return switch (node) {
      case null -> "!!null";
      case MappingNode mapping -> "!!map";
      case SequenceNode sequence -> "!!seq";
      case ScalarNode scalar -> {
        String value = scalar.getValue();
        String shown = value.length() > 10 ? value.substring(0, 7) + "..." : value;
        yield shortTag(scalar.getTag()) + " `" + shown + "`";
      }
      default -> node.getTag().getValue();
    };
  }

  private static String shortTag(Tag tag) {
    String name = tag.getValue();
    return name.startsWith(Tag.PREFIX) ? "!!" + name.substring(Tag.PREFIX.length()) : name;
  }
}
