/**
 * How a process lives and ends: the signals of the operating system, and things that are closed in
 * the reverse order of their opening. Start at {@link io.narthex.base.lifecycle.Opened}.
 */
@NullMarked
package io.narthex.base.lifecycle;

import org.jspecify.annotations.NullMarked;
