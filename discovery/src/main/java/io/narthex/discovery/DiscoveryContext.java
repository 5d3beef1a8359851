package io.narthex.discovery;

import io.narthex.base.time.Clock;

/**
 * What every discovery is given.
 *
 * @param clock its time
 * @param metrics where it counts
 * @param userAgent the User-Agent header of its requests, {@code Prometheus/<version>}
 * @param job the job that asked first, as metrics and messages name the search
 */
public record DiscoveryContext(
    Clock clock, DiscoveryMetrics metrics, String userAgent, String job) {

  /** For a manager, which names the jobs. */
  public DiscoveryContext(Clock clock, DiscoveryMetrics metrics, String userAgent) {
    this(clock, metrics, userAgent, "");
  }

  /** The same for one job. */
  DiscoveryContext forJob(String name) {
    return new DiscoveryContext(clock, metrics, userAgent, name);
  }
}
