package io.narthex.discovery.ovhcloud;

import io.narthex.base.json.JsonValue;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of a server, as they become labels.
 *
 * @param ipv4 the last one of IPv4, empty for none
 * @param ipv6 the last one of IPv6, empty for none
 */
record Addresses(String ipv4, String ipv6) {

  private static final String COMPLAINT = "could not parse IP addresses from list";

  /**
   * Reads a list of addresses and networks. Of networks, only those of 32 bits are addresses here,
   * so that an IPv6 network is none.
   *
   * @throws IOException if something in it is neither, or no address is left
   */
  static Addresses read(List<JsonValue> list) throws IOException {
    String ipv4 = "";
    String ipv6 = "";
    for (JsonValue item : list) {
      InetAddress address = address(item.text());
      if (address instanceof Inet4Address) {
        ipv4 = address.getHostAddress();
      } else if (address != null) {
        ipv6 = compressed(address.getAddress());
      }
    }
    if (ipv4.isEmpty() && ipv6.isEmpty()) {
      throw new IOException(COMPLAINT);
    }
    return new Addresses(ipv4, ipv6);
  }

  /** The one that is scraped. */
  String preferred() {
    return ipv4.isEmpty() ? ipv6 : ipv4;
  }

  private static @Nullable InetAddress address(String text) throws IOException {
    int slash = text.indexOf('/');
    InetAddress address;
    try {
      address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
    } catch (IllegalArgumentException e) {
      throw new IOException(COMPLAINT, e);
    }
    boolean usable = slash < 0 || text.substring(slash + 1).equals("32");
    return usable && !address.isAnyLocalAddress() ? address : null;
  }

  /** RFC 5952: the longest run of two or more zero groups is left out, the first of equal ones. */
  private static String compressed(byte[] bytes) {
    int[] groups = new int[8];
    int runFrom = 8;
    int runLength = 1;
    for (int i = 7, run = 0; i >= 0; i--) {
      groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
      run = groups[i] == 0 ? run + 1 : 0;
      if (run > 1 && run >= runLength) {
        runFrom = i;
        runLength = run;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == runFrom) {
        text.append("::");
        i += runLength - 1;
      } else {
        if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }
}
