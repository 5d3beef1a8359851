package io.narthex.promql.engine.function;

import io.narthex.base.bytes.GoFloat;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.Position;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.LabelIndex;
import io.narthex.promql.engine.core.LabelProjection;
import io.narthex.promql.engine.core.Materialized;
import io.narthex.promql.engine.core.Merged;
import io.narthex.promql.engine.core.Metadata;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryScope;
import io.narthex.promql.engine.core.Remarks;
import io.narthex.storage.StopSignal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code histogram_quantile}, {@code histogram_quantiles} and {@code histogram_fraction}, over
 * classic histograms (a series per bucket, by the label {@code le}) and native ones alike. The
 * series of one classic histogram are read together and nothing is held but the result.
 */
final class BucketFunctions {

  private static final String BUCKET = "le";
  private static final LabelProjection WITHOUT_BUCKET = LabelProjection.dropping(List.of(BUCKET));

  /** What is computed of each histogram; several results where several quantiles are asked for. */
  private interface Computation {
    double classic(int result, int step, ClassicBuckets buckets, Labels labels);

    double nativeHistogram(int result, int step, FloatHistogram histogram, Labels labels);
  }

  private record Bucket(int series, double bound) {}

  private final QueryScope scope;
  private final Operator input;
  private final Position argument;
  private final Computation computation;
  private final List<String> texts;
  private final String label;
  private final Materialized result;

  private BucketFunctions(
      QueryScope scope,
      Operator input,
      Position argument,
      String label,
      List<String> texts,
      Computation computation) {
    this.scope = scope;
    this.input = input;
    this.argument = argument;
    this.label = label;
    this.texts = texts;
    this.computation = computation;
    this.result = new Materialized(input.grid(), false);
  }

  static Operator quantile(QueryScope scope, Call call, Operator input, double[] quantiles) {
    Position parameter = call.arguments().getFirst().position();
    checkQuantiles(scope, quantiles, parameter);
    Position vector = call.arguments().get(1).position();
    return new BucketFunctions(
            scope,
            input,
            vector,
            "",
            List.of(""),
            new Quantile(scope, input, List.of(quantiles), vector))
        .run();
  }

  static Operator quantiles(
      QueryScope scope, Call call, Operator input, String label, List<double[]> quantiles) {
    Position vector = call.arguments().getFirst().position();
    for (int i = 0; i < quantiles.size(); i++) {
      checkQuantiles(scope, quantiles.get(i), call.arguments().get(i + 2).position());
    }
    // The label has the value of the first step; quantiles that vary are told apart by it.
    List<String> texts =
        quantiles.stream().map(q -> q.length == 0 ? "" : openMetrics(q[0])).toList();
    return new BucketFunctions(
            scope, input, vector, label, texts, new Quantile(scope, input, quantiles, vector))
        .run();
  }

  private record Quantile(
      QueryScope scope, Operator input, List<double[]> quantiles, Position position)
      implements Computation {

    @Override
    public double classic(int result, int step, ClassicBuckets buckets, Labels labels) {
      double value = buckets.quantile(quantiles.get(result)[step]);
      if (buckets.fixed()) {
        scope
            .annotations()
            .fixedBuckets(
                scope.delayedNames() ? labels.metricName() : "",
                position,
                input.grid().time(step),
                buckets.lowFixed(),
                buckets.highFixed(),
                buckets.mostFixed());
      }
      return value;
    }

    @Override
    public double nativeHistogram(int result, int step, FloatHistogram histogram, Labels labels) {
      return NativeQuantiles.quantile(
          quantiles.get(result)[step],
          histogram,
          labels.metricName(),
          position,
          scope.annotations());
    }
  }

  static Operator fraction(
      QueryScope scope, Call call, Operator input, double[] lower, double[] upper) {
    Position vector = call.arguments().get(2).position();
    Computation computation =
        new Computation() {
          @Override
          public double classic(int result, int step, ClassicBuckets buckets, Labels labels) {
            return buckets.fraction(lower[step], upper[step]);
          }

          @Override
          public double nativeHistogram(
              int result, int step, FloatHistogram histogram, Labels labels) {
            return NativeQuantiles.fraction(
                lower[step],
                upper[step],
                histogram,
                labels.metricName(),
                vector,
                scope.annotations());
          }
        };
    return new BucketFunctions(scope, input, vector, "", List.of(""), computation).run();
  }

  private static void checkQuantiles(QueryScope scope, double[] quantiles, Position position) {
    for (double q : quantiles) {
      if (Double.isNaN(q) || q < 0 || q > 1) {
        scope.annotations().warn(Remarks.quantile(q), position);
      }
    }
  }

  /** OpenMetrics' form of a float: whole numbers have a point too. */
  private static String openMetrics(double value) {
    String text = GoFloat.text(value);
    boolean plain = text.indexOf('.') < 0 && text.indexOf('e') < 0;
    return plain && !Double.isNaN(value) && !Double.isInfinite(value) ? text + ".0" : text;
  }

  private Operator run() {
    LabelIndex index = new LabelIndex();
    List<List<Bucket>> classic = new ArrayList<>();
    List<Integer> plain = new ArrayList<>();
    for (int i = 0; i < input.size(); i++) {
      Labels labels = input.labels(i);
      Double bound = bound(labels.getOrEmpty(BUCKET));
      int group = index.number(bound == null ? labels : WITHOUT_BUCKET.apply(labels));
      while (classic.size() <= group) {
        classic.add(new ArrayList<>());
        plain.add(-1);
      }
      if (bound == null) {
        plain.set(group, i);
      } else {
        classic.get(group).add(new Bucket(i, bound));
      }
    }
    Operator.Reader reader = input.reader();
    for (int group = 0; group < classic.size(); group++) {
      scope.context().check();
      group(reader, index.labels(group), classic.get(group), plain.get(group));
    }
    return scope.delayedNames() && label.isEmpty() ? result : Merged.of(result, false);
  }

  private static @Nullable Double bound(String text) {
    return switch (text) {
      case "" -> null;
      case "+Inf", "Inf", "inf", "+inf" -> Double.POSITIVE_INFINITY;
      case "-Inf", "-inf" -> Double.NEGATIVE_INFINITY;
      default -> number(text);
    };
  }

  private static @Nullable Double number(String text) {
    char last = text.charAt(text.length() - 1);
    // Java would take a suffix for the type, and spaces around.
    if (last > '9' || text.charAt(0) <= ' ') {
      return null;
    }
    try {
      return Double.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** The results of one set of labels: of its buckets, and of its native histograms. */
  private void group(Operator.Reader reader, Labels labels, List<Bucket> buckets, int plainSeries) {
    int steps = input.grid().count();
    Column plain = new Column(steps);
    if (plainSeries >= 0) {
      reader.read(plainSeries, plain);
      warnFloats(plain, labels);
    }
    scope.context().take((long) texts.size() * Column.bytes(steps));
    Column[] columns = new Column[buckets.size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = new Column(steps);
      int series = buckets.get(i).series;
      reader.read(series, columns[i]);
      if (columns[i].hasHistograms()) {
        // A native histogram with a label le is one by itself.
        emit(input.labels(series), null, columns[i], List.of());
      }
    }
    emit(labels, columns, plain, buckets);
  }

  private void warnFloats(Column column, Labels labels) {
    for (double value : column.values()) {
      if (!Column.isAbsent(value)) {
        scope
            .annotations()
            .warn(
                "bucket label \"le\" is missing or has a malformed value of "
                    + Remarks.quoted(labels.getOrEmpty(BUCKET))
                    + Remarks.forMetricIfNamed(scope.delayedNames() ? labels.metricName() : ""),
                argument);
        return;
      }
    }
  }

  private void emit(
      Labels labels, Column @Nullable [] columns, Column plain, List<Bucket> buckets) {
    int steps = input.grid().count();
    List<Column> out = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      out.add(new Column(steps));
    }
    ClassicBuckets classic = new ClassicBuckets();
    for (int step = 0; step < steps; step++) {
      StopSignal.every(step);
      FloatHistogram histogram = plain.histogram(step);
      for (int result = 0; result < out.size(); result++) {
        classic.clear();
        for (int b = 0; columns != null && b < columns.length; b++) {
          double count = columns[b].values()[step];
          if (!Column.isAbsent(count)) {
            classic.add(buckets.get(b).bound, count);
          }
        }
        if (histogram != null && !classic.isEmpty()) {
          scope
              .annotations()
              .warn(
                  "vector contains a mix of classic and native histograms"
                      + Remarks.forMetricIfNamed(scope.delayedNames() ? labels.metricName() : ""),
                  argument);
        } else if (histogram != null) {
          out.get(result).set(step, computation.nativeHistogram(result, step, histogram, labels));
        } else if (!classic.isEmpty()) {
          out.get(result).set(step, computation.classic(result, step, classic, labels));
        }
      }
    }
    for (int i = 0; i < out.size(); i++) {
      if (!out.get(i).isEmpty()) {
        Labels base = scope.delayedNames() ? labels : Metadata.drop(labels);
        Labels named =
            label.isEmpty()
                ? base
                : new LabelsBuilder().from(base).set(label, texts.get(i)).build();
        result.add(named, scope.delayedNames(), out.get(i));
      }
    }
  }
}
