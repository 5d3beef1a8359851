/**
 * What every part of the engine stands on: the grid of steps a query is evaluated at, the column of
 * values that one series yields, the {@link io.narthex.promql.engine.core.Operator} that yields
 * columns series by series, and what accompanies a query (limits, cancellation, annotations,
 * statistics). No function, aggregation or operator of the language lives here. Start at {@link
 * io.narthex.promql.engine.core.Operator}.
 */
@NullMarked
package io.narthex.promql.engine.core;

import org.jspecify.annotations.NullMarked;
