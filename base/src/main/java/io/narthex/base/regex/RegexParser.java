package io.narthex.base.regex;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads expressions with {@code (?s)} on. It understands what people use and gives up on the rest:
 * word boundaries, lines, Unicode's named classes, cases beyond ASCII. It gives up on what is wrong
 * too, or reads something into it; re2j has the last word on that. Only what re2j takes and Go does
 * not is refused here.
 *
 * @see <a href="https://github.com/google/re2/wiki/Syntax">the syntax</a>
 */
final class RegexParser {

  /** More nesting than this is not worth our own recursion. */
  private static final int MAX_DEPTH = 100;

  /** How often Go lets anything be repeated, all repetitions around it multiplied. */
  private static final int MAX_REPEAT = 1_000;

  private static final CharSet DIGIT = CharSet.of(new int[] {'0', '9'});
  private static final CharSet SPACE = CharSet.of(new int[] {'\t', '\n', '\f', '\r', ' ', ' '});
  private static final CharSet WORD =
      CharSet.of(new int[] {'0', '9', 'A', 'Z', '_', '_', 'a', 'z'});

  /** Thrown, without a trace, where the expression is beyond this parser. */
  private static final class NotUnderstood extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final NotUnderstood INSTANCE = new NotUnderstood();

    private NotUnderstood() {
      super(null, null, false, false);
    }
  }

  private final int[] text;
  private int at;
  private int depth;
  private boolean fold;
  private boolean dotAll = true;
  private boolean lines;

  private RegexParser(String expression) {
    this.text = expression.codePoints().toArray();
  }

  /**
   * The expression, or null if it uses what is not understood here.
   *
   * @throws RegexException if Go refuses it
   */
  static @Nullable Node parse(String expression) {
    try {
      RegexParser parser = new RegexParser(expression);
      Node node = parser.choice();
      return parser.at == parser.text.length ? node : null;
    } catch (NotUnderstood e) {
      return null;
    }
  }

  private Node choice() {
    if (++depth > MAX_DEPTH) {
      throw NotUnderstood.INSTANCE;
    }
    List<Node> options = new ArrayList<>();
    options.add(sequence());
    while (taken('|')) {
      options.add(sequence());
    }
    depth--;
    return options.size() == 1 ? options.getFirst() : new Node.Choice(List.copyOf(options));
  }

  private Node sequence() {
    List<Node> parts = new ArrayList<>();
    while (at < text.length && text[at] != '|' && text[at] != ')') {
      if (taken('\\', 'Q')) {
        quoted(parts);
      } else {
        Node atom = atom();
        if (atom != null) {
          parts.add(repeated(atom));
        } else if ("*+?{".indexOf(next(0)) >= 0) {
          // It repeats what stands before the flags.
          throw NotUnderstood.INSTANCE;
        }
      }
    }
    return parts.size() == 1 ? parts.getFirst() : new Node.Sequence(List.copyOf(parts));
  }

  /** Text between {@code \Q} and {@code \E}; a repetition takes its last character. */
  private void quoted(List<Node> parts) {
    if (at >= text.length || (text[at] == '\\' && next(1) == 'E')) {
      throw NotUnderstood.INSTANCE;
    }
    while (at < text.length && !taken('\\', 'E')) {
      Node literal = literal(take());
      boolean last = at >= text.length || (text[at] == '\\' && next(1) == 'E');
      if (last && taken('\\', 'E')) {
        parts.add(repeated(literal));
        return;
      }
      parts.add(literal);
    }
  }

  private Node repeated(Node atom) {
    Node node = atom;
    while (at < text.length) {
      int min;
      int max;
      int from = at;
      if (taken('*')) {
        min = 0;
        max = Node.UNBOUNDED;
      } else if (taken('+')) {
        min = 1;
        max = Node.UNBOUNDED;
      } else if (taken('?')) {
        min = 0;
        max = 1;
      } else if (taken('{')) {
        min = number();
        max = min;
        if (min >= 0 && taken(',')) {
          max = next(0) == '}' ? Node.UNBOUNDED : number();
          if (max < 0 && next(0) != '}') {
            min = -1;
          }
        }
        if (min < 0 || !taken('}')) {
          // A brace that repeats nothing is a character.
          at = from;
          return node;
        }
      } else {
        return node;
      }
      if ((min >= 2 || max >= 2) && !fits(node, MAX_REPEAT / Math.max(min, max))) {
        String repetition = new String(text, from, at - from);
        throw new RegexException(
            "error parsing regexp: invalid repeat count: `" + repetition + "`");
      }
      // Which of several matches is preferred makes no difference here.
      taken('?');
      node = new Node.Repeat(node, min, max);
    }
    return node;
  }

  /** Whether the repetitions within multiply to no more than this. */
  private static boolean fits(Node node, int limit) {
    return switch (node) {
      case Node.Sequence sequence -> sequence.parts().stream().allMatch(part -> fits(part, limit));
      case Node.Choice choice -> choice.options().stream().allMatch(option -> fits(option, limit));
      case Node.Repeat repeat -> {
        int times = repeat.max() == Node.UNBOUNDED ? repeat.min() : repeat.max();
        yield repeat.max() == 0
            || (times <= limit && fits(repeat.node(), times > 0 ? limit / times : limit));
      }
      case Node.Chars chars -> true;
      case Node.Begin begin -> true;
      case Node.End end -> true;
    };
  }

  /** Digits, or -1. */
  private int number() {
    int from = at;
    int value = 0;
    while (at < text.length && text[at] >= '0' && text[at] <= '9' && at - from < 5) {
      value = value * 10 + take() - '0';
    }
    boolean leadingZero = at - from > 1 && text[from] == '0';
    return at == from || leadingZero ? -1 : value;
  }

  /** The next atom; null for what only changes flags. */
  private @Nullable Node atom() {
    int c = take();
    return switch (c) {
      case '(' -> group();
      case '[' -> new Node.Chars(charClass());
      case '.' -> new Node.Chars(dotAll ? CharSet.ALL : CharSet.ALL_BUT_NEWLINE);
      case '^' -> {
        refuseLines();
        yield new Node.Begin();
      }
      case '$' -> {
        refuseLines();
        yield new Node.End();
      }
      case '\\' -> escape();
      default -> literal(c);
    };
  }

  private void refuseLines() {
    if (lines) {
      throw NotUnderstood.INSTANCE;
    }
  }

  private @Nullable Node group() {
    boolean outerFold = fold;
    boolean outerDotAll = dotAll;
    boolean outerLines = lines;
    if (taken('?')) {
      if (taken('P', '<') || taken('<')) {
        while (take() != '>') {
          // The name is of no use here.
        }
      } else if (flags()) {
        return null;
      }
    }
    Node node = choice();
    if (!taken(')')) {
      throw NotUnderstood.INSTANCE;
    }
    fold = outerFold;
    dotAll = outerDotAll;
    lines = outerLines;
    return node;
  }

  /**
   * Reads flags; returns whether the group ends with them, so that they hold until the outer's end.
   */
  private boolean flags() {
    boolean on = true;
    while (at < text.length) {
      switch (take()) {
        case 'i' -> fold = on;
        case 's' -> dotAll = on;
        case 'm' -> lines = on;
        case 'U' -> {}
        case '-' -> on = false;
        case ':' -> {
          return false;
        }
        case ')' -> {
          return true;
        }
        default -> throw NotUnderstood.INSTANCE;
      }
    }
    throw NotUnderstood.INSTANCE;
  }

  private Node escape() {
    int c = next(0);
    switch (c) {
      case 'A' -> {
        at++;
        return new Node.Begin();
      }
      case 'z' -> {
        at++;
        return new Node.End();
      }
      case 'b', 'B', 'C', 'p', 'P' -> throw NotUnderstood.INSTANCE;
      default -> {
        CharSet named = perlClass(c);
        if (named != null) {
          at++;
          return new Node.Chars(named);
        }
        return literal(escapedChar());
      }
    }
  }

  private @Nullable CharSet perlClass(int c) {
    CharSet set =
        switch (c) {
          case 'd', 'D' -> DIGIT;
          case 's', 'S' -> SPACE;
          case 'w', 'W' -> WORD;
          default -> null;
        };
    if (set == null) {
      return null;
    }
    CharSet folded = fold ? Folding.fold(set) : set;
    return Character.isUpperCase(c) ? folded.negated() : folded;
  }

  /** The character that an escape behind its backslash stands for. */
  private int escapedChar() {
    int c = take();
    switch (c) {
      case 'a' -> {
        return 7;
      }
      case 'f' -> {
        return '\f';
      }
      case 'n' -> {
        return '\n';
      }
      case 'r' -> {
        return '\r';
      }
      case 't' -> {
        return '\t';
      }
      case 'v' -> {
        return 11;
      }
      case '0', '1', '2', '3', '4', '5', '6', '7' -> {
        int value = c - '0';
        for (int i = 0; i < 2 && next(0) >= '0' && next(0) <= '7'; i++) {
          value = value * 8 + take() - '0';
        }
        return value;
      }
      case 'x' -> {
        int value = 0;
        if (taken('{')) {
          while (!taken('}')) {
            value = value * 16 + Character.digit(take(), 16);
          }
          return value;
        }
        for (int i = 0; i < 2; i++) {
          value = value * 16 + Character.digit(take(), 16);
        }
        return value;
      }
      default -> {
        if (c >= 0x80) {
          throw new RegexException(
              "error parsing regexp: invalid escape sequence: `\\" + Character.toString(c) + "`");
        }
        if (Character.isLetterOrDigit(c)) {
          throw NotUnderstood.INSTANCE;
        }
        return c;
      }
    }
  }

  private CharSet charClass() {
    boolean negated = taken('^');
    int[] ranges = new int[16];
    int size = 0;
    boolean first = true;
    while (first || next(0) != ']') {
      first = false;
      CharSet part = classPart();
      if (size + part.ranges().length > ranges.length) {
        ranges = Arrays.copyOf(ranges, 2 * (size + part.ranges().length));
      }
      System.arraycopy(part.ranges(), 0, ranges, size, part.ranges().length);
      size += part.ranges().length;
    }
    at++;
    CharSet set = CharSet.of(Arrays.copyOf(ranges, size));
    return negated ? set.negated() : set;
  }

  private CharSet classPart() {
    if (taken('[', ':')) {
      return posixClass();
    }
    if (next(0) == '\\') {
      int c = next(1);
      if (c == 'p' || c == 'P' || c == 'Q' || c == 'E') {
        throw NotUnderstood.INSTANCE;
      }
      CharSet named = perlClass(c);
      if (named != null) {
        at += 2;
        return named;
      }
    }
    int low = classChar();
    int high = low;
    if (next(0) == '-' && next(1) >= 0 && next(1) != ']') {
      at++;
      high = classChar();
    }
    CharSet range = new CharSet(new int[] {low, high});
    return fold ? Folding.fold(asciiOnly(range)) : range;
  }

  private int classChar() {
    return taken('\\') ? escapedChar() : take();
  }

  private CharSet posixClass() {
    boolean negated = taken('^');
    StringBuilder name = new StringBuilder();
    while (!taken(':', ']')) {
      if (at >= text.length) {
        throw NotUnderstood.INSTANCE;
      }
      name.appendCodePoint(take());
    }
    int[] ranges =
        switch (name.toString()) {
          case "alnum" -> new int[] {'0', '9', 'A', 'Z', 'a', 'z'};
          case "alpha" -> new int[] {'A', 'Z', 'a', 'z'};
          case "ascii" -> new int[] {0, 0x7f};
          case "blank" -> new int[] {'\t', '\t', ' ', ' '};
          case "cntrl" -> new int[] {0, 0x1f, 0x7f, 0x7f};
          case "digit" -> new int[] {'0', '9'};
          case "graph" -> new int[] {'!', '~'};
          case "lower" -> new int[] {'a', 'z'};
          case "print" -> new int[] {' ', '~'};
          case "punct" -> new int[] {'!', '/', ':', '@', '[', '`', '{', '~'};
          case "space" -> new int[] {'\t', '\r', ' ', ' '};
          case "upper" -> new int[] {'A', 'Z'};
          case "word" -> new int[] {'0', '9', 'A', 'Z', '_', '_', 'a', 'z'};
          case "xdigit" -> new int[] {'0', '9', 'A', 'F', 'a', 'f'};
          default -> throw NotUnderstood.INSTANCE;
        };
    CharSet set = fold ? Folding.fold(CharSet.of(ranges)) : CharSet.of(ranges);
    return negated ? set.negated() : set;
  }

  private Node literal(int c) {
    CharSet set = CharSet.of(c);
    return new Node.Chars(fold ? Folding.fold(asciiOnly(set)) : set);
  }

  private static CharSet asciiOnly(CharSet set) {
    if (set.ranges()[set.ranges().length - 1] > 0x7f) {
      throw NotUnderstood.INSTANCE;
    }
    return set;
  }

  private int take() {
    if (at == text.length) {
      throw NotUnderstood.INSTANCE;
    }
    return text[at++];
  }

  private int next(int ahead) {
    return at + ahead < text.length ? text[at + ahead] : -1;
  }

  private boolean taken(int c) {
    boolean here = next(0) == c;
    if (here) {
      at++;
    }
    return here;
  }

  private boolean taken(int c, int following) {
    boolean here = next(0) == c && next(1) == following;
    if (here) {
      at += 2;
    }
    return here;
  }
}
