package io.narthex.discovery.azure;

import io.narthex.base.json.JsonValue;
import java.io.IOException;
import java.util.List;

/**
 * What a network interface says about its machine.
 *
 * @param kind whether the addresses count
 * @param privateAddress of the first configuration, empty if there is none
 * @param publicAddress likewise
 */
record NetworkInterface(Kind kind, String privateAddress, String publicAddress) {

  /** What it is to its machine. */
  enum Kind {
    /** The one with the machine's address. */
    PRIMARY,
    /** Another one, or one without an address at all. */
    OTHER,
    /** One of a machine that is not running: the API does not say there which is the primary. */
    DEALLOCATED
  }

  /** Reads one, as the API gives it. */
  static NetworkInterface read(JsonValue json) throws IOException {
    JsonValue properties = json.get("properties");
    if (properties.isNull()) {
      return new NetworkInterface(Kind.OTHER, "", "");
    }
    JsonValue primary = properties.get("primary");
    if (primary.isNull()) {
      return new NetworkInterface(Kind.DEALLOCATED, "", "");
    }
    List<JsonValue> configurations = properties.get("ipConfigurations").items();
    if (!primary.truth() || configurations.isEmpty()) {
      return new NetworkInterface(Kind.OTHER, "", "");
    }
    JsonValue first = configurations.getFirst().get("properties");
    JsonValue open = first.get("publicIPAddress").get("properties");
    return new NetworkInterface(
        Kind.PRIMARY, first.text("privateIPAddress"), open.text("ipAddress"));
  }
}
