/**
 * Lengths of time and sizes in bytes as the field writes them: {@code 1h30m}, {@code 512MB}.
 * Reading and printing, nothing else. Start at {@link io.narthex.model.duration.Durations}.
 */
@NullMarked
package io.narthex.model.duration;

import org.jspecify.annotations.NullMarked;
