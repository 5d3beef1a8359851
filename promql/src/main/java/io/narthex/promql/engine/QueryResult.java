package io.narthex.promql.engine;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.promql.ast.ValueType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The value of a query. Immutable; the arrays behind it are those that the engine computed, so that
 * writing an answer copies nothing.
 */
public sealed interface QueryResult {

  /** The type of the value. */
  ValueType type();

  /** The number of series; 1 where there are none. */
  default int size() {
    return switch (this) {
      case Scalar s -> 1;
      case Text t -> 1;
      case Vector v -> v.samples().size();
      case Matrix m -> m.series().size();
    };
  }

  /**
   * One float.
   *
   * @param time the evaluation's, milliseconds since the epoch
   */
  record Scalar(long time, double value) implements QueryResult {
    @Override
    public ValueType type() {
      return ValueType.SCALAR;
    }
  }

  /**
   * One text.
   *
   * @param time the evaluation's, milliseconds since the epoch
   */
  record Text(long time, String value) implements QueryResult {
    @Override
    public ValueType type() {
      return ValueType.STRING;
    }
  }

  /**
   * One value per series, in the order of the query: that of the storage, unless sorted.
   *
   * @param time the evaluation's, milliseconds since the epoch
   */
  record Vector(long time, List<Sample> samples) implements QueryResult {
    @Override
    public ValueType type() {
      return ValueType.VECTOR;
    }
  }

  /**
   * One value of a vector.
   *
   * @param value unless there is a histogram
   */
  record Sample(Labels labels, double value, @Nullable FloatHistogram histogram) {}

  /** Many values per series, sorted by labels. */
  record Matrix(List<MatrixSeries> series) implements QueryResult {
    @Override
    public ValueType type() {
      return ValueType.MATRIX;
    }
  }

  /** One series of a matrix: a row of slots, some of which hold a value. */
  interface MatrixSeries {

    Labels labels();

    /** The number of slots. */
    int slots();

    /** Whether a slot holds a value. */
    boolean present(int slot);

    /** The time of a slot, milliseconds since the epoch, ascending. */
    long time(int slot);

    /** The float of a slot that is present and has no histogram. */
    double value(int slot);

    /** The histogram of a slot, or null. */
    @Nullable FloatHistogram histogram(int slot);
  }
}
