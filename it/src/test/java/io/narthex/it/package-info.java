/**
 * Proofs over the whole house: its layering, and whole processes against the real programs and a
 * real browser. Start at {@link io.narthex.it.ArchitectureTest}.
 */
@NullMarked
package io.narthex.it;

import org.jspecify.annotations.NullMarked;
