package io.narthex.discovery.uyuni;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value of XML-RPC: a text, a whole number, a truth value, a list, a map, or nothing. What is
 * missing counts as empty; what is of another kind than expected is an error that says where it
 * stands.
 *
 * @param path where it stands in the answer
 */
record RpcValue(String path, @Nullable Object value) {

  static final RpcValue NOTHING = new RpcValue("", null);

  /** The member of a struct. */
  RpcValue get(String name) throws IOException {
    Object member =
        switch (value) {
          case null -> null;
          case Map<?, ?> map -> map.get(name);
          default -> throw unexpected("a struct");
        };
    return new RpcValue(path.isEmpty() ? name : path + "." + name, member);
  }

  /** The elements of an array. */
  List<RpcValue> items() throws IOException {
    return switch (value) {
      case null -> List.of();
      case List<?> list -> list.stream().map(item -> new RpcValue(path + "[]", item)).toList();
      default -> throw unexpected("an array");
    };
  }

  String text() throws IOException {
    return switch (value) {
      case null -> "";
      case String text -> text;
      default -> throw unexpected("a string");
    };
  }

  String text(String name) throws IOException {
    return get(name).text();
  }

  long whole(String name) throws IOException {
    RpcValue member = get(name);
    return switch (member.value) {
      case null -> 0;
      case Long number -> number;
      default -> throw member.unexpected("an int");
    };
  }

  boolean truth(String name) throws IOException {
    RpcValue member = get(name);
    return switch (member.value) {
      case null -> false;
      case Boolean truth -> truth;
      default -> throw member.unexpected("a boolean");
    };
  }

  private IOException unexpected(String expected) {
    String kind =
        switch (value) {
          case null -> "nothing";
          case Map<?, ?> map -> "a struct";
          case List<?> list -> "an array";
          case Long number -> "an int";
          case Boolean truth -> "a boolean";
          default -> "a string";
        };
    return new IOException(
        (path.isEmpty() ? "the answer" : path) + " is " + kind + ", expected " + expected);
  }
}
