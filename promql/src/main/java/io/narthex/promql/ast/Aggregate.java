package io.narthex.promql.ast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An aggregation over the series of a vector.
 *
 * @param parameter the first argument of those that take one, or null
 * @param grouping the labels of {@code by} or {@code without}
 * @param without whether the labels are those that are dropped
 */
public record Aggregate(
    Operator operator,
    Expr expr,
    @Nullable Expr parameter,
    List<String> grouping,
    boolean without,
    Position position)
    implements Expr {

  /** The aggregations. */
  public enum Operator {
    SUM("sum"),
    AVG("avg"),
    COUNT("count"),
    MIN("min"),
    MAX("max"),
    GROUP("group"),
    STDDEV("stddev"),
    STDVAR("stdvar"),
    TOPK("topk"),
    BOTTOMK("bottomk"),
    COUNT_VALUES("count_values"),
    QUANTILE("quantile"),
    LIMITK("limitk"),
    LIMIT_RATIO("limit_ratio");

    private final String text;

    Operator(String text) {
      this.text = text;
    }

    /** As it is written. */
    public String text() {
      return text;
    }

    /** Whether it takes a parameter before the vector. */
    public boolean takesParameter() {
      return switch (this) {
        case TOPK, BOTTOMK, COUNT_VALUES, QUANTILE, LIMITK, LIMIT_RATIO -> true;
        case SUM, AVG, COUNT, MIN, MAX, GROUP, STDDEV, STDVAR -> false;
      };
    }
  }

  @Override
  public ValueType type() {
    return ValueType.VECTOR;
  }
}
