package io.narthex.promql.engine.core;

import io.narthex.base.bytes.GoFloat;
import io.narthex.promql.ast.Position;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The remarks that a query gathers, each once. Thread-safe. */
public final class Annotations {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final Set<Annotation> all = new LinkedHashSet<>();
  private final Map<Fixed, Fixed> fixed = new LinkedHashMap<>();

  /** Adds a warning. */
  public void warn(String text, Position position) {
    add(new Annotation(Annotation.Severity.WARNING, text, position));
  }

  /** Adds an info. */
  public void info(String text, Position position) {
    add(new Annotation(Annotation.Severity.INFO, text, position));
  }

  private synchronized void add(Annotation annotation) {
    all.add(annotation);
  }

  /**
   * Adds that the buckets of a histogram had to be fixed; all such remarks on one metric at one
   * place become one, with the extent of what was fixed.
   *
   * @param metric the metric's name, or empty
   * @param time when, milliseconds since the epoch
   * @param lowBucket the upper bound of the first bucket that was fixed
   * @param highBucket the upper bound of the last one
   * @param difference the most that a bucket was changed by
   */
  public synchronized void fixedBuckets(
      String metric,
      Position position,
      long time,
      double lowBucket,
      double highBucket,
      double difference) {
    Fixed one = new Fixed(metric, position);
    Fixed known = fixed.computeIfAbsent(one, k -> k);
    known.count++;
    known.from = Math.min(known.from, time);
    known.to = Math.max(known.to, time);
    known.low = Math.min(known.low, lowBucket);
    known.high = Math.max(known.high, highBucket);
    known.difference = Math.max(known.difference, difference);
  }

  /** What was gathered so far, in an order that does not depend on who said it first. */
  public synchronized List<Annotation> list() {
    List<Annotation> list = new ArrayList<>(all);
    for (Fixed f : fixed.values()) {
      list.add(new Annotation(Annotation.Severity.INFO, f.text(), f.position));
    }
    list.sort(
        Comparator.comparing(Annotation::severity)
            .thenComparing(a -> a.position().start())
            .thenComparing(Annotation::text));
    return list;
  }

  private static final class Fixed {
    private final String metric;
    private final Position position;
    private int count;
    private long from = Long.MAX_VALUE;
    private long to = Long.MIN_VALUE;
    private double low = Double.POSITIVE_INFINITY;
    private double high = Double.NEGATIVE_INFINITY;
    private double difference;

    Fixed(String metric, Position position) {
      this.metric = metric;
      this.position = position;
    }

    String text() {
      StringBuilder out =
          new StringBuilder(
              "input to histogram_quantile needed to be fixed for monotonicity (see"
                  + " https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)");
      if (!metric.isEmpty()) {
        out.append(Remarks.forMetric(metric));
      }
      out.append(", from buckets ").append(GoFloat.text(low));
      out.append(" to ").append(GoFloat.text(high));
      out.append(", with a max diff of ").append(GoFloat.general(difference, 2));
      out.append(", over ").append(count).append(" samples from ");
      out.append(TIME.format(Instant.ofEpochMilli(from)));
      return out.append(" to ").append(TIME.format(Instant.ofEpochMilli(to))).toString();
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
      return other instanceof Fixed that
          && metric.equals(that.metric)
          && position.equals(that.position);
    }

    @Override
    public int hashCode() {
      return metric.hashCode() * 31 + position.hashCode();
    }
  }
}
