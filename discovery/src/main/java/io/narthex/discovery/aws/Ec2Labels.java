package io.narthex.discovery.aws;

import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.aws.api.Xml;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is known of an instance of EC2, as labels.
 *
 * @param zones the ids of zones by their names
 * @param port of every target
 */
record Ec2Labels(String region, Map<String, String> zones, int port) {

  private static final String PREFIX = "__meta_ec2_";

  /** No machine has as many network cards; the number is the API's word only. */
  private static final int MOST_DEVICES = 1_000;

  /**
   * The IPv6 addresses of an instance.
   *
   * @param all in the order of the network interfaces
   * @param primary the primary one of each interface, at the place of the device; empty between
   */
  private record Ipv6(List<String> all, List<String> primary) {

    /** The first primary address, or the first of all; empty if there is none. */
    String preferred() {
      for (List<String> some : List.of(primary, all)) {
        for (String address : some) {
          if (!address.isEmpty()) {
            return address;
          }
        }
      }
      return "";
    }

    static Ipv6 of(Xml instance) {
      Ipv6 found = new Ipv6(new ArrayList<>(), new ArrayList<>());
      if (instance.has("vpcId")) {
        for (Xml card : instance.items("networkInterfaceSet")) {
          if (card.has("subnetId")) {
            found.add(card);
          }
        }
      }
      return found;
    }

    private void add(Xml card) {
      for (Xml each : card.items("ipv6AddressesSet")) {
        String address = each.text("ipv6Address");
        if (address.isEmpty()) {
          continue;
        }
        all.add(address);
        int device = device(card.text("attachment/deviceIndex"));
        if (each.text("isPrimaryIpv6").equals("true") && device >= 0) {
          while (primary.size() <= device) {
            primary.add("");
          }
          primary.set(device, address);
        }
      }
    }

    private static int device(String text) {
      boolean digits = !text.isEmpty() && text.length() < 5;
      for (int i = 0; i < text.length(); i++) {
        digits &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
      }
      int device = digits ? Integer.parseInt(text) : -1;
      return device < MOST_DEVICES ? device : -1;
    }
  }

  /** The labels; none for an instance without an address. */
  Labels of(String owner, Xml instance) {
    Ipv6 ipv6 = Ipv6.of(instance);
    String privateAddress = instance.text("privateIpAddress");
    String address = privateAddress.isEmpty() ? ipv6.preferred() : privateAddress;
    if (address.isEmpty()) {
      return Labels.EMPTY;
    }
    String zone = instance.text("placement/availabilityZone");
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(TargetGroup.ADDRESS, Meta.address(address, port));
    labels.set(PREFIX + "ami", instance.text("imageId"));
    labels.set(PREFIX + "architecture", instance.text("architecture"));
    labels.set(PREFIX + "availability_zone", zone);
    labels.set(PREFIX + "availability_zone_id", zones.getOrDefault(zone, ""));
    labels.set(PREFIX + "default_ipv6_address", ipv6.preferred());
    labels.set(PREFIX + "instance_id", instance.text("instanceId"));
    labels.set(PREFIX + "instance_lifecycle", instance.text("instanceLifecycle"));
    labels.set(PREFIX + "instance_state", instance.text("instanceState/name"));
    labels.set(PREFIX + "instance_type", instance.text("instanceType"));
    labels.set(PREFIX + "ipv6_addresses", list(ipv6.all));
    labels.set(PREFIX + "owner_id", owner);
    labels.set(PREFIX + "platform", instance.text("platform"));
    labels.set(PREFIX + "primary_ipv6_addresses", list(ipv6.primary));
    labels.set(PREFIX + "private_dns_name", instance.text("privateDnsName"));
    labels.set(PREFIX + "private_ip", privateAddress);
    labels.set(PREFIX + "region", region);
    if (instance.has("ipAddress")) {
      labels.set(PREFIX + "public_ip", instance.text("ipAddress"));
      labels.set(PREFIX + "public_dns_name", instance.text("dnsName"));
    }
    if (instance.has("vpcId")) {
      labels.set(PREFIX + "vpc_id", instance.text("vpcId"));
      labels.set(PREFIX + "primary_subnet_id", instance.text("subnetId"));
      // An empty list is shown as such.
      labels.set(PREFIX + "subnet_id", Meta.enclosed(subnets(instance), ","));
    }
    Tags.set(labels, PREFIX + "tag_", instance.items("tagSet"), "key", "value");
    return labels.build();
  }

  /** Each subnet once, in the order in which EC2 names them. */
  private static Set<String> subnets(Xml instance) {
    Set<String> subnets = new LinkedHashSet<>();
    for (Xml card : instance.items("networkInterfaceSet")) {
      if (card.has("subnetId")) {
        subnets.add(card.text("subnetId"));
      }
    }
    return subnets;
  }

  private static String list(Collection<String> items) {
    return items.isEmpty() ? "" : Meta.enclosed(items, ",");
  }
}
