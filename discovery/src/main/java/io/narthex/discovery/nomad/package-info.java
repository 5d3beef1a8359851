/**
 * Discovery of services that are registered with Nomad itself; those that Nomad registers with
 * Consul are found there. Start at {@link io.narthex.discovery.nomad.Services}.
 */
@NullMarked
package io.narthex.discovery.nomad;

import org.jspecify.annotations.NullMarked;
