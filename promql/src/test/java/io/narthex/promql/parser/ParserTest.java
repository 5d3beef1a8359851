package io.narthex.promql.parser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.narthex.model.labels.Matcher;
import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.BinaryOperator;
import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.DurationExpr;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.MatrixSelector;
import io.narthex.promql.ast.NumberLiteral;
import io.narthex.promql.ast.Position;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.TimeModifier;
import io.narthex.promql.ast.TimeSpan;
import io.narthex.promql.ast.Unary;
import io.narthex.promql.ast.ValueType;
import io.narthex.promql.ast.VectorMatching;
import io.narthex.promql.ast.VectorMatching.Cardinality;
import io.narthex.promql.ast.VectorSelector;
import io.narthex.promql.printer.Printer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParserTest {

  private static Expr parse(String query) {
    return Parser.parse(query, ParserOptions.ALL);
  }

  private static List<ParseError> errors(String query, ParserOptions options) {
    ParseException exception =
        catchThrowableOfType(ParseException.class, () -> Parser.parse(query, options));
    assertThat(exception).as("nothing wrong with it?").isNotNull();
    return exception.errors();
  }

  private static List<String> messages(String query) {
    return errors(query, ParserOptions.ALL).stream().map(ParseError::message).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a + b * c                     | (a + (b * c))
          a * b + c                     | ((a * b) + c)
          a - b - c                     | ((a - b) - c)
          a ^ b ^ c                     | (a ^ (b ^ c))
          -a ^ b                        | -(a ^ b)
          -a * b                        | (-a * b)
          a ^ -b * c                    | ((a ^ -b) * c)
          a or b and c                  | (a or (b and c))
          a and b unless c              | ((a and b) unless c)
          a == b + c                    | (a == (b + c))
          a </ b + c                    | (a </ (b + c))
          a atan2 b / c                 | ((a atan2 b) / c)
          a + b offset 5m               | (a + b offset 5m)
          -a @ 1                        | -a @ 1.000
          foo offset 5s - 8             | (foo offset 5s - 8)
          foo offset (5s) - 8           | foo offset (5s) - 8
          foo offset -1 ^ 2             | (foo offset -1s ^ 2)
          and + or                      | (and + or)
          sum + sum                     | (sum + sum)
          """)
  void bindsByPrecedence(String query, String structure) {
    assertThat(structure(parse(query))).isEqualTo(structure);
  }

  private static String structure(Expr expr) {
    return switch (expr) {
      case Binary binary ->
          "("
              + structure(binary.left())
              + " "
              + binary.operator().symbol()
              + " "
              + structure(binary.right())
              + ")";
      case Unary unary -> "-" + structure(unary.expr());
      default -> Printer.print(expr);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "0x1F, 31",
    "017, 15",
    "089, 89",
    "1_000, 1000",
    "1e3, 1000",
    ".5, 0.5",
    "5., 5",
    "+Inf, Infinity",
    "-iNf, -Infinity",
    "nan, NaN",
    "1h30m, 5400",
    "-5m, -300",
    "1d12h5ms, 129600.005",
    "9007199254740993, 9007199254740992"
  })
  void readsNumbers(String text, double value) {
    assertThat(parse(text))
        .isInstanceOfSatisfying(
            NumberLiteral.class,
            number -> assertThat(number.value()).isEqualTo(Double.valueOf(value)));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      value = {
        "\"a\\tb\\x41\\101\\u00e9\\U0001f600\", ~a\tbAAé\uD83D\uDE00~",
        "'it\\'s', it's",
        "`raw\\n`, raw\\n",
        "\"\\xc3\\xa9\", é",
        "\"é\", é"
      })
  void readsStrings(String literal, String value) {
    assertThat(parse(literal))
        .isInstanceOfSatisfying(
            StringLiteral.class, string -> assertThat(string.value()).isEqualTo(value));
  }

  @Test
  void readsSelectors() {
    assertThat(parse("{\"my metric\", 'a.b'!=`c`, d=~\"e|f\",}"))
        .isInstanceOfSatisfying(
            VectorSelector.class,
            selector -> {
              assertThat(selector.name()).isEmpty();
              assertThat(selector.matchers())
                  .containsExactly(
                      Matcher.equal("__name__", "my metric"),
                      new Matcher(Matcher.Type.NOT_EQUAL, "a.b", "c"),
                      new Matcher(Matcher.Type.REGEX, "d", "e|f"));
            });
    assertThat(parse("foo:bar{a='b'}"))
        .isInstanceOfSatisfying(
            VectorSelector.class,
            selector -> {
              assertThat(selector.name()).isEqualTo("foo:bar");
              assertThat(selector.matchers())
                  .containsExactly(Matcher.equal("a", "b"), Matcher.equal("__name__", "foo:bar"));
            });
  }

  @Test
  void placesModifiersOnTheWholeRange() {
    String query = " foo{a=\"b\"}[5m] smoothed @ 12.3456 offset -1m ";
    assertThat(parse(query))
        .isInstanceOfSatisfying(
            MatrixSelector.class,
            matrix -> {
              assertThat(matrix.range()).isEqualTo(TimeSpan.ofMillis(300_000));
              assertThat(matrix.position()).isEqualTo(new Position(1, 45));
              VectorSelector selector = matrix.selector();
              assertThat(selector.position()).isEqualTo(new Position(1, 11));
              assertThat(selector.extension()).isEqualTo(VectorSelector.Extension.SMOOTHED);
              assertThat(selector.time())
                  .isEqualTo(new TimeModifier(TimeSpan.ofMillis(-60_000), 12_346L, null));
            });
  }

  @Test
  void readsSubqueries() {
    assertThat(parse("rate(foo[1m])[1h:] @ end()"))
        .isInstanceOfSatisfying(
            Subquery.class,
            subquery -> {
              assertThat(subquery.step()).isNull();
              assertThat(subquery.range().millis()).isEqualTo(3_600_000);
              assertThat(subquery.time().preprocessor()).isEqualTo(TimeModifier.Preprocessor.END);
              assertThat(subquery.type()).isEqualTo(ValueType.MATRIX);
            });
  }

  @Test
  void keepsArithmeticOfDurationsForTheEngine() {
    assertThat(parse("foo[step() * 2]"))
        .isInstanceOfSatisfying(
            MatrixSelector.class,
            matrix ->
                assertThat(matrix.range().expr())
                    .isInstanceOfSatisfying(
                        DurationExpr.Combined.class,
                        combined ->
                            assertThat(combined.operator()).isEqualTo(BinaryOperator.MULTIPLY)));
    assertThat(((MatrixSelector) parse("foo[(5m)]")).range().expr()).isNotNull();
    assertThat(((MatrixSelector) parse("foo[5m]")).range().expr()).isNull();
  }

  @Test
  void readsAggregationsWithGroupingOnEitherSide() {
    for (String query : List.of("sum by (a, \"b c\") (foo)", "sum(foo) by (a, 'b c',)")) {
      assertThat(parse(query))
          .isInstanceOfSatisfying(
              Aggregate.class,
              aggregate -> {
                assertThat(aggregate.operator()).isEqualTo(Aggregate.Operator.SUM);
                assertThat(aggregate.grouping()).containsExactly("a", "b c");
                assertThat(aggregate.without()).isFalse();
              });
    }
  }

  @Test
  void readsMatchings() {
    assertThat(matching("a * on(x) group_left(y, z) b"))
        .isEqualTo(
            new VectorMatching(
                Cardinality.MANY_TO_ONE, true, List.of("x"), List.of("y", "z"), null, null));
    assertThat(matching("a and b").cardinality()).isEqualTo(Cardinality.MANY_TO_MANY);
    assertThat(matching("a + fill(1) b"))
        .isEqualTo(
            new VectorMatching(Cardinality.ONE_TO_ONE, false, List.of(), List.of(), 1.0, 1.0));
    assertThat(((Binary) parse("a + 1")).matching()).isNull();
    assertThat(parse("fill + fill_left")).isInstanceOf(Binary.class);
  }

  private static VectorMatching matching(String query) {
    return Objects.requireNonNull(((Binary) parse(query)).matching());
  }

  @Test
  void callsFunctionsNamedLikeKeywords() {
    for (String name : List.of("start", "end", "step", "range", "min_of", "max_of")) {
      String query = name + (name.endsWith("_of") ? "(1, 2)" : "()");
      assertThat(parse(query)).isInstanceOf(Call.class);
      assertThat(parse(name)).isInstanceOf(VectorSelector.class);
    }
  }

  @Test
  void findsLineAndColumn() {
    assertThatThrownBy(() -> parse("foo +\n  # é\n  bar(baz"))
        .isInstanceOf(ParseException.class)
        .hasMessage("3:10: parse error: unclosed left parenthesis");
    assertThatThrownBy(() -> parse("\"é\" * 2"))
        .hasMessage(
            "1:1: parse error: binary expression must contain only scalar and instant vector types");
    assertThatThrownBy(() -> parse(""))
        .hasMessage("unknown position: parse error: no expression found in input");
  }

  @Test
  void countsColumnsInBytes() {
    assertThatThrownBy(() -> parse("\"éé\" foo"))
        .hasMessage("1:8: parse error: unexpected identifier \"foo\"");
  }

  @Test
  void goesOnAfterAnError() {
    assertThat(messages("sum by (a b, , c) (foo) + bar{x y=\"z\" 'w'} + nope(1"))
        .containsExactly(
            "unexpected identifier \"b\" in grouping opts, expected \",\" or \")\"",
            "unexpected \",\" in grouping opts, expected label",
            "unexpected identifier \"y\" in label matching, expected label matching operator",
            "unclosed left parenthesis");
    assertThat(messages("sum(,) + 1"))
        .containsExactly(
            "unexpected \",\" in aggregation", "no arguments for aggregate expression provided");
    assertThat(messages("nope(1) + neither(2)"))
        .containsExactly(
            "unknown function with name \"nope\"", "unknown function with name \"neither\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          foo[5m:1m 2]              | unexpected number "2" in subquery selector, expected "]"
          foo[5m,]                  | unexpected "," in subquery or range, expected ":" or "]"
          foo[5m:,]                 | unexpected "," in subquery selector, expected number, duration, step(), range(), or "]"
          foo offset bar            | unexpected identifier "bar" in offset, expected number, duration, step(), or range()
          foo offset (5m bar        | unexpected identifier "bar" in offset, expected number, duration, step(), or range()
          foo @ bar                 | unexpected identifier "bar" in @, expected timestamp
          foo @ start(              | unclosed left parenthesis
          foo * on(a) group_left/b  | unexpected <op:/> in grouping opts, expected "("
          sum by foo (bar)          | unexpected identifier "foo" in grouping opts, expected "("
          sum(foo bar)              | unexpected identifier "bar" in aggregation
          foo(bar                   | unclosed left parenthesis
          foo{a!b}                  | unexpected character after '!' inside braces: 'b'
          foo{a="b" "a long text"}  | unexpected string "\\"a long te"... in label matching, expected "," or "}"
          foo[5m][                  | unexpected end of input in duration expression
          foo[[                     | unexpected character in duration expression: '['
          foo[1:2:3]                | unexpected colon ':'
          foo[:5m]                  | unexpected colon before duration in duration expression
          foo]                      | unexpected right bracket ']'
          foo{{                     | unexpected left brace '{'
          5 = 5                     | unexpected "="
          foo{a=~"("}               | error parsing regexp: missing closing ): `(`
          0xee                      | bad number or duration syntax: "0xee"
          1e                        | bad number or duration syntax: "1e"
          foo $                     | unexpected character: '$'
          'a                        | unterminated quoted string
          '\\ud800'                 | escape sequence is an invalid Unicode code point
          '\\é'                     | unknown escape sequence U+00E9 'é'
          bool                      | unexpected <bool>
          """)
  void saysWhatIsWrong(String query, String message) {
    assertThat(messages(query).getFirst()).isEqualTo(message);
  }

  @Test
  void refusesWhatIsNotEnabled() {
    assertThat(first("limitk(1, foo)"))
        .isEqualTo(
            "limitk() is experimental and must be enabled with"
                + " --enable-feature=promql-experimental-functions");
    assertThat(first("sort_by_label(foo, \"a\")"))
        .isEqualTo("function \"sort_by_label\" is not enabled");
    assertThat(first("foo anchored"))
        .isEqualTo("anchored modifier is experimental and not enabled");
    assertThat(first("foo[5m] smoothed"))
        .isEqualTo("smoothed modifier is experimental and not enabled");
    assertThat(first("foo + fill(0) bar"))
        .isEqualTo("binop fill modifiers are experimental and not enabled");
    assertThat(
            errors("foo[1m + 1m]", new ParserOptions(true, false, true, true)).getFirst().message())
        .isEqualTo("experimental duration expression is not enabled");
  }

  private static String first(String query) {
    return errors(query, ParserOptions.DEFAULT).getFirst().message();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      value = {
        "~~, (",
        "~~, -",
        "~~, sum(",
        "~~, abs(",
        "~~, 2^",
        "~~, 1+(",
        "foo[, (",
        "foo[1m+, (",
        "foo[, -",
        "foo[, 1+",
        "foo offset, -(",
        "foo offset (, 2^"
      })
  void refusesToNestWithoutEnd(String start, String opening) throws InterruptedException {
    List<String> found = onSmallStack(() -> messages(start + opening.repeat(100_000)));
    assertThat(found.getLast()).startsWith("expression nests deeper than");
  }

  @Test
  void readsLongChains() throws InterruptedException {
    String chain = "foo" + " + foo".repeat(20_000);
    String printed = onSmallStack(() -> Printer.print(parse(chain)));
    assertThat(printed).isEqualTo(chain);
    String scalars = "1" + " + 1".repeat(20_000);
    assertThat(onSmallStack(() -> parse(scalars).type())).isEqualTo(ValueType.SCALAR);
    List<String> found = onSmallStack(() -> messages("(foo)" + "[1m:]".repeat(5_000)));
    assertThat(found).hasSize(4_999);
  }

  private static <T> T onSmallStack(Supplier<T> work) throws InterruptedException {
    var result = new AtomicReference<T>();
    Thread thread = new Thread(null, () -> result.set(work.get()), "small", 512 * 1024);
    thread.start();
    thread.join();
    return Objects.requireNonNull(result.get(), "the stack overflowed");
  }

  @Test
  void readsSelectorsAlone() {
    assertThat(Parser.parseSelector("foo{a=\"b\"}"))
        .containsExactly(Matcher.equal("a", "b"), Matcher.equal("__name__", "foo"));
    assertThat(Parser.parseSelector("{}")).isEmpty();
    assertThatThrownBy(() -> Parser.parseSelector("foo[5m]"))
        .hasMessage("1:4: parse error: unexpected \"[\"");
    assertThatThrownBy(() -> Parser.parseSelector("sum(foo)"))
        .hasMessage("1:4: parse error: unexpected \"(\"");
    assertThatThrownBy(() -> Parser.parseSelector("")).isInstanceOf(ParseException.class);
  }

  @Test
  void knowsAllFunctions() {
    assertThat(Functions.all()).hasSize(90);
    assertThat(Functions.all().stream().filter(function -> function.experimental())).hasSize(17);
    assertThat(Functions.find("Rate")).isNull();
  }
}
