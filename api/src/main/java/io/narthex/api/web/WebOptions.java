package io.narthex.api.web;

import java.time.Duration;

/**
 * How the server shows itself.
 *
 * @param routePrefix what stands before all paths, beginning with a slash; {@code /} for nothing
 * @param externalPath the path under which browsers reach the server, likewise
 * @param pageTitle the title of the pages
 * @param lifecycle whether it can be reloaded and ended over HTTP
 * @param agent whether it is an agent, which only scrapes and forwards
 * @param lookback how old a sample may be to count, for the pages
 */
public record WebOptions(
    String routePrefix,
    String externalPath,
    String pageTitle,
    boolean lifecycle,
    boolean agent,
    Duration lookback) {

  /** The prefix as it stands before a path that begins with a slash. */
  public String prefix() {
    return trimmed(routePrefix);
  }

  String externalPrefix() {
    return trimmed(externalPath);
  }

  private static String trimmed(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
