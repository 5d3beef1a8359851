/**
 * All that a client of Prometheus sees over HTTP. {@link io.narthex.api.HttpApi} makes the router
 * out of what the rest of the house provides; endpoints lie in {@code v1}, pages and management in
 * {@code web}, and what they ask of the house in {@code port}.
 */
@NullMarked
package io.narthex.api;

import org.jspecify.annotations.NullMarked;
