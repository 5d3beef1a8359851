package io.narthex.base.template;

import io.narthex.base.text.GoQuote;

/**
 * A piece of a template.
 *
 * @param text as it stands there
 * @param line where it begins, from 1
 */
record Token(Kind kind, String text, int line) {

  enum Kind {
    TEXT,
    LEFT,
    RIGHT,
    SPACE,
    IDENTIFIER,
    KEYWORD,
    BOOL,
    NIL,
    DOT,
    FIELD,
    VARIABLE,
    NUMBER,
    CHARACTER,
    STRING,
    PIPE,
    COMMA,
    DECLARE,
    ASSIGN,
    LEFT_PAREN,
    RIGHT_PAREN,
    /** The text is a complaint. */
    FAULT,
    END
  }

  boolean is(String keyword) {
    return kind == Kind.KEYWORD && text.equals(keyword);
  }

  /** As Go's messages show it. */
  String shown() {
    return switch (kind) {
      case END -> "EOF";
      case FAULT -> text;
      case KEYWORD -> "<" + text + ">";
      case NIL -> "<nil>";
      case DOT -> "<.>";
      default ->
          text.length() > 10
              ? GoQuote.quote(text.substring(0, 10)) + "..."
              : GoQuote.quote(text);
    };
  }
}
