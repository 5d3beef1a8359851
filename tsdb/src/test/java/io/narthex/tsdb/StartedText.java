package io.narthex.tsdb;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Samples with their start timestamps as lines that can be compared, by time. */
final class StartedText {

  private StartedText() {}

  static Map<Labels, TreeMap<Long, String>> samples(Queryable storage) {
    try (Querier querier = storage.querier(Long.MIN_VALUE, Long.MAX_VALUE)) {
      return samples(querier);
    }
  }

  static Map<Labels, TreeMap<Long, String>> samples(Querier querier) {
    Map<Labels, TreeMap<Long, String>> all = new TreeMap<>();
    SeriesSet set =
        querier.select(
            false,
            SelectHints.range(0, Long.MAX_VALUE),
            List.of(new Matcher(Matcher.Type.REGEX, "__name__", ".+")));
    SampleBuffer buffer = new SampleBuffer();
    SampleBuffer newest = new SampleBuffer();
    SeriesSet.Reader reader = set.reader();
    for (int i = 0; i < set.size(); i++) {
      reader.read(i, 0, Long.MAX_VALUE, buffer);
      TreeMap<Long, String> lines = new TreeMap<>();
      for (int k = 0; k < buffer.size(); k++) {
        if (lines.put(buffer.timestamps()[k], line(buffer, k)) != null) {
          throw new AssertionError("twice: " + set.labels(i) + " " + buffer.timestamps()[k]);
        }
      }
      if (!lines.isEmpty()) {
        reader.readNewest(i, 0, Long.MAX_VALUE, newest);
        String last = line(newest, newest.size() - 1);
        if (!last.equals(lines.lastEntry().getValue())) {
          throw new AssertionError("the newest of " + set.labels(i) + " is " + last);
        }
        all.put(set.labels(i), lines);
      }
    }
    return all;
  }

  private static String line(SampleBuffer buffer, int sample) {
    FloatHistogram histogram = buffer.histogram(sample);
    long start = buffer.startTimestamp(sample);
    return histogram == null
        ? line(start, buffer.values()[sample])
        : line(start, histogram.sum(), histogram.count());
  }

  static String line(long start, double value) {
    return "@" + start + " " + (StaleMarker.is(value) ? "stale" : value);
  }

  static String line(long start, double sum, double count) {
    return StaleMarker.is(sum) ? line(start, sum) : line(start, sum) + " of " + count;
  }
}
