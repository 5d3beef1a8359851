package io.narthex.base.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * Tells whether a template can be parsed: braces and blocks are closed, functions and variables are
 * known, pipelines are whole. What only running would show (a field that is not there, a wrong
 * number of arguments) passes, as it does with Go's parser.
 *
 * <p>The grammar is that of Go's package text/template; a template without a fault here is one that
 * Go parses, and the other way round.
 */
public final class TemplateSyntax {

  /** Functions that every template has. */
  private static final Set<String> BUILT_IN =
      Set.of(
          "and", "call", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not",
          "or", "print", "printf", "println", "slice", "urlquery");

  /** A fault, and where. */
  private static final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1;
    final int line;

    Fault(int line, String message) {
      super(message, null, false, false);
      this.line = line;
    }
  }

  private final List<Token> tokens;
  private final Set<String> functions;
  private Deque<String> variables = new ArrayDeque<>();
  private int at;
  private int ranges;

  private TemplateSyntax(List<Token> tokens, Set<String> functions) {
    this.tokens = tokens;
    this.functions = functions;
  }

  /**
   * What is wrong with a template, in Go's words; empty for nothing.
   *
   * @param name the template's name, for the message
   * @param functions further functions
   * @param variables variables that are set, with their dollars
   */
  public static String problem(
      String name, String text, Set<String> functions, Set<String> variables) {
    TemplateSyntax syntax = new TemplateSyntax(TemplateLexer.tokens(text), functions);
    syntax.variables.push("$");
    variables.forEach(syntax.variables::push);
    try {
      syntax.top();
      return "";
    } catch (Fault e) {
      return "template: " + name + ":" + e.line + ": " + e.getMessage();
    }
  }

  private void top() {
    while (peek().kind() != Token.Kind.END) {
      Token open = peek();
      if (open.kind() == Token.Kind.LEFT && afterSpace(at + 1).is("define")) {
        next();
        nextSolid();
        definition("define clause");
        continue;
      }
      switch (item()) {
        case NOTHING -> {}
        case END -> throw fault("unexpected {{end}}");
        case ELSE -> throw fault("unexpected {{else}}");
      }
    }
  }

  /** What an item means to the list that it stands in. */
  private enum Item {
    NOTHING,
    END,
    ELSE
  }

  private Item item() {
    Token token = nextSolid();
    return switch (token.kind()) {
      case TEXT -> Item.NOTHING;
      case LEFT -> action();
      default -> throw unexpected(token, "input");
    };
  }

  private Item action() {
    Token token = nextSolid();
    if (token.kind() == Token.Kind.KEYWORD) {
      switch (token.text()) {
        case "if", "range", "with" -> {
          control(token.text());
          return Item.NOTHING;
        }
        case "end" -> {
          right("end");
          return Item.END;
        }
        case "else" -> {
          Token following = peekSolid();
          if (!following.is("if") && !following.is("with")) {
            right("else");
          }
          return Item.ELSE;
        }
        case "template" -> {
          name("template clause");
          if (peekSolid().kind() == Token.Kind.RIGHT) {
            nextSolid();
          } else {
            pipeline("template clause", Token.Kind.RIGHT);
          }
          return Item.NOTHING;
        }
        case "block" -> {
          name("block clause");
          pipeline("block clause", Token.Kind.RIGHT);
          body("block clause");
          return Item.NOTHING;
        }
        case "break", "continue" -> {
          if (peekSolid().kind() != Token.Kind.RIGHT) {
            throw unexpected(nextSolid(), "{{" + token.text() + "}}");
          }
          nextSolid();
          if (ranges == 0) {
            throw fault("{{" + token.text() + "}} outside {{range}}");
          }
          return Item.NOTHING;
        }
        default -> throw unexpected(token, "command");
      }
    }
    back();
    // What an action declares lives on to the end of the list that it stands in.
    pipeline("command", Token.Kind.RIGHT);
    return Item.NOTHING;
  }

  private void definition(String context) {
    name(context);
    right(context);
    body(context);
  }

  /** A template of its own, which sees no variables from outside. */
  private void body(String context) {
    Deque<String> outside = variables;
    int outsideRanges = ranges;
    variables = new ArrayDeque<>(List.of("$"));
    ranges = 0;
    if (list() != Item.END) {
      throw fault("unexpected {{else}} in " + context);
    }
    variables = outside;
    ranges = outsideRanges;
  }

  private void name(String context) {
    Token token = nextSolid();
    if (token.kind() != Token.Kind.STRING) {
      throw unexpected(token, context);
    }
  }

  private void right(String context) {
    Token token = nextSolid();
    if (token.kind() != Token.Kind.RIGHT) {
      throw unexpected(token, context);
    }
  }

  private void control(String keyword) {
    int known = variables.size();
    pipeline(keyword, Token.Kind.RIGHT);
    boolean isRange = keyword.equals("range");
    ranges += isRange ? 1 : 0;
    Item end = list();
    ranges -= isRange ? 1 : 0;
    if (end == Item.ELSE) {
      if (!isRange && peekSolid().is(keyword)) {
        nextSolid();
        control(keyword);
      } else {
        Token following = peekSolid();
        if (following.is("if") || following.is("with")) {
          throw unexpected(nextSolid(), "input");
        }
        if (list() != Item.END) {
          throw fault("expected end; found {{else}}");
        }
      }
    }
    while (variables.size() > known) {
      variables.pop();
    }
  }

  /** Items up to an end or else. */
  private Item list() {
    while (peekSolid().kind() != Token.Kind.END) {
      Item item = item();
      if (item != Item.NOTHING) {
        return item;
      }
    }
    throw fault("unexpected EOF");
  }

  private void pipeline(String context, Token.Kind end) {
    declarations(context);
    List<Token.Kind> first = new ArrayList<>();
    while (true) {
      Token token = nextSolid();
      if (token.kind() == end) {
        checkPipeline(first, context);
        return;
      }
      switch (token.kind()) {
        case BOOL, CHARACTER, DOT, FIELD, IDENTIFIER, NUMBER, NIL, STRING, VARIABLE, LEFT_PAREN -> {
          back();
          first.add(token.kind());
          command();
        }
        default -> throw unexpected(token, context);
      }
    }
  }

  private void checkPipeline(List<Token.Kind> first, String context) {
    if (first.isEmpty()) {
      throw fault("missing value for " + context);
    }
    for (int stage = 1; stage < first.size(); stage++) {
      switch (first.get(stage)) {
        case BOOL, DOT, NIL, NUMBER, CHARACTER, STRING ->
            throw fault("non executable command in pipeline stage " + (stage + 1));
        default -> {}
      }
    }
  }

  /** Variables that are set from what follows. */
  private void declarations(String context) {
    List<String> declared = new ArrayList<>();
    while (peekSolid().kind() == Token.Kind.VARIABLE) {
      int begin = at;
      String name = nextSolid().text();
      Token sign = peekSolid();
      if (sign.kind() == Token.Kind.DECLARE) {
        nextSolid();
        declared.add(name);
        declared.forEach(variables::push);
        return;
      }
      if (sign.kind() == Token.Kind.ASSIGN) {
        nextSolid();
        declared.add(name);
        declared.forEach(this::use);
        return;
      }
      if (sign.kind() == Token.Kind.COMMA && context.equals("range") && declared.size() < 2) {
        nextSolid();
        declared.add(name);
        continue;
      }
      if (sign.kind() == Token.Kind.COMMA) {
        throw fault("too many declarations in " + context);
      }
      at = begin;
      return;
    }
    if (!declared.isEmpty()) {
      throw fault("range can only initialize variables");
    }
  }

  private void command() {
    int arguments = 0;
    while (true) {
      peekSolid();
      skipSpace();
      if (operand()) {
        arguments++;
      }
      Token token = next();
      switch (token.kind()) {
        case SPACE -> {
          continue;
        }
        case RIGHT, RIGHT_PAREN -> back();
        case PIPE -> {}
        case FAULT -> throw fault(token);
        default -> throw unexpected(token, "operand");
      }
      break;
    }
    if (arguments == 0) {
      throw fault("empty command");
    }
  }

  private boolean operand() {
    Token token = next();
    boolean takesFields = true;
    switch (token.kind()) {
      case IDENTIFIER -> {
        if (!BUILT_IN.contains(token.text()) && !functions.contains(token.text())) {
          throw fault("function \"" + token.text() + "\" not defined");
        }
      }
      case VARIABLE -> use(token.text());
      case FIELD -> {}
      case LEFT_PAREN -> pipeline("parenthesized pipeline", Token.Kind.RIGHT_PAREN);
      case DOT, NIL, BOOL, NUMBER, CHARACTER, STRING -> takesFields = false;
      case FAULT -> throw fault(token);
      default -> {
        back();
        return false;
      }
    }
    while (peek().kind() == Token.Kind.FIELD) {
      if (!takesFields) {
        throw fault("unexpected . after term " + token.shown());
      }
      next();
    }
    return true;
  }

  private void use(String name) {
    if (!variables.contains(name)) {
      throw fault("undefined variable \"" + name + "\"");
    }
  }

  private Token peek() {
    return tokens.get(Math.min(at, tokens.size() - 1));
  }

  private Token next() {
    Token token = peek();
    at++;
    return token;
  }

  private void back() {
    at--;
  }

  private void skipSpace() {
    while (peek().kind() == Token.Kind.SPACE) {
      at++;
    }
  }

  private Token peekSolid() {
    return afterSpace(at);
  }

  private Token afterSpace(int from) {
    int place = from;
    while (place < tokens.size() && tokens.get(place).kind() == Token.Kind.SPACE) {
      place++;
    }
    return tokens.get(Math.min(place, tokens.size() - 1));
  }

  private Token nextSolid() {
    skipSpace();
    return next();
  }

  private Fault unexpected(Token token, String context) {
    return token.kind() == Token.Kind.FAULT
        ? fault(token)
        : new Fault(token.line(), "unexpected " + token.shown() + " in " + context);
  }

  private static Fault fault(Token token) {
    return new Fault(token.line(), token.text());
  }

  private Fault fault(String message) {
    int place = Math.clamp(at - 1L, 0, tokens.size() - 1);
    return new Fault(tokens.get(place).line(), message);
  }
}
