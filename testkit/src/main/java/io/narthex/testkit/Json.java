package io.narthex.testkit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** JSON as a tree that tests walk through; a wrong turn fails with the place in the message. */
public final class Json {

  private static final JsonFactory FACTORY = new JsonFactory();

  private final String path;
  private final @Nullable Object value;

  private Json(String path, @Nullable Object value) {
    this.path = path;
    this.value = value;
  }

  /** Reads one JSON text. */
  public static Json parse(String text) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      parser.nextToken();
      return new Json("$", read(parser));
    }
  }

  private static @Nullable Object read(JsonParser parser) {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        map.put(name, read(parser));
      }
      return map;
    }
    if (token == JsonToken.START_ARRAY) {
      List<@Nullable Object> list = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        list.add(read(parser));
      }
      return list;
    }
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
      return token == JsonToken.VALUE_TRUE;
    }
    if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
      return Double.valueOf(parser.getString());
    }
    return parser.getString();
  }

  /** The member of an object. */
  public Json get(String name) {
    Map<?, ?> map = cast(Map.class);
    if (!map.containsKey(name)) {
      throw new AssertionError("no " + name + " at " + path + ", only " + map.keySet());
    }
    return new Json(path + "." + name, map.get(name));
  }

  /** Whether an object has a member. */
  public boolean has(String name) {
    return cast(Map.class).containsKey(name);
  }

  /** The names of an object's members, in order. */
  public List<String> names() {
    return cast(Map.class).keySet().stream().map(Object::toString).toList();
  }

  /** The element of an array. */
  public Json get(int index) {
    return items().get(index);
  }

  /** The elements of an array. */
  public List<Json> items() {
    List<Json> items = new ArrayList<>();
    for (Object item : cast(List.class)) {
      items.add(new Json(path + "[" + items.size() + "]", item));
    }
    return items;
  }

  /** A text. */
  public String text() {
    return cast(String.class);
  }

  /** A number. */
  public double number() {
    return cast(Double.class);
  }

  /** A truth value. */
  public boolean truth() {
    return cast(Boolean.class);
  }

  /** Whether this is null. */
  public boolean isNull() {
    return value == null;
  }

  private <T> T cast(Class<T> type) {
    if (!type.isInstance(value)) {
      throw new AssertionError(path + " is no " + type.getSimpleName() + " but " + value);
    }
    return type.cast(value);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Json that && java.util.Objects.equals(value, that.value);
  }

  @Override
  public int hashCode() {
    return java.util.Objects.hashCode(value);
  }

  @Override
  public String toString() {
    return String.valueOf(value);
  }
}
