package io.narthex.scrape.append;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.narthex.base.bytes.Utf8;
import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appender;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class AllocationTest {

  private static final int SERIES = 10_000;

  private final Appender sink = new CountingSink();
  private int appended;

  @ParameterizedTest
  @EnumSource(ExpositionFormat.class)
  void aKnownPageMakesNoGarbagePerSample(ExpositionFormat format) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().threadId();
    PageAppender pages = new PageAppender();
    PageCache cache = new PageCache();
    Labels target = Labels.of("job", "j", "instance", "i");
    byte[][] two = {page(1, format), page(2, format)};
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 60; i++) {
      byte[] page = two[i & 1];
      appended = 0;
      long before = threads.getThreadAllocatedBytes(thread);
      pages.append(
          page, 0, page.length, format, cache, SampleRules.DEFAULT, target, sink, i * 1000L);
      long after = threads.getThreadAllocatedBytes(thread);
      assertThat(appended).isEqualTo(SERIES);
      least = Math.min(least, after - before);
    }
    assertThat(least).as("bytes per page of %s series", SERIES).isLessThan(4096);
  }

  private static byte[] page(int value, ExpositionFormat format) {
    StringBuilder page = new StringBuilder();
    for (int i = 0; i < SERIES; i++) {
      if (i % 10 == 0) {
        page.append("# HELP metric").append(i).append(" helps\n# TYPE metric").append(i);
        page.append(" gauge\n");
      }
      page.append("metric").append(i - i % 10).append("{label=\"").append(i).append("\"} ");
      page.append(value * 1.5e9 + i).append('\n');
    }
    page.append(format == ExpositionFormat.OPENMETRICS ? "# EOF\n" : "");
    return Utf8.bytes(page.toString());
  }

  private final class CountingSink implements Appender {
    private long series;

    @Override
    public long series(Labels labels) {
      return ++series;
    }

    @Override
    public AppendResult append(long handle, long timestamp, double value) {
      appended++;
      return AppendResult.OK;
    }

    @Override
    public AppendResult append(long handle, long timestamp, SpanHistogram histogram) {
      throw new AssertionError("a page of floats has no histogram");
    }

    @Override
    public void commit() {}

    @Override
    public void rollback() {}
  }
}
