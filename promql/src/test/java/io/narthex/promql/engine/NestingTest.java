package io.narthex.promql.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.time.Clock;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.ValueType;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.parser.ParseException;
import io.narthex.promql.parser.Parser;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.promql.printer.Printer;
import io.narthex.storage.Queryable;
import io.narthex.testkit.MemoryStorage;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Queries as deep and as long as somebody could make them, on the small stack of a server's thread:
 * each is answered or refused, by everybody who walks over it.
 */
class NestingTest {

  private static final int STACK = 1 << 20;
  private static final int ENDLESS = 100_000;

  /** A little less than the parser allows, counting the parts of a piece that nest themselves. */
  private static final int DEEP = 80;

  private static final EngineOptions OPTIONS =
      new EngineOptions(
          Duration.ofSeconds(20),
          1_000_000,
          256 << 20,
          1,
          Duration.ofMinutes(5),
          Duration.ofMinutes(1),
          true,
          true,
          false,
          ParserOptions.ALL);

  private static final Queryable STORAGE = new MemoryStorage();

  /** What becomes of a query: the name of its fate, for the assertion. */
  private static String fate(String query) {
    Expr expr;
    try {
      expr = Parser.parse(query, ParserOptions.ALL);
    } catch (ParseException e) {
      return String.valueOf(e.getMessage());
    }
    assertThat(Parser.parse(Printer.print(expr), ParserOptions.ALL).type()).isEqualTo(expr.type());
    assertThat(Printer.pretty(expr)).isNotEmpty();
    Engine engine = new Engine(OPTIONS, Clock.SYSTEM);
    try (QueryAnswer answer = engine.instant(STORAGE, query, expr, 300_000, QueryOptions.plain())) {
      assertThat(answer.query()).isEqualTo(query);
    } catch (QueryException e) {
      return "evaluation: " + e.text();
    }
    if (expr.type() == ValueType.SCALAR || expr.type() == ValueType.VECTOR) {
      try (QueryAnswer answer =
          engine.range(STORAGE, query, expr, 0, 300_000, 60_000, QueryOptions.plain())) {
        assertThat(answer.query()).isEqualTo(query);
      } catch (QueryException e) {
        return "evaluation of a range: " + e.text();
      }
    }
    return "answered";
  }

  private static String onSmallStack(String query) throws InterruptedException {
    AtomicReference<String> result = new AtomicReference<>();
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread thread = new Thread(null, () -> result.set(fate(query)), "small", STACK);
    thread.setUncaughtExceptionHandler((t, e) -> thrown.set(e));
    thread.start();
    thread.join(60_000);
    assertThat(thread.isAlive()).as("it has ended").isFalse();
    assertThat(thrown.get()).isNull();
    return result.get();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "(|1|)",
        "-|x|",
        "- -|x|",
        "+|x|",
        "x^|x|",
        "x + (|x|)",
        "(x or |x|)",
        "sum(|x|)",
        "sum by (a) (topk(1, |x|))",
        "quantile(scalar(|x|), x)",
        "abs(|x|)",
        "scalar(vector(|1|))",
        "max_over_time((|x|)[1m:1m])",
        "label_replace(|x|, 'a', 'b', 'c', 'd')",
        "info(|x|)",
        "histogram_quantile(scalar(|x|), x)",
      })
  void whatNestsIsAnsweredUpToALimitAndRefusedBeyond(
      String open, String inner, @Nullable String close) throws InterruptedException {
    String end = close == null ? "" : close;

    assertThat(onSmallStack(open.repeat(DEEP) + inner + end.repeat(DEEP))).isEqualTo("answered");
    assertThat(onSmallStack(open.repeat(ENDLESS) + inner + end.repeat(ENDLESS)))
        .contains("parse error: expression nests deeper than");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "((",
        "x[",
        "x[(",
        "{a='",
        "sum by (",
        "x[1m:",
        "x @ (",
        "x offset -(",
        "{{",
        "[[",
        "\"\\"
      })
  void whatIsNeverClosedIsRefused(String opening) throws InterruptedException {
    assertThat(onSmallStack(opening.repeat(ENDLESS))).contains("parse error: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " + x",
        " - 1",
        " * x",
        " or x",
        " and x",
        " unless x",
        " == x",
        " > bool x",
        " + on() x",
        " + fill(1) x"
      })
  void longChainsAreAnswered(String link) throws InterruptedException {
    assertThat(onSmallStack("x" + link.repeat(ENDLESS))).isEqualTo("answered");
  }

  @ParameterizedTest
  @ValueSource(strings = {" + 1", " - 2", " ^ 1", " == bool 1", " % 3", " atan2 1"})
  void longChainsOfNumbersAreAnsweredOrRefused(String link) throws InterruptedException {
    String fate = onSmallStack("1" + link.repeat(ENDLESS));

    if (link.contains("^")) {
      assertThat(fate).contains("parse error: expression nests deeper than");
    } else {
      assertThat(fate).isEqualTo("answered");
    }
  }

  @Test
  void manySuffixesArgumentsAndLabelsAreRead() throws InterruptedException {
    assertThat(onSmallStack("x" + " offset 1m".repeat(ENDLESS))).contains("multiple times");
    assertThat(onSmallStack("x" + "[1m]".repeat(ENDLESS))).contains("parse error: ");
    assertThat(onSmallStack("x" + "[1m:1m]".repeat(ENDLESS))).contains("parse error: ");
    assertThat(onSmallStack("abs(x" + ", x".repeat(ENDLESS) + ")")).contains("expected 1 argument");
    assertThat(onSmallStack("sum by (a" + ", a".repeat(ENDLESS) + ") (x)")).isEqualTo("answered");
    assertThat(onSmallStack("x{a='b'" + ", a='b'".repeat(ENDLESS) + "}")).isEqualTo("answered");
    assertThat(onSmallStack("x[1m" + " + 1m".repeat(ENDLESS) + "]"))
        .contains("parse error: expression nests deeper than");
    assertThat(onSmallStack("label_join(x, 'a', ','" + ", 'b'".repeat(ENDLESS) + ")"))
        .isEqualTo("answered");
    assertThat(onSmallStack("x # " + "(".repeat(ENDLESS))).isEqualTo("answered");
    assertThat(onSmallStack("x{a=~'" + "(".repeat(ENDLESS) + ")".repeat(ENDLESS) + "'}"))
        .contains("parse error: ");
  }
}
