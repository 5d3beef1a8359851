package io.narthex.promql.script;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A storage in memory that keeps what no other one keeps yet: histograms, with the hints that
 * reading them back from Prometheus' chunks gives, and start timestamps.
 */
public final class MemoryScriptStorage implements ScriptStorage, Queryable {

  private record Sample(long time, double value, @Nullable FloatHistogram histogram, long start) {}

  private final Map<Labels, List<Sample>> series = new LinkedHashMap<>();

  @Override
  public void append(Labels labels, long time, double value, long start) {
    add(labels, new Sample(time, value, null, start));
  }

  @Override
  public void append(Labels labels, long time, FloatHistogram histogram, long start) {
    List<Sample> samples = series.computeIfAbsent(labels, l -> new ArrayList<>());
    FloatHistogram previous = samples.isEmpty() ? null : samples.getLast().histogram();
    FloatHistogram stored = histogram.copy();
    if (stored.hint() != ResetHint.GAUGE) {
      stored.hint(continues(previous, histogram) ? ResetHint.NO_RESET : ResetHint.UNKNOWN);
    }
    add(labels, new Sample(time, 0, stored, start));
  }

  @Override
  public void commit() {}

  private void add(Labels labels, Sample sample) {
    List<Sample> samples = series.computeIfAbsent(labels, l -> new ArrayList<>());
    if (!samples.isEmpty() && samples.getLast().time() >= sample.time()) {
      if (samples.getLast().time() > sample.time()) {
        throw new IllegalStateException("out of order sample");
      }
      return;
    }
    samples.add(sample);
  }

  /** Whether Prometheus would append a histogram to the chunk of the one before it. */
  private static boolean continues(@Nullable FloatHistogram previous, FloatHistogram next) {
    if (previous == null
        || previous.hint() == ResetHint.GAUGE
        || next.hint() == ResetHint.RESET
        || StaleMarker.is(previous.sum())) {
      return false;
    }
    if (StaleMarker.is(next.sum())) {
      return true;
    }
    return previous.schema() == next.schema()
        && previous.zeroThreshold() == next.zeroThreshold()
        && Arrays.equals(previous.bounds(), next.bounds())
        && !next.copy().hint(ResetHint.UNKNOWN).isResetAfter(previous);
  }

  @Override
  public Queryable queryable() {
    return this;
  }

  @Override
  public void close() {
    series.clear();
  }

  @Override
  public Querier querier(long minTime, long maxTime) {
    return new View(minTime, maxTime);
  }

  /** Shows no sample outside its range, so that a query that opens too small a one fails. */
  private final class View implements Querier {
    private final long min;
    private final long max;

    View(long min, long max) {
      this.min = min;
      this.max = max;
    }

    @Override
    public SeriesSet select(boolean sorted, SelectHints hints, List<Matcher> matchers) {
      List<Map.Entry<Labels, List<Sample>>> found = new ArrayList<>();
      for (Map.Entry<Labels, List<Sample>> entry : series.entrySet()) {
        boolean any =
            entry.getValue().stream()
                .anyMatch(s -> s.time() >= hints.minTime() && s.time() <= hints.maxTime());
        Labels labels = entry.getKey();
        if (any && matchers.stream().allMatch(m -> m.matches(labels.getOrEmpty(m.name())))) {
          found.add(entry);
        }
      }
      return new Found(found, min, max);
    }

    @Override
    public List<String> labelValues(String name, List<Matcher> matchers, int limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<String> labelNames(List<Matcher> matchers, int limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  private record Found(List<Map.Entry<Labels, List<Sample>>> found, long min, long max)
      implements SeriesSet {

    @Override
    public int size() {
      return found.size();
    }

    @Override
    public Labels labels(int number) {
      return found.get(number).getKey();
    }

    @Override
    public Reader reader() {
      return (number, minTime, maxTime, into) -> {
        into.clear();
        for (Sample s : found.get(number).getValue()) {
          if (s.time() >= Math.max(min, minTime) && s.time() <= Math.min(max, maxTime)) {
            add(s, into);
          }
        }
      };
    }

    private static void add(Sample sample, SampleBuffer into) {
      FloatHistogram histogram = sample.histogram();
      if (histogram == null) {
        into.add(sample.time(), sample.value());
      } else {
        into.add(sample.time(), histogram);
      }
      into.startedAt(sample.start());
    }
  }
}
