package io.narthex.testkit;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.HistogramRules;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A storage in memory: the plainest thing that keeps the contracts. Thread-safe by one lock. */
public final class MemoryStorage implements Appendable, Queryable {

  /** A float, or a histogram that nobody changes any more. */
  private record Sample(double value, @Nullable SpanHistogram histogram) {

    boolean isStale() {
      return histogram == null ? StaleMarker.is(value) : histogram.isStale();
    }

    boolean sameAs(Sample other) {
      if (isStale() && other.isStale()) {
        return true;
      }
      SpanHistogram own = histogram;
      SpanHistogram theirs = other.histogram;
      if (own == null || theirs == null) {
        return own == theirs
            && Double.doubleToRawLongBits(value) == Double.doubleToRawLongBits(other.value);
      }
      return own.sameAs(theirs);
    }

    /** A stale marker as the kind of sample that it ends. */
    Sample ending(Sample before) {
      SpanHistogram ended = before.histogram;
      return ended == null
          ? new Sample(StaleMarker.VALUE, null)
          : new Sample(0, new SpanHistogram().reset(ended.floats()).sum(StaleMarker.VALUE));
    }
  }

  private record Series(Labels labels, TreeMap<Long, Sample> samples) {}

  private final List<Series> series = new ArrayList<>();
  private final Map<Labels, Integer> byLabels = new HashMap<>();

  @Override
  public AppendGroup group() {
    return new AppendGroup() {
      @Override
      public Appender appender() {
        return new Batch();
      }

      @Override
      public void close() {}
    };
  }

  /** Appends and commits one sample. */
  public void add(Labels labels, long timestamp, double value) {
    Appender appender = group().appender();
    AppendResult result = appender.append(appender.series(labels), timestamp, value);
    if (result != AppendResult.OK) {
      throw new IllegalStateException(result.message());
    }
    appender.commit();
  }

  @Override
  public synchronized Querier querier(long minTime, long maxTime) {
    List<Series> view = new ArrayList<>();
    for (Series s : series) {
      view.add(new Series(s.labels, new TreeMap<>(s.samples.subMap(minTime, true, maxTime, true))));
    }
    return new View(view);
  }

  private final class Batch implements Appender {

    private record Pending(int series, long timestamp, Sample sample) {}

    private final List<Pending> pending = new ArrayList<>();

    @Override
    public long series(Labels labels) {
      synchronized (MemoryStorage.this) {
        return 1L
            + byLabels.computeIfAbsent(
                labels,
                l -> {
                  series.add(new Series(l, new TreeMap<>()));
                  return series.size() - 1;
                });
      }
    }

    @Override
    public AppendResult append(long handle, long timestamp, double value) {
      return append(handle, timestamp, new Sample(value, null));
    }

    @Override
    public AppendResult append(long handle, long timestamp, SpanHistogram histogram) {
      if (HistogramRules.violation(histogram) != null) {
        return AppendResult.INVALID_HISTOGRAM;
      }
      SpanHistogram kept = new SpanHistogram();
      kept.copyFrom(histogram);
      return append(handle, timestamp, new Sample(0, kept));
    }

    private AppendResult append(long handle, long timestamp, Sample sample) {
      synchronized (MemoryStorage.this) {
        int number = (int) handle - 1;
        if (number < 0 || number >= series.size()) {
          return AppendResult.NO_SERIES;
        }
        AppendResult result = check(series.get(number), timestamp, sample);
        if (result == AppendResult.OK) {
          pending.add(new Pending(number, timestamp, sample));
        }
        return result;
      }
    }

    private static AppendResult check(Series s, long timestamp, Sample sample) {
      if (s.samples.isEmpty() || timestamp > s.samples.lastKey()) {
        return AppendResult.OK;
      }
      if (timestamp < s.samples.lastKey()) {
        return AppendResult.OUT_OF_ORDER;
      }
      boolean same = s.samples.lastEntry().getValue().sameAs(sample);
      return same ? AppendResult.OK : AppendResult.DUPLICATE;
    }

    @Override
    public void commit() {
      synchronized (MemoryStorage.this) {
        for (Pending p : pending) {
          Series s = series.get(p.series);
          if (check(s, p.timestamp, p.sample) == AppendResult.OK) {
            boolean ends = p.sample.isStale() && !s.samples.isEmpty();
            s.samples.put(
                p.timestamp, ends ? p.sample.ending(s.samples.lastEntry().getValue()) : p.sample);
          }
        }
        pending.clear();
      }
    }

    @Override
    public void rollback() {
      pending.clear();
    }
  }

  private record View(List<Series> all) implements Querier {

    @Override
    public SeriesSet select(boolean sorted, SelectHints hints, List<Matcher> matchers) {
      List<Series> found = new ArrayList<>(matching(matchers));
      if (sorted) {
        found.sort((a, b) -> a.labels.compareTo(b.labels));
      }
      return new Found(found);
    }

    private List<Series> matching(List<Matcher> matchers) {
      return all.stream()
          .filter(s -> !s.samples.isEmpty())
          .filter(s -> matchers.stream().allMatch(m -> m.matches(s.labels.getOrEmpty(m.name()))))
          .toList();
    }

    @Override
    public List<String> labelValues(String name, List<Matcher> matchers, int limit) {
      TreeSet<String> values = new TreeSet<>();
      for (Series s : matching(matchers)) {
        String value = s.labels.get(name);
        if (value != null) {
          values.add(value);
        }
      }
      return limited(values, limit);
    }

    @Override
    public List<String> labelNames(List<Matcher> matchers, int limit) {
      TreeSet<String> names = new TreeSet<>();
      for (Series s : matching(matchers)) {
        s.labels.forEach((name, value) -> names.add(name));
      }
      return limited(names, limit);
    }

    private static List<String> limited(TreeSet<String> all, int limit) {
      return all.stream().limit(limit == 0 ? Long.MAX_VALUE : limit).toList();
    }

    @Override
    public void close() {}
  }

  /**
   * As chunks are read: of a stale one nothing is left but that, and no hint but that of gauges.
   */
  private static FloatHistogram read(SpanHistogram stored) {
    if (stored.isStale()) {
      return new SpanHistogram().reset(stored.floats()).sum(stored.sum()).toFloat();
    }
    FloatHistogram histogram = stored.toFloat();
    return histogram.hint() == ResetHint.GAUGE ? histogram : histogram.hint(ResetHint.UNKNOWN);
  }

  private record Found(List<Series> found) implements SeriesSet {

    @Override
    public int size() {
      return found.size();
    }

    @Override
    public Labels labels(int series) {
      return found.get(series).labels;
    }

    @Override
    public Reader reader() {
      return (int number, long minTime, long maxTime, SampleBuffer into) -> {
        into.clear();
        if (minTime <= maxTime) {
          found
              .get(number)
              .samples
              .subMap(minTime, true, maxTime, true)
              .forEach((timestamp, sample) -> {
                SpanHistogram histogram = sample.histogram;
                if (histogram == null) {
                  into.add(timestamp, sample.value);
                } else {
                  into.add(timestamp, read(histogram));
                }
              });
        }
      };
    }
  }
}
