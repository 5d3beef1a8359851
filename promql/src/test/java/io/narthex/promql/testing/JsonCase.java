package io.narthex.promql.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** An object of a JSON file of cases. */
public final class JsonCase {

  private final Map<String, @Nullable Object> fields = new HashMap<>();

  private JsonCase(JsonParser parser) {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      fields.put(name, value(parser));
    }
  }

  /** The objects under the key {@code cases}. */
  public static List<JsonCase> read(Path file) {
    JsonFactory factory = JsonFactory.builder().build();
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), file)) {
      parser.nextToken();
      return new JsonCase(parser).objects("cases");
    }
  }

  public boolean has(String name) {
    return fields.get(name) != null;
  }

  public boolean flag(String name) {
    return Boolean.TRUE.equals(fields.get(name));
  }

  public String text(String name) {
    return (String) Objects.requireNonNull(fields.get(name));
  }

  public int number(String name) {
    return Math.toIntExact((Long) Objects.requireNonNull(fields.get(name)));
  }

  public List<JsonCase> objects(String name) {
    List<JsonCase> objects = new ArrayList<>();
    for (Object element : (List<?>) Objects.requireNonNull(fields.get(name))) {
      objects.add((JsonCase) Objects.requireNonNull(element));
    }
    return objects;
  }

  private static @Nullable Object value(JsonParser parser) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> new JsonCase(parser);
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser));
        }
        yield list;
      }
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      default -> parser.getString();
    };
  }
}
