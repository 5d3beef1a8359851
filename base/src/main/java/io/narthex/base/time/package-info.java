/**
 * The clock as a facade: every line that asks for the time or waits for it takes a {@link
 * io.narthex.base.time.Clock}, so that tests can stop it. Nothing else in the house calls {@code
 * System.currentTimeMillis} or {@code Thread.sleep}.
 */
@NullMarked
package io.narthex.base.time;

import org.jspecify.annotations.NullMarked;
