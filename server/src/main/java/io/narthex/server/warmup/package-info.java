/**
 * A server that has just started answers its first questions slowly, as the JVM has compiled
 * nothing yet. {@link io.narthex.server.warmup.WarmUp} asks it a few small ones before anybody else
 * does. What is asked belongs here; who answers is the caller's.
 */
@NullMarked
package io.narthex.server.warmup;

import org.jspecify.annotations.NullMarked;
