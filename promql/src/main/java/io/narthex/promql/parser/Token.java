package io.narthex.promql.parser;

import io.narthex.base.text.GoQuote;
import io.narthex.promql.ast.Position;

/**
 * A token.
 *
 * @param start its first byte
 * @param end the byte behind it
 * @param text as it is written
 * @param error whether it stands for an error of the lexer, which has been reported already
 */
record Token(TokenKind kind, int start, int end, String text, boolean error) {

  Token(TokenKind kind, int start, int end, String text) {
    this(kind, start, end, text, false);
  }

  Position position() {
    return new Position(start, end);
  }

  /** What messages call it. */
  String description() {
    return switch (kind.group()) {
      case SPECIAL -> "end of input";
      case NAMED ->
          switch (kind) {
            case IDENTIFIER -> "identifier " + GoQuote.quote(text);
            case METRIC_IDENTIFIER -> "metric identifier " + GoQuote.quote(text);
            case STRING -> "string " + shortened();
            case NUMBER -> "number " + shortened();
            default -> "duration " + shortened();
          };
      case KEYWORD -> "<" + text + ">";
      case OPERATOR -> "<op:" + text + ">";
      case AGGREGATOR -> "<aggr:" + text + ">";
      case PUNCTUATION, PREPROCESSOR -> shortened();
    };
  }

  private String shortened() {
    if (end - start <= 10) {
      return GoQuote.quote(text);
    }
    int length = text.offsetByCodePoints(0, Math.min(10, text.codePointCount(0, text.length())));
    return GoQuote.quote(text.substring(0, length)) + "...";
  }
}
