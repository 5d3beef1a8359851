package io.narthex.server.config;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How a configuration file is read.
 *
 * @param environment the value of an environment variable, null where it is not set
 * @param agent whether it is an agent's, who has neither rules nor alerts
 * @param expandValues whether <code>${env:NAME}</code> and <code>${file:PATH}</code> are filled
 *     into values
 * @param extraMetrics whether timeout, sample limit and body size are stored with each scrape where
 *     the file does not say
 */
public record LoadOptions(
    UnaryOperator<@Nullable String> environment,
    boolean agent,
    boolean expandValues,
    boolean extraMetrics) {

  /** A server's file, with the environment of this process. */
  public static final LoadOptions DEFAULT = new LoadOptions(System::getenv, false, false, false);

  /** With another environment. */
  public LoadOptions withEnvironment(UnaryOperator<@Nullable String> variables) {
    return new LoadOptions(variables, agent, expandValues, extraMetrics);
  }

  /** With or without filling variables and files into values. */
  public LoadOptions withExpandValues(boolean expand) {
    return new LoadOptions(environment, agent, expand, extraMetrics);
  }

  /** For an agent or a server. */
  public LoadOptions withAgent(boolean isAgent) {
    return new LoadOptions(environment, isAgent, expandValues, extraMetrics);
  }

  /** With another default for extra metrics. */
  public LoadOptions withExtraMetrics(boolean extra) {
    return new LoadOptions(environment, agent, expandValues, extra);
  }
}
