/**
 * The role {@code prometheus}: its flags, its parts put together, its start, reload and end. The
 * configuration file lives in {@link io.narthex.server.config}. Start at {@link
 * io.narthex.server.PrometheusRole}.
 */
@NullMarked
package io.narthex.server;

import org.jspecify.annotations.NullMarked;
