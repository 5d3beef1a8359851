/**
 * Operators between two expressions: arithmetic, comparison and trimming of values, sets of series,
 * and the matching of series that they need. Start at {@link
 * io.narthex.promql.engine.binary.BinaryOperators}.
 */
@NullMarked
package io.narthex.promql.engine.binary;

import org.jspecify.annotations.NullMarked;
