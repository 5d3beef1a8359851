/**
 * All mechanisms together, as keys of a configuration section. Start at {@link
 * io.narthex.discovery.config.DiscoveryKeys}.
 */
@NullMarked
package io.narthex.discovery.config;

import org.jspecify.annotations.NullMarked;
