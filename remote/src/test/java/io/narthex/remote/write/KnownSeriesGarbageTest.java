package io.narthex.remote.write;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.testkit.FakeClock;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the receiver is built for: a sample of a known series makes no object. */
final class KnownSeriesGarbageTest {

  private static final long NOW = 1_700_000_000_000L;
  private static final int SERIES = 2000;

  private static final class Sink implements Appendable.AppendGroup, Appender {
    private long handles;
    private long samples;

    @Override
    public Appender appender() {
      return this;
    }

    @Override
    public long series(Labels labels) {
      return ++handles;
    }

    @Override
    public AppendResult append(long handle, long timestamp, double value) {
      samples++;
      return AppendResult.OK;
    }

    @Override
    public AppendResult append(long handle, long timestamp, SpanHistogram histogram) {
      throw new AssertionError("no histogram was sent");
    }

    @Override
    public void commit() {}

    @Override
    public void rollback() {}

    @Override
    public void close() {}
  }

  @Test
  void lessThanOneByteForTenSamples() {
    byte[][] series = new byte[SERIES][];
    for (int i = 0; i < SERIES; i++) {
      series[i] = Proto.series(NOW, i, "__name__", "metric_" + i, "instance", "localhost:9100");
    }
    byte[] body = Proto.compressed(Proto.request(series));
    Sink sink = new Sink();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().threadId();
    try (WriteReceiver receiver =
        new WriteReceiver(
            () -> sink,
            new FakeClock(NOW),
            new WriteReceiver.Options(List.of(MessageType.V1), 1, 64 << 20, 100_000),
            new PrometheusRegistry())) {
      int rounds = 500;
      for (int i = 0; i < rounds; i++) {
        receiver.store("sender", body, body.length);
      }
      long before = threads.getThreadAllocatedBytes(thread);
      for (int i = 0; i < rounds; i++) {
        receiver.store("sender", body, body.length);
      }
      long allocated = threads.getThreadAllocatedBytes(thread) - before;
      assertThat(sink.handles).isEqualTo(SERIES);
      assertThat(sink.samples).isEqualTo(2L * rounds * SERIES);
      assertThat(allocated).isLessThan((long) rounds * SERIES / 10);
    }
  }
}
