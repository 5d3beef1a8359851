package io.narthex.promql.engine.core;

import io.narthex.promql.ast.Position;

/**
 * A remark on a query's answer.
 *
 * @param severity whether the answer is to be doubted
 * @param text without the prefix {@code PromQL warning: }
 * @param position the expression it is about
 */
public record Annotation(Severity severity, String text, Position position) {

  /** How grave it is. */
  public enum Severity {
    WARNING("PromQL warning: "),
    INFO("PromQL info: ");

    private final String prefix;

    Severity(String prefix) {
      this.prefix = prefix;
    }
  }

  /** The text as the API shows it, without the place. */
  public String message() {
    return severity.prefix + text;
  }

  /** The text as the API shows it, with line and column in a query's text. */
  public String message(String query) {
    return message() + " (" + place(query) + ")";
  }

  /** Line and column, both from 1; the column counts bytes of UTF-8 as upstream does. */
  private String place(String query) {
    if (query.isEmpty()) {
      return "unknown position";
    }
    int line = 1;
    int column = 1;
    int at = 0;
    for (int i = 0; i < query.length() && at < position.start(); ) {
      int c = query.codePointAt(i);
      i += Character.charCount(c);
      int bytes = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      at += bytes;
      if (c == '\n') {
        line++;
        column = 1;
      } else {
        column += bytes;
      }
    }
    return line + ":" + column;
  }
}
