package io.narthex.discovery.azure;

import java.io.IOException;

/**
 * The identity of a resource of Azure, for example {@code
 * /subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/n}.
 *
 * @param group the resource group, empty if there is none in it
 * @param name the last part
 */
record ResourceId(String group, String name) {

  /**
   * Reads one.
   *
   * @throws IOException if it does not begin with a slash, or has no name
   */
  static ResourceId parse(String id) throws IOException {
    String[] parts = id.split("/", -1);
    if (!id.startsWith("/") || parts.length < 3 || parts[parts.length - 1].isEmpty()) {
      throw new IOException("invalid ID '" + id + "': invalid resource ID");
    }
    String group = "";
    for (int i = 1; i + 1 < parts.length; i += 2) {
      if (parts[i].equalsIgnoreCase("resourceGroups")) {
        group = parts[i + 1];
      }
    }
    return new ResourceId(group, parts[parts.length - 1]);
  }
}
