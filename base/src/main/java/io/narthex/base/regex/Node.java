package io.narthex.base.regex;

import java.util.List;

/** A regular expression, understood: groups are gone, cases folded, classes resolved. */
sealed interface Node {

  /** No bound. */
  int UNBOUNDED = -1;

  /** One character of a set. */
  record Chars(CharSet set) implements Node {}

  /** One after the other; none is the empty text. */
  record Sequence(List<Node> parts) implements Node {}

  /** One of several. */
  record Choice(List<Node> options) implements Node {}

  /**
   * Several times.
   *
   * @param max how often at most, or {@link #UNBOUNDED}
   */
  record Repeat(Node node, int min, int max) implements Node {}

  /** The beginning of the text. */
  record Begin() implements Node {}

  /** The end of the text. */
  record End() implements Node {}

  /** The empty text. */
  Node EMPTY = new Sequence(List.of());

  /** Any text. */
  Node ANYTHING = new Repeat(new Chars(CharSet.ALL), 0, UNBOUNDED);
}
