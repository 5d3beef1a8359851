/**
 * The functions over instant vectors and scalars: arithmetic of values, dates, labels, sorting,
 * absence, histograms, info metrics. Start at {@link
 * io.narthex.promql.engine.function.VectorFunctions}; functions over ranges live beside the range
 * selectors.
 */
@NullMarked
package io.narthex.promql.engine.function;

import org.jspecify.annotations.NullMarked;
