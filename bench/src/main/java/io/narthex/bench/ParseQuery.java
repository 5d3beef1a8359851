package io.narthex.bench;

import io.narthex.promql.ast.Expr;
import io.narthex.promql.parser.Parser;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.promql.printer.Printer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From the text of a query to its tree and back. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class ParseQuery {

  @Param({
    "up",
    "sum by (job, mode) (rate(node_cpu_seconds_total{job=\"node\",mode!=\"idle\"}[5m]))",
    "histogram_quantile(0.99, sum by (le, route) (rate(http_request_duration_seconds_bucket{"
        + "job=~\"api|web\",code!~\"5..\"}[5m] offset 1h))) > 0.5 and on (route) sum by (route)"
        + " (rate(http_requests_total[5m])) > 10"
  })
  public String query = "";

  @Benchmark
  public Expr parse() {
    return Parser.parse(query, ParserOptions.DEFAULT);
  }

  @Benchmark
  public String parseAndPrint() {
    return Printer.print(Parser.parse(query, ParserOptions.DEFAULT));
  }
}
