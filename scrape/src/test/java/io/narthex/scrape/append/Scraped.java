package io.narthex.scrape.append;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.exposition.ExpositionException;
import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.histogram.HistogramRules;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appender;
import io.narthex.storage.ExemplarResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A target and a storage that writes down what it is given: one line per sample, in order, as
 * {@code name{labels} time value}, with the start timestamp behind a sample that has one, and
 * {@code ! } before an exemplar.
 */
final class Scraped implements Appender {

  private static final Labels TARGET = Labels.of("instance", "i", "job", "j");

  final PageAppender pages = new PageAppender(true);
  final PageCache cache = new PageCache();
  SampleRules rules = SampleRules.DEFAULT;
  long now = 1_000_000;

  /** Whether samples are taken that are older than those of their series before. */
  boolean inAnyOrder;

  /** What the last scrape brought. */
  final List<String> said = new ArrayList<>();

  private final List<Labels> series = new ArrayList<>();
  private final Map<Labels, Long> handles = new HashMap<>();
  private final Map<Long, Long> newest = new HashMap<>();

  void histograms(HistogramScraping how) {
    rules = TestRules.but().histograms(how).rules();
  }

  static HistogramScraping natives(boolean alwaysClassic) {
    return new HistogramScraping(true, alwaysClassic, false, 0, HistogramRules.MAX_SCHEMA);
  }

  List<String> text(String page) {
    return scrape(Utf8.bytes(page), ExpositionFormat.TEXT);
  }

  List<String> openMetrics(String page) {
    return scrape(Utf8.bytes(page + "# EOF\n"), ExpositionFormat.OPENMETRICS);
  }

  List<String> protobuf(byte[] page) {
    return scrape(page, ExpositionFormat.PROTOBUF);
  }

  List<String> scrape(byte[] page, ExpositionFormat format) {
    now += 15_000;
    said.clear();
    try {
      pages.append(page, 0, page.length, format, cache, rules, TARGET, this, now);
    } catch (ExpositionException | PageException e) {
      said.clear();
      PageAppender.allStale(cache, this, now);
      throw e;
    }
    return List.copyOf(said);
  }

  @Override
  public long series(Labels labels) {
    return handles.computeIfAbsent(
        labels,
        l -> {
          series.add(l);
          return (long) series.size();
        });
  }

  private String name(long handle) {
    LabelsBuilder labels = new LabelsBuilder().from(series.get((int) handle - 1));
    String name = labels.get("__name__");
    Labels rest = labels.remove("__name__").remove("job").remove("instance").build();
    return name + (rest.isEmpty() ? "" : rest.toString());
  }

  private AppendResult add(long handle, long timestamp, String value) {
    long last = newest.getOrDefault(handle, Long.MIN_VALUE);
    if (timestamp < last && !inAnyOrder) {
      return AppendResult.OUT_OF_ORDER;
    }
    newest.put(handle, timestamp);
    said.add(name(handle) + (timestamp == now ? " " : " @" + timestamp + " ") + value);
    return AppendResult.OK;
  }

  @Override
  public AppendResult append(long handle, long timestamp, double value) {
    return add(handle, timestamp, StaleMarker.is(value) ? "stale" : Double.toString(value));
  }

  @Override
  public AppendResult append(long handle, long timestamp, SpanHistogram histogram) {
    if (HistogramRules.violation(histogram) != null) {
      return AppendResult.INVALID_HISTOGRAM;
    }
    return add(handle, timestamp, histogram.toString());
  }

  @Override
  public AppendResult appendStarted(long handle, long start, long timestamp, double value) {
    return add(handle, timestamp, value + " since " + start);
  }

  @Override
  public AppendResult appendStarted(
      long handle, long start, long timestamp, SpanHistogram histogram) {
    if (HistogramRules.violation(histogram) != null) {
      return AppendResult.INVALID_HISTOGRAM;
    }
    return add(handle, timestamp, histogram + " since " + start);
  }

  @Override
  public ExemplarResult exemplar(
      long handle, long timestamp, boolean explicit, double value, Labels labels) {
    said.add(
        "! "
            + name(handle)
            + (explicit ? " @" + timestamp : "")
            + " "
            + value
            + " "
            + labels.get("trace_id"));
    return ExemplarResult.OK;
  }

  @Override
  public void metadata(long handle, MetricType type, String unit, String help) {
    said.add("# " + name(handle) + " " + type.text() + " [" + unit + "] " + help);
  }

  /** What was said without the metadata. */
  static List<String> samples(List<String> said) {
    return said.stream().filter(s -> !s.startsWith("#")).toList();
  }

  @Override
  public void commit() {}

  @Override
  public void rollback() {}
}
