package io.narthex.scrape.append;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.exposition.ExpositionException;
import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appender;
import io.narthex.storage.ExemplarResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What pages say beside samples: exemplars, and what the comments tell of the metrics. */
final class ExemplarPagesTest {

  private static final Labels TARGET = Labels.of("job", "j");

  private final Recorder recorder = new Recorder();
  private final PageCache cache = new PageCache();
  private PageAppender pages = new PageAppender();
  private SampleRules rules = SampleRules.DEFAULT;
  private long now;

  private void scrape(String page) {
    now += 1000;
    recorder.exemplars.clear();
    recorder.described.clear();
    byte[] bytes = Utf8.bytes(page);
    pages.append(
        bytes, 0, bytes.length, ExpositionFormat.OPENMETRICS, cache, rules, TARGET, recorder, now);
  }

  @Test
  void newAndKnownLinesHaveExemplars() {
    for (int i = 0; i < 3; i++) {
      scrape(
          """
          # TYPE a counter
          a_total 5 # {trace_id="x"} 0.5 1.25
          a_created 1
          a_total{b="c"} 6 7 # {} 0.25
          # EOF
          """);
      assertThat(recorder.exemplars)
          .as("page %s", i)
          .containsExactly(
              "{__name__=\"a_total\", job=\"j\"} {trace_id=\"x\"} 0.5 @1250 its own",
              "{__name__=\"a_total\", b=\"c\", job=\"j\"} {} 0.25 @7000");
    }
  }

  @Test
  void withoutATimestampItHasThatOfTheScrape() {
    for (int i = 1; i < 4; i++) {
      scrape("a_total 5 # {b=\"d\",a=\"ä\\n\"} -1\n# EOF\n");
      assertThat(recorder.exemplars)
          .containsExactly(
              "{__name__=\"a_total\", job=\"j\"} {a=\"ä\\n\", b=\"d\"} -1.0 @" + i * 1000);
    }
    rules = TestRules.but().times(false, false).rules();
    cache.invalidate();
    scrape("a_total 5 77 # {} 2\n# EOF\n");
    assertThat(recorder.exemplars)
        .containsExactly("{__name__=\"a_total\", job=\"j\"} {} 2.0 @4000");
  }

  @Test
  void anExemplarMayChangeComeAndGo() {
    scrape("a_total 5\nb_total 5\n# EOF\n");
    assertThat(recorder.exemplars).isEmpty();
    scrape("a_total 5 # {x=\"1\"} 1 1\nb_total 5\n# EOF\n");
    assertThat(recorder.exemplars).hasSize(1);
    scrape("a_total 5\nb_total 5 # {x=\"2\"} 1 1\n# EOF\n");
    assertThat(recorder.exemplars)
        .containsExactly("{__name__=\"b_total\", job=\"j\"} {x=\"2\"} 1.0 @1000 its own");
    scrape("a_total 5\nb_total 5\n# EOF\n");
    assertThat(recorder.exemplars).isEmpty();
  }

  @Test
  void ofAnExemplarsLabelsTheLastOneCounts() {
    scrape("a_total 5 # {x=\"1\",x=\"2\"} 1 1\n# EOF\n");
    assertThat(recorder.exemplars).singleElement().asString().contains("{x=\"2\"}");
  }

  @Test
  void aMalformedExemplarFailsThePageKnownOrNot() {
    String broken = "a_total 5 # {x=\"1\" 1 1\n# EOF\n";
    assertThatThrownBy(() -> scrape(broken)).isInstanceOf(ExpositionException.class);
    scrape("a_total 5 # {x=\"1\"} 1 1\n# EOF\n");
    assertThatThrownBy(() -> scrape(broken)).isInstanceOf(ExpositionException.class);
    assertThatThrownBy(() -> scrape("a_total 5 # {x=\"1\"} x\n# EOF\n"))
        .isInstanceOf(ExpositionException.class)
        .hasMessageContaining("exemplar value");
    scrape("a_total 5 # {x=\"1\"} 1 1\n# EOF\n");
    assertThat(recorder.exemplars).hasSize(1);
  }

  @Test
  void samplesThatAreLeftOutBringNone() {
    rules = TestRules.but().keeps(l -> !"b".equals(l.get("x"))).rules();
    for (int i = 0; i < 2; i++) {
      scrape("a{x=\"b\"} 1 # {} 1 1\na 1 # {} 1 1\na 1 # {} 2 2\n# EOF\n");
      assertThat(recorder.exemplars)
          .containsExactly("{__name__=\"a\", job=\"j\"} {} 1.0 @1000 its own");
    }
    recorder.sample = AppendResult.OUT_OF_ORDER;
    scrape("a 1 # {} 1 1\n# EOF\n");
    assertThat(recorder.exemplars).isEmpty();
  }

  @Test
  void whatBecameOfThemIsCounted() {
    String page = "a 1 # {} 1 1\nb 1 # {} 1 1\n# EOF\n";
    recorder.exemplar = ExemplarResult.OUT_OF_ORDER;
    scrape(page);
    assertThat(pages.counts().exemplarsOutOfOrder()).isEqualTo(2);
    recorder.exemplar = ExemplarResult.TOO_LONG;
    scrape(page);
    assertThat(pages.counts().exemplarsRefused()).isEqualTo(2);
    assertThat(pages.counts().exemplarsOutOfOrder()).isZero();
    recorder.exemplar = ExemplarResult.DUPLICATE;
    scrape(page);
    assertThat(pages.counts().exemplarsRefused()).isZero();
    assertThat(recorder.exemplars).hasSize(2);
    // Who wants none is asked once a page.
    recorder.exemplar = ExemplarResult.DISABLED;
    scrape(page);
    assertThat(recorder.exemplars).hasSize(1);
    recorder.exemplar = ExemplarResult.OK;
    scrape(page);
    assertThat(recorder.exemplars).hasSize(2);
  }

  private static final String DESCRIBED =
      """
      # TYPE a_seconds counter
      # UNIT a_seconds seconds
      # HELP a_seconds some help
      a_seconds_total 5
      a_seconds_total{b="c"} 6
      other 1
      # TYPE h histogram
      # HELP h more help
      h_bucket{le="+Inf"} 1
      h_count 1
      h_sum 2
      # EOF
      """;

  @Test
  void commentsAreToldForNewSeriesAndWhenTheyChange() {
    pages = new PageAppender(true);
    scrape(DESCRIBED);
    assertThat(recorder.described)
        .containsExactly(
            "a_seconds_total counter seconds some help",
            "a_seconds_total counter seconds some help",
            "h_bucket histogram  more help",
            "h_count histogram  more help",
            "h_sum histogram  more help");
    scrape(DESCRIBED);
    assertThat(recorder.described).isEmpty();
    scrape(DESCRIBED.replace("h_sum 2", "h_sum 2\nh_count{x=\"y\"} 1"));
    assertThat(recorder.described).containsExactly("h_count histogram  more help");
    scrape(DESCRIBED.replace("some help", "other help"));
    assertThat(recorder.described)
        .containsExactly(
            "a_seconds_total counter seconds other help",
            "a_seconds_total counter seconds other help");
    recorder.generation++;
    scrape(DESCRIBED.replace("some help", "other help"));
    assertThat(recorder.described).hasSize(5);
  }

  @Test
  void whatABrokenPageSaidIsToldAgain() {
    pages = new PageAppender(true);
    scrape(DESCRIBED);
    String changed = DESCRIBED.replace("some help", "other help");
    assertThatThrownBy(() -> scrape(changed.replace("h_sum 2", "h_sum x")))
        .isInstanceOf(ExpositionException.class);
    scrape(changed);
    assertThat(recorder.described).contains("a_seconds_total counter seconds other help");
    scrape(changed);
    assertThat(recorder.described).isEmpty();
  }

  @Test
  void nothingIsToldUnlessAsked() {
    scrape(DESCRIBED);
    assertThat(recorder.described).isEmpty();
  }

  @Test
  void aFamilyCoversItsSeries() {
    assertThat(FamilyNames.covers("a", MetricType.COUNTER, "a_total")).isTrue();
    assertThat(FamilyNames.covers("a_total", MetricType.COUNTER, "a_total")).isTrue();
    assertThat(FamilyNames.covers("a", MetricType.COUNTER, "ab_total")).isFalse();
    assertThat(FamilyNames.covers("a", MetricType.GAUGE, "a")).isTrue();
    assertThat(FamilyNames.covers("a", MetricType.GAUGE, "a_total")).isFalse();
    for (String suffix : List.of("_bucket", "_sum", "_count", "")) {
      assertThat(FamilyNames.covers("a", MetricType.HISTOGRAM, "a" + suffix)).isTrue();
    }
    assertThat(FamilyNames.covers("a", MetricType.HISTOGRAM, "a_bucket_sum")).isFalse();
    for (String suffix : List.of("_bucket", "_gsum", "_gcount")) {
      assertThat(FamilyNames.covers("a", MetricType.GAUGEHISTOGRAM, "a" + suffix)).isTrue();
    }
    assertThat(FamilyNames.covers("a", MetricType.SUMMARY, "a_sum")).isTrue();
    assertThat(FamilyNames.covers("a", MetricType.SUMMARY, "a_bucket")).isFalse();
    assertThat(FamilyNames.covers("a", MetricType.INFO, "a_info")).isTrue();
    assertThat(FamilyNames.covers("a", MetricType.STATESET, "a")).isTrue();
    assertThat(FamilyNames.covers("a", MetricType.UNKNOWN, "b")).isFalse();
  }

  private static final class Recorder implements Appender {
    final List<String> exemplars = new ArrayList<>();
    final List<String> described = new ArrayList<>();
    final Map<Labels, Long> handles = new HashMap<>();
    final Map<Long, Labels> series = new HashMap<>();
    AppendResult sample = AppendResult.OK;
    ExemplarResult exemplar = ExemplarResult.OK;
    long generation;

    @Override
    public long series(Labels labels) {
      long handle = handles.computeIfAbsent(labels, l -> 1L + handles.size()) + (generation << 32);
      series.put(handle, labels);
      return handle;
    }

    @Override
    public AppendResult append(long handle, long timestamp, double value) {
      return handle >>> 32 == generation ? sample : AppendResult.NO_SERIES;
    }

    @Override
    public AppendResult append(long handle, long timestamp, SpanHistogram histogram) {
      throw new AssertionError("a page of floats has no histogram");
    }

    @Override
    public ExemplarResult exemplar(
        long handle, long timestamp, boolean explicit, double value, Labels labels) {
      exemplars.add(
          series.get(handle)
              + " "
              + labels
              + " "
              + value
              + " @"
              + timestamp
              + (explicit ? " its own" : ""));
      return exemplar;
    }

    @Override
    public void metadata(long handle, MetricType type, String unit, String help) {
      Labels labels = series.getOrDefault(handle, Labels.EMPTY);
      described.add(labels.metricName() + " " + type.text() + " " + unit + " " + help);
    }

    @Override
    public void commit() {}

    @Override
    public void rollback() {}
  }
}
