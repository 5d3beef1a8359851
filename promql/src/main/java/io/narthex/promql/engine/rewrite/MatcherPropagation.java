package io.narthex.promql.engine.rewrite;

import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.BinaryOperator;
import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.MatrixSelector;
import io.narthex.promql.ast.NumberLiteral;
import io.narthex.promql.ast.Paren;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.Unary;
import io.narthex.promql.ast.ValueType;
import io.narthex.promql.ast.VectorMatching;
import io.narthex.promql.ast.VectorMatching.Cardinality;
import io.narthex.promql.ast.VectorSelector;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * In {@code a{job="x"} / b} only the series of {@code b} with that job can meet one of {@code a},
 * so {@code b} selects with that matcher too, and the other way round.
 *
 * <p>It is done only where no answer can change, errors included:
 *
 * <ul>
 *   <li>The label must be one that the join compares, and every series of the one side must satisfy
 *       the matcher in the end: nothing between its selector and the join may rewrite the label. A
 *       label that is missing counts as empty on both sides, so that any kind of matcher will do.
 *   <li>Joins that compute values fail if two series of their one side have the same matching
 *       labels, whether or not anything meets them, provided that the other side is not empty. So
 *       both sides are left alone unless the one side's matching labels are known to differ: it is
 *       aggregated by some of them, or all labels are compared and it has one name.
 *   <li>What is selected less of must not fail by itself where labels become equal: names must be
 *       known.
 *   <li>Modifiers that fill in what is missing, and {@code or}, need what does not meet.
 * </ul>
 *
 * Remarks on series that meet nothing may be missing then, as those on an empty join's are.
 */
public final class MatcherPropagation {

  /** Functions of each value of a vector: labels stay, but for the name. */
  private static final Set<String> BY_VALUE =
      Set.of(
          "abs",
          "ceil",
          "floor",
          "exp",
          "ln",
          "log2",
          "log10",
          "sqrt",
          "sgn",
          "sin",
          "cos",
          "tan",
          "asin",
          "acos",
          "atan",
          "sinh",
          "cosh",
          "tanh",
          "asinh",
          "acosh",
          "atanh",
          "deg",
          "rad",
          "clamp",
          "clamp_min",
          "clamp_max",
          "round",
          "timestamp");

  /** Longer chains of operators are not worth it: most of them are made by programs. */
  private static final int MOST_LINKS = 50;

  private final Map<Expr, List<Matcher>> added = new IdentityHashMap<>();

  private MatcherPropagation() {}

  /**
   * A query with its matchers where they belong.
   *
   * @param expr the query; the same object if nothing was done
   * @param added by selector, the matchers that it was given
   */
  public record Result(Expr expr, Map<Expr, List<Matcher>> added) {}

  /** Rewrites a query. */
  public static Result of(Expr expr) {
    MatcherPropagation propagation = new MatcherPropagation();
    return new Result(propagation.rewritten(expr), propagation.added);
  }

  private Expr rewritten(Expr expr) {
    return switch (expr) {
      case Binary b -> chain(b);
      case Paren p -> {
        Expr inner = rewritten(p.expr());
        yield inner == p.expr() ? p : new Paren(inner, p.position());
      }
      case Unary u -> {
        Expr inner = rewritten(u.expr());
        yield inner == u.expr() ? u : new Unary(u.sign(), inner, u.position());
      }
      case Aggregate a -> {
        Expr inner = rewritten(a.expr());
        yield inner == a.expr() ? a : around(a, inner);
      }
      case Call c -> {
        List<Expr> arguments = new ArrayList<>();
        boolean same = true;
        for (Expr argument : c.arguments()) {
          Expr inner = rewritten(argument);
          arguments.add(inner);
          same &= inner == argument;
        }
        yield same ? c : new Call(c.function(), arguments, c.position());
      }
      case Subquery s -> {
        Expr inner = rewritten(s.expr());
        yield inner == s.expr()
            ? s
            : new Subquery(inner, s.range(), s.step(), s.time(), s.position());
      }
      case VectorSelector s -> s;
      case MatrixSelector m -> m;
      case NumberLiteral n -> n;
      case StringLiteral s -> s;
    };
  }

  private static Aggregate around(Aggregate a, Expr inner) {
    return new Aggregate(
        a.operator(), inner, a.parameter(), a.grouping(), a.without(), a.position());
  }

  /** From the left end on, as chains may be long. */
  private Expr chain(Binary last) {
    List<Binary> links = new ArrayList<>();
    Expr left = last;
    while (left instanceof Binary link) {
      links.add(link);
      left = link.left();
    }
    if (links.size() > MOST_LINKS) {
      return last;
    }
    Expr result = rewritten(left);
    boolean same = result == left;
    for (Binary link : links.reversed()) {
      Expr right = rewritten(link.right());
      Binary joined = same && right == link.right() ? link : withSides(link, result, right);
      Binary exchanged = exchanged(joined);
      same &= exchanged == link;
      result = exchanged;
    }
    return result;
  }

  private static Binary withSides(Binary b, Expr left, Expr right) {
    return new Binary(b.operator(), left, right, b.bool(), b.matching(), b.position(), b.type());
  }

  /** The join whose sides have given each other what they know. */
  private Binary exchanged(Binary b) {
    if (b.left().type() != ValueType.VECTOR
        || b.right().type() != ValueType.VECTOR
        || b.operator() == BinaryOperator.OR) {
      return b;
    }
    VectorMatching matching = b.matching() == null ? VectorMatching.DEFAULT : b.matching();
    if (matching.fillLeft() != null || matching.fillRight() != null) {
      return b;
    }
    boolean set = b.operator().kind() == BinaryOperator.Kind.SET;
    Expr one = matching.cardinality() == Cardinality.ONE_TO_MANY ? b.left() : b.right();
    if (!set && !differs(one, matching)) {
      return b;
    }
    Predicate<String> compared =
        name -> !name.startsWith("__") && matching.on() == matching.labels().contains(name);
    List<Matcher> fromLeft = known(b.left(), compared);
    List<Matcher> fromRight = known(b.right(), compared);
    Expr right = given(b.right(), fromLeft);
    // What "unless" keeps need not meet anything.
    Expr left = b.operator() == BinaryOperator.UNLESS ? b.left() : given(b.left(), fromRight);
    return left == b.left() && right == b.right() ? b : withSides(b, left, right);
  }

  /** Whether no two series of a side have the same matching labels. */
  private static boolean differs(Expr side, VectorMatching matching) {
    return switch (side) {
      case Paren p -> differs(p.expr(), matching);
      case Unary u -> differs(u.expr(), matching);
      case Aggregate a -> {
        if (!isFold(a)) {
          yield false;
        }
        if (a.without()) {
          // Left are all labels but these and the name.
          yield !matching.on() && a.grouping().containsAll(matching.labels());
        }
        yield matching.on()
            ? matching.labels().containsAll(a.grouping())
            : a.grouping().stream().noneMatch(matching.labels()::contains)
                && !a.grouping().contains(Labels.METRIC_NAME);
      }
      case Binary b -> {
        Expr vector = vectorBesideScalar(b);
        yield vector != null && differs(vector, matching);
      }
      case Call c -> {
        Expr argument = argument(c);
        yield argument != null && differs(argument, matching);
      }
      case VectorSelector s -> !matching.on() && matching.labels().isEmpty() && hasName(s);
      case MatrixSelector m ->
          !matching.on() && matching.labels().isEmpty() && hasName(m.selector());
      case Subquery s -> false;
      case NumberLiteral n -> false;
      case StringLiteral s -> false;
    };
  }

  /** The matchers on some labels that every series of an expression satisfies. */
  private static List<Matcher> known(Expr expr, Predicate<String> labels) {
    return switch (expr) {
      case Paren p -> known(p.expr(), labels);
      case Unary u -> known(u.expr(), labels);
      case Aggregate a ->
          isFold(a) ? known(a.expr(), labels.and(name -> keeps(a, name))) : List.of();
      case Binary b -> {
        Expr vector = vectorBesideScalar(b);
        yield vector == null ? List.of() : known(vector, labels);
      }
      case Call c -> {
        Expr argument = argument(c);
        yield argument == null ? List.of() : known(argument, labels);
      }
      case VectorSelector s -> s.matchers().stream().filter(m -> labels.test(m.name())).toList();
      case MatrixSelector m -> known(m.selector(), labels);
      case Subquery s -> List.of();
      case NumberLiteral n -> List.of();
      case StringLiteral s -> List.of();
    };
  }

  /** An expression that selects only what satisfies more matchers, if it can be given them. */
  private Expr given(Expr expr, List<Matcher> matchers) {
    if (matchers.isEmpty()) {
      return expr;
    }
    return switch (expr) {
      case Paren p -> {
        Expr inner = given(p.expr(), matchers);
        yield inner == p.expr() ? p : new Paren(inner, p.position());
      }
      case Unary u -> {
        Expr inner = given(u.expr(), matchers);
        yield inner == u.expr() ? u : new Unary(u.sign(), inner, u.position());
      }
      case Aggregate a -> {
        if (!isFold(a)) {
          yield a;
        }
        Expr inner = given(a.expr(), matchers.stream().filter(m -> keeps(a, m.name())).toList());
        yield inner == a.expr() ? a : around(a, inner);
      }
      case Binary b -> {
        Expr vector = vectorBesideScalar(b);
        if (vector == null) {
          yield b;
        }
        Expr inner = given(vector, matchers);
        if (inner == vector) {
          yield b;
        }
        yield vector == b.left() ? withSides(b, inner, b.right()) : withSides(b, b.left(), inner);
      }
      case Call c -> {
        Expr argument = argument(c);
        Expr inner = argument == null ? null : given(argument, matchers);
        if (inner == null || inner == argument) {
          yield c;
        }
        List<Expr> arguments = new ArrayList<>(c.arguments());
        arguments.replaceAll(a -> a == argument ? inner : a);
        yield new Call(c.function(), arguments, c.position());
      }
      case VectorSelector s -> selector(s, matchers);
      case MatrixSelector m -> {
        VectorSelector inner = selector(m.selector(), matchers);
        yield inner == m.selector() ? m : new MatrixSelector(inner, m.range(), m.position());
      }
      case Subquery s -> s;
      case NumberLiteral n -> n;
      case StringLiteral s -> s;
    };
  }

  private VectorSelector selector(VectorSelector selector, List<Matcher> matchers) {
    List<Matcher> fresh =
        matchers.stream().filter(m -> !selector.matchers().contains(m)).distinct().toList();
    if (fresh.isEmpty() || !hasName(selector)) {
      return selector;
    }
    List<Matcher> all = new ArrayList<>(fresh);
    // The name's matcher stays the last one.
    all.addAll(selector.matchers());
    VectorSelector narrowed =
        new VectorSelector(
            selector.name(), all, selector.time(), selector.extension(), selector.position());
    List<Matcher> given = new ArrayList<>(added.getOrDefault(selector, List.of()));
    given.addAll(fresh);
    added.put(narrowed, given);
    return narrowed;
  }

  private static boolean hasName(VectorSelector selector) {
    return selector.matchers().stream()
        .anyMatch(m ->
            m.type() == Matcher.Type.EQUAL
                && m.name().equals(Labels.METRIC_NAME)
                && !m.value().isEmpty());
  }

  private static boolean isFold(Aggregate a) {
    return switch (a.operator()) {
      case SUM, AVG, COUNT, MIN, MAX, GROUP, STDDEV, STDVAR -> true;
      case TOPK, BOTTOMK, COUNT_VALUES, QUANTILE, LIMITK, LIMIT_RATIO -> false;
    };
  }

  private static boolean keeps(Aggregate a, String label) {
    return a.without() != a.grouping().contains(label);
  }

  /** The vector that an operator changes value by value, or null if it is a join. */
  private static @Nullable Expr vectorBesideScalar(Binary b) {
    if (b.left().type() == ValueType.SCALAR) {
      return b.right().type() == ValueType.SCALAR ? null : b.right();
    }
    return b.right().type() == ValueType.SCALAR ? b.left() : null;
  }

  /** The argument whose labels a call's result has, or null if it has others. */
  private static @Nullable Expr argument(Call c) {
    Expr found = null;
    for (Expr argument : c.arguments()) {
      Expr inner = argument;
      while (inner instanceof Paren paren) {
        inner = paren.expr();
      }
      boolean range =
          inner instanceof MatrixSelector && !c.function().name().equals("absent_over_time");
      boolean vector = inner.type() == ValueType.VECTOR && BY_VALUE.contains(c.function().name());
      if (range || vector) {
        found = argument;
      }
    }
    return found;
  }
}
