package io.narthex.discovery;

import io.narthex.base.time.Clock;

/**
 * What every discovery is given.
 *
 * @param clock its time
 * @param metrics where it counts
 */
public record DiscoveryContext(Clock clock, DiscoveryMetrics metrics) {}
