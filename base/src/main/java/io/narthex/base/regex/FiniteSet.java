package io.narthex.base.regex;

import io.narthex.base.bytes.Utf8;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Expressions that only a few texts match, and which texts these are. */
final class FiniteSet {

  /** The most texts that combinations may make. Plain lists of words have no limit. */
  private static final int LIMIT = 256;

  private static final String SPECIAL = "\\.+*?()[]{}^$";

  private FiniteSet() {}

  /** The words of an expression that is nothing but words with bars between them, or null. */
  static @Nullable List<String> ofPlainWords(String expression) {
    for (int i = 0; i < expression.length(); i++) {
      if (SPECIAL.indexOf(expression.charAt(i)) >= 0) {
        return null;
      }
    }
    Set<String> words = sorted();
    int from = 0;
    for (int bar = expression.indexOf('|'); bar >= 0; bar = expression.indexOf('|', from)) {
      words.add(expression.substring(from, bar));
      from = bar + 1;
    }
    words.add(expression.substring(from));
    return List.copyOf(words);
  }

  /** The texts that match, or null if there are too many. */
  static @Nullable List<String> of(Node node) {
    Set<String> texts = expand(trimmed(node));
    if (texts == null) {
      return null;
    }
    Set<String> sorted = sorted();
    sorted.addAll(texts);
    return List.copyOf(sorted);
  }

  private static TreeSet<String> sorted() {
    return new TreeSet<>(Utf8::compare);
  }

  /** Without the anchors at its ends, which are there anyway. */
  static Node trimmed(Node node) {
    return switch (node) {
      case Node.Begin begin -> Node.EMPTY;
      case Node.End end -> Node.EMPTY;
      case Node.Choice choice ->
          new Node.Choice(choice.options().stream().map(FiniteSet::trimmed).toList());
      case Node.Sequence sequence -> {
        List<Node> parts = sequence.parts();
        int from = 0;
        int to = parts.size();
        while (from < to && parts.get(from) instanceof Node.Begin) {
          from++;
        }
        while (to > from && parts.get(to - 1) instanceof Node.End) {
          to--;
        }
        yield new Node.Sequence(parts.subList(from, to));
      }
      case Node.Chars chars -> chars;
      case Node.Repeat repeat -> repeat;
    };
  }

  private static @Nullable Set<String> expand(Node node) {
    return switch (node) {
      case Node.Chars chars -> chars(chars.set());
      case Node.Sequence sequence -> {
        Set<String> all = Set.of("");
        for (Node part : sequence.parts()) {
          all = product(all, expand(part));
          if (all == null) {
            yield null;
          }
        }
        yield all;
      }
      case Node.Choice choice -> {
        Set<String> all = new HashSet<>();
        boolean combined = false;
        for (Node option : choice.options()) {
          Set<String> texts = expand(option);
          if (texts == null) {
            yield null;
          }
          combined |= texts.size() > 1;
          all.addAll(texts);
          if (combined && all.size() > LIMIT) {
            yield null;
          }
        }
        yield all;
      }
      case Node.Repeat repeat -> repeat(repeat);
      case Node.Begin begin -> null;
      case Node.End end -> null;
    };
  }

  private static @Nullable Set<String> chars(CharSet set) {
    if (set.count() > LIMIT) {
      return null;
    }
    Set<String> texts = new HashSet<>();
    int[] ranges = set.ranges();
    for (int i = 0; i < ranges.length; i += 2) {
      for (int c = ranges[i]; c <= ranges[i + 1]; c++) {
        texts.add(Character.toString(c));
      }
    }
    return texts;
  }

  private static @Nullable Set<String> repeat(Node.Repeat repeat) {
    if (repeat.max() == Node.UNBOUNDED || repeat.max() > LIMIT) {
      return null;
    }
    Set<String> once = expand(repeat.node());
    if (once == null) {
      return null;
    }
    Set<String> all = new HashSet<>();
    Set<String> now = Set.of("");
    for (int times = 0; times <= repeat.max(); times++) {
      if (times >= repeat.min()) {
        all.addAll(now);
      }
      now = product(now, once);
      if (now == null || all.size() > LIMIT) {
        return null;
      }
    }
    return all;
  }

  private static @Nullable Set<String> product(Set<String> left, @Nullable Set<String> right) {
    if (right == null) {
      return null;
    }
    boolean plain = left.size() == 1 || right.size() == 1;
    if (left.size() * (long) right.size() > (plain ? Integer.MAX_VALUE : LIMIT)) {
      return null;
    }
    List<String> products = new ArrayList<>(left.size() * right.size());
    for (String start : left) {
      for (String end : right) {
        products.add(start + end);
      }
    }
    return new HashSet<>(products);
  }
}
