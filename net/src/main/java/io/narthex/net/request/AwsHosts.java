package io.narthex.net.request;

import java.util.Map;

/** Where AWS' services are: each partition of regions has a domain of its own. */
public final class AwsHosts {

  /**
   * The domains of partitions other than the first, by how the names of their regions begin; from
   * the file {@code partitions.json} that AWS publishes with its libraries. China's and the
   * government's regions are such partitions too, but the latter share the first one's domain.
   */
  private static final Map<String, String> DOMAINS =
      Map.of(
          "cn-", "amazonaws.com.cn",
          "eusc-", "amazonaws.eu",
          "us-iso-", "c2s.ic.gov",
          "us-isob-", "sc2s.sgov.gov",
          "eu-isoe-", "cloud.adc-e.uk",
          "us-isof-", "csp.hci.ic.gov");

  private AwsHosts() {}

  /** The host of a service in a region. */
  public static String host(String service, String region) {
    String domain = "amazonaws.com";
    for (Map.Entry<String, String> partition : DOMAINS.entrySet()) {
      if (region.startsWith(partition.getKey())) {
        domain = partition.getValue();
      }
    }
    return service + "." + region + "." + domain;
  }
}
