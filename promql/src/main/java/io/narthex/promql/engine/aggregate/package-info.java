/**
 * Aggregations over the series of a vector. Which group a series belongs to is found once per
 * query; then each column is folded into its group's as soon as it is read, so that the input is
 * never held. Those that choose among series (topk and its kin) hold it. Start at {@link
 * io.narthex.promql.engine.aggregate.Aggregations}.
 */
@NullMarked
package io.narthex.promql.engine.aggregate;

import org.jspecify.annotations.NullMarked;
