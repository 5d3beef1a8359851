package io.narthex.base.regex;

import com.google.re2j.Pattern;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs an automaton deterministically: each set of its states that a text leads to becomes one
 * state here, made when it is first needed, so that a byte costs one look into a table.
 *
 * <p>How many sets there are can grow exponentially with the expression, so their number is capped;
 * a text that leads beyond the cap is decided by re2j.
 *
 * <p>Threads share the table without locks: a state is immutable but for its row of successors,
 * which are written once made. A thread that does not see another's entry yet takes the lock and
 * finds the state there. Whoever reads a state through a race still sees it whole, for all its
 * fields are final.
 */
final class AutomatonMatcher implements TextMatcher {

  /** With some twenty classes of bytes this makes 100 kB at most. */
  private static final int MAX_STATES = 1_000;

  private static final class State {
    final int[] members;
    final boolean accepting;
    final boolean acceptsRest;
    final @Nullable State[] successors;

    State(int[] members, boolean accepting, boolean acceptsRest, int classes) {
      this.members = members;
      this.accepting = accepting;
      this.acceptsRest = acceptsRest;
      this.successors = new State[classes];
    }
  }

  /** Stands for all states there is no room for. */
  private final State overflow;

  private final State dead;
  private final State start;
  private final Automaton automaton;
  private final String expression;
  private final byte[] classes;
  private final int[] classExamples;
  private final Map<Key, State> states = new HashMap<>();
  private volatile @Nullable Pattern reference;

  /** The members of a state, to find it by. */
  private static final class Key {
    private final int[] members;
    private final int hash;

    Key(int[] members) {
      this.members = members;
      this.hash = Arrays.hashCode(members);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key that && Arrays.equals(members, that.members);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  AutomatonMatcher(Automaton automaton, String expression) {
    this.automaton = automaton;
    this.expression = expression;
    this.classes = automaton.byteClasses();
    int count = (classes[255] & 0xff) + 1;
    this.classExamples = new int[count];
    for (int b = 255; b >= 0; b--) {
      classExamples[classes[b] & 0xff] = b;
    }
    this.overflow = new State(new int[0], false, false, count);
    this.dead = new State(new int[0], false, false, count);
    Arrays.fill(dead.successors, dead);
    Arrays.fill(overflow.successors, overflow);
    states.put(new Key(dead.members), dead);
    Closure closure = new Closure(automaton);
    closure.add(automaton.start(), true);
    this.start = state(closure);
  }

  @Override
  public boolean matches(String text) {
    State state = start;
    if (state.acceptsRest) {
      return true;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        state = step(state, c);
      } else {
        int point = text.codePointAt(i);
        if (point >= 0x10000) {
          i++;
        }
        state = wide(state, Character.isSurrogate(c) && point < 0x10000 ? 0xfffd : point);
      }
      if (state.acceptsRest) {
        return true;
      }
      if (state == dead) {
        return false;
      }
    }
    return state == overflow ? reference().matcher(text).matches() : state.accepting;
  }

  private State wide(State state, int c) {
    if (c < 0x800) {
      return step(step(state, 0xc0 | (c >> 6)), 0x80 | (c & 0x3f));
    }
    if (c < 0x10000) {
      State second = step(step(state, 0xe0 | (c >> 12)), 0x80 | ((c >> 6) & 0x3f));
      return step(second, 0x80 | (c & 0x3f));
    }
    State second = step(step(state, 0xf0 | (c >> 18)), 0x80 | ((c >> 12) & 0x3f));
    return step(step(second, 0x80 | ((c >> 6) & 0x3f)), 0x80 | (c & 0x3f));
  }

  @Override
  public boolean matches(byte[] bytes, int from, int length) {
    State state = start;
    if (state.acceptsRest) {
      return true;
    }
    for (int i = from; i < from + length; i++) {
      state = step(state, bytes[i] & 0xff);
      if (state.acceptsRest) {
        return true;
      }
      if (state == dead) {
        return false;
      }
    }
    if (state == overflow) {
      return new ReferenceMatcher(reference()).matches(bytes, from, length);
    }
    return state.accepting;
  }

  private State step(State state, int b) {
    int c = classes[b] & 0xff;
    State next = state.successors[c];
    return next != null ? next : makeStep(state, c);
  }

  private State makeStep(State state, int c) {
    Closure closure = new Closure(automaton);
    int b = classExamples[c];
    for (int member : state.members) {
      if (automaton.kind(member) == Automaton.RANGE && automaton.accepts(member, b)) {
        closure.add(automaton.next(member), false);
      }
    }
    State next = state(closure);
    state.successors[c] = next;
    return next;
  }

  private State state(Closure closure) {
    int[] members = closure.members();
    Key key = new Key(members);
    synchronized (states) {
      State known = states.get(key);
      if (known != null) {
        return known;
      }
      if (states.size() >= MAX_STATES) {
        return overflow;
      }
      State made =
          new State(members, closure.accepts(), closure.acceptsRest(), classExamples.length);
      states.put(key, made);
      return made;
    }
  }

  /** Compiled again when it is needed, which is rare, so that it is not kept for all others. */
  private Pattern reference() {
    Pattern pattern = reference;
    if (pattern == null) {
      pattern = Reference.compile(expression);
      reference = pattern;
    }
    return pattern;
  }

  /** The states that can be reached without taking a byte. */
  private static final class Closure {
    private final Automaton automaton;
    private final boolean[] seen;
    private final int[] stack;

    Closure(Automaton automaton) {
      this.automaton = automaton;
      this.seen = new boolean[automaton.size()];
      this.stack = new int[automaton.size() + 1];
    }

    void add(int from, boolean atBegin) {
      int depth = 0;
      if (!seen[from]) {
        seen[from] = true;
        stack[depth++] = from;
      }
      while (depth > 0) {
        int state = stack[--depth];
        switch (automaton.kind(state)) {
          case Automaton.SPLIT -> {
            depth = push(automaton.next(state), depth);
            depth = push(automaton.other(state), depth);
          }
          case Automaton.BEGIN -> {
            if (atBegin) {
              depth = push(automaton.next(state), depth);
            }
          }
          default -> {}
        }
      }
    }

    private int push(int state, int depth) {
      if (seen[state]) {
        return depth;
      }
      seen[state] = true;
      stack[depth] = state;
      return depth + 1;
    }

    /** Those that say what the set is, sorted: whatever waits for a byte or for the end. */
    int[] members() {
      int[] members = new int[seen.length];
      int size = 0;
      for (int state = 0; state < seen.length; state++) {
        if (seen[state] && isMember(state)) {
          members[size++] = state;
        }
      }
      return Arrays.copyOf(members, size);
    }

    private boolean isMember(int state) {
      return switch (automaton.kind(state)) {
        case Automaton.SPLIT, Automaton.BEGIN -> false;
        default -> true;
      };
    }

    boolean acceptsRest() {
      for (int state = 0; state < seen.length; state++) {
        if (seen[state] && automaton.kind(state) == Automaton.MATCH_REST) {
          return true;
        }
      }
      return false;
    }

    /** Whether the text may end here. It may also begin here, if it is empty: see {@link #add}. */
    boolean accepts() {
      Closure atEnd = new Closure(automaton);
      for (int state = 0; state < seen.length; state++) {
        if (!seen[state]) {
          continue;
        }
        switch (automaton.kind(state)) {
          case Automaton.MATCH, Automaton.MATCH_REST -> {
            return true;
          }
          case Automaton.END -> atEnd.add(automaton.next(state), false);
          default -> {}
        }
      }
      return atEnd.reachesMatch();
    }

    private boolean reachesMatch() {
      boolean found = true;
      while (found) {
        found = false;
        for (int state = 0; state < seen.length; state++) {
          if (!seen[state]) {
            continue;
          }
          byte kind = automaton.kind(state);
          if (kind == Automaton.MATCH || kind == Automaton.MATCH_REST) {
            return true;
          }
          if (kind == Automaton.END && !seen[automaton.next(state)]) {
            add(automaton.next(state), false);
            found = true;
          }
        }
      }
      return false;
    }
  }
}
