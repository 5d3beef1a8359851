package io.narthex.base.regex;

import io.narthex.base.bytes.Utf8;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Decides whether a whole text matches. Immutable, or safe for many threads by other means. */
interface TextMatcher {

  boolean matches(String text);

  /** Bytes must be UTF-8. */
  boolean matches(byte[] bytes, int from, int length);

  /** Everything, or everything but the empty text. */
  record Anything(boolean orEmpty) implements TextMatcher {

    @Override
    public boolean matches(String text) {
      return orEmpty || !text.isEmpty();
    }

    @Override
    public boolean matches(byte[] bytes, int from, int length) {
      return orEmpty || length > 0;
    }
  }

  /** One text. */
  final class Literal implements TextMatcher {

    private final String literal;
    private final byte[] bytes;

    Literal(String literal) {
      this.literal = literal;
      this.bytes = Utf8.bytes(literal);
    }

    @Override
    public boolean matches(String text) {
      return literal.equals(text);
    }

    @Override
    public boolean matches(byte[] text, int from, int length) {
      return Utf8.equal(bytes, 0, bytes.length, text, from, length);
    }
  }

  /** One of several texts. */
  final class AnyOf implements TextMatcher {

    private final Set<String> texts;
    private final ByteSet bytes;

    AnyOf(List<String> texts) {
      this.texts = new HashSet<>(texts);
      this.bytes = new ByteSet(texts);
    }

    @Override
    public boolean matches(String text) {
      return texts.contains(text);
    }

    @Override
    public boolean matches(byte[] text, int from, int length) {
      return bytes.contains(text, from, length);
    }
  }

  static TextMatcher ofSet(List<String> texts) {
    return texts.size() == 1 ? new Literal(texts.getFirst()) : new AnyOf(texts);
  }
}
