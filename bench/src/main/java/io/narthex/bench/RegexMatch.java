package io.narthex.bench;

import com.google.re2j.Pattern;
import io.narthex.base.bytes.Utf8;
import io.narthex.base.regex.AnchoredRegex;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Regular expressions of matchers over the values of a label, time per value; re2j alone beside.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class RegexMatch {

  private static final int VALUES = 10_000;

  @Param({
    "node-7",
    "node-1|node-2|node-3|node-4|db-5",
    "node-.*",
    ".*:9100",
    ".*eu-west.*",
    ".+",
    "(?i)NODE-.*:9100",
    "node-[0-9]+\\.eu-(west|east)\\.example\\.com:9[0-9]{3}",
    ".*(west|north).*:91.*"
  })
  public String expression = "";

  private final String[] values = new String[VALUES];
  private final byte[][] bytes = new byte[VALUES][];
  private AnchoredRegex regex = AnchoredRegex.compile("");
  private Pattern reference = Pattern.compile("");

  @Setup
  public void setUp() {
    Random random = new Random(1);
    String[] regions = {"west", "east", "north"};
    String[] roles = {"node", "db", "web"};
    for (int i = 0; i < VALUES; i++) {
      values[i] =
          roles[random.nextInt(3)]
              + "-"
              + random.nextInt(500)
              + ".eu-"
              + regions[random.nextInt(3)]
              + ".example.com:"
              + (9090 + random.nextInt(30));
      bytes[i] = Utf8.bytes(values[i]);
    }
    regex = AnchoredRegex.compile(expression);
    reference = Pattern.compile("^(?s:" + expression + ")$");
  }

  @Benchmark
  @OperationsPerInvocation(VALUES)
  public int strings() {
    int matching = 0;
    for (String value : values) {
      matching += regex.matches(value) ? 1 : 0;
    }
    return matching;
  }

  @Benchmark
  @OperationsPerInvocation(VALUES)
  public int bytes() {
    int matching = 0;
    for (byte[] value : bytes) {
      matching += regex.matches(value, 0, value.length) ? 1 : 0;
    }
    return matching;
  }

  /** As it was before. */
  @Benchmark
  @OperationsPerInvocation(VALUES)
  public int re2jAlone() {
    int matching = 0;
    for (String value : values) {
      matching += reference.matcher(value).find() ? 1 : 0;
    }
    return matching;
  }
}
