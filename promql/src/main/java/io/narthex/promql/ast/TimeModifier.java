package io.narthex.promql.ast;

import org.jspecify.annotations.Nullable;

/**
 * When a selector or subquery looks: {@code @} is applied first, then the offset, whatever their
 * order in the text.
 *
 * @param offset how far back; negative looks forward
 * @param atMillis the fixed time of {@code @}, or null
 * @param preprocessor {@code @ start()} or {@code @ end()}, or null
 */
public record TimeModifier(
    TimeSpan offset, @Nullable Long atMillis, @Nullable Preprocessor preprocessor) {

  /** No modifier. */
  public static final TimeModifier NONE = new TimeModifier(TimeSpan.ZERO, null, null);

  /** An end of the query's range. */
  public enum Preprocessor {
    START,
    END
  }
}
