/**
 * What the planner finds out about a query from its text alone, before anything is selected: {@link
 * io.narthex.promql.engine.rewrite.MatcherPropagation} lets both sides of a join select only what
 * can meet, {@link io.narthex.promql.engine.rewrite.Subexpressions} finds parts that stand in it
 * more than once. Trees in, trees out; nothing here evaluates anything.
 */
@NullMarked
package io.narthex.promql.engine.rewrite;

import org.jspecify.annotations.NullMarked;
