package io.narthex.promql.engine.rewrite;

import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.MatrixSelector;
import io.narthex.promql.ast.NumberLiteral;
import io.narthex.promql.ast.Paren;
import io.narthex.promql.ast.Position;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.Unary;
import io.narthex.promql.ast.ValueType;
import io.narthex.promql.ast.VectorSelector;
import io.narthex.promql.printer.Printer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The instant vectors that stand in a query more than once, whatever the place: equal parts have
 * equal numbers. Only the largest count; what is equal within them is evaluated once anyway. A
 * query with fewer than two selectors is not looked at more closely.
 */
public final class Subexpressions {

  private static final Subexpressions NONE = new Subexpressions();

  // What makes parts equal: their own text without operands, and the numbers of those.
  private final Map<List<Object>, Integer> numbers = new HashMap<>();
  private final Map<Expr, Integer> numberOf = new IdentityHashMap<>();
  private final Map<Integer, Integer> places = new HashMap<>();

  private Subexpressions() {}

  /** Looks for equal parts. */
  public static Subexpressions of(Expr expr) {
    if (selectors(expr) < 2) {
      return NONE;
    }
    Subexpressions all = new Subexpressions();
    all.number(expr);
    if (all.numbers.size() == all.numberOf.size()) {
      return NONE;
    }
    all.count(expr);
    all.places.values().removeIf(places -> places < 2);
    return all.places.isEmpty() ? NONE : all;
  }

  /** The number that a part shares with others, or null if it stands alone. */
  public @Nullable Integer shared(Expr expr) {
    if (places.isEmpty()) {
      return null;
    }
    Integer number = numberOf.get(expr);
    return number != null && places.containsKey(number) ? number : null;
  }

  /** At how many places a shared part stands. */
  public int places(int number) {
    return places.getOrDefault(number, 1);
  }

  private static int selectors(Expr expr) {
    int found = 0;
    Expr rest = expr;
    while (rest instanceof Binary chain) {
      found += selectors(chain.right());
      rest = chain.left();
    }
    return found
        + switch (rest) {
          case VectorSelector s -> 1;
          case MatrixSelector m -> 1;
          case Subquery s -> selectors(s.expr());
          case Aggregate a -> {
            Expr parameter = a.parameter();
            yield selectors(a.expr()) + (parameter == null ? 0 : selectors(parameter));
          }
          case Call c -> c.arguments().stream().mapToInt(Subexpressions::selectors).sum();
          case Paren p -> selectors(p.expr());
          case Unary u -> selectors(u.expr());
          case Binary b -> 0;
          case NumberLiteral n -> 0;
          case StringLiteral s -> 0;
        };
  }

  private int number(Expr expr) {
    Expr part = unwrapped(expr);
    if (part instanceof Binary last) {
      List<Binary> chain = new ArrayList<>();
      Expr left = last;
      while (left instanceof Binary link) {
        chain.add(link);
        left = link.left();
      }
      int number = number(left);
      for (Binary link : chain.reversed()) {
        List<Object> key = new ArrayList<>(List.of(link.operator(), link.bool(), number));
        key.add(number(link.right()));
        if (link.matching() != null) {
          key.add(link.matching());
        }
        number = number(link, key);
      }
      return number;
    }
    return number(
        part,
        switch (part) {
          case VectorSelector s -> List.of(Printer.print(s));
          case MatrixSelector m -> List.of(Printer.print(m));
          case NumberLiteral n -> List.of(Double.doubleToRawLongBits(n.value()));
          case StringLiteral s -> List.of("\"", s.value());
          case Subquery s -> List.of(header(s), number(s.expr()));
          case Unary u -> List.of(u.sign(), number(u.expr()));
          case Aggregate a -> {
            Expr parameter = a.parameter();
            int given = parameter == null ? -1 : number(parameter);
            yield List.of(a.operator(), a.grouping(), a.without(), given, number(a.expr()));
          }
          case Call c -> {
            List<Object> key = new ArrayList<>(List.of(c.function().name()));
            c.arguments().forEach(argument -> key.add(number(argument)));
            yield key;
          }
          case Binary b -> throw new IllegalStateException("a chain is numbered from its left");
          case Paren p -> throw new IllegalStateException("parentheses are gone");
        });
  }

  /** Everything of a subquery but what is in it. */
  private static String header(Subquery s) {
    Expr empty = new NumberLiteral(0, false, new Position(-1, -1));
    return Printer.print(new Subquery(empty, s.range(), s.step(), s.time(), s.position()));
  }

  private int number(Expr part, List<Object> text) {
    List<Object> key = new ArrayList<>(text);
    key.add(part.getClass());
    Integer number = numbers.putIfAbsent(key, numbers.size());
    int known = number == null ? numbers.size() - 1 : number;
    numberOf.put(part, known);
    return known;
  }

  /** Counts places, but does not look into what was seen before. */
  private void count(Expr expr) {
    Expr part = unwrapped(expr);
    boolean worthy = part.type() == ValueType.VECTOR && selectors(part) > 0;
    if (worthy && places.merge(numberOf.getOrDefault(part, -1), 1, Integer::sum) > 1) {
      return;
    }
    if (part instanceof Binary) {
      Expr left = part;
      while (left instanceof Binary chain) {
        count(chain.right());
        left = chain.left();
      }
      count(left);
      return;
    }
    switch (part) {
      case VectorSelector s -> {}
      case MatrixSelector m -> {}
      case NumberLiteral n -> {}
      case StringLiteral s -> {}
      case Subquery s -> count(s.expr());
      case Unary u -> count(u.expr());
      case Paren p -> count(p.expr());
      case Binary b -> throw new IllegalStateException("the loop ends behind the operators");
      case Aggregate a -> {
        count(a.expr());
        Expr parameter = a.parameter();
        if (parameter != null) {
          count(parameter);
        }
      }
      case Call c -> c.arguments().forEach(this::count);
    }
  }

  private static Expr unwrapped(Expr expr) {
    Expr inner = expr;
    while (inner instanceof Paren paren) {
      inner = paren.expr();
    }
    return inner;
  }
}
