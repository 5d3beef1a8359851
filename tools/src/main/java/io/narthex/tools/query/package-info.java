/**
 * Commands that ask a running server. {@link io.narthex.tools.query.QueryExplain} asks how it
 * evaluates a query; the flags stand with the program.
 */
@NullMarked
package io.narthex.tools.query;

import org.jspecify.annotations.NullMarked;
