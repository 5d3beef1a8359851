package io.narthex.bench;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.model.exposition.ExpositionTokenizer;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.scrape.append.PageAppender;
import io.narthex.scrape.append.PageCache;
import io.narthex.scrape.append.SampleRules;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appender;
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
 * From the bytes of a page to an appender that does nothing: what a sample of a known series costs
 * before it reaches the storage. Several targets in turn, so that no page stays in the first cache.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ScrapeAppend {

  private static final int TARGETS = 50;
  private static final int SERIES = 1000;

  /** The kind of values: as Go prints large counters, small whole numbers, all digits. */
  @Param({"mixed", "small", "long"})
  public String values = "mixed";

  private final PageAppender pages = new PageAppender();
  private final PageCache[] caches = new PageCache[TARGETS];
  private final byte[][] bytes = new byte[TARGETS][];
  private final Labels target = Labels.of("job", "bench", "instance", "localhost:9100");
  private final Sink sink = new Sink();
  private final ExpositionTokenizer tokenizer = new ExpositionTokenizer();
  private long time;

  @Setup
  public void setUp() {
    Random random = new Random(1);
    for (int t = 0; t < TARGETS; t++) {
      caches[t] = new PageCache();
      StringBuilder page = new StringBuilder();
      for (int i = 0; i < SERIES; i++) {
        if (i % 20 == 0) {
          page.append("# HELP node_metric_").append(i).append("_seconds_total Seconds spent.\n");
          page.append("# TYPE node_metric_").append(i).append("_seconds_total counter\n");
        }
        page.append("node_metric_").append(i - i % 20).append("_seconds_total{device=\"eth");
        page.append(i % 20).append("\",mode=\"receive\",path=\"/var/lib/data/").append(i);
        page.append("\"} ").append(value(random)).append('\n');
      }
      bytes[t] = Utf8.bytes(page.toString());
    }
    append();
  }

  private String value(Random random) {
    return switch (values) {
      case "small" -> String.valueOf(random.nextInt(1000));
      case "long" -> String.valueOf(random.nextDouble());
      default ->
          switch (random.nextInt(3)) {
            case 0 -> String.valueOf(random.nextInt(100_000));
            case 1 -> random.nextInt(1, 10) + "." + random.nextInt(100_000, 1_000_000) + "e+09";
            default -> random.nextInt(1000) + "." + random.nextInt(10, 1000);
          };
    };
  }

  @Benchmark
  @OperationsPerInvocation(TARGETS * SERIES)
  public long append() {
    time += 1000;
    for (int t = 0; t < TARGETS; t++) {
      byte[] page = bytes[t];
      pages.append(
          page,
          0,
          page.length,
          ExpositionFormat.TEXT,
          caches[t],
          SampleRules.DEFAULT,
          target,
          sink,
          time);
    }
    return sink.sum;
  }

  /** The tokenizer alone, for comparison. */
  @Benchmark
  @OperationsPerInvocation(TARGETS * SERIES)
  public double tokenize() {
    double sum = 0;
    for (int t = 0; t < TARGETS; t++) {
      tokenizer.reset(bytes[t], 0, bytes[t].length, ExpositionFormat.TEXT);
      while (tokenizer.nextQuick() != ExpositionTokenizer.Entry.EOF) {
        sum += tokenizer.value();
      }
    }
    return sum;
  }

  private static final class Sink implements Appender {
    private long series;
    private long sum;

    @Override
    public long series(Labels labels) {
      return ++series;
    }

    @Override
    public AppendResult append(long handle, long timestamp, double value) {
      sum += handle ^ timestamp ^ Double.doubleToRawLongBits(value);
      return AppendResult.OK;
    }

    @Override
    public AppendResult append(long handle, long timestamp, SpanHistogram histogram) {
      sum += handle ^ timestamp ^ histogram.count();
      return AppendResult.OK;
    }

    @Override
    public void commit() {}

    @Override
    public void rollback() {}
  }
}
