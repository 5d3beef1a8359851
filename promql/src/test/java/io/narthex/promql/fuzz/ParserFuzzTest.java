package io.narthex.promql.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.parser.ParseException;
import io.narthex.promql.parser.Parser;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.promql.printer.Printer;
import io.narthex.promql.testing.WithoutPositions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;

/**
 * Lexer, parser and printer: any text either parses or is refused with places inside it; what
 * parses prints in both forms to a text of the same tree.
 */
@Tag("fuzz")
class ParserFuzzTest {

  @DictionaryFile(resourcePath = "/io/narthex/promql/fuzz/promql.dict")
  @FuzzTest(maxDuration = "4m")
  void parser(byte[] data) {
    Inputs.run(data, ParserFuzzTest::parseAndPrint);
  }

  @AfterAll
  static void report() {
    Inputs.report("parser and printer");
  }

  private static void parseAndPrint(String text) {
    Expr expr;
    try {
      expr = Parser.parse(text, ParserOptions.ALL);
    } catch (ParseException e) {
      assertThat(e.errors()).isNotEmpty();
      assertThat(e.getMessage()).isNotEmpty();
      e.errors()
          .forEach(error -> {
            assertThat(error.position().start()).isNotNegative();
            assertThat(error.position().end()).isGreaterThanOrEqualTo(error.position().start());
          });
      return;
    }
    String printed = Printer.print(expr);
    String pretty = Printer.pretty(expr);
    if (printed.contains("Inf")) {
      // Infinity prints with its sign, as upstream prints it, and the sign binds looser than a
      // power.
      return;
    }
    Expr plain = WithoutPositions.of(expr);
    Expr again = Parser.parse(printed, ParserOptions.ALL);
    assertThat(WithoutPositions.of(again)).isEqualTo(plain);
    assertThat(Printer.print(again)).isEqualTo(printed);
    assertThat(WithoutPositions.of(Parser.parse(pretty, ParserOptions.ALL))).isEqualTo(plain);
  }
}
