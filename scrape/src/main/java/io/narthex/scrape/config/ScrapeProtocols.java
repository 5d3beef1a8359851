package io.narthex.scrape.config;

import io.narthex.base.yaml.YamlValue;
import io.narthex.model.exposition.ScrapeProtocol;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads and checks the names of protocols. */
final class ScrapeProtocols {

  private ScrapeProtocols() {}

  private static @Nullable ScrapeProtocol of(String name) {
    for (ScrapeProtocol protocol : ScrapeProtocol.values()) {
      if (protocol.configName().equals(name)) {
        return protocol;
      }
    }
    return null;
  }

  /** Reads a list as it stands in a file; the names are checked by {@link #checked}. */
  static List<String> decodeList(YamlValue value) {
    return value.list("[]config.ScrapeProtocol", v -> v.text("config.ScrapeProtocol"));
  }

  /**
   * Checks a list.
   *
   * @param whose what the list belongs to, for the message
   */
  static List<ScrapeProtocol> checked(YamlValue value, List<String> names, String whose) {
    if (names.isEmpty()) {
      throw value.error("scrape_protocols cannot be empty " + whose);
    }
    List<String> seen = new ArrayList<>();
    for (String name : names) {
      if (seen.stream().anyMatch(name::equalsIgnoreCase)) {
        throw value.error(
            "duplicated protocol in scrape_protocols, got ["
                + String.join(" ", names)
                + "] "
                + whose);
      }
      seen.add(name);
      if (of(name) == null) {
        throw value.error("scrape_protocols: " + unknown(name) + " " + whose);
      }
    }
    return names.stream().map(name -> checkedOne(value, name, "")).toList();
  }

  /**
   * Checks one name.
   *
   * @param where what stands before the message
   */
  static ScrapeProtocol checkedOne(YamlValue value, String name, String where) {
    ScrapeProtocol protocol = of(name);
    if (protocol == null) {
      throw value.error(where + unknown(name));
    }
    return protocol;
  }

  private static String unknown(String name) {
    return "unknown scrape protocol "
        + name
        + ", supported: "
        + Arrays.stream(ScrapeProtocol.values())
            .map(ScrapeProtocol::configName)
            .sorted()
            .collect(Collectors.joining(" ", "[", "]"));
  }
}
