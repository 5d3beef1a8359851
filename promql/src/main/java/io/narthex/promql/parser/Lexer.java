package io.narthex.promql.parser;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.text.GoQuote;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a query into tokens, one at a time. It knows nothing of the grammar but what decides how a
 * character reads: whether braces or brackets are open, and whether a range has had its duration.
 * Inside braces words are names and operators compare; right behind a bracket only what can begin a
 * duration is allowed.
 *
 * <p>After an error it has nothing more to say: all that follows is the end of the input.
 */
final class Lexer {

  private static final int NONE = -1;
  private static final int INVALID = 0xfffd;

  private final byte[] input;
  private int position;
  private int start;
  private int width;
  private int lastPosition;

  private int parenDepth;
  private boolean braceOpen;
  private boolean bracketOpen;
  private boolean colonSeen;
  private boolean durationSeen;
  private boolean durationStart;
  private boolean done;

  Lexer(byte[] input) {
    this.input = input;
  }

  int length() {
    return input.length;
  }

  byte at(int index) {
    return input[index];
  }

  /** The next token; an error is one of kind {@code END} whose text is the message. */
  Token next() {
    Token token = done ? emit(TokenKind.EOF) : scan();
    lastPosition = token.start();
    return token;
  }

  /**
   * The place behind the parenthesis before the one just read, or {@code fallback} if there is
   * none: whoever had to read one token too far to know that an expression has ended finds the end
   * this way.
   */
  int previousParenthesisEnd(int fallback) {
    if (fallback <= 0
        || fallback > input.length
        || lastPosition <= 0
        || lastPosition >= input.length
        || input[lastPosition] != ')') {
      return fallback;
    }
    for (int i = lastPosition - 1; i > 0; i--) {
      if (input[i] == ')') {
        return i + 1;
      }
      if (!isSpace(input[i])) {
        return fallback;
      }
    }
    return fallback;
  }

  private Token scan() {
    while (isSpace(peek())) {
      read();
      start = position;
    }
    start = position;
    if (braceOpen) {
      return insideBraces();
    }
    return durationStart ? insideBrackets() : statement();
  }

  private Token statement() {
    int c = read();
    return switch (c) {
      case NONE -> end();
      case '#' -> comment();
      case ',' -> emit(TokenKind.COMMA);
      case '*' -> emit(TokenKind.MUL);
      case '/' -> emit(TokenKind.DIV);
      case '%' -> emit(TokenKind.MOD);
      case '+' -> emit(TokenKind.ADD);
      case '-' -> emit(TokenKind.SUB);
      case '^' -> emit(TokenKind.POW);
      case '@' -> emit(TokenKind.AT);
      case '=' ->
          switch (peek()) {
            case '=' -> emitWith(TokenKind.EQUAL);
            case '~' -> error("unexpected character after '=': '~'");
            default -> emit(TokenKind.ASSIGN);
          };
      case '!' -> {
        int following = read();
        yield following == '='
            ? emit(TokenKind.NOT_EQUAL)
            : error("unexpected character after '!': " + quote(following));
      }
      case '<' ->
          switch (peek()) {
            case '=' -> emitWith(TokenKind.LESS_OR_EQUAL);
            case '/' -> emitWith(TokenKind.TRIM_UPPER);
            default -> emit(TokenKind.LESS);
          };
      case '>' ->
          switch (peek()) {
            case '=' -> emitWith(TokenKind.GREATER_OR_EQUAL);
            case '/' -> emitWith(TokenKind.TRIM_LOWER);
            default -> emit(TokenKind.GREATER);
          };
      case '"', '\'' -> string(c);
      case '`' -> rawString();
      case '(' -> leftParen();
      case ')' -> rightParen();
      case '{' -> {
        braceOpen = true;
        yield emit(TokenKind.LEFT_BRACE);
      }
      case '[' -> {
        if (bracketOpen) {
          yield error("unexpected left bracket '['");
        }
        bracketOpen = true;
        durationStart = true;
        colonSeen = false;
        yield emit(TokenKind.LEFT_BRACKET);
      }
      case ']' -> {
        if (!bracketOpen) {
          yield error("unexpected right bracket ']'");
        }
        bracketOpen = false;
        yield emit(TokenKind.RIGHT_BRACKET);
      }
      default -> {
        if (isDigit(c) || (c == '.' && isDigit(peek()))) {
          back();
          yield numberOrDuration();
        }
        if (isAlpha(c) || c == ':') {
          yield bracketOpen ? wordInBrackets(c) : word();
        }
        yield error("unexpected character: " + quote(c));
      }
    };
  }

  private Token end() {
    if (parenDepth != 0) {
      return error("unclosed left parenthesis");
    }
    if (bracketOpen) {
      return error("unclosed left bracket");
    }
    done = true;
    return emit(TokenKind.EOF);
  }

  private Token leftParen() {
    parenDepth++;
    return emit(TokenKind.LEFT_PAREN);
  }

  private Token rightParen() {
    if (--parenDepth < 0) {
      // Upstream has taken the parenthesis by then, so the error stands behind it.
      start = position;
      return error("unexpected right parenthesis ')'");
    }
    return emit(TokenKind.RIGHT_PAREN);
  }

  private Token comment() {
    int c = read();
    while (c != '\n' && c != '\r' && c != NONE) {
      c = read();
    }
    back();
    return emit(TokenKind.COMMENT);
  }

  /** A name or a word with a meaning; both may hold colons, which only metrics have. */
  private Token word() {
    boolean colon = input[start] == ':';
    while (isAlphanumeric(peek()) || peek() == ':') {
      colon |= read() == ':';
    }
    String word = text();
    TokenKind kind = TokenKind.ofWord(word);
    if (kind == null) {
      return emit(colon ? TokenKind.METRIC_IDENTIFIER : TokenKind.IDENTIFIER);
    }
    return switch (kind) {
      // These came late, so they are words of the language only where a value follows.
      case FILL, FILL_LEFT, FILL_RIGHT -> emit(parenthesisFollows() ? kind : TokenKind.IDENTIFIER);
      default -> emit(kind);
    };
  }

  private boolean parenthesisFollows() {
    int i = position;
    while (i < input.length && isSpace(input[i])) {
      i++;
    }
    return i < input.length && input[i] == '(';
  }

  private Token wordInBrackets(int first) {
    if (first == ':') {
      if (colonSeen) {
        return error("unexpected colon ':'");
      }
      colonSeen = true;
      return emit(TokenKind.COLON);
    }
    TokenKind keyword = durationKeyword(first);
    return keyword != null
        ? emit(keyword)
        : error("unexpected character: " + quote(first) + ", expected ':'");
  }

  /** Reads on to the end of a word that can stand in a duration; null if it is none of them. */
  private @Nullable TokenKind durationKeyword(int first) {
    switch (first) {
      case 's', 'S', 'm', 'M', 'r', 'R' -> {
        while (isAlpha(peek())) {
          read();
        }
        TokenKind kind = TokenKind.ofWord(text());
        return kind == TokenKind.STEP
                || kind == TokenKind.RANGE
                || kind == TokenKind.MIN_OF
                || kind == TokenKind.MAX_OF
            ? kind
            : null;
      }
      default -> {
        return null;
      }
    }
  }

  /** Between a bracket and the first number. */
  private Token insideBrackets() {
    int c = read();
    return switch (c) {
      case NONE -> error("unexpected end of input in duration expression");
      case ']' -> {
        bracketOpen = false;
        durationStart = false;
        colonSeen = false;
        yield emit(TokenKind.RIGHT_BRACKET);
      }
      case ':' -> {
        start = position;
        if (!durationSeen) {
          yield error("unexpected colon before duration in duration expression");
        }
        if (colonSeen) {
          yield error("unexpected repeated colon in duration expression");
        }
        start = position - 1;
        colonSeen = true;
        yield emit(TokenKind.COLON);
      }
      case '(' -> leftParen();
      case ')' -> rightParen();
      case '+' -> emit(TokenKind.ADD);
      case '-' -> emit(TokenKind.SUB);
      case '*' -> emit(TokenKind.MUL);
      case '/' -> emit(TokenKind.DIV);
      case '%' -> emit(TokenKind.MOD);
      case '^' -> emit(TokenKind.POW);
      case ',' -> emit(TokenKind.COMMA);
      default -> {
        TokenKind keyword = durationKeyword(c);
        if (keyword != null) {
          yield emit(keyword);
        }
        if (isDigit(c) || (c == '.' && isDigit(peek()))) {
          back();
          durationSeen = true;
          durationStart = false;
          yield numberOrDuration();
        }
        yield error("unexpected character in duration expression: " + quote(c));
      }
    };
  }

  private Token insideBraces() {
    int c = read();
    return switch (c) {
      case NONE -> error("unexpected end of input inside braces");
      case '#' -> comment();
      case ',' -> emit(TokenKind.COMMA);
      case '"', '\'' -> string(c);
      case '`' -> rawString();
      case '=' -> peek() == '~' ? emitWith(TokenKind.REGEX_MATCH) : emit(TokenKind.ASSIGN);
      case '!' -> {
        int following = read();
        yield switch (following) {
          case '~' -> emit(TokenKind.REGEX_NO_MATCH);
          case '=' -> emit(TokenKind.NOT_EQUAL);
          default -> error("unexpected character after '!' inside braces: " + quote(following));
        };
      }
      case '{' -> error("unexpected left brace '{'");
      case '}' -> {
        braceOpen = false;
        yield emit(TokenKind.RIGHT_BRACE);
      }
      default -> {
        if (!isAlpha(c)) {
          yield error("unexpected character inside braces: " + quote(c));
        }
        while (isAlphanumeric(peek())) {
          read();
        }
        yield emit(TokenKind.IDENTIFIER);
      }
    };
  }

  private Token string(int quote) {
    while (true) {
      int c = read();
      if (c == quote) {
        return emit(TokenKind.STRING);
      }
      switch (c) {
        case '\\' -> {
          String problem = escape(quote);
          if (problem != null) {
            return error(problem);
          }
        }
        case INVALID -> {
          return error("invalid UTF-8 rune");
        }
        case NONE, '\n' -> {
          return error("unterminated quoted string");
        }
        default -> {}
      }
    }
  }

  private Token rawString() {
    while (true) {
      switch (read()) {
        case '`' -> {
          return emit(TokenKind.STRING);
        }
        case INVALID -> {
          return error("invalid UTF-8 rune");
        }
        case NONE -> {
          return error("unterminated raw string");
        }
        default -> {}
      }
    }
  }

  /** Reads an escape behind its backslash; returns what is wrong with it, or null. */
  private @Nullable String escape(int quote) {
    int c = read();
    int digits;
    int base = 16;
    int most = Character.MAX_CODE_POINT;
    switch (c) {
      case 'a', 'b', 'f', 'n', 'r', 't', 'v', '\\' -> {
        return null;
      }
      case '0', '1', '2', '3', '4', '5', '6', '7' -> {
        digits = 3;
        base = 8;
        most = 255;
      }
      case 'x' -> {
        digits = 2;
        most = 255;
        c = read();
      }
      case 'u' -> {
        digits = 4;
        c = read();
      }
      case 'U' -> {
        digits = 8;
        c = read();
      }
      case NONE -> {
        return "escape sequence not terminated";
      }
      default -> {
        return c == quote ? null : "unknown escape sequence " + named(c);
      }
    }
    long value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = c < 0x80 ? Character.digit(c, 16) : -1;
      if (c == NONE) {
        return "escape sequence not terminated";
      }
      if (digit < 0 || digit >= base) {
        return "illegal character " + named(c) + " in escape sequence";
      }
      value = value * base + digit;
      if (i < digits - 1) {
        c = read();
      }
    }
    boolean surrogate = value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE;
    return value > most || surrogate ? "escape sequence is an invalid Unicode code point" : null;
  }

  private Token numberOrDuration() {
    if (number()) {
      return emit(TokenKind.NUMBER);
    }
    // A number ended at a unit, or is wrong anyway.
    if (restOfDuration()) {
      return emit(TokenKind.DURATION);
    }
    return error("bad number or duration syntax: " + GoQuote.quote(text()));
  }

  private boolean restOfDuration() {
    if (!accept("smhdwy")) {
      return false;
    }
    accept("s");
    while (accept("0123456789")) {
      acceptAll("0123456789");
      // Years come first, so they are not among the units that follow.
      if (!accept("smhdw")) {
        return false;
      }
      accept("s");
    }
    if (isAlphanumeric(peek())) {
      // The message shows the text up to the culprit.
      read();
      return false;
    }
    return true;
  }

  /**
   * Reads what looks like a number: decimal, hexadecimal, underscores between digits. Whether it is
   * one is decided when it is converted. Where it fails it has read the character that it failed
   * at, so that messages show it.
   */
  private boolean number() {
    int from = position;
    String digits = "0123456789";
    boolean hexadecimal = false;
    if (accept("0") && accept("xX")) {
      accept("_");
      digits = "0123456789abcdefABCDEF";
      hexadecimal = true;
    }
    accept(".");
    accept(digits);
    boolean dot = false;
    boolean exponent = false;
    while (peekIn(digits) || peekIn("._eE")) {
      if (peek() == '.') {
        read();
        if (dot || accept("_.") || hexadecimal) {
          return false;
        }
        dot = true;
      } else if (peekIn("eE")) {
        read();
        if (exponent) {
          return false;
        }
        exponent = true;
        accept("+-");
        if (accept("._eE") || peek() == NONE) {
          return false;
        }
      } else if (accept("_")) {
        if (accept("._eE") || peek() == NONE) {
          return false;
        }
      } else {
        acceptAll(digits);
      }
    }
    return position != from && !isAlphanumeric(peek());
  }

  private Token emit(TokenKind kind) {
    Token token = new Token(kind, start, position, text());
    start = position;
    return token;
  }

  private Token emitWith(TokenKind kind) {
    read();
    return emit(kind);
  }

  private Token error(String message) {
    done = true;
    return new Token(TokenKind.END, start, input.length, message, true);
  }

  private String text() {
    return new String(input, start, position - start, StandardCharsets.UTF_8);
  }

  private boolean accept(String set) {
    if (!peekIn(set)) {
      return false;
    }
    read();
    return true;
  }

  private void acceptAll(String set) {
    while (accept(set)) {
      // One after the other.
    }
  }

  private boolean peekIn(String set) {
    int c = peek();
    return c != NONE && set.indexOf(c) >= 0;
  }

  private int peek() {
    int c = read();
    back();
    return c;
  }

  private void back() {
    position -= width;
  }

  /** The next character; malformed bytes read as U+FFFD, one at a time. */
  private int read() {
    if (position >= input.length) {
      width = 0;
      return NONE;
    }
    byte first = input[position];
    if (first >= 0) {
      width = 1;
      position++;
      return first;
    }
    return readWide(first);
  }

  private int readWide(int first) {
    int length = (first & 0xe0) == 0xc0 ? 2 : (first & 0xf0) == 0xe0 ? 3 : 4;
    if (position + length <= input.length && Utf8.isValid(input, position, length)) {
      width = length;
      int c = new String(input, position, length, StandardCharsets.UTF_8).codePointAt(0);
      position += length;
      return c;
    }
    width = 1;
    position++;
    return INVALID;
  }

  static boolean isSpace(int c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isAlpha(int c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean isAlphanumeric(int c) {
    return isAlpha(c) || isDigit(c);
  }

  /** A character in single quotes, as Go quotes it. */
  private static String quote(int c) {
    if (c == NONE) {
      return "'\ufffd'";
    }
    if (c == '\'') {
      return "'\\''";
    }
    if (c == '"') {
      return "'\"'";
    }
    String quoted = GoQuote.quote(Character.toString(c));
    return "'" + quoted.substring(1, quoted.length() - 1) + "'";
  }

  /** A character by number, and in quotes where it can be shown: {@code U+0023 '#'}. */
  private static String named(int c) {
    String number = String.format("U+%04X", c);
    String shown = quote(c);
    boolean escaped = shown.charAt(1) == '\\' && c != '\\' && c != '\'';
    return escaped ? number : number + " '" + Character.toString(c) + "'";
  }
}
