package io.narthex.promql.parser;

import io.narthex.base.text.GoQuote;
import io.narthex.promql.ast.Position;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tokens as the parser reads them, one ahead, and the errors found so far.
 *
 * <p>How errors are recovered from decides which further errors are reported, and upstream's are an
 * interface: users and tests know them. Upstream's parser is made by yacc, whose recovery comes
 * down to three rules, which all parts of this parser keep:
 *
 * <ol>
 *   <li>A token that fits nowhere unwinds to the innermost construct that has a message for it
 *       ({@link SyntaxError} is thrown and caught there). That construct reports it, counts as
 *       complete, and parsing goes on with the same token.
 *   <li>From then until a token has been taken, tokens that do not fit are dropped in silence.
 *   <li>If the input ends meanwhile, parsing stops.
 * </ol>
 *
 * <p>A token is read only when it decides something: positions depend on how far the lexer has got.
 */
final class TokenStream {

  /** A token fits nowhere here; the innermost construct that has a message for it catches this. */
  static final class SyntaxError extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final SyntaxError INSTANCE = new SyntaxError();

    private SyntaxError() {
      super(null, null, false, false);
    }
  }

  /** There is no way on. What was wrong has been reported. */
  static final class Abort extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final Abort INSTANCE = new Abort();

    private Abort() {
      super(null, null, false, false);
    }
  }

  private final Lexer lexer;
  private final List<ParseError> errors = new ArrayList<>();
  private @Nullable Token next;
  private Token last = new Token(TokenKind.END, 0, 0, "");
  private boolean recovering;
  private boolean atEnd;
  private int lastClosing;

  TokenStream(byte[] input) {
    this.lexer = new Lexer(input);
  }

  /** The next token, which stays. */
  Token peek() {
    if (next == null) {
      next = read();
    }
    return next;
  }

  /** The kind of the next token. */
  TokenKind kind() {
    return peek().kind();
  }

  boolean at(TokenKind kind) {
    return kind() == kind;
  }

  /** Takes the next token. */
  Token take() {
    Token token = peek();
    next = null;
    recovering = false;
    return token;
  }

  /** Takes a token of this kind; whatever else comes is an error. */
  Token expect(TokenKind kind) {
    while (!at(kind)) {
      reject();
    }
    return take();
  }

  /**
   * Says that the next token does not fit. It returns only while recovering, with the token
   * dropped: the caller looks again.
   */
  void reject() {
    if (!dropped()) {
      throw SyntaxError.INSTANCE;
    }
  }

  /**
   * Says that the next token does not fit where a message is at hand: either drops the token, or
   * reports it and returns true, and the construct counts as complete.
   */
  boolean rejected(String context, String expected) {
    if (dropped()) {
      return false;
    }
    recover(context, expected);
    return true;
  }

  /** Reports the token that did not fit, after a {@link SyntaxError}. */
  void recover(String context, String expected) {
    recovering = true;
    // The lexer's errors have been reported.
    if (last.error()) {
      return;
    }
    StringBuilder message = new StringBuilder("unexpected ").append(last.description());
    if (!context.isEmpty()) {
      message.append(" in ").append(context);
    }
    if (!expected.isEmpty()) {
      message.append(", expected ").append(expected);
    }
    error(last.position(), message.toString());
  }

  private boolean dropped() {
    Token token = peek();
    if (!recovering) {
      return false;
    }
    if (token.kind() == TokenKind.END) {
      throw Abort.INSTANCE;
    }
    next = null;
    return true;
  }

  /** Whether the token that did not fit was an error of the lexer. */
  boolean failedInLexer() {
    return last.error();
  }

  /** The end of the last token read that can end an expression, wanted or not. */
  int lastClosing() {
    return lastClosing;
  }

  /** The same, for those who had to read one token too far. */
  int lastClosingBeforePeeked() {
    return lexer.previousParenthesisEnd(lastClosing);
  }

  Lexer lexer() {
    return lexer;
  }

  /** The position of the token read last. */
  Position lastPosition() {
    return last.position();
  }

  void error(Position position, String message) {
    errors.add(new ParseError(position, message));
  }

  List<ParseError> errors() {
    return errors;
  }

  /** Stops with an error. */
  Abort abort(Position position, String message) {
    error(position, message);
    return Abort.INSTANCE;
  }

  /** The value of a string token. */
  String unquote(Token token) {
    try {
      return GoStrings.unquote(token.text());
    } catch (IllegalArgumentException e) {
      error(
          lastPosition(),
          "error unquoting string " + GoQuote.quote(token.text()) + ": " + e.getMessage());
      return "";
    }
  }

  private Token read() {
    if (atEnd) {
      return new Token(TokenKind.END, last.start(), last.end(), "");
    }
    Token token = lexer.next();
    while (token.kind() == TokenKind.COMMENT) {
      token = lexer.next();
    }
    last = token;
    switch (token.kind()) {
      case END -> {
        atEnd = true;
        error(token.position(), token.text());
      }
      case EOF -> atEnd = true;
      case RIGHT_BRACE, RIGHT_PAREN, RIGHT_BRACKET, DURATION, NUMBER -> lastClosing = token.end();
      default -> {}
    }
    return token;
  }
}
