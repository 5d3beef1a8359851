/**
 * The configuration file of the Prometheus role: the sections of the other modules put together,
 * the few that belong to nobody else, and the file itself (folders, other files it names, the text
 * of the status page). Start at {@link io.narthex.server.config.Configuration}.
 */
@NullMarked
package io.narthex.server.config;

import org.jspecify.annotations.NullMarked;
