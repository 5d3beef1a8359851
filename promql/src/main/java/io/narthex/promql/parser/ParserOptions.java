package io.narthex.promql.parser;

/**
 * Which parts of the language are allowed.
 *
 * @param experimentalFunctions functions and aggregations marked experimental (feature flag
 *     promql-experimental-functions)
 * @param durationExpressions arithmetic in ranges, offsets and steps
 * @param extendedRangeSelectors {@code anchored} and {@code smoothed} (feature flag
 *     promql-extended-range-selectors)
 * @param fillModifiers {@code fill}, {@code fill_left} and {@code fill_right} (feature flag
 *     promql-binop-fill-modifiers)
 */
public record ParserOptions(
    boolean experimentalFunctions,
    boolean durationExpressions,
    boolean extendedRangeSelectors,
    boolean fillModifiers) {

  /** What is allowed where no feature flag is set. */
  public static final ParserOptions DEFAULT = new ParserOptions(false, true, false, false);

  /** Everything. */
  public static final ParserOptions ALL = new ParserOptions(true, true, true, true);
}
