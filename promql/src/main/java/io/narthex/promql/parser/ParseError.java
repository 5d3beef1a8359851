package io.narthex.promql.parser;

import io.narthex.promql.ast.Position;

/** One thing that is wrong with a query, and where. */
public record ParseError(Position position, String message) {

  /**
   * The form for people: {@code line:column: parse error: message}. Both are counted from 1,
   * columns in bytes of UTF-8, as upstream counts.
   *
   * @param query the text that was parsed
   */
  public String render(String query) {
    return place(query) + ": parse error: " + message;
  }

  private String place(String query) {
    if (query.isEmpty()) {
      return "unknown position";
    }
    byte[] bytes = SourceBytes.of(query);
    if (position.start() > bytes.length) {
      return "invalid position";
    }
    int line = 1;
    int lineStart = 0;
    for (int i = 0; i < position.start(); i++) {
      if (bytes[i] == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    return line + ":" + (position.start() - lineStart + 1);
  }
}
