package io.narthex.base.regex;

import io.narthex.base.bytes.Utf8;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Expressions that come down to comparing: words with anything before, behind or around them. */
final class Shapes {

  private Shapes() {}

  /** A matcher for expressions of such a shape, null for all others. */
  static @Nullable TextMatcher matcher(Node node) {
    List<Node> parts =
        FiniteSet.trimmed(node) instanceof Node.Sequence sequence
            ? sequence.parts()
            : List.of(node);
    int from = 0;
    int to = parts.size();
    int before = to > 0 ? gap(parts.getFirst()) : -1;
    if (before >= 0) {
      from++;
    }
    if (from == to) {
      return before < 0 ? null : new TextMatcher.Anything(before == 0);
    }
    int behind = gap(parts.get(to - 1));
    if (behind >= 0) {
      to--;
    }
    String word = word(parts.subList(from, to));
    if (word == null || word.isEmpty() || (before < 0 && behind < 0)) {
      return null;
    }
    return new Around(before, word, behind);
  }

  /** How long the text that this matches must be, if any text of that length will do; else -1. */
  private static int gap(Node node) {
    return node instanceof Node.Repeat repeat
            && repeat.max() == Node.UNBOUNDED
            && repeat.min() <= 1
            && repeat.node() instanceof Node.Chars chars
            && chars.set().isAll()
        ? repeat.min()
        : -1;
  }

  /** The text that these parts are, or null. */
  private static @Nullable String word(List<Node> parts) {
    StringBuilder word = new StringBuilder();
    for (Node part : parts) {
      if (!(part instanceof Node.Chars chars) || !chars.set().isSingle()) {
        return null;
      }
      word.appendCodePoint(chars.set().first());
    }
    return word.toString();
  }

  /** What all matching texts begin with. */
  static String prefix(Node node) {
    StringBuilder prefix = new StringBuilder();
    extend(prefix, FiniteSet.trimmed(node));
    return prefix.toString();
  }

  /** Appends what all texts that match begin with; returns whether that is all of them. */
  private static boolean extend(StringBuilder prefix, Node node) {
    switch (node) {
      case Node.Chars chars -> {
        if (chars.set().isSingle()) {
          prefix.appendCodePoint(chars.set().first());
          return true;
        }
        return false;
      }
      case Node.Sequence sequence -> {
        for (Node part : sequence.parts()) {
          if (!extend(prefix, part)) {
            return false;
          }
        }
        return true;
      }
      case Node.Choice choice -> {
        List<String> beginnings = choice.options().stream().map(Shapes::prefix).toList();
        prefix.append(commonPrefix(beginnings));
        return false;
      }
      case Node.Repeat repeat -> {
        if (repeat.min() > 0) {
          extend(prefix, repeat.node());
        }
        return false;
      }
      case Node.Begin begin -> {
        return false;
      }
      case Node.End end -> {
        return false;
      }
    }
  }

  /** What all texts begin with. */
  static String commonPrefix(List<String> texts) {
    if (texts.isEmpty()) {
      return "";
    }
    String common = texts.getFirst();
    for (String text : texts) {
      int length = Math.min(common.length(), text.length());
      int i = 0;
      while (i < length && common.charAt(i) == text.charAt(i)) {
        i++;
      }
      if (i > 0 && Character.isHighSurrogate(common.charAt(i - 1))) {
        i--;
      }
      common = common.substring(0, i);
    }
    return common;
  }

  /** A word with or without anything on its sides. */
  private static final class Around implements TextMatcher {

    private final int before;
    private final int behind;
    private final String word;
    private final byte[] bytes;

    /**
     * @param before 0 or 1: how many characters must stand before the word at least; -1: none may
     * @param behind the same for what stands behind it
     */
    Around(int before, String word, int behind) {
      this.before = before;
      this.behind = behind;
      this.word = word;
      this.bytes = Utf8.bytes(word);
    }

    @Override
    public boolean matches(String text) {
      int room = text.length() - word.length();
      if (room < Math.max(before, 0) + Math.max(behind, 0)) {
        return false;
      }
      if (before < 0) {
        return text.startsWith(word);
      }
      if (behind < 0) {
        return text.endsWith(word);
      }
      int found = text.indexOf(word, before == 0 ? 0 : text.offsetByCodePoints(0, 1));
      return found >= 0 && found <= room - behind;
    }

    @Override
    public boolean matches(byte[] text, int from, int length) {
      int room = length - bytes.length;
      if (room < Math.max(before, 0) + Math.max(behind, 0)) {
        return false;
      }
      if (before < 0) {
        return Utf8.equal(bytes, 0, bytes.length, text, from, bytes.length);
      }
      if (behind < 0) {
        return Utf8.equal(bytes, 0, bytes.length, text, from + room, bytes.length);
      }
      // A word begins where a character begins, so stepping by bytes finds nothing in between.
      int last = from + room - behind;
      for (int i = from + before; i <= last; i++) {
        if (text[i] == bytes[0] && Utf8.equal(bytes, 0, bytes.length, text, i, bytes.length)) {
          return true;
        }
      }
      return false;
    }
  }
}
