package io.narthex.promql.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.engine.core.Cancellation;
import io.narthex.promql.engine.core.Optimisations;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.engine.core.Workers;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.testkit.MemoryStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Generated queries have the same answer whatever the planner does: values to the bit, labels,
 * order, errors, and the samples that count; watched or not.
 */
class OptimisationsTest {

  private static final int QUERIES = 4000;

  private final MemoryStorage storage = new MemoryStorage();

  @BeforeEach
  void fill() {
    Random random = new Random(11);
    for (String name : List.of("a", "b_total", "c")) {
      for (int s = 0; s < 18; s++) {
        if (random.nextInt(5) == 0) {
          continue;
        }
        // The last of three jobs is no job at all.
        String job = s < 12 ? "j" + s / 6 : "";
        Labels labels =
            job.isEmpty()
                ? Labels.of("__name__", name, "instance", "i" + s % 6)
                : Labels.of("__name__", name, "instance", "i" + s % 6, "job", job);
        double value = 0;
        for (int t = 0; t < 40; t++) {
          value += random.nextInt(20) * 0.1;
          if (random.nextInt(6) != 0) {
            storage.add(labels, t * 5000L, value);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, false", "2, true"})
  void answersDoNotDependOnThePlanner(long seed, boolean delayedNames) {
    EngineOptions options =
        new EngineOptions(
            Duration.ofMinutes(1),
            0,
            0,
            20,
            Duration.ofSeconds(20),
            Duration.ofSeconds(15),
            delayedNames,
            false,
            false,
            ParserOptions.ALL);
    Engine engine = new Engine(options, Clock.SYSTEM, Workers.NONE);
    Generator generator = new Generator(new Random(seed));
    int answered = 0;
    int failed = 0;
    int empty = 0;
    for (int i = 0; i < QUERIES; i++) {
      String query = generator.vector(3);
      Expr expr = engine.parse(query);
      boolean range = i % 2 == 0;
      boolean perStep = i % 5 == 0;
      String plain = answer(engine, query, expr, range, perStep, probe(Optimisations.NONE));
      for (Probe probe :
          List.of(
              Probe.NONE,
              probe(new Optimisations(true, false, false, false)),
              probe(new Optimisations(false, true, false, false)),
              probe(new Optimisations(false, false, true, false)),
              Probe.watching(engine.recorder()))) {
        String other = answer(engine, query, expr, range, perStep, probe);
        // Selecting less is the one thing that may make fewer samples count.
        assertThat(comparable(other, probe))
            .as("%s %s %s", query, range ? "over a range" : "at an instant", probe)
            .isEqualTo(comparable(plain, probe));
      }
      failed += plain.startsWith("error") ? 1 : 0;
      empty += plain.startsWith("0 series") ? 1 : 0;
      answered += plain.startsWith("error") || plain.startsWith("0 series") ? 0 : 1;
    }
    assertThat(answered).isGreaterThan(QUERIES / 3);
    assertThat(failed).isGreaterThan(QUERIES / 50);
    assertThat(empty).isLessThan(QUERIES * 2 / 3);
  }

  private static Probe probe(Optimisations optimisations) {
    return new Probe(optimisations, null);
  }

  private static String comparable(String answer, Probe probe) {
    return probe.optimisations().propagates() ? answer.replaceAll("(?m)^samples .*$", "") : answer;
  }

  private String answer(
      Engine engine, String query, Expr expr, boolean range, boolean perStep, Probe probe) {
    QueryOptions options = new QueryOptions(null, null, perStep, new Cancellation());
    try (QueryAnswer answer =
        range
            ? engine.range(storage, query, expr, 60_000, 190_000, 7000, options, probe)
            : engine.instant(storage, query, expr, 120_000, options, probe)) {
      StringBuilder text = new StringBuilder();
      switch (answer.result()) {
        case QueryResult.Scalar s -> text.append("scalar ").append(bits(s.value()));
        case QueryResult.Text t -> text.append("text ").append(t.value());
        case QueryResult.Vector v -> {
          text.append(v.samples().size()).append(" series");
          v.samples()
              .forEach(
                  s -> text.append('\n').append(s.labels()).append(' ').append(bits(s.value())));
        }
        case QueryResult.Matrix m -> {
          text.append(m.series().size()).append(" series");
          for (QueryResult.MatrixSeries s : m.series()) {
            text.append('\n').append(s.labels());
            for (int k = 0; k < s.slots(); k++) {
              if (s.present(k)) {
                text.append(' ').append(s.time(k)).append('@').append(bits(s.value(k)));
              }
            }
          }
        }
      }
      text.append("\nsamples ").append(answer.stats().samples());
      text.append(' ').append(answer.stats().samplesPerStep());
      return text.toString();
    } catch (QueryException e) {
      return "error " + e.getMessage();
    }
  }

  private static String bits(double value) {
    return Double.isNaN(value) ? "NaN" : Long.toHexString(Double.doubleToRawLongBits(value));
  }

  /** Queries with many joins, constants and repetitions. */
  private static final class Generator {
    private final Random random;
    private final List<String> made = new ArrayList<>();

    Generator(Random random) {
      this.random = random;
    }

    private String any(String... of) {
      return of[random.nextInt(of.length)];
    }

    private String selector() {
      String name = any("a", "b_total", "c", "c", "{__name__=~\"a|c\"}");
      String matchers =
          any(
              "",
              "",
              "job=\"j1\"",
              "job!=\"j1\"",
              "job=\"\"",
              "instance=~\"i[0-3]\"",
              "job=~\"j.\",instance!~\"i5\"");
      if (name.startsWith("{")) {
        return matchers.isEmpty() ? name : name.replace("}", "," + matchers + "}");
      }
      return matchers.isEmpty() ? name : name + "{" + matchers + "}";
    }

    private String time() {
      return any("", "", "", "", " offset 10s", " @ 100", " @ end()");
    }

    private String scalar(int depth) {
      return switch (random.nextInt(depth > 0 ? 7 : 3)) {
        case 0 -> any("1", "2", "0.5", "-3", "NaN");
        case 1 -> any("pi()", "time()", "step()");
        case 2 -> any("7", "1 + 1", "2 * pi()", "min_of(1, 3)");
        case 3 -> "scalar(" + vector(depth - 1) + ")";
        case 4 -> "-(" + scalar(depth - 1) + ")";
        default ->
            "(" + scalar(depth - 1) + any(" + ", " / ", " > bool ") + scalar(depth - 1) + ")";
      };
    }

    String vector(int depth) {
      if (!made.isEmpty() && random.nextInt(3) == 0) {
        return made.get(made.size() - 1 - random.nextInt(Math.min(6, made.size())));
      }
      String query = fresh(depth);
      if (query.length() < 120) {
        made.add(query);
      }
      return query;
    }

    private String fresh(int depth) {
      if (depth == 0) {
        return selector() + time();
      }
      return switch (random.nextInt(12)) {
        case 0, 1 ->
            any("rate", "sum_over_time", "last_over_time", "count_over_time", "absent_over_time")
                + "("
                + selector()
                + any("[15s]", "[40s]")
                + time()
                + ")";
        case 2 ->
            any("max_over_time", "avg_over_time")
                + "(("
                + vector(depth - 1)
                + any(")[30s:10s]", ")[50s:]")
                + time()
                + ")";
        case 3, 4 ->
            any("sum", "avg", "count", "max", "stddev", "group")
                + any("", " by (job)", " by (instance)", " by (job, instance)", " without (job)")
                + " ("
                + vector(depth - 1)
                + ")";
        case 5 ->
            any("topk(2, ", "quantile(0.3, ", "bottomk by (job) (1, ", "limitk(3, ")
                + vector(depth - 1)
                + ")";
        case 6 -> any("abs", "ceil", "sort", "timestamp", "absent") + "(" + vector(depth - 1) + ")";
        case 7 ->
            "(" + vector(depth - 1) + ")" + any(" + ", " > ", " == bool ") + scalar(depth - 1);
        case 8 -> scalar(depth - 1) + any(" - ", " <= ") + "(" + vector(depth - 1) + ")";
        default ->
            "("
                + vector(depth - 1)
                + ")"
                + any(" / ", " * ", " > ", " >= bool ", " and ", " unless ", " or ")
                + matching(depth);
      };
    }

    private String matching(int depth) {
      String other = "(" + vector(depth - 1) + ")";
      return switch (random.nextInt(5)) {
        case 0 -> "on (job, instance) " + other;
        case 1 -> "ignoring (nothing) " + other;
        case 2 -> "on (job) sum by (job) " + other;
        default -> other;
      };
    }
  }
}
