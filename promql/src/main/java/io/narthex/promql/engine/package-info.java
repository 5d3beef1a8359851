/**
 * The engine: from a parsed expression to an answer. {@link io.narthex.promql.engine.Engine} is the
 * door and keeps the limits; the planner turns the syntax tree into operators that compute series
 * after series, which the packages below hold. Nothing here knows how the storage works, and
 * nothing how an answer is sent.
 */
@NullMarked
package io.narthex.promql.engine;

import org.jspecify.annotations.NullMarked;
