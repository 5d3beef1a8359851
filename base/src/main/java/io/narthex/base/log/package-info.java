/**
 * The log: lines as Go's slog prints them, logfmt or JSON, on standard error. Everybody logs
 * through slf4j with keys and values; only the program's start comes here, to choose level and
 * format. Start at {@link io.narthex.base.log.Logging}.
 */
@NullMarked
package io.narthex.base.log;

import org.jspecify.annotations.NullMarked;
