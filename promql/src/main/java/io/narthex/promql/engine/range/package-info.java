/**
 * Reading series: instant selectors, range selectors, subqueries, and the functions over the
 * windows of a range. A series is read once into arrays; two moving indices find the window of each
 * step, and a function computes all steps in one pass. Start at {@link
 * io.narthex.promql.engine.range.RangeFunction}; the functions themselves are the subclasses of
 * {@link io.narthex.promql.engine.range.WindowFunction}.
 */
@NullMarked
package io.narthex.promql.engine.range;

import org.jspecify.annotations.NullMarked;
