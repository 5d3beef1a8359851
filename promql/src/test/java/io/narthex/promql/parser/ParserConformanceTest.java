package io.narthex.promql.parser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.Paren;
import io.narthex.promql.ast.Position;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.Unary;
import io.narthex.promql.testing.JsonCase;
import io.narthex.testkit.Conformance;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Upstream's own cases: what parses to which node, and every error with its place. */
class ParserConformanceTest {

  /** The options that the cases were written for. */
  private static final ParserOptions OPTIONS = new ParserOptions(true, true, true, false);

  /** Beginnings of Go string concatenations, which are no case by themselves. */
  private static final List<String> CUT_OFF = List.of("`", "{'foo\\'bar', ");

  @TestFactory
  Stream<DynamicTest> cases() {
    return JsonCase.read(Conformance.path("promql/promql_parse_cases.json")).stream()
        .filter(one -> !CUT_OFF.contains(one.text("input")))
        .map(one -> DynamicTest.dynamicTest("<" + one.text("input") + ">", () -> verify(one)));
  }

  /** All but the two are tried, and these two could not parse: they end in the middle of a text. */
  @Test
  void allCasesButTheTwoThatAreCutOffAreThere() {
    List<JsonCase> all = JsonCase.read(Conformance.path("promql/promql_parse_cases.json"));
    List<String> cutOff =
        all.stream().map(one -> one.text("input")).filter(CUT_OFF::contains).toList();

    assertThat(cutOff).containsExactlyInAnyOrderElementsOf(CUT_OFF);
    assertThat(cutOff.stream().map(ParserConformanceTest::firstError))
        .containsExactlyInAnyOrder(
            "unterminated raw string", "unexpected end of input inside braces");
    System.out.println(
        "> parse cases: "
            + (all.size() - cutOff.size())
            + " of "
            + all.size()
            + " tried, the others are cut off: "
            + cutOff);
  }

  private static String firstError(String query) {
    ParseException exception =
        catchThrowableOfType(ParseException.class, () -> Parser.parse(query, OPTIONS));
    assertThat(exception).isNotNull();
    return exception.errors().getFirst().message();
  }

  private static void verify(JsonCase one) {
    String input = one.text("input");
    if (!one.flag("fail")) {
      assertThat(nodeName(Parser.parse(input, OPTIONS))).isEqualTo(one.text("root"));
      return;
    }
    if (one.has("note")) {
      // Whoever took the cases over could not take the errors along; that there is one is known.
      assertThat(catchThrowableOfType(ParseException.class, () -> Parser.parse(input, OPTIONS)))
          .isNotNull();
      return;
    }
    List<ParseError> expected =
        one.objects("errors").stream().map(ParserConformanceTest::error).toList();
    // The cases show a byte that is not UTF-8 as its escape.
    boolean malformed = expected.getFirst().message().equals("invalid UTF-8 rune");
    String query = malformed ? input.replace("\\xff", "\udcff") : input;
    ParseException exception =
        catchThrowableOfType(ParseException.class, () -> Parser.parse(query, OPTIONS));
    assertThat(exception).as("nothing wrong with it?").isNotNull();
    assertThat(exception.errors()).isEqualTo(expected);
  }

  private static ParseError error(JsonCase one) {
    return new ParseError(new Position(one.number("start"), one.number("end")), one.text("err"));
  }

  private static String nodeName(Expr expr) {
    return switch (expr) {
      case Aggregate aggregate -> "AggregateExpr";
      case Binary binary -> "BinaryExpr";
      case Unary unary -> "UnaryExpr";
      case Subquery subquery -> "SubqueryExpr";
      case Paren paren -> "ParenExpr";
      default -> expr.getClass().getSimpleName();
    };
  }
}
