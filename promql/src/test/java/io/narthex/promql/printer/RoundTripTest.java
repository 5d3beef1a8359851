package io.narthex.promql.printer;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.text.GoQuote;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.parser.ParseException;
import io.narthex.promql.parser.Parser;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.promql.testing.WithoutPositions;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** What is printed parses to the same tree, and prints the same again. */
class RoundTripTest {

  @Property(tries = 2_000)
  void canonicalFormParsesToTheSameTree(@ForAll("queries") String query) {
    Expr expr = parse(query);
    String printed = Printer.print(expr);
    Expr again = parse(printed);
    assertThat(WithoutPositions.of(again)).isEqualTo(WithoutPositions.of(expr));
    assertThat(Printer.print(again)).isEqualTo(printed);
  }

  @Property(tries = 1_000)
  void prettyFormParsesToTheSameTree(@ForAll("queries") String query) {
    Expr expr = parse(query);
    for (int width : new int[] {1, 10, 40, Printer.LINE_WIDTH}) {
      Expr again = parse(Printer.pretty(expr, width));
      assertThat(WithoutPositions.of(again)).isEqualTo(WithoutPositions.of(expr));
    }
  }

  @Property(tries = 5_000)
  void anyTextEitherParsesOrNamesAPlaceInside(@ForAll("broken") String query) {
    try {
      parse(query);
    } catch (ParseException e) {
      int length = query.getBytes(StandardCharsets.UTF_8).length;
      assertThat(e.errors())
          .isNotEmpty()
          .allSatisfy(error -> {
            assertThat(error.position().start()).isBetween(0, length);
            assertThat(error.position().end()).isBetween(error.position().start(), length);
            assertThat(error.message()).isNotEmpty();
          });
    }
  }

  private static Expr parse(String query) {
    return Parser.parse(query, ParserOptions.ALL);
  }

  @Provide
  Arbitrary<String> queries() {
    return vector(4);
  }

  /** Queries with a piece cut out and another put in its place. */
  @Provide
  Arbitrary<String> broken() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "",
            "(",
            ")",
            "{",
            "}",
            "[",
            "]",
            "[5m",
            ":",
            ",",
            "@",
            "by",
            "offset",
            "\"",
            "`",
            "é",
            "=",
            "=~",
            "\\",
            "on(",
            "sum(",
            "foo",
            "1",
            "-",
            "bool",
            "group_left",
            "fill(",
            "#");
    return Combinators.combine(
            queries(),
            pieces,
            Arbitraries.doubles().between(0, 1),
            Arbitraries.integers().between(0, 4))
        .as((query, piece, where, cut) -> {
          int from =
              query.offsetByCodePoints(0, (int) (where * query.codePointCount(0, query.length())));
          int left = query.codePointCount(from, query.length());
          int to = query.offsetByCodePoints(from, Math.min(left, cut));
          return query.substring(0, from) + piece + query.substring(to);
        });
  }

  private Arbitrary<String> vector(int depth) {
    if (depth == 0) {
      return selector();
    }
    Arbitrary<String> inner = Arbitraries.lazy(() -> vector(depth - 1));
    Arbitrary<String> scalar = Arbitraries.lazy(() -> scalar(depth - 1));
    return Arbitraries.frequencyOf(
        Tuple.of(3, selector()),
        Tuple.of(3, binary(inner, inner)),
        Tuple.of(
            2,
            Combinators.combine(inner, arithmetic(), scalar)
                .as((a, op, b) -> a + op + "(" + b + ")")),
        Tuple.of(2, Combinators.combine(sign(), inner).as((s, a) -> s + a)),
        Tuple.of(2, inner.map(a -> "(" + a + ")")),
        Tuple.of(2, aggregation(inner, scalar)),
        Tuple.of(3, call(inner, scalar)));
  }

  private Arbitrary<String> scalar(int depth) {
    if (depth <= 0) {
      return number();
    }
    Arbitrary<String> inner = Arbitraries.lazy(() -> scalar(depth - 1));
    return Arbitraries.oneOf(
        number(),
        Arbitraries.of("time()", "pi()", "step()", "start()", "max_of(1, 2)"),
        Combinators.combine(inner, arithmetic(), inner).as((a, op, b) -> a + op + b),
        Combinators.combine(sign(), inner).as((s, a) -> s + a),
        Arbitraries.lazy(() -> vector(depth - 1)).map(a -> "scalar(" + a + ")"));
  }

  /**
   * Without infinity: it prints as +Inf, as upstream prints it, which binds looser than Inf ^ 2.
   */
  private static Arbitrary<String> number() {
    return Arbitraries.oneOf(
        Arbitraries.doubles().map(d -> Double.toString(Math.abs(d))),
        Arbitraries.of("0x1F", "017", "1_000", "1e3", ".5", "5.", "nan", "1h30m", "15ms", "0"));
  }

  private static Arbitrary<String> sign() {
    return Arbitraries.of("-", "+", "- ");
  }

  private static Arbitrary<String> arithmetic() {
    return Arbitraries.of(" + ", " - ", "*", " / ", " % ", " ^ ", " atan2 ", " == bool ");
  }

  private static Arbitrary<String> binary(Arbitrary<String> left, Arbitrary<String> right) {
    Arbitrary<String> operators =
        Arbitraries.of(
            "+", "-", "*", "/", "%", "^", "==", "!=", "<", "<=", ">", ">=", "</", ">/", "== bool",
            "> bool", "atan2");
    Arbitrary<String> modifiers =
        Arbitraries.of(
            "",
            "",
            "on()",
            "on(a, \"b c\")",
            "ignoring(a)",
            "ignoring()",
            "on(a) group_left()",
            "ignoring() group_right(b)",
            "fill(0)",
            "on(a) fill_left(-1) fill_right(2.5)",
            "fill_right(NaN)");
    Arbitrary<String> sets =
        Arbitraries.of("and", "or", "unless", "OR", "and on(a)", "unless ignoring(a, b)");
    return Arbitraries.oneOf(
        Combinators.combine(left, operators, modifiers, right)
            .as((a, op, how, b) -> "(" + a + ") " + op + " " + how + " (" + b + ")"),
        Combinators.combine(left, sets, right).as((a, op, b) -> a + " " + op + " " + b));
  }

  private static Arbitrary<String> aggregation(Arbitrary<String> inner, Arbitrary<String> scalar) {
    Arbitrary<String> grouping =
        Arbitraries.of(
            "",
            "by ()",
            "by (a)",
            "by (\"é\", job,)",
            "by (\"inf\")",
            "without ()",
            "without (and, on)");
    return Arbitraries.oneOf(
        Combinators.combine(
                Arbitraries.of("sum", "AVG", "count", "min", "max", "group", "stddev"),
                grouping,
                inner)
            .as((name, by, a) -> name + " " + by + "(" + a + ")"),
        Combinators.combine(Arbitraries.of("topk", "quantile", "limitk"), grouping, scalar, inner)
            .as((name, by, k, a) -> name + "(" + k + ", " + a + ")" + by));
  }

  private Arbitrary<String> call(Arbitrary<String> inner, Arbitrary<String> scalar) {
    return Arbitraries.oneOf(
        Combinators.combine(Arbitraries.of("rate", "increase", "changes"), matrix(inner))
            .as((name, a) -> name + "(" + a + ")"),
        Combinators.combine(Arbitraries.of("abs", "sort", "timestamp"), inner)
            .as((name, a) -> name + "(" + a + ")"),
        Combinators.combine(scalar, inner).as((q, a) -> "histogram_quantile(" + q + ", " + a + ")"),
        Combinators.combine(inner, string(), string())
            .as((a, x, y) -> "label_join(" + a + ", " + x + ", " + y + ", 'z')"),
        inner.map(a -> "info(" + a + ", {foo=\"bar\"})"),
        scalar.map(a -> "vector(" + a + ")"));
  }

  private static Arbitrary<String> matrix(Arbitrary<String> inner) {
    // A colon is only seen behind a number.
    Arbitrary<String> range = duration().filter(d -> d.chars().anyMatch(Character::isDigit));
    return Arbitraries.oneOf(
        Combinators.combine(series(), duration(), extension(), time(anyOffset()))
            .as((s, d, e, t) -> s + "[" + d + "]" + e + t),
        Combinators.combine(inner, range, duration(), time(anyOffset()))
            .as((a, d, step, t) -> "(" + a + ")[" + d + ":" + step + "]" + t),
        Combinators.combine(series(), range, time(anyOffset()))
            .as((s, d, t) -> s + "[" + d + ":]" + t));
  }

  private static Arbitrary<String> selector() {
    return Combinators.combine(series(), extension(), time(plainOffset()))
        .as((s, e, t) -> s + e + t);
  }

  private static Arbitrary<String> series() {
    Arbitrary<String> names =
        Arbitraries.of("foo", "foo:bar", "sum", "by", "offset", "start", "_x");
    Arbitrary<String> matchers =
        Combinators.combine(
                Arbitraries.of("a", "le", "\"b.c\"", "'é'", "`x y`"),
                Arbitraries.of("=", "!="),
                string())
            .as((name, op, value) -> name + op + value)
            .list()
            .ofMaxSize(3)
            .map(list -> "{" + String.join(", ", list) + "}");
    Arbitrary<String> regex =
        Arbitraries.of(
            "{a=~\"x|y.*\"}", "{\"foo bar\"}", "{\"m\", a!~'[^b]+',}", "{__name__=~\".+\"}");
    return Arbitraries.oneOf(
        names, Combinators.combine(names, matchers).as((n, m) -> n + m), regex);
  }

  private static Arbitrary<String> string() {
    return Arbitraries.oneOf(
        Arbitraries.strings()
            .all()
            .ofMaxLength(5)
            .filter(s -> s.codePoints().noneMatch(c -> c == 0xfffd || isSurrogate(c)))
            .map(GoQuote::quote),
        Arbitraries.of("'a\\'b'", "`raw\\`", "\"\\x41\\101\\u00e9\""));
  }

  private static boolean isSurrogate(int c) {
    return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
  }

  private static Arbitrary<String> extension() {
    return Arbitraries.of("", "", "", " anchored", " smoothed");
  }

  private static Arbitrary<String> plainOffset() {
    return Arbitraries.of(
        "",
        " offset 5m",
        " offset -1h30m",
        " offset step()",
        " offset -(5)",
        " offset -max_of(1, 2)");
  }

  /** Only where no operator can follow: it would belong to the length in parentheses. */
  private static Arbitrary<String> anyOffset() {
    return Arbitraries.oneOf(plainOffset(), duration().map(d -> " offset (" + d + ")"));
  }

  private static Arbitrary<String> time(Arbitrary<String> offset) {
    Arbitrary<String> at = Arbitraries.of("", "", " @ 12.345", " @ -1", " @ start()", " @ end()");
    return Combinators.combine(at, offset, Arbitraries.of(true, false))
        .as((a, o, first) -> first ? a + o : o + a);
  }

  private static Arbitrary<String> duration() {
    Arbitrary<String> plain =
        Arbitraries.of("5m", "1h30m", "90s", "1y", "15", "0.25", "1500ms", "2w", "36h");
    Arbitrary<String> parts =
        Arbitraries.oneOf(
            plain,
            Arbitraries.of(
                "step()", "range()", "-step()", "(1m)", "min_of(step(), 5s)", "(2 * 1h)"));
    return Arbitraries.oneOf(
        plain,
        parts,
        Combinators.combine(parts, Arbitraries.of(" + ", " - ", " * ", " / ", " % ", " ^ "), parts)
            .as((a, op, b) -> a + op + b)
            .filter(d -> !d.startsWith("-")));
  }
}
