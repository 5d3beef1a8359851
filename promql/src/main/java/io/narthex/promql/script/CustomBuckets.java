package io.narthex.promql.script;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes native histograms with custom buckets of the classic histograms that a script loads: the
 * series with the suffixes _bucket, _count and _sum of one name become one series of that name.
 */
final class CustomBuckets {

  /** One classic histogram at one time. */
  private static final class Classic {
    final TreeMap<Double, Double> buckets = new TreeMap<>();
    @Nullable Double count;
    double sum;
  }

  private CustomBuckets() {}

  static void store(Command.Load load, ScriptStorage storage) {
    Map<Labels, Map<Long, Classic>> all = new LinkedHashMap<>();
    for (Command.LoadedSeries series : load.series()) {
      String name = series.labels().metricName();
      for (String suffix : new String[] {"_bucket", "_count", "_sum"}) {
        if (name.endsWith(suffix)) {
          gather(load, series, suffix, all);
        }
      }
    }
    all.forEach((labels, byTime) ->
        byTime.forEach((time, classic) -> storage.append(labels, time, convert(classic), 0)));
  }

  private static void gather(
      Command.Load load,
      Command.LoadedSeries series,
      String suffix,
      Map<Labels, Map<Long, Classic>> all) {
    String name = series.labels().metricName();
    Double bound = null;
    if (suffix.equals("_bucket")) {
      String le = series.labels().get("le");
      if (le == null) {
        throw new ScriptException("expected bucket label in metric " + series.labels());
      }
      try {
        bound = HistogramText.number(le);
      } catch (ScriptException e) {
        return;
      }
      if (Double.isNaN(bound)) {
        return;
      }
    }
    Labels base =
        new LabelsBuilder()
            .from(series.labels())
            .set(Labels.METRIC_NAME, name.substring(0, name.length() - suffix.length()))
            .remove("le")
            .build();
    Map<Long, Classic> byTime = all.computeIfAbsent(base, l -> new TreeMap<>());
    for (int i = 0; i < series.values().size(); i++) {
      SequenceValue value = series.values().get(i);
      if (value.omitted() || value.histogram() != null) {
        continue;
      }
      Classic classic = byTime.computeIfAbsent(i * load.stepMillis(), t -> new Classic());
      switch (suffix) {
        case "_bucket" -> {
          if (bound != null) {
            classic.buckets.put(bound, value.value());
          }
        }
        case "_count" -> classic.count = value.value();
        default -> classic.sum = value.value();
      }
    }
  }

  private static FloatHistogram convert(Classic classic) {
    TreeMap<Double, Double> buckets = classic.buckets;
    double previous = 0;
    for (double count : buckets.values()) {
      if (count < previous) {
        throw new ScriptException("counts are not cumulative: " + buckets);
      }
      previous = count;
    }
    double total = classic.count != null ? classic.count : buckets.isEmpty() ? 0 : previous;
    buckets.putIfAbsent(Double.POSITIVE_INFINITY, total);
    double[] bounds = new double[buckets.size() - 1];
    double[] counts = new double[buckets.size()];
    previous = 0;
    int i = 0;
    for (Map.Entry<Double, Double> bucket : buckets.entrySet()) {
      if (i < bounds.length) {
        bounds[i] = bucket.getKey();
      }
      counts[i++] = bucket.getValue() - previous;
      previous = bucket.getValue();
    }
    return FloatHistogram.custom(bounds)
        .positive(0, counts)
        .count(total)
        .sum(classic.sum)
        .compact();
  }
}
