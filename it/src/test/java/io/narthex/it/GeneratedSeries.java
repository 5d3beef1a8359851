package io.narthex.it;

import io.narthex.it.QueryGenerator.Family;
import io.narthex.it.QueryGenerator.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongToDoubleFunction;

/**
 * Series of every kind, with what is awkward in them: counters that begin anew, gaps, series that
 * come and go, values that are no numbers or hardly representable, samples that are not evenly
 * spaced. One seed, one set of series.
 */
final class GeneratedSeries {

  private static final double STALE = Double.longBitsToDouble(0x7ff0000000000002L);

  private record Source(Map<String, String> labels, long phase, LongToDoubleFunction value) {}

  private final Random random;
  private final List<Source> sources = new ArrayList<>();
  private final List<Map<String, String>> exponential = new ArrayList<>();
  private final List<Map<String, String>> custom = new ArrayList<>();

  GeneratedSeries(long seed) {
    random = new Random(seed);
    for (String instance : List.of("a:1", "b:2", "c:3")) {
      for (String path : List.of("/", "/api", "/x y")) {
        for (String code : List.of("200", "404", "500")) {
          add("gen_requests_total", counter(), "instance", instance, "path", path, "code", code);
        }
        add("gen_temperature", walk(20, 3), "instance", instance, "path", path);
      }
      add("gen_wild", wild(), "instance", instance);
      add("gen_small", walk(1e-300, 1e-301), "instance", instance);
      add("gen_large", walk(1e15, 0.25), "instance", instance);
      add("target_info", at -> 1, "instance", instance, "job", "gen", "version", "v" + instance);
      buckets(instance);
      exponential.add(labels("gen_size_bytes", "instance", instance, "job", "gen"));
      custom.add(labels("gen_custom", "instance", instance, "job", "gen"));
    }
    add("gen_comes_and_goes", gaps(walk(5, 1)), "instance", "a:1");
    add("gen_comes_and_goes", gaps(walk(50, 10)), "instance", "b:2");
    add("gen_alone", walk(7, 2));
  }

  /** What there is to ask for. */
  static List<Family> families(boolean histograms) {
    Map<String, List<String>> instance = Map.of("instance", List.of("a:1", "b:2", "c:3"));
    Map<String, List<String>> path =
        new TreeMap<>(Map.of("instance", List.of("a:1", "b:2"), "path", List.of("/", "/api")));
    Map<String, List<String>> code = new TreeMap<>(path);
    code.put("code", List.of("200", "404", "500"));
    Map<String, List<String>> le = new TreeMap<>(instance);
    le.put("le", List.of("0.1", "1", "+Inf"));
    List<Family> all =
        new ArrayList<>(
            List.of(
                new Family("gen_requests_total", Kind.COUNTER, code),
                new Family("gen_requests_total", Kind.COUNTER, path),
                new Family("gen_temperature", Kind.GAUGE, path),
                new Family("gen_temperature", Kind.GAUGE, path),
                new Family("gen_wild", Kind.GAUGE, instance),
                new Family("gen_small", Kind.GAUGE, instance),
                new Family("gen_large", Kind.GAUGE, instance),
                new Family("gen_latency_seconds_bucket", Kind.CLASSIC_BUCKETS, le),
                new Family("gen_latency_seconds_sum", Kind.COUNTER, instance),
                new Family("gen_comes_and_goes", Kind.GAUGE, instance),
                new Family("gen_alone", Kind.GAUGE, Map.of())));
    if (histograms) {
      all.add(new Family("gen_size_bytes", Kind.NATIVE_HISTOGRAM, instance));
      all.add(new Family("gen_custom", Kind.NATIVE_HISTOGRAM, instance));
    }
    return all;
  }

  /** The samples of one step of 15 seconds, in milliseconds. */
  List<RemoteWriter.Sample> at(long step, boolean histograms) {
    List<RemoteWriter.Sample> points = new ArrayList<>();
    for (Source source : sources) {
      double value = source.value.applyAsDouble(step);
      if (Double.doubleToRawLongBits(value) != Double.doubleToRawLongBits(NOTHING)) {
        points.add(new RemoteWriter.Sample(source.labels, step * 15_000 + source.phase, value));
      }
    }
    if (histograms) {
      for (int i = 0; i < exponential.size(); i++) {
        points.add(
            new RemoteWriter.Sample(
                exponential.get(i), step * 15_000, 0, WireHistogram.exponential(step, i)));
        points.add(
            new RemoteWriter.Sample(
                custom.get(i), step * 15_000, 0, WireHistogram.custom(step, i)));
      }
    }
    return points;
  }

  // No sample at all; the bits are those of a NaN that nothing else makes.
  private static final double NOTHING = Double.longBitsToDouble(0x7ff8000000000dadL);

  private static Map<String, String> labels(String name, String... pairs) {
    Map<String, String> labels = new TreeMap<>(Map.of("__name__", name));
    for (int i = 0; i < pairs.length; i += 2) {
      labels.put(pairs[i], pairs[i + 1]);
    }
    return labels;
  }

  private void add(String name, LongToDoubleFunction value, String... pairs) {
    // Most are scraped at a phase of their own, some later now and then.
    sources.add(new Source(labels(name, pairs), random.nextInt(14_000), value));
  }

  private LongToDoubleFunction counter() {
    double[] now = {random.nextInt(1000)};
    Random own = new Random(random.nextLong());
    return step -> {
      now[0] = own.nextInt(150) == 0 ? own.nextInt(3) : now[0] + own.nextInt(40);
      return own.nextInt(60) == 0 ? NOTHING : now[0];
    };
  }

  private LongToDoubleFunction walk(double start, double stride) {
    double[] now = {start};
    Random own = new Random(random.nextLong());
    return step -> {
      now[0] += own.nextGaussian() * stride;
      return own.nextInt(80) == 0 ? NOTHING : now[0];
    };
  }

  private LongToDoubleFunction wild() {
    Random own = new Random(random.nextLong());
    double[] some = {
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      -0.0,
      0,
      Double.MAX_VALUE,
      Double.MIN_VALUE,
      -1.5,
      42
    };
    return step -> own.nextInt(4) == 0 ? some[own.nextInt(some.length)] : own.nextGaussian() * 100;
  }

  private static LongToDoubleFunction gaps(LongToDoubleFunction inner) {
    return step -> {
      long phase = step % 40;
      double value = inner.applyAsDouble(step);
      return phase < 25 ? value : phase == 25 ? STALE : NOTHING;
    };
  }

  private void buckets(String instance) {
    String[] bounds = {"0.1", "0.5", "1", "2.5", "+Inf"};
    double[] counts = new double[bounds.length];
    double[] sum = {0};
    Random own = new Random(random.nextLong());
    long phase = random.nextInt(14_000);
    for (int i = 0; i < bounds.length; i++) {
      int bucket = i;
      sources.add(
          new Source(
              labels("gen_latency_seconds_bucket", "instance", instance, "le", bounds[i]),
              phase,
              step -> {
                if (bucket == 0) {
                  int more = own.nextInt(20);
                  for (int k = 0; k < more; k++) {
                    int at = own.nextInt(counts.length);
                    sum[0] += at;
                    for (int j = at; j < counts.length; j++) {
                      counts[j]++;
                    }
                  }
                }
                return counts[bucket];
              }));
    }
    sources.add(
        new Source(labels("gen_latency_seconds_sum", "instance", instance), phase, step -> sum[0]));
  }
}
