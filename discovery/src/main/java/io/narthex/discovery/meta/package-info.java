/**
 * How mechanisms write their labels: names made valid, addresses with ports, lists in separators.
 * Which labels a mechanism has is its own matter. Start at {@link io.narthex.discovery.meta.Meta}.
 */
@NullMarked
package io.narthex.discovery.meta;

import org.jspecify.annotations.NullMarked;
