package io.narthex.promql.parser;

import io.narthex.base.regex.RegexException;
import io.narthex.base.text.GoQuote;
import io.narthex.model.labels.Matcher;
import io.narthex.promql.ast.Position;
import io.narthex.promql.ast.TimeModifier;
import io.narthex.promql.ast.VectorSelector;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of the grammar that deal in labels: selectors and groupings. Every place in them has a
 * message of its own for what does not fit, so nothing here unwinds further.
 */
final class LabelParser {

  private static final String METRIC_NAME = "__name__";
  private static final String MATCHING = "label matching";
  private static final String GROUPING = "grouping opts";

  private final TokenStream tokens;

  LabelParser(TokenStream tokens) {
    this.tokens = tokens;
  }

  /** A selector that begins with a name, which has been taken. */
  VectorSelector selector(Token name) {
    List<Matcher> matchers = new ArrayList<>();
    int end = tokens.at(TokenKind.LEFT_BRACE) ? braces(matchers) : name.end();
    matchers.add(Matcher.equal(METRIC_NAME, name.text()));
    return selector(name.text(), matchers, new Position(name.start(), end));
  }

  /** A selector that is only braces. */
  VectorSelector selector() {
    int start = tokens.peek().start();
    List<Matcher> matchers = new ArrayList<>();
    int end = braces(matchers);
    return selector("", matchers, new Position(start, end));
  }

  private static VectorSelector selector(String name, List<Matcher> matchers, Position position) {
    return new VectorSelector(
        name, List.copyOf(matchers), TimeModifier.NONE, VectorSelector.Extension.NONE, position);
  }

  /** Reads braces and returns their end. */
  private int braces(List<Matcher> into) {
    tokens.take();
    boolean beforeMatcher = true;
    while (!tokens.at(TokenKind.RIGHT_BRACE)) {
      if (beforeMatcher) {
        if (tokens.at(TokenKind.IDENTIFIER) || tokens.at(TokenKind.STRING)) {
          matcher(into);
          beforeMatcher = false;
        } else if (tokens.rejected(MATCHING, "identifier or \"}\"")) {
          beforeMatcher = false;
        }
      } else if (tokens.at(TokenKind.COMMA)) {
        tokens.take();
        beforeMatcher = true;
      } else {
        tokens.rejected(MATCHING, "\",\" or \"}\"");
      }
    }
    return tokens.take().end();
  }

  private void matcher(List<Matcher> into) {
    Token label = tokens.take();
    boolean quoted = label.kind() == TokenKind.STRING;
    String name = quoted ? tokens.unquote(label) : label.text();
    Matcher.Type type = matchType(tokens.kind());
    if (type == null && quoted) {
      into.add(Matcher.equal(METRIC_NAME, name));
      return;
    }
    while (type == null) {
      if (tokens.rejected(MATCHING, "label matching operator")) {
        return;
      }
      type = matchType(tokens.kind());
    }
    tokens.take();
    while (!tokens.at(TokenKind.STRING)) {
      if (tokens.rejected(MATCHING, "string")) {
        return;
      }
    }
    Token value = tokens.take();
    String text = tokens.unquote(value);
    try {
      into.add(new Matcher(type, name, text));
    } catch (RegexException e) {
      tokens.error(new Position(label.start(), value.end()), String.valueOf(e.getMessage()));
    }
  }

  private static Matcher.@Nullable Type matchType(TokenKind kind) {
    return switch (kind) {
      case ASSIGN -> Matcher.Type.EQUAL;
      case NOT_EQUAL -> Matcher.Type.NOT_EQUAL;
      case REGEX_MATCH -> Matcher.Type.REGEX;
      case REGEX_NO_MATCH -> Matcher.Type.NOT_REGEX;
      default -> null;
    };
  }

  /** Labels in parentheses. */
  List<String> grouping() {
    while (!tokens.at(TokenKind.LEFT_PAREN)) {
      if (tokens.rejected(GROUPING, "\"(\"")) {
        return List.of();
      }
    }
    tokens.take();
    List<String> labels = new ArrayList<>();
    boolean beforeLabel = true;
    while (!tokens.at(TokenKind.RIGHT_PAREN)) {
      if (beforeLabel) {
        if (tokens.kind().isLabelName() || tokens.at(TokenKind.STRING)) {
          labels.add(label(tokens.take()));
          beforeLabel = false;
        } else if (tokens.rejected(GROUPING, "label")) {
          beforeLabel = false;
        }
      } else if (tokens.at(TokenKind.COMMA)) {
        tokens.take();
        beforeLabel = true;
      } else {
        tokens.rejected(GROUPING, "\",\" or \")\"");
      }
    }
    tokens.take();
    return List.copyOf(labels);
  }

  private String label(Token token) {
    String name = token.kind() == TokenKind.STRING ? tokens.unquote(token) : token.text();
    // Any text is a name but the empty one, and one that is not UTF-8.
    if (name.isEmpty() || name.chars().anyMatch(c -> c >= 0xdc80 && c <= 0xdcff && !paired(name))) {
      tokens.error(token.position(), "invalid label name for grouping: " + GoQuote.quote(name));
    }
    return name;
  }

  private static boolean paired(String text) {
    return text.codePoints()
        .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }
}
