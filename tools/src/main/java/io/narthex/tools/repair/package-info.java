/**
 * {@code narthex tsdb repair}: goes through a data directory that no process has open, says what is
 * wrong with it, and mends it. How each kind of file is read and mended is the business of the
 * packages of {@code tsdb}; here is the order of things, what is kept aside, and what is said.
 * Start at {@link io.narthex.tools.repair.TsdbCommand}.
 */
@NullMarked
package io.narthex.tools.repair;

import org.jspecify.annotations.NullMarked;
