/**
 * Hash functions by name: those that formats prescribe (xxHash64, FNV-1a) and the one of our own
 * choosing behind them. All are pure.
 */
@NullMarked
package io.narthex.base.hash;

import org.jspecify.annotations.NullMarked;
