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
import io.narthex.testkit.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Samples of both kinds as lines that can be compared: ours, and those of Prometheus' answers. */
final class HistogramText {

  private HistogramText() {}

  /** All samples of a storage, stale ones left out if so wished, as answers have none. */
  static Map<Labels, List<String>> samples(Queryable storage, boolean stale) {
    try (Querier querier = storage.querier(0, Long.MAX_VALUE)) {
      return samples(querier, stale);
    }
  }

  static Map<Labels, List<String>> samples(Querier querier, boolean stale) {
    Map<Labels, List<String>> all = new TreeMap<>();
    SeriesSet set =
        querier.select(
            false,
            SelectHints.range(0, Long.MAX_VALUE),
            List.of(new Matcher(Matcher.Type.REGEX, "__name__", ".+")));
    SampleBuffer buffer = new SampleBuffer();
    SeriesSet.Reader reader = set.reader();
    for (int i = 0; i < set.size(); i++) {
      reader.read(i, 0, Long.MAX_VALUE, buffer);
      List<String> lines = new ArrayList<>();
      for (int k = 0; k < buffer.size(); k++) {
        String line = line(buffer, k);
        if (stale || !line.endsWith("stale")) {
          lines.add(line);
        }
      }
      if (!lines.isEmpty()) {
        all.put(set.labels(i), lines);
      }
    }
    return all;
  }

  private static String line(SampleBuffer buffer, int sample) {
    FloatHistogram histogram = buffer.histogram(sample);
    String time = buffer.timestamps()[sample] + " ";
    if (histogram == null) {
      double value = buffer.values()[sample];
      return time + (StaleMarker.is(value) ? "stale" : value);
    }
    return line(buffer.timestamps()[sample], histogram);
  }

  /** A histogram of a time. */
  static String line(long time, FloatHistogram histogram) {
    return time + " " + (StaleMarker.is(histogram.sum()) ? "histogram stale" : line(histogram));
  }

  private static String line(FloatHistogram h) {
    StringBuilder out = new StringBuilder();
    out.append(h.count()).append(' ').append(h.sum());
    double zero = h.zeroThreshold();
    for (int i = h.negativeBuckets() - 1; i >= 0; i--) {
      int index = h.negativeIndex(i);
      double upper = -h.bound(index - 1);
      bucket(out, -h.bound(index), upper < 0 && upper > -zero ? -zero : upper, h.negativeCount(i));
    }
    bucket(out, -zero, zero, h.zeroCount());
    for (int i = 0; i < h.positiveBuckets(); i++) {
      int index = h.positiveIndex(i);
      double lower = h.bound(index - 1);
      bucket(out, lower > 0 && lower < zero ? zero : lower, h.bound(index), h.positiveCount(i));
    }
    return out.toString();
  }

  private static void bucket(StringBuilder out, double lower, double upper, double count) {
    if (count != 0) {
      out.append(" [").append(rounded(lower)).append(' ').append(rounded(upper)).append("]=");
      out.append(count);
    }
  }

  /** Bounds are powers that everybody rounds in another way at the end. */
  private static float rounded(double bound) {
    double magnitude = Math.abs(bound);
    boolean beyond = magnitude > Float.MAX_VALUE || magnitude < Float.MIN_NORMAL;
    // What no float can hold is compared by its power of two.
    return beyond ? Math.getExponent(bound) : (float) bound;
  }

  /** The samples of an answer to a query of a range of samples. */
  static Map<Labels, List<String>> samples(String answer) {
    Map<Labels, List<String>> all = new TreeMap<>();
    for (Json series : Json.parse(answer).get("data").get("result").items()) {
      Map<String, String> pairs = new TreeMap<>();
      Json metric = series.get("metric");
      metric.names().forEach(name -> pairs.put(name, metric.get(name).text()));
      TreeMap<Long, String> lines = new TreeMap<>();
      if (series.has("values")) {
        for (Json value : series.get("values").items()) {
          long time = Math.round(value.get(0).number() * 1000);
          lines.put(time, time + " " + number(value.get(1).text()));
        }
      }
      if (series.has("histograms")) {
        for (Json value : series.get("histograms").items()) {
          long time = Math.round(value.get(0).number() * 1000);
          lines.put(time, time + " " + line(value.get(1)));
        }
      }
      all.put(Labels.of(pairs), List.copyOf(lines.values()));
    }
    return all;
  }

  private static String line(Json histogram) {
    StringBuilder out = new StringBuilder();
    out.append(number(histogram.get("count").text())).append(' ');
    out.append(number(histogram.get("sum").text()));
    if (histogram.has("buckets")) {
      for (Json bucket : histogram.get("buckets").items()) {
        bucket(
            out,
            number(bucket.get(1).text()),
            number(bucket.get(2).text()),
            number(bucket.get(3).text()));
      }
    }
    return out.toString();
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }
}
