/**
 * The language under fire: Jazzer makes inputs, guided by the code that they reach, and each must
 * end in time with an answer or an error of ours. As tests they run the seeds, which lie in the
 * resources beside this package, one input to a file; {@code ./dev prove fuzz-promql} searches on.
 * An input that Jazzer finds wanting becomes a seed.
 */
@NullMarked
package io.narthex.promql.fuzz;

import org.jspecify.annotations.NullMarked;
