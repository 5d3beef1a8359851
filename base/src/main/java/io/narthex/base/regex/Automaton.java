package io.narthex.base.regex;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A nondeterministic automaton over the bytes of UTF-8 text, in Thompson's construction. Its states
 * are the instructions of a small program; {@link AutomatonMatcher} runs it by sets of states.
 *
 * <p>Because the text is UTF-8, "anything" may run over bytes: whatever follows it begins with an
 * ASCII or a leading byte, so it cannot begin inside a character.
 */
final class Automaton {

  /** Larger automata, as of repeated repetitions, are left to re2j. */
  private static final int MAX_SIZE = 5_000;

  /** What an instruction does. */
  static final byte RANGE = 0;

  static final byte SPLIT = 1;
  static final byte BEGIN = 2;
  static final byte END = 3;
  static final byte MATCH = 4;

  /** Whatever follows, it matches. */
  static final byte MATCH_REST = 5;

  private static final class TooLarge extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final TooLarge INSTANCE = new TooLarge();

    private TooLarge() {
      super(null, null, false, false);
    }
  }

  private byte[] kinds = new byte[64];
  private int[] next = new int[64];
  private int[] other = new int[64];
  private byte[] low = new byte[64];
  private byte[] high = new byte[64];
  private int size;
  private int start;

  private Automaton() {}

  /** The automaton of an expression, or null if it were too large or has anchors in odd places. */
  static @Nullable Automaton of(Node node) {
    Automaton automaton = new Automaton();
    try {
      // Built from the end, so that each instruction knows its successor.
      Node trimmed = FiniteSet.trimmed(node);
      automaton.start = automaton.tail(trimmed);
      // A place that is both would make a set of states ambiguous.
      return automaton.uses(BEGIN) && automaton.uses(END) ? null : automaton;
    } catch (TooLarge e) {
      return null;
    }
  }

  private boolean uses(byte kind) {
    for (int state = 0; state < size; state++) {
      if (kinds[state] == kind) {
        return true;
      }
    }
    return false;
  }

  int size() {
    return size;
  }

  int start() {
    return start;
  }

  byte kind(int state) {
    return kinds[state];
  }

  /** The state behind this one. */
  int next(int state) {
    return next[state];
  }

  /** The other state behind a split. */
  int other(int state) {
    return other[state];
  }

  boolean accepts(int state, int b) {
    return b >= (low[state] & 0xff) && b <= (high[state] & 0xff);
  }

  /**
   * Sorts the bytes into classes that no state tells apart.
   *
   * @return the class of each byte
   */
  byte[] byteClasses() {
    boolean[] begins = new boolean[257];
    for (int state = 0; state < size; state++) {
      if (kinds[state] == RANGE) {
        begins[low[state] & 0xff] = true;
        begins[(high[state] & 0xff) + 1] = true;
      }
    }
    byte[] classes = new byte[256];
    int current = 0;
    for (int b = 0; b < 256; b++) {
      if (begins[b] && b > 0) {
        current++;
      }
      classes[b] = (byte) current;
    }
    return classes;
  }

  /** An expression with nothing behind it. */
  private int tail(Node node) {
    return switch (node) {
      case Node.Choice choice -> {
        int entry = -1;
        for (Node option : choice.options().reversed()) {
          int first = tail(option);
          entry = entry < 0 ? first : split(first, entry);
        }
        yield entry;
      }
      case Node.Sequence sequence when !sequence.parts().isEmpty() -> {
        List<Node> parts = sequence.parts();
        int entry = tail(parts.getLast());
        for (Node part : parts.subList(0, parts.size() - 1).reversed()) {
          entry = add(part, entry);
        }
        yield entry;
      }
      case Node.Repeat repeat when isAnything(repeat) -> {
        int rest = instruction(MATCH_REST, -1, -1);
        yield copies(repeat.node(), repeat.min(), rest);
      }
      default -> add(node, instruction(MATCH, -1, -1));
    };
  }

  private static boolean isAnything(Node.Repeat repeat) {
    return repeat.max() == Node.UNBOUNDED
        && repeat.node() instanceof Node.Chars chars
        && chars.set().isAll();
  }

  /** Adds an expression before a state and returns where it begins. */
  private int add(Node node, int behind) {
    return switch (node) {
      case Node.Chars chars -> Utf8Ranges.add(this, chars.set(), behind);
      case Node.Sequence sequence -> {
        int entry = behind;
        for (Node part : sequence.parts().reversed()) {
          entry = add(part, entry);
        }
        yield entry;
      }
      case Node.Choice choice -> {
        int entry = -1;
        for (Node option : choice.options().reversed()) {
          int first = add(option, behind);
          entry = entry < 0 ? first : split(first, entry);
        }
        yield entry;
      }
      case Node.Repeat repeat -> repeat(repeat, behind);
      case Node.Begin begin -> instruction(BEGIN, behind, -1);
      case Node.End end -> instruction(END, behind, -1);
    };
  }

  private int repeat(Node.Repeat repeat, int behind) {
    if (repeat.max() == Node.UNBOUNDED) {
      int loop = split(-1, behind);
      int body = isAnything(repeat) ? range(0, 0xff, loop) : add(repeat.node(), loop);
      next[loop] = body;
      return copies(repeat.node(), repeat.min(), loop);
    }
    int entry = behind;
    for (int i = repeat.min(); i < repeat.max(); i++) {
      entry = split(add(repeat.node(), entry), behind);
    }
    return copies(repeat.node(), repeat.min(), entry);
  }

  private int copies(Node node, int count, int behind) {
    int entry = behind;
    for (int i = 0; i < count; i++) {
      entry = add(node, entry);
    }
    return entry;
  }

  int split(int first, int second) {
    return instruction(SPLIT, first, second);
  }

  int range(int from, int to, int behind) {
    int state = instruction(RANGE, behind, -1);
    low[state] = (byte) from;
    high[state] = (byte) to;
    return state;
  }

  /** A state that nothing leaves. */
  int dead() {
    int state = range(1, 0, -1);
    low[state] = (byte) 0xff;
    high[state] = 0;
    return state;
  }

  private int instruction(byte kind, int first, int second) {
    if (size == MAX_SIZE) {
      throw TooLarge.INSTANCE;
    }
    if (size == kinds.length) {
      int capacity = size * 2;
      kinds = Arrays.copyOf(kinds, capacity);
      next = Arrays.copyOf(next, capacity);
      other = Arrays.copyOf(other, capacity);
      low = Arrays.copyOf(low, capacity);
      high = Arrays.copyOf(high, capacity);
    }
    kinds[size] = kind;
    next[size] = first;
    other[size] = second;
    return size++;
  }
}
