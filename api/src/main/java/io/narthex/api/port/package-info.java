/**
 * What the HTTP API asks of the rest of the house: an engine for queries, a view of the targets, a
 * view of the server itself. The server's wiring puts the real ones in, tests put in their own.
 * Nothing here speaks HTTP. Start at {@link io.narthex.api.port.QueryEngine}.
 */
@NullMarked
package io.narthex.api.port;

import org.jspecify.annotations.NullMarked;
