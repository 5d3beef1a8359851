package io.narthex.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The micro benchmarks still do what they measure; here nothing is measured. */
class BenchmarksTest {

  @Test
  void eachRuns() throws RunnerException {
    Options once =
        new OptionsBuilder()
            .include("io\\.narthex\\.bench\\..*")
            .param("series", "2000") // of those that let one choose
            .param("rounds", "3")
            .forks(0)
            .warmupIterations(0)
            .measurementIterations(1)
            .measurementTime(TimeValue.milliseconds(1))
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true)
            .build();
    Collection<RunResult> results = new Runner(once).run();
    assertThat(results)
        .extracting(result -> result.getParams().getBenchmark())
        .contains(LogBenchmark.class.getName() + ".replay");
  }
}
