package io.narthex.base.template;

import io.narthex.base.text.GoQuote;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Cuts a template into tokens. A fault ends the list. */
final class TemplateLexer {

  private static final Set<String> KEYWORDS =
      Set.of(
          "block", "break", "continue", "define", "else", "end", "if", "range", "template", "with");

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private int parens;

  private TemplateLexer(String text) {
    this.text = text;
  }

  static List<Token> tokens(String text) {
    TemplateLexer lexer = new TemplateLexer(text);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    while (at < text.length()) {
      int open = text.indexOf("{{", at);
      if (open < 0) {
        add(Token.Kind.TEXT, text.length());
        break;
      }
      if (open > at) {
        add(Token.Kind.TEXT, open);
      }
      if (!action()) {
        return;
      }
    }
    tokens.add(new Token(Token.Kind.END, "", line));
  }

  /** What stands between braces; false if that was the end of it. */
  private boolean action() {
    boolean trims = text.startsWith("- ", at + 2) || text.startsWith("-\n", at + 2);
    int inside = at + 2 + (trims ? 2 : 0);
    if (text.startsWith("/*", inside)) {
      return comment(inside);
    }
    add(Token.Kind.LEFT, inside);
    parens = 0;
    while (true) {
      boolean trimsRight = text.startsWith(" -}}", at);
      if (trimsRight || text.startsWith("}}", at)) {
        if (parens > 0) {
          return fault("unclosed left paren");
        }
        add(Token.Kind.RIGHT, at + (trimsRight ? 4 : 2));
        return true;
      }
      if (at >= text.length()) {
        return fault("unclosed action");
      }
      if (!inside()) {
        return false;
      }
    }
  }

  private boolean comment(int from) {
    int end = text.indexOf("*/", from);
    if (end < 0) {
      return fault("unclosed comment");
    }
    int close = end + 2;
    if (text.startsWith(" -}}", close)) {
      skip(close + 4);
    } else if (text.startsWith("}}", close)) {
      skip(close + 2);
    } else {
      return fault("comment ends before closing delimiter");
    }
    return true;
  }

  private boolean inside() {
    char c = text.charAt(at);
    return switch (c) {
      case ' ', '\t', '\r', '\n' -> {
        int end = at;
        while (end < text.length()
            && isSpace(text.charAt(end))
            && !text.startsWith(" -}}", end)) {
          end++;
        }
        yield add(Token.Kind.SPACE, end);
      }
      case '=' -> add(Token.Kind.ASSIGN, at + 1);
      case ':' -> text.startsWith(":=", at) ? add(Token.Kind.DECLARE, at + 2) : fault("expected :=");
      case '|' -> add(Token.Kind.PIPE, at + 1);
      case ',' -> add(Token.Kind.COMMA, at + 1);
      case '"' -> quoted('"', Token.Kind.STRING, "unterminated quoted string");
      case '\'' -> quoted('\'', Token.Kind.CHARACTER, "unterminated character constant");
      case '`' -> {
        int end = text.indexOf('`', at + 1);
        yield end < 0
            ? fault("unterminated raw quoted string")
            : add(Token.Kind.STRING, end + 1);
      }
      case '(' -> {
        parens++;
        yield add(Token.Kind.LEFT_PAREN, at + 1);
      }
      case ')' -> {
        parens--;
        yield parens < 0
            ? fault("unexpected right paren")
            : add(Token.Kind.RIGHT_PAREN, at + 1);
      }
      case '$' -> named(Token.Kind.VARIABLE, Token.Kind.VARIABLE);
      case '.' ->
          at + 1 < text.length() && isDigit(text.charAt(at + 1))
              ? number()
              : named(Token.Kind.FIELD, Token.Kind.DOT);
      default -> {
        if (isDigit(c) || c == '+' || c == '-') {
          yield number();
        }
        yield isWord(text.codePointAt(at)) ? word() : unrecognized();
      }
    };
  }

  private boolean unrecognized() {
    int c = text.codePointAt(at);
    return fault("unrecognized character in action: " + shown(c));
  }

  private static String shown(int c) {
    return "U+%04X '%s'".formatted(c, Character.toString(c));
  }

  /** A field or variable: a sign and a name; the sign alone is something of its own. */
  private boolean named(Token.Kind kind, Token.Kind alone) {
    int end = wordEnd(at + 1);
    if (!isTerminator(end)) {
      return fault("bad character " + shown(text.codePointAt(end)));
    }
    return add(end == at + 1 ? alone : kind, end);
  }

  private boolean word() {
    int end = wordEnd(at);
    if (!isTerminator(end)) {
      return fault("bad character " + shown(text.codePointAt(end)));
    }
    String word = text.substring(at, end);
    Token.Kind kind =
        switch (word) {
          case "true", "false" -> Token.Kind.BOOL;
          case "nil" -> Token.Kind.NIL;
          default -> KEYWORDS.contains(word) ? Token.Kind.KEYWORD : Token.Kind.IDENTIFIER;
        };
    return add(kind, end);
  }

  private boolean number() {
    int end = at + 1;
    while (end < text.length() && isNumberPart(end)) {
      end++;
    }
    String number = text.substring(at, end);
    if (!number.matches(
        "[+-]?(0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0[bB][01_]+"
            + "|([0-9][0-9_]*)?\\.?[0-9_]*([eE][+-]?[0-9_]+)?i?)")) {
      return fault("bad number syntax: " + GoQuote.quote(number));
    }
    return add(Token.Kind.NUMBER, end);
  }

  private boolean isNumberPart(int place) {
    char c = text.charAt(place);
    char before = text.charAt(place - 1);
    return isWord(c) || c == '.' || ((c == '+' || c == '-') && (before == 'e' || before == 'E'));
  }

  private boolean quoted(char quote, Token.Kind kind, String complaint) {
    for (int end = at + 1; end < text.length(); end++) {
      char c = text.charAt(end);
      if (c == '\n') {
        break;
      }
      if (c == '\\') {
        end++;
      } else if (c == quote) {
        return add(kind, end + 1);
      }
    }
    return fault(complaint);
  }

  /** Whether a name may end here. */
  private boolean isTerminator(int place) {
    return place >= text.length()
        || isSpace(text.charAt(place))
        || ".,|:()=".indexOf(text.charAt(place)) >= 0
        || text.startsWith("}}", place);
  }

  private int wordEnd(int from) {
    int end = from;
    while (end < text.length() && isWord(text.codePointAt(end))) {
      end += Character.charCount(text.codePointAt(end));
    }
    return end;
  }

  private boolean add(Token.Kind kind, int end) {
    tokens.add(new Token(kind, text.substring(at, end), line));
    skip(end);
    return true;
  }

  private void skip(int end) {
    for (int i = at; i < end; i++) {
      if (text.charAt(i) == '\n') {
        line++;
      }
    }
    at = end;
  }

  private boolean fault(String complaint) {
    tokens.add(new Token(Token.Kind.FAULT, complaint, line));
    return false;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isWord(int c) {
    return c == '_' || Character.isLetter(c) || Character.isDigit(c);
  }
}
