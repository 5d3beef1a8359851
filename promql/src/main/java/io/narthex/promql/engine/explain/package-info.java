/**
 * Explained queries: which parts the planner made of a query, what it did about them, and what each
 * of them cost. {@link io.narthex.promql.engine.explain.PlanRecorder} watches one query; {@link
 * io.narthex.promql.engine.explain.Plan} is what it saw, {@link
 * io.narthex.promql.engine.explain.PlanText} shows it to people. A query that nobody explains never
 * comes here.
 */
@NullMarked
package io.narthex.promql.engine.explain;

import org.jspecify.annotations.NullMarked;
