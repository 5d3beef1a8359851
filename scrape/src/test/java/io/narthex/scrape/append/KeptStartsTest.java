package io.narthex.scrape.append;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appender;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Created times of pages as start timestamps of samples. */
class KeptStartsTest {

  private static final String PAGE =
      """
      # TYPE c counter
      c_total{a="1"} 1
      c_created{a="1"} 500.5
      c_total{a="2"} 2
      # TYPE g gauge
      g 3
      # TYPE h histogram
      h_bucket{le="+Inf"} 4
      h_count 4
      h_sum 5
      h_created 700
      # EOF
      """;

  private final PageAppender pages = new PageAppender();
  private final PageCache cache = new PageCache();
  private final List<String> said = new ArrayList<>();
  private SampleRules rules = TestRules.but().keepsStarts().rules();
  private long now = 1_000_000;

  private final Appender storage =
      new Appender() {
        private final List<Labels> series = new ArrayList<>();

        @Override
        public long series(Labels labels) {
          if (!series.contains(labels)) {
            series.add(labels);
          }
          return series.indexOf(labels) + 1;
        }

        @Override
        public AppendResult append(long handle, long timestamp, double value) {
          return appendStarted(handle, 0, timestamp, value);
        }

        @Override
        public AppendResult append(long handle, long timestamp, SpanHistogram histogram) {
          return appendStarted(handle, 0, timestamp, histogram);
        }

        @Override
        public AppendResult appendStarted(long handle, long start, long timestamp, double value) {
          assertThat(timestamp).isEqualTo(now);
          said.add(start + " " + series.get((int) handle - 1) + " " + value);
          return AppendResult.OK;
        }

        @Override
        public AppendResult appendStarted(
            long handle, long start, long timestamp, SpanHistogram histogram) {
          throw new AssertionError("there is no native histogram");
        }

        @Override
        public void commit() {}

        @Override
        public void rollback() {}
      };

  private List<String> scrape(String page) {
    now += 15_000;
    said.clear();
    byte[] bytes = Utf8.bytes(page);
    ExpositionFormat format = ExpositionFormat.OPENMETRICS;
    pages.append(bytes, 0, bytes.length, format, cache, rules, Labels.EMPTY, storage, now);
    return List.copyOf(said);
  }

  @Test
  void eachSampleOfAMetricHasTheStartOfThatMetric() {
    for (int round = 0; round < 3; round++) {
      assertThat(scrape(PAGE))
          .containsExactly(
              "500500 {__name__=\"c_total\", a=\"1\"} 1.0",
              "0 {__name__=\"c_total\", a=\"2\"} 2.0",
              "0 {__name__=\"g\"} 3.0",
              "700000 {__name__=\"h_bucket\", le=\"+Inf\"} 4.0",
              "700000 {__name__=\"h_count\"} 4.0",
              "700000 {__name__=\"h_sum\"} 5.0");
    }
    assertThat(scrape(PAGE.replace("500.5", "900")))
        .contains("900000 {__name__=\"c_total\", a=\"1\"} 1.0");
    assertThat(scrape(PAGE.replace("c_created{a=\"1\"} 500.5\n", "")))
        .contains("0 {__name__=\"c_total\", a=\"1\"} 1.0");
  }

  @Test
  void theyAreSeriesWhereTheStorageKeepsNone() {
    rules = SampleRules.DEFAULT;
    assertThat(scrape(PAGE))
        .contains(
            "0 {__name__=\"c_total\", a=\"1\"} 1.0", "0 {__name__=\"c_created\", a=\"1\"} 500.5");
  }
}
