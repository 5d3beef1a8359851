package io.narthex.scrape.append;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.exposition.ExpositionException;
import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.testkit.MemoryStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

final class PageAppenderTest {

  private static final Labels TARGET = Labels.of("instance", "i", "job", "j");

  private final MemoryStorage storage = new MemoryStorage();
  private final PageAppender pages = new PageAppender();
  private final PageCache cache = new PageCache();
  private SampleRules rules = SampleRules.DEFAULT;
  private long now = 1000;

  private void text(String page) {
    scrape(page, ExpositionFormat.TEXT);
  }

  private void scrape(String page, ExpositionFormat format) {
    now += 1000;
    Appender appender = storage.group().appender();
    byte[] bytes = Utf8.bytes(page);
    try {
      pages.append(bytes, 0, bytes.length, format, cache, rules, TARGET, appender, now);
    } catch (ExpositionException | PageException e) {
      appender.rollback();
      PageAppender.allStale(cache, appender, now);
      appender.commit();
      throw e;
    }
    appender.commit();
  }

  /** The samples of the scrape at a time: series to value, "stale" for a marker. */
  private TreeMap<String, String> at(long time) {
    TreeMap<String, String> found = new TreeMap<>();
    try (Querier querier = storage.querier(time, time)) {
      SeriesSet set =
          querier.select(
              true,
              SelectHints.range(time, time),
              List.of(new Matcher(Matcher.Type.REGEX, "__name__", ".+")));
      SampleBuffer samples = new SampleBuffer();
      for (int i = 0; i < set.size(); i++) {
        set.reader().read(i, time, time, samples);
        if (samples.size() > 0) {
          double value = samples.values()[0];
          LabelsBuilder labels = new LabelsBuilder().from(set.labels(i));
          if ("j".equals(labels.get("job"))) {
            labels.remove("job");
          }
          if ("i".equals(labels.get("instance"))) {
            labels.remove("instance");
          }
          found.put(
              labels.build().toString(), StaleMarker.is(value) ? "stale" : String.valueOf(value));
        }
      }
    }
    return found;
  }

  private SampleRules limits(long samples, long labels, long names, long values) {
    return TestRules.but().limits(samples, labels, names, values).rules();
  }

  private SampleRules relabelling(Predicate<LabelsBuilder> relabelling) {
    return TestRules.but().keeps(relabelling).rules();
  }

  @Test
  void appendsASampleForEachLine() {
    text("# TYPE a counter\na{x=\"1\"} 1\na{x=\"2\"} 2\nb 3\n");
    assertThat(at(now))
        .containsOnlyKeys(
            "{__name__=\"a\", x=\"1\"}", "{__name__=\"a\", x=\"2\"}", "{__name__=\"b\"}")
        .containsEntry("{__name__=\"a\", x=\"2\"}", "2.0");
    assertThat(pages.counts().scraped()).isEqualTo(3);
    assertThat(pages.counts().kept()).isEqualTo(3);
    assertThat(pages.counts().added()).isEqualTo(3);
    text("# TYPE a counter\na{x=\"1\"} 4\na{x=\"2\"} 5\nb 6\n");
    assertThat(at(now)).containsEntry("{__name__=\"a\", x=\"2\"}", "5.0");
    assertThat(pages.counts().added()).isZero();
  }

  @Test
  void aVanishedSeriesIsEndedAndComesBackAsAdded() {
    text("a 1\nb 1\n");
    text("a 2\n");
    assertThat(at(now)).containsEntry("{__name__=\"b\"}", "stale").hasSize(2);
    text("a 3\n");
    assertThat(at(now)).hasSize(1);
    text("b 2\na 4\n");
    assertThat(at(now)).containsEntry("{__name__=\"b\"}", "2.0").hasSize(2);
    assertThat(pages.counts().added()).isEqualTo(1);
  }

  @Test
  void aBrokenPageEndsAllSeriesAndStoresNothing() {
    text("a 1\nb 1\n");
    assertThatThrownBy(() -> text("a 2\nnew 1\nb !\n")).isInstanceOf(ExpositionException.class);
    assertThat(pages.counts().scraped()).isEqualTo(2);
    assertThat(at(now))
        .containsEntry("{__name__=\"a\"}", "stale")
        .containsEntry("{__name__=\"b\"}", "stale")
        .hasSize(2);
    text("a 3\nb 3\n");
    assertThat(at(now)).containsEntry("{__name__=\"a\"}", "3.0").hasSize(2);
    assertThat(pages.counts().added()).isZero();
  }

  @Test
  void anEmptyPageEndsAllSeriesAndIsNoError() {
    text("a 1\n");
    text("");
    assertThat(at(now)).containsEntry("{__name__=\"a\"}", "stale");
    text("");
    assertThat(at(now)).isEmpty();
  }

  @Test
  void theFirstOfDuplicatesWins() {
    for (int i = 0; i < 2; i++) {
      text("a 1\na 2\nb 3\n");
      assertThat(pages.counts().duplicates()).isEqualTo(1);
      assertThat(pages.counts().kept()).isEqualTo(3);
      assertThat(at(now)).containsEntry("{__name__=\"a\"}", "1.0").hasSize(2);
    }
  }

  @Test
  void linesWithTimestampsAreStoredAtThem() {
    text("a 1 1500\na 2 1600\n");
    assertThat(pages.counts().duplicates()).isZero();
    assertThat(at(1500)).containsEntry("{__name__=\"a\"}", "1.0");
    assertThat(at(1600)).containsEntry("{__name__=\"a\"}", "2.0");
    text("b 1\n");
    assertThat(at(now)).as("a has times of its own, so it is not ended").hasSize(1);
  }

  @Test
  void timestampsAreTrackedIfConfigured() {
    rules = TestRules.but().times(true, true).rules();
    text("a 1 1500\n");
    text("b 1\n");
    assertThat(at(now)).containsEntry("{__name__=\"a\"}", "stale");
  }

  @Test
  void timestampsCanBeIgnored() {
    rules = TestRules.but().times(false, false).rules();
    text("a 1 1500\n");
    assertThat(at(now)).containsEntry("{__name__=\"a\"}", "1.0");
  }

  @Test
  void timesFarAheadAreOutOfBounds() {
    text("a 1 99999999\nb 1\n");
    assertThat(pages.counts().outOfBounds()).isEqualTo(1);
    assertThat(at(now)).hasSize(1);
  }

  @Test
  void oldTimestampsAreOutOfOrder() {
    text("a 1 1600\n");
    text("a 2 1500\n");
    assertThat(pages.counts().outOfOrder()).isEqualTo(1);
  }

  @Test
  void conflictingLabelsAreExported() {
    text("a{job=\"x\",exported_job=\"y\"} 1\n");
    assertThat(at(now))
        .containsOnlyKeys("{__name__=\"a\", exported_exported_job=\"x\", exported_job=\"y\"}");
  }

  @Test
  void labelsOfThePageAreHonouredIfConfigured() {
    rules = TestRules.but().honorsLabels().rules();
    text("a{job=\"x\"} 1\n");
    assertThat(at(now)).containsOnlyKeys("{__name__=\"a\", job=\"x\"}");
  }

  @Test
  void droppedLinesAreRememberedToo() {
    List<String> seen = new ArrayList<>();
    rules =
        relabelling(labels -> {
          String name = labels.get("__name__");
          seen.add(String.valueOf(name));
          return !"drop".equals(name);
        });
    text("keep 1\ndrop 2\n");
    text("keep 1\ndrop 2\n");
    assertThat(seen).containsExactly("keep", "drop");
    assertThat(pages.counts().scraped()).isEqualTo(2);
    assertThat(pages.counts().kept()).isEqualTo(1);
    assertThat(at(now)).hasSize(1);
  }

  @Test
  void afterInvalidationTheNewRulesHold() {
    text("a 1\nb 1\n");
    rules = relabelling(labels -> !"b".equals(labels.get("__name__")));
    cache.invalidate();
    text("a 2\nb 2\n");
    assertThat(at(now))
        .containsEntry("{__name__=\"b\"}", "stale")
        .containsEntry("{__name__=\"a\"}", "2.0");
  }

  @Test
  void limitsFailThePageInPrometheusWords() {
    rules = limits(1, 0, 0, 0);
    assertThatThrownBy(() -> text("a 1\nb 2\nc 3\n")).hasMessage("sample limit exceeded");
    assertThat(pages.counts().scraped()).isEqualTo(3);
    assertThat(at(now)).isEmpty();
    rules = limits(0, 3, 0, 0);
    assertThatThrownBy(() -> text("a{b=\"c\"} 1\n"))
        .hasMessage("label_limit exceeded (metric: a, number of labels: 4, limit: 3)");
    rules = limits(0, 0, 8, 0);
    assertThatThrownBy(() -> text("a{b23456789=\"c\"} 1\n"))
        .hasMessage(
            "label_name_length_limit exceeded (metric: a, label name: b23456789, length: 9,"
                + " limit: 8)");
    rules = limits(0, 0, 0, 3);
    assertThatThrownBy(() -> text("a{b=\"c\\\"de\"} 1\n"))
        .hasMessage(
            "label_value_length_limit exceeded (metric: a, label name: b, value: \"c\\\"de\","
                + " length: 4, limit: 3)");
  }

  @Test
  void namesAreCheckedAsConfigured() {
    rules = relabelling(labels -> labels.remove("__name__") != null);
    assertThatThrownBy(() -> text("a 1\n")).hasMessage("missing metric name (__name__ label)");
    rules = TestRules.but().legacyNames().rules();
    assertThatThrownBy(() -> text("{\"a.b\"} 1\n"))
        .hasMessage(
            "invalid metric name or label names: {__name__=\"a.b\", instance=\"i\", job=\"j\"}");
  }

  @Test
  void anotherProtocolMeansOtherLines() {
    text("# TYPE h histogram\nh_bucket{le=\"1\"} 1\n");
    scrape("# TYPE h unknown\nh_bucket{le=\"1\"} 1\n# EOF\n", ExpositionFormat.OPENMETRICS);
    assertThat(at(now))
        .containsEntry("{__name__=\"h_bucket\", le=\"1\"}", "1.0")
        .containsEntry("{__name__=\"h_bucket\", le=\"1.0\"}", "stale");
  }

  @Test
  void theTypeIsPartOfWhatALineMeans() {
    text("# TYPE h histogram\nh_bucket{le=\"1\"} 1\n");
    text("# TYPE h gauge\nh_bucket{le=\"1\"} 1\n");
    assertThat(at(now))
        .containsEntry("{__name__=\"h_bucket\", le=\"1\"}", "1.0")
        .containsEntry("{__name__=\"h_bucket\", le=\"1.0\"}", "stale");
    text("# TYPE h histogram\nh_bucket{le=\"1\"} 1\n");
    assertThat(at(now)).containsEntry("{__name__=\"h_bucket\", le=\"1.0\"}", "1.0");
  }

  @Test
  void exemplarsDoNotMakeALineNew() {
    for (int i = 1; i < 4; i++) {
      scrape("a_total 1 # {id=\"" + i + "\"} 0.5\n# EOF\n", ExpositionFormat.OPENMETRICS);
      assertThat(at(now)).containsOnlyKeys("{__name__=\"a_total\"}");
      assertThat(pages.counts().added()).isEqualTo(i == 1 ? 1 : 0);
    }
  }

  @Test
  void aSeriesThatTheStorageForgotIsAskedForAgain() {
    Forgetful forgetful = new Forgetful();
    byte[] page = Utf8.bytes("a 1\n");
    for (int i = 0; i < 2; i++) {
      pages.append(page, 0, 4, ExpositionFormat.TEXT, cache, rules, TARGET, forgetful, i);
      forgetful.generation++;
    }
    assertThat(forgetful.appended).containsExactly(1L, 2L);
  }

  @Test
  void metadataIsGathered() {
    text("# HELP a helps\n# TYPE a gauge\na 1\n");
    assertThat(cache.metadata().families())
        .extracting(Object::toString)
        .containsExactly("MetricMetadata[family=a, type=GAUGE, help=helps, unit=]");
  }

  private static final class Forgetful implements Appender {
    long generation = 1;
    final List<Long> appended = new ArrayList<>();

    @Override
    public long series(Labels labels) {
      return generation;
    }

    @Override
    public AppendResult append(long handle, long timestamp, double value) {
      if (handle != generation) {
        return AppendResult.NO_SERIES;
      }
      appended.add(handle);
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
