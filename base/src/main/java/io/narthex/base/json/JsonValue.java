package io.narthex.base.json;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON text as a tree, for answers whose shape is known: every step names what it expects, and
 * what is missing or null counts as empty, as in Go's decoder. What is of another kind than
 * expected is an error that says where it stands. Immutable.
 */
public final class JsonValue {

  private static final JsonFactory FACTORY = new JsonFactory();

  /** A number as it was written. */
  private record Digits(String text) {}

  private final String path;

  /** A list, a map, a text, digits, a truth value, or null. */
  private final @Nullable Object value;

  private JsonValue(String path, @Nullable Object value) {
    this.path = path;
    this.value = value;
  }

  /**
   * Reads one JSON text of UTF-8 bytes.
   *
   * @throws IOException if it is none, or has something behind it
   */
  public static JsonValue parse(byte[] json) throws IOException {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() == null) {
        throw new IOException("unexpected end of JSON input");
      }
      JsonValue value = read(parser, Set.of());
      if (parser.nextToken() != null) {
        throw new IOException("text behind the JSON value");
      }
      return value;
    } catch (JacksonException e) {
      throw new IOException("no valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Reads the value that the parser stands on.
   *
   * @param without names of members that are left out, wherever they stand
   */
  static JsonValue read(JsonParser parser, Set<String> without) {
    return new JsonValue("", readAny(parser, without));
  }

  private static @Nullable Object readAny(JsonParser parser, Set<String> without) {
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> readMap(parser, without);
      case START_ARRAY -> readList(parser, without);
      case VALUE_STRING -> parser.getString();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Digits(parser.getString());
      case VALUE_TRUE -> Boolean.TRUE;
      case VALUE_FALSE -> Boolean.FALSE;
      default -> null;
    };
  }

  private static Object readMap(JsonParser parser, Set<String> without) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (without.contains(name)) {
        parser.skipChildren();
      } else {
        map.put(name, readAny(parser, without));
      }
    }
    return Collections.unmodifiableMap(map);
  }

  private static Object readList(JsonParser parser, Set<String> without) {
    List<@Nullable Object> list = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(readAny(parser, without));
    }
    return Collections.unmodifiableList(list);
  }

  /** Whether nothing stands here, or null. */
  public boolean isNull() {
    return value == null;
  }

  /** The member of an object; missing ones are null. */
  public JsonValue get(String name) throws IOException {
    Map<?, ?> map = map();
    return new JsonValue(path.isEmpty() ? name : path + "." + name, map.get(name));
  }

  /** The members of an object, in their order. */
  public Map<String, JsonValue> members() throws IOException {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    for (Map.Entry<?, ?> member : map().entrySet()) {
      String name = (String) member.getKey();
      members.put(name, new JsonValue(path + "." + name, member.getValue()));
    }
    return members;
  }

  private Map<?, ?> map() throws IOException {
    return switch (value) {
      case null -> Map.of();
      case Map<?, ?> map -> map;
      default -> throw unexpected("an object");
    };
  }

  /** The elements of an array. */
  public List<JsonValue> items() throws IOException {
    return switch (value) {
      case null -> List.of();
      case List<?> list -> {
        List<JsonValue> items = new ArrayList<>(list.size());
        for (int i = 0; i < list.size(); i++) {
          items.add(new JsonValue(path + "[" + i + "]", list.get(i)));
        }
        yield items;
      }
      default -> throw unexpected("an array");
    };
  }

  /** The texts of an array. */
  public List<String> texts() throws IOException {
    List<String> texts = new ArrayList<>();
    for (JsonValue item : items()) {
      texts.add(item.text());
    }
    return texts;
  }

  /** The text of a member. */
  public String text(String name) throws IOException {
    return get(name).text();
  }

  /** A text. */
  public String text() throws IOException {
    return switch (value) {
      case null -> "";
      case String text -> text;
      default -> throw unexpected("a text");
    };
  }

  /** The number of a member. */
  public long whole(String name) throws IOException {
    return get(name).whole();
  }

  /** A whole number; 0 for null. */
  public long whole() throws IOException {
    if (value == null) {
      return 0;
    }
    try {
      return Long.parseLong(digits());
    } catch (NumberFormatException e) {
      throw unexpected("a whole number");
    }
  }

  /** A number; 0 for null. */
  public double number() throws IOException {
    return value == null ? 0 : Double.parseDouble(digits());
  }

  /** A number as it was written. */
  public String digits() throws IOException {
    return switch (value) {
      case null -> "0";
      case Digits digits -> digits.text;
      default -> throw unexpected("a number");
    };
  }

  /** The truth value of a member. */
  public boolean truth(String name) throws IOException {
    return get(name).truth();
  }

  /** A truth value; false for null. */
  public boolean truth() throws IOException {
    return switch (value) {
      case null -> false;
      case Boolean truth -> truth;
      default -> throw unexpected("true or false");
    };
  }

  /**
   * A text, number or truth value as it would be written; null is empty.
   *
   * @throws IOException for arrays and objects
   */
  public String scalar() throws IOException {
    return switch (value) {
      case null -> "";
      case String text -> text;
      case Digits digits -> digits.text;
      case Boolean truth -> truth.toString();
      default -> throw unexpected("a text, a number or a truth value");
    };
  }

  /** Whether this is an object. */
  public boolean isObject() {
    return value instanceof Map;
  }

  /** Whether this is an array. */
  public boolean isArray() {
    return value instanceof List;
  }

  /** Whether this is a text. */
  public boolean isText() {
    return value instanceof String;
  }

  /** Whether this is a number. */
  public boolean isNumber() {
    return value instanceof Digits;
  }

  private IOException unexpected(String expected) {
    String kind =
        switch (value) {
          case null -> "nothing";
          case Map<?, ?> map -> "an object";
          case List<?> list -> "an array";
          case String text -> "a text";
          case Digits digits -> "a number";
          default -> "a truth value";
        };
    return new IOException(
        (path.isEmpty() ? "the JSON value" : path) + " is " + kind + ", expected " + expected);
  }
}
