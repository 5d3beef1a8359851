package io.narthex.bench;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.bytes.Varint;
import io.narthex.base.compress.Snappy;
import io.narthex.base.time.Clock;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.remote.write.MessageType;
import io.narthex.remote.write.WriteReceiver;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.tsdb.head.CommitLog;
import io.narthex.tsdb.head.Head;
import io.narthex.tsdb.head.HeadOptions;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A request of 2,000 series, one sample each, from its compressed bytes to the commit: what a
 * sample of a known series costs the receiver alone, and together with the head in memory (without
 * a log). A hundred such requests take turns, so that not all of it stays in the caches. The time
 * moves in the appender, because the bytes are the same every time.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class RemoteWrite {

  private static final int REQUESTS = 100;
  private static final int SERIES = 2000;
  private static final long T0 = 1_700_000_000_000L / 7_200_000 * 7_200_000;
  private static final long INTERVAL = 15_000;

  /**
   * Where the samples go: nowhere; to the head, each request later than the one before; or to the
   * head, all requests of a round at the same time, which is how several targets come from one
   * sender.
   */
  @Param({"nowhere", "head", "head-level"})
  public String storage = "nowhere";

  private final byte[][] requests = new byte[REQUESTS][];
  private final Head head = new Head(HeadOptions.DEFAULT, CommitLog.NONE, null);
  private final Clock clock = new Standing();
  private final WriteReceiver receiver =
      new WriteReceiver(
          () -> new Moving(storage.equals("nowhere") ? new Nowhere() : head.group()),
          clock,
          new WriteReceiver.Options(List.of(MessageType.V1), 1, 64 << 20, 1 << 20),
          new PrometheusRegistry());
  private long shift;
  private long truncated;
  private int next;

  @Setup
  public void setUp() {
    Random random = new Random(1);
    for (int r = 0; r < REQUESTS; r++) {
      Message request = new Message();
      for (int i = 0; i < SERIES; i++) {
        Message series = new Message();
        series.label("__name__", "node_metric_" + i / 20 + "_seconds_total");
        series.label("device", "eth" + i % 20);
        series.label("instance", "10.0.0." + r + ":9100");
        series.label("job", "node");
        series.label("mode", "receive");
        series.bytes(2, new Message().value(random.nextInt(1000)).number(2, T0).content());
        request.bytes(1, series.content());
      }
      requests[r] = request.compressed();
    }
    for (int r = 0; r < REQUESTS; r++) {
      store();
    }
  }

  @TearDown
  public void tearDown() {
    receiver.close();
    head.close();
  }

  /** One request, per sample. */
  @Benchmark
  @OperationsPerInvocation(SERIES)
  public void store() {
    if (next == REQUESTS) {
      next = 0;
      shift += INTERVAL;
      if (shift - truncated > 7_200_000) {
        truncated = shift;
        head.truncate(T0 + shift); // else the memory would fill with full chunks
      }
    }
    if (storage.equals("head")) {
      shift++;
    }
    byte[] request = requests[next++];
    receiver.store("10.1.2.3", request, request.length);
  }

  /** The decompression alone, per sample, for comparison. */
  @Benchmark
  @OperationsPerInvocation(SERIES)
  public int decompress() {
    next = next == REQUESTS ? 0 : next;
    byte[] request = requests[next++];
    return snappy.decompress(request, 0, request.length, decompressed, 0);
  }

  private final Snappy snappy = new Snappy();
  private final byte[] decompressed = new byte[1 << 20];

  /** Passes samples on with the time moved, and most of the values changed. */
  private final class Moving implements Appendable.AppendGroup, Appender {
    private final Appendable.AppendGroup group;
    private Appender appender;

    Moving(Appendable.AppendGroup group) {
      this.group = group;
      this.appender = this;
    }

    @Override
    public Appender appender() {
      appender = group.appender();
      return this;
    }

    @Override
    public long series(Labels labels) {
      return appender.series(labels);
    }

    @Override
    public AppendResult append(long handle, long timestamp, double value) {
      double moved = ((long) value & 15) < 10 ? value + shift : value;
      return appender.append(handle, timestamp + shift, moved);
    }

    @Override
    public AppendResult append(long handle, long timestamp, SpanHistogram histogram) {
      return appender.append(handle, timestamp + shift, histogram);
    }

    @Override
    public void commit() {
      appender.commit();
    }

    @Override
    public void rollback() {
      appender.rollback();
    }

    @Override
    public void close() {
      group.close();
    }
  }

  private static final class Nowhere implements Appendable.AppendGroup, Appender {
    private long series;
    private long sum;

    @Override
    public Appender appender() {
      return this;
    }

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
    public void commit() {
      if (sum == 42) {
        throw new IllegalStateException("so that the sum is needed");
      }
    }

    @Override
    public void rollback() {}

    @Override
    public void close() {}
  }

  private static final class Standing implements Clock {
    @Override
    public long millis() {
      return T0;
    }

    @Override
    public long nanos() {
      return 0;
    }

    @Override
    public void sleep(java.time.Duration time) {}
  }

  /** Writes protobuf. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private Message varint(long value) {
      byte[] bytes = new byte[Varint.MAX_BYTES];
      out.write(bytes, 0, Varint.putUnsigned(bytes, 0, value));
      return this;
    }

    Message number(int field, long value) {
      return varint((long) field << 3).varint(value);
    }

    Message value(double value) {
      varint(1 << 3 | 1);
      long bits = Double.doubleToRawLongBits(value);
      for (int i = 0; i < 8; i++) {
        out.write((int) (bits >>> (8 * i)));
      }
      return this;
    }

    Message bytes(int field, byte[] content) {
      varint((long) field << 3 | 2).varint(content.length);
      out.writeBytes(content);
      return this;
    }

    void label(String name, String value) {
      Message label = new Message().bytes(1, Utf8.bytes(name)).bytes(2, Utf8.bytes(value));
      bytes(1, label.content());
    }

    byte[] content() {
      return out.toByteArray();
    }

    byte[] compressed() {
      Snappy snappy = new Snappy();
      byte[] into = new byte[snappy.maxCompressedLength(out.size())];
      return Arrays.copyOf(into, snappy.compress(content(), 0, out.size(), into, 0));
    }
  }
}
