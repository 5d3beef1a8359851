package io.narthex.promql.ast;

import io.narthex.model.labels.Matcher;
import java.util.List;

/**
 * Selects series at one moment.
 *
 * @param name the metric's name where it stands before the braces, else empty
 * @param matchers all matchers in their order; that of a name before the braces comes last
 * @param time the offset and the {@code @}
 * @param extension the modifier behind it that changes what a range sees
 */
public record VectorSelector(
    String name, List<Matcher> matchers, TimeModifier time, Extension extension, Position position)
    implements Expr {

  /** How a selector looks over the edges of its range. */
  public enum Extension {
    NONE,
    ANCHORED,
    SMOOTHED
  }

  @Override
  public ValueType type() {
    return ValueType.VECTOR;
  }
}
