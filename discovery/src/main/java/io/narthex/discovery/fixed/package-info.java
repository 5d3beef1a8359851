/**
 * Targets that are written into the configuration file itself ({@code static_configs}). Start at
 * {@link io.narthex.discovery.fixed.StaticConfig}.
 */
@NullMarked
package io.narthex.discovery.fixed;

import org.jspecify.annotations.NullMarked;
