package io.narthex.scrape.append;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.narthex.base.bytes.Utf8;
import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appender;
import io.narthex.testkit.ProtobufExposition;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    return format == ExpositionFormat.PROTOBUF ? families(value) : lines(value, format);
  }

  private static byte[] families(int value) {
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    for (int family = 0; family < SERIES; family += 10) {
      int from = family;
      page.writeBytes(
          ProtobufExposition.page(f -> {
            f.family("metric" + from, "helps", ProtobufExposition.GAUGE);
            for (int i = from; i < from + 10; i++) {
              String label = String.valueOf(i);
              f.metric(m -> m.label("label", label).value(2, value * 1.5e9 + from));
            }
          }));
    }
    return page.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void knownHistogramsMakeNoGarbage(boolean synthesizes) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < SERIES; i++) {
      String name = "h" + i;
      bytes.writeBytes(
          ProtobufExposition.page(f ->
              f.family(name, "helps", ProtobufExposition.HISTOGRAM)
                  .metric(m ->
                      m.label("label", "value")
                          .message(
                              7,
                              h ->
                                  h.number(1, 5)
                                      .real(2, 3.5)
                                      .signed(5, 3)
                                      .span(12, 1, 3)
                                      .span(12, 4, 2)
                                      .deltas(13, 1, 0, 0, 0, 0)))));
    }
    byte[] page = bytes.toByteArray();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().threadId();
    PageAppender pages = new PageAppender();
    PageCache cache = new PageCache();
    TestRules rules = TestRules.but().histograms(Scraped.natives(false)).zeros();
    if (synthesizes) {
      rules.synthesizes();
    }
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 60; i++) {
      appended = 0;
      long before = threads.getThreadAllocatedBytes(thread);
      pages.append(
          page,
          0,
          page.length,
          ExpositionFormat.PROTOBUF,
          cache,
          rules.rules(),
          Labels.of("job", "j"),
          sink,
          1000 + i * 1000L);
      least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
      // The second time zeros come where the counting began.
      assertThat(appended).isEqualTo(synthesizes && i < 2 ? 2 * i * SERIES : SERIES);
    }
    assertThat(least).as("bytes per page of %s histograms", SERIES).isLessThan(4096);
  }

  @Test
  void knownCountersWhoseStartsAreMadeUpMakeNoGarbage() {
    ExpositionFormat format = ExpositionFormat.TEXT;
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().threadId();
    PageAppender pages = new PageAppender();
    PageCache cache = new PageCache();
    SampleRules rules = TestRules.but().synthesizes().rules();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 60; i++) {
      // Each fourth value falls.
      byte[] page =
          Utf8.bytes(
              new String(lines(i % 4, format), StandardCharsets.UTF_8).replace("gauge", "counter"));
      appended = 0;
      long before = threads.getThreadAllocatedBytes(thread);
      pages.append(
          page, 0, page.length, format, cache, rules, Labels.EMPTY, sink, 1000 + i * 1000L);
      least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
      assertThat(appended).isEqualTo(i == 0 ? 0 : SERIES);
    }
    assertThat(least).as("bytes per page of %s series", SERIES).isLessThan(4096);
  }

  private static byte[] lines(int value, ExpositionFormat format) {
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
      appended++;
      return AppendResult.OK;
    }

    @Override
    public void commit() {}

    @Override
    public void rollback() {}
  }
}
