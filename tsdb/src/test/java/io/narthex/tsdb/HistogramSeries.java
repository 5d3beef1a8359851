package io.narthex.tsdb;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.value.StaleMarker;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/**
 * Random histograms as they might come: they grow, and now and then something happens: the counting
 * begins anew, buckets come or go, the schema changes, a gauge takes over, the series ends.
 */
public final class HistogramSeries {

  private HistogramSeries() {}

  /** A histogram and its time, milliseconds since the epoch. */
  public record Sample(long time, SpanHistogram histogram) {}

  /**
   * Some hundred histograms, 15 s apart.
   *
   * @param start about when the first one comes
   * @param floats whether their counts are floats
   */
  public static List<Sample> random(Random random, long start, boolean floats) {
    List<Sample> samples = new ArrayList<>();
    TreeMap<Integer, Double> positive = new TreeMap<>();
    TreeMap<Integer, Double> negative = new TreeMap<>();
    boolean custom = random.nextInt(4) == 0;
    boolean gauge = random.nextInt(4) == 0;
    int schema = custom ? FloatHistogram.CUSTOM_BUCKETS : random.nextInt(13) - 4;
    double[] thresholds = {0, 0x1p-128, 1e-100, 0.001, 1};
    double threshold = custom ? 0 : thresholds[random.nextInt(5)];
    double[] bounds = {0.005, 0.1, 1, 33_554.43, 1e9};
    double zeros = 0;
    double total = 0;
    long time = start + random.nextInt(60_000);
    int calm = 1 + random.nextInt(200);
    int length = 50 + random.nextInt(400);
    for (int i = 0; i < length; i++) {
      time += 15_000 + (random.nextInt(4) == 0 ? random.nextInt(300) : 0);
      boolean event = random.nextInt(calm) == 0;
      switch (event ? random.nextInt(8) : 8) {
        case 0 -> positive.clear();
        case 1 -> gauge = !gauge;
        case 2 -> {
          schema = custom ? schema : random.nextInt(13) - 4;
          bounds = new double[] {0.005, 0.1, random.nextInt(50) + 1, 1e9};
        }
        case 3 -> threshold = custom ? 0 : thresholds[random.nextInt(5)];
        case 4 -> positive.pollFirstEntry();
        case 5 -> positive.put(custom ? 0 : random.nextInt(30) - 15, 0.0);
        case 6 -> grow(random, floats, positive, custom, 3);
        default -> {}
      }
      for (int more = random.nextInt(4); more > 0; more--) {
        if (!positive.isEmpty()) {
          Integer[] known = positive.keySet().toArray(Integer[]::new);
          double by = floats ? random.nextInt(1000) / 7.0 : random.nextInt(100);
          positive.merge(known[random.nextInt(known.length)], by, Double::sum);
        }
      }
      if (positive.isEmpty() || random.nextInt(60) == 0) {
        grow(random, floats, positive, custom, 2);
      }
      if (!custom && random.nextInt(80) == 0) {
        grow(random, floats, negative, false, 2);
      }
      zeros += custom ? 0 : random.nextInt(3);
      if (event && random.nextInt(3) == 0) {
        ResetHint hint = gauge && random.nextBoolean() ? ResetHint.GAUGE : ResetHint.UNKNOWN;
        samples.add(
            new Sample(time, new SpanHistogram().reset(floats).hint(hint).sum(StaleMarker.VALUE)));
        continue;
      }
      double count = zeros;
      for (double c : positive.values()) {
        count += c;
      }
      for (double c : negative.values()) {
        count += c;
      }
      total += random.nextInt(5) == 0 ? random.nextGaussian() : 1;
      ResetHint hint =
          gauge
              ? ResetHint.GAUGE
              : event && random.nextInt(4) == 0
                  ? ResetHint.RESET
                  : random.nextInt(3) == 0 ? ResetHint.NO_RESET : ResetHint.UNKNOWN;
      SpanHistogram h =
          new SpanHistogram()
              .reset(floats)
              .schema(schema)
              .hint(hint)
              .count(raw(floats, count))
              .zero(threshold, raw(floats, zeros))
              .sum(total);
      if (custom) {
        for (double bound : bounds) {
          h.addBound(bound);
        }
      }
      fill(random, h, h.positive(), positive);
      fill(random, h, h.negative(), negative);
      samples.add(new Sample(time, h));
    }
    return samples;
  }

  private static void grow(
      Random random, boolean floats, TreeMap<Integer, Double> buckets, boolean custom, int by) {
    for (int i = 0; i < by; i++) {
      int index = custom ? random.nextInt(4) : (int) (random.nextGaussian() * 8);
      buckets.merge(index, floats ? random.nextDouble() : 1 + random.nextInt(5), Double::sum);
    }
  }

  /** Puts buckets into spans; of the empty ones one in four is left out, which leaves a hole. */
  private static void fill(
      Random random, SpanHistogram h, SpanHistogram.Side side, TreeMap<Integer, Double> buckets) {
    int next = 0;
    int end = 0;
    int first = 0;
    for (var bucket : buckets.entrySet()) {
      if (bucket.getValue() == 0 && random.nextInt(4) == 0) {
        continue;
      }
      int index = bucket.getKey();
      boolean adjoining = random.nextInt(40) == 0;
      if (side.buckets() == 0) {
        first = index;
      } else if (index != next || adjoining) {
        side.addSpan(first - end, next - first);
        end = next;
        if (random.nextInt(20) == 0) {
          side.addSpan(0, 0);
        }
        first = index;
      }
      next = index + 1;
      side.addBucket(raw(h.floats(), bucket.getValue()));
    }
    if (side.buckets() > 0) {
      side.addSpan(first - end, next - first);
    }
  }

  private static long raw(boolean floats, double count) {
    return floats ? Double.doubleToRawLongBits(count) : (long) count;
  }
}
