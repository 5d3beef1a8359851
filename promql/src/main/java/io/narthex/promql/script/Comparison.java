package io.narthex.promql.script;

import io.narthex.base.bytes.GoFloat;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.value.StaleMarker;
import io.narthex.promql.engine.QueryResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compares a result with what a script expects. */
final class Comparison {

  /** The share that floats may differ by. */
  private static final double EPSILON = 1e-6;

  private final Command.Expected expected;
  private final Map<Labels, Integer> positions = new HashMap<>();

  Comparison(Command.Expected expected) {
    this.expected = expected;
    for (int i = 0; i < expected.series().size(); i++) {
      positions.put(expected.series().get(i).labels(), i);
    }
  }

  /**
   * Compares.
   *
   * @throws ScriptException with the first difference
   */
  void check(QueryResult result) {
    switch (result) {
      case QueryResult.Scalar s -> scalar(s.value());
      case QueryResult.Text t -> {
        if (!t.value().equals(expected.text())) {
          throw new ScriptException(
              "expected string \"" + expected.text() + "\" but got \"" + t.value() + "\"");
        }
      }
      case QueryResult.Vector v -> vector(v.samples());
      case QueryResult.Matrix m -> matrix(m.series());
    }
  }

  /** Compares one step of a range with the expected scalar or vector. */
  void checkStep(QueryResult.Matrix matrix, long time, boolean scalar) {
    List<QueryResult.Sample> samples = new ArrayList<>();
    for (QueryResult.MatrixSeries series : sorted(matrix.series())) {
      for (int i = 0; i < series.slots(); i++) {
        if (series.time(i) == time && series.present(i)) {
          samples.add(
              new QueryResult.Sample(series.labels(), series.value(i), series.histogram(i)));
        }
      }
    }
    if (!scalar) {
      vector(samples);
    } else if (samples.size() == 1) {
      scalar(samples.getFirst().value());
    } else {
      throw new ScriptException("expected a scalar but got " + samples.size() + " series");
    }
  }

  private void scalar(double value) {
    SequenceValue scalar = expected.scalar();
    if (scalar == null) {
      throw new ScriptException(
          "expected vector or matrix result, but got scalar " + GoFloat.text(value));
    }
    if (!equal(scalar.value(), value)) {
      throw new ScriptException("expected scalar " + scalar + " but got " + GoFloat.text(value));
    }
  }

  private void vector(List<QueryResult.Sample> samples) {
    noScalar("vector");
    Set<Labels> seen = new HashSet<>();
    for (int i = 0; i < samples.size(); i++) {
      QueryResult.Sample sample = samples.get(i);
      Command.ExpectedSeries series = series(sample.labels(), describe(sample));
      if (expected.ordered() && positions.getOrDefault(sample.labels(), -1) != i) {
        throw new ScriptException(
            "expected metric "
                + sample.labels()
                + " at position "
                + (positions.getOrDefault(sample.labels(), -1) + 1)
                + " but was at "
                + (i + 1));
      }
      if (!seen.add(sample.labels())) {
        throw new ScriptException("metric " + sample.labels() + " is twice in the result");
      }
      if (series.values().isEmpty()) {
        throw new ScriptException("no value is expected for " + sample.labels());
      }
      value(
          series.values().getFirst(),
          sample.value(),
          sample.histogram(),
          sample.labels().toString());
    }
    allSeen(seen);
  }

  private void matrix(List<QueryResult.MatrixSeries> rows) {
    if (expected.ordered()) {
      throw new ScriptException("expected ordered result, but query returned a matrix");
    }
    noScalar("matrix");
    Set<Labels> seen = new HashSet<>();
    for (QueryResult.MatrixSeries row : sorted(rows)) {
      Command.ExpectedSeries series = series(row.labels(), describe(row));
      seen.add(row.labels());
      row(series, row);
    }
    allSeen(seen);
  }

  private void row(Command.ExpectedSeries series, QueryResult.MatrixSeries row) {
    List<Integer> slots = new ArrayList<>();
    for (int i = 0; i < row.slots(); i++) {
      if (row.present(i)) {
        slots.add(i);
      }
    }
    int at = 0;
    for (int i = 0; i < series.values().size(); i++) {
      long time = expected.start() + i * expected.step();
      if (time > expected.end()) {
        throw new ScriptException(
            "expected "
                + series.values().size()
                + " points for "
                + row.labels()
                + ", but query time range cannot return this many points");
      }
      SequenceValue value = series.values().get(i);
      if (value.omitted()) {
        continue;
      }
      if (at == slots.size() || row.time(slots.get(at)) != time) {
        throw new ScriptException(
            "expected "
                + value
                + " at t="
                + time
                + " for "
                + row.labels()
                + ", but got "
                + describe(row));
      }
      int slot = slots.get(at++);
      value(
          value,
          row.value(slot),
          row.histogram(slot),
          row.labels() + " at t=" + time + " (result has " + describe(row) + ")");
    }
    if (at < slots.size()) {
      throw new ScriptException(
          "expected " + at + " points for " + row.labels() + ", but got " + describe(row));
    }
  }

  private static List<QueryResult.MatrixSeries> sorted(List<QueryResult.MatrixSeries> rows) {
    for (int i = 1; i < rows.size(); i++) {
      if (rows.get(i - 1).labels().compareTo(rows.get(i).labels()) > 0) {
        throw new ScriptException(
            "matrix results should always be sorted by labels, but "
                + rows.get(i).labels()
                + " sorts before "
                + rows.get(i - 1).labels());
      }
    }
    return rows;
  }

  private void noScalar(String kind) {
    if (expected.scalar() != null) {
      throw new ScriptException("expected scalar result, but got " + kind);
    }
    if (expected.text() != null) {
      throw new ScriptException("expected string result, but got " + kind);
    }
  }

  private Command.ExpectedSeries series(Labels labels, String value) {
    Integer position = positions.get(labels);
    if (position == null) {
      throw new ScriptException("unexpected metric " + labels + " in result, has value " + value);
    }
    return expected.series().get(position);
  }

  private void allSeen(Set<Labels> seen) {
    for (Command.ExpectedSeries series : expected.series()) {
      if (!seen.contains(series.labels())) {
        throw new ScriptException(
            "expected metric " + series.labels() + " with " + series.values() + " not found");
      }
    }
  }

  private static void value(
      SequenceValue wanted, double value, @Nullable FloatHistogram histogram, String of) {
    FloatHistogram wantedHistogram = wanted.histogram();
    if ((wantedHistogram == null) != (histogram == null)) {
      throw new ScriptException(
          "expected " + wanted + " for " + of + " but got " + describe(value, histogram));
    }
    boolean same =
        (wantedHistogram != null && histogram != null)
            ? same(wantedHistogram.copy().compact(), histogram.copy().compact(), wanted.hinted())
            : equal(wanted.value(), value);
    if (!same) {
      throw new ScriptException(
          "expected "
              + describe(wanted.value(), wantedHistogram)
              + " for "
              + of
              + " but got "
              + describe(value, histogram));
    }
  }

  private static boolean same(FloatHistogram a, FloatHistogram b, boolean hinted) {
    return a.schema() == b.schema()
        && equal(a.count(), b.count())
        && equal(a.sum(), b.sum())
        && (!a.usesCustomBuckets() || Arrays.equals(a.bounds(), b.bounds()))
        && a.zeroThreshold() == b.zeroThreshold()
        && equal(a.zeroCount(), b.zeroCount())
        && sameBuckets(a, b)
        && (!hinted || a.hint() == b.hint());
  }

  private static boolean sameBuckets(FloatHistogram a, FloatHistogram b) {
    if (a.positiveBuckets() != b.positiveBuckets() || a.negativeBuckets() != b.negativeBuckets()) {
      return false;
    }
    for (int i = 0; i < a.positiveBuckets(); i++) {
      if (a.positiveIndex(i) != b.positiveIndex(i)
          || !equal(a.positiveCount(i), b.positiveCount(i))) {
        return false;
      }
    }
    for (int i = 0; i < a.negativeBuckets(); i++) {
      if (a.negativeIndex(i) != b.negativeIndex(i)
          || !equal(a.negativeCount(i), b.negativeCount(i))) {
        return false;
      }
    }
    return true;
  }

  /** Whether floats are equal but for rounding; a stale marker only equals itself. */
  static boolean equal(double a, double b) {
    if (StaleMarker.is(a) || StaleMarker.is(b)) {
      return StaleMarker.is(a) && StaleMarker.is(b);
    }
    if ((Double.isNaN(a) && Double.isNaN(b)) || a == b) {
      return true;
    }
    double sum = Math.abs(a) + Math.abs(b);
    double difference = Math.abs(a - b);
    if (a == 0 || b == 0 || sum < Double.MIN_NORMAL) {
      return difference < EPSILON * Double.MIN_NORMAL;
    }
    return difference / Math.min(sum, Double.MAX_VALUE) < EPSILON;
  }

  private static String describe(QueryResult.Sample sample) {
    return describe(sample.value(), sample.histogram());
  }

  private static String describe(double value, @Nullable FloatHistogram histogram) {
    return histogram == null
        ? GoFloat.text(value)
        : histogram
            + " schema:"
            + histogram.schema()
            + " zero:"
            + histogram.zeroThreshold()
            + " "
            + histogram.hint();
  }

  private static String describe(QueryResult.MatrixSeries row) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < row.slots(); i++) {
      if (row.present(i)) {
        out.append(out.isEmpty() ? "" : " ");
        out.append(describe(row.value(i), row.histogram(i))).append("@").append(row.time(i));
      }
    }
    return out.toString();
  }
}
