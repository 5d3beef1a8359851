package io.narthex.promql.printer;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.promql.ast.Expr;
import io.narthex.promql.parser.Parser;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.promql.testing.JsonCase;
import io.narthex.testkit.Conformance;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Upstream's own cases of both forms. */
class PrinterConformanceTest {

  /** Upstream's cases of the pretty form are written for narrow lines. */
  private static final int NARROW = 10;

  @TestFactory
  Stream<DynamicTest> canonical() {
    return cases("promql/promql_printer_cases.json", Printer::print);
  }

  @TestFactory
  Stream<DynamicTest> pretty() {
    return cases("promql/promql_prettier_cases.json", expr -> Printer.pretty(expr, NARROW));
  }

  private static Stream<DynamicTest> cases(String file, Function<Expr, String> print) {
    return JsonCase.read(Conformance.path(file)).stream()
        .map(one -> {
          String in = one.text("in");
          String expected = one.has("out") ? one.text("out") : in;
          return DynamicTest.dynamicTest(
              in,
              () ->
                  assertThat(print.apply(Parser.parse(in, ParserOptions.ALL))).isEqualTo(expected));
        });
  }
}
