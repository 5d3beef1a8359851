/**
 * Discovery of data planes of a Kuma mesh by its monitoring assignments (MADS, an xDS protocol over
 * HTTP). Start at {@link io.narthex.discovery.kuma.KumaDiscovery}.
 */
@NullMarked
package io.narthex.discovery.kuma;

import org.jspecify.annotations.NullMarked;
