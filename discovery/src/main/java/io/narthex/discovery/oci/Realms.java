package io.narthex.discovery.oci;

import java.util.Locale;
import java.util.Map;

/**
 * In which domain a region's services are (Oracle's documentation "Regions and availability
 * domains", "Government cloud", "EU sovereign cloud"). Regions that are not named here are in the
 * public one, unless the environment says otherwise, as for Oracle's own libraries.
 */
final class Realms {

  private static final String PUBLIC = "oraclecloud.com";

  private static final Map<String, String> OTHERS =
      Map.ofEntries(
          Map.entry("us-langley-1", "oraclegovcloud.com"),
          Map.entry("us-luke-1", "oraclegovcloud.com"),
          Map.entry("us-gov-ashburn-1", "oraclegovcloud.com"),
          Map.entry("us-gov-chicago-1", "oraclegovcloud.com"),
          Map.entry("us-gov-phoenix-1", "oraclegovcloud.com"),
          Map.entry("uk-gov-london-1", "oraclegovcloud.uk"),
          Map.entry("uk-gov-cardiff-1", "oraclegovcloud.uk"),
          Map.entry("ap-chiyoda-1", "oraclecloud8.com"),
          Map.entry("ap-ibaraki-1", "oraclecloud8.com"),
          Map.entry("me-dcc-muscat-1", "oraclecloud9.com"),
          Map.entry("ap-dcc-canberra-1", "oraclecloud10.com"),
          Map.entry("eu-dcc-dublin-1", "oraclecloud14.com"),
          Map.entry("eu-dcc-dublin-2", "oraclecloud14.com"),
          Map.entry("eu-dcc-milan-1", "oraclecloud14.com"),
          Map.entry("eu-dcc-milan-2", "oraclecloud14.com"),
          Map.entry("eu-dcc-rating-1", "oraclecloud14.com"),
          Map.entry("eu-dcc-rating-2", "oraclecloud14.com"),
          Map.entry("ap-dcc-gazipur-1", "oraclecloud15.com"),
          Map.entry("eu-frankfurt-2", "oraclecloud.eu"),
          Map.entry("eu-madrid-2", "oraclecloud.eu"),
          Map.entry("eu-jovanovac-1", "oraclecloud20.com"),
          Map.entry("me-dcc-doha-1", "oraclecloud21.com"),
          Map.entry("eu-dcc-zurich-1", "oraclecloud24.com"),
          Map.entry("me-abudhabi-3", "oraclecloud26.com"));

  private Realms() {}

  /**
   * The domain.
   *
   * @param environment of the process
   */
  static String domain(String region, Map<String, String> environment) {
    String given = environment.getOrDefault("OCI_DEFAULT_REALM", "");
    return OTHERS.getOrDefault(region.toLowerCase(Locale.ROOT), given.isEmpty() ? PUBLIC : given);
  }
}
