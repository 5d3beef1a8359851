package io.narthex.promql.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.narthex.base.time.Clock;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.ValueType;
import io.narthex.promql.engine.Engine;
import io.narthex.promql.engine.EngineOptions;
import io.narthex.promql.engine.QueryAnswer;
import io.narthex.promql.engine.QueryOptions;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.parser.ParseException;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.promql.script.MemoryScriptStorage;
import io.narthex.promql.script.ScriptReport;
import io.narthex.promql.script.ScriptRunner;
import io.narthex.promql.script.ScriptStorage;
import io.narthex.storage.Queryable;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;

/**
 * The engine: a query that parses has an answer or an error, within its limits of time, samples and
 * memory, over series of all kinds.
 */
@Tag("fuzz")
class EngineFuzzTest {

  private static final EngineOptions OPTIONS =
      new EngineOptions(
          Duration.ofSeconds(1),
          100_000,
          64 << 20,
          1,
          Duration.ofMinutes(5),
          Duration.ofMinutes(1),
          true,
          true,
          false,
          ParserOptions.ALL);

  private static final String DATA =
      """
      load 30s
        f{a="1"} 0+1x20
        f{a="2"} 5 NaN -3 Inf _x3 1e300 -1e300 stale 0x9
        c_total{a="1"} 0+10x10 0+7x10
        c_total{a="2"} 1 2 3 stale 4 _x4 5x11
        b_bucket{le="1"} 0+1x20
        b_bucket{le="2"} 0+3x20
        b_bucket{le="+Inf"} 0+4x20
        h{a="1"} {{schema:1 sum:3 count:22 buckets:[5 10 7]}}+{{schema:1 sum:1 count:3 buckets:[1 1 1]}}x20
        h{a="2"} {{schema:-53 sum:5 count:4 custom_values:[1 2 4] buckets:[1 2 1]}}x10 {{schema:-53 sum:5 count:4 custom_values:[1 3] buckets:[1 2 1]}}x9
        h{a="3"} {{schema:3 sum:-2 count:7 z_bucket:2 z_bucket_w:0.01 buckets:[1 0 2] n_buckets:[1 1] counter_reset_hint:gauge}}x20
        m 1 2 {{schema:0 count:1 sum:1 buckets:[1]}}x5 3x9
        target_info{a="1", v="x"} 1x20
      """;

  private static final MemoryScriptStorage STORAGE = filled();
  private static final Engine ENGINE = new Engine(OPTIONS, Clock.SYSTEM);

  private static MemoryScriptStorage filled() {
    MemoryScriptStorage storage = new MemoryScriptStorage();
    ScriptReport report =
        new ScriptRunner(new Engine(OPTIONS, Clock.SYSTEM), () -> new Kept(storage))
            .run("data", DATA);
    assertThat(report.failures()).isEmpty();
    return storage;
  }

  /** A storage that outlives its script. */
  private record Kept(MemoryScriptStorage storage) implements ScriptStorage {

    @Override
    public void append(Labels labels, long time, double value, long start) {
      storage.append(labels, time, value, start);
    }

    @Override
    public void append(Labels labels, long time, FloatHistogram histogram, long start) {
      storage.append(labels, time, histogram, start);
    }

    @Override
    public void commit() {
      storage.commit();
    }

    @Override
    public Queryable queryable() {
      return storage;
    }

    @Override
    public void close() {}
  }

  @DictionaryFile(resourcePath = "/io/narthex/promql/fuzz/promql.dict")
  @FuzzTest(maxDuration = "6m")
  void engine(byte[] data) {
    Inputs.run(data, EngineFuzzTest::evaluate);
  }

  @AfterAll
  static void report() {
    Inputs.report("engine");
  }

  private static void evaluate(String text) {
    Expr expr;
    try {
      expr = ENGINE.parse(text);
    } catch (ParseException e) {
      return;
    }
    try (QueryAnswer answer = ENGINE.instant(STORAGE, text, expr, 300_000, QueryOptions.plain())) {
      assertThat(answer.result()).isNotNull();
      answer.annotations().forEach(a -> assertThat(a.message(text)).isNotEmpty());
    } catch (QueryException e) {
      assertThat(e.text()).isNotEmpty();
    }
    if (expr.type() != ValueType.SCALAR && expr.type() != ValueType.VECTOR) {
      return;
    }
    try (QueryAnswer answer =
        ENGINE.range(STORAGE, text, expr, 0, 600_000, 60_000, QueryOptions.plain())) {
      assertThat(answer.result()).isNotNull();
    } catch (QueryException e) {
      assertThat(e.text()).isNotEmpty();
    }
  }
}
