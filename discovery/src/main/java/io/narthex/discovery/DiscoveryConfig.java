package io.narthex.discovery;

import io.narthex.base.yaml.YamlWriter;

/**
 * How one discovery is configured. Implementations are records: jobs whose configurations are equal
 * share one search.
 */
public interface DiscoveryConfig {

  /** The mechanism's name, as in metrics: {@code static}, {@code file}. */
  String mechanism();

  /** The key under which lists of this configuration stand in a file. */
  default String key() {
    return mechanism() + "_sd_configs";
  }

  /** Opens the search; it begins when it is run. */
  Discovery open(DiscoveryContext context);

  /** Writes the configuration as upstream prints it. */
  void write(YamlWriter.Map out);
}
