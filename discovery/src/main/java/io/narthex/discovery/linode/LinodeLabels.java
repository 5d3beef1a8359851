package io.narthex.discovery.linode;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The labels of an instance. */
final class LinodeLabels {

  private static final String META = "__meta_linode_";

  private final int port;
  private final String separator;

  LinodeLabels(LinodeConfig config) {
    this.port = config.port();
    this.separator = config.tagSeparator();
  }

  /**
   * The labels.
   *
   * @param addresses those of all instances, with what is known of each
   * @param ranges IPv6 ranges, with the address to which each is routed
   */
  Labels target(JsonValue instance, List<JsonValue> addresses, List<JsonValue> ranges)
      throws IOException {
    JsonValue specs = instance.get("specs");
    LabelsBuilder labels =
        new LabelsBuilder()
            .set(META + "instance_id", instance.get("id").digits())
            .set(META + "instance_label", instance.text("label"))
            .set(META + "image", instance.text("image"))
            .set(META + "region", instance.text("region"))
            .set(META + "type", instance.text("type"))
            .set(META + "status", instance.text("status"))
            .set(META + "group", instance.text("group"))
            .set(META + "gpus", specs.get("gpus").digits())
            .set(META + "hypervisor", instance.text("hypervisor"))
            .set(
                META + "backups", instance.get("backups").truth("enabled") ? "enabled" : "disabled")
            .set(META + "specs_disk_bytes", megabytes(specs, "disk"))
            .set(META + "specs_memory_bytes", megabytes(specs, "memory"))
            .set(META + "specs_vcpus", specs.get("vcpus").digits())
            .set(META + "specs_transfer_bytes", megabytes(specs, "transfer"));
    list(labels, "tags", instance.get("tags").texts());
    addIpv4(labels, instance.get("ipv4").texts(), addresses);
    addIpv6(labels, instance.text("ipv6"), addresses, ranges);
    return labels.build();
  }

  private void addIpv4(LabelsBuilder labels, List<String> own, List<JsonValue> addresses)
      throws IOException {
    String publicAddress = "";
    String privateAddress = "";
    List<String> extra = new ArrayList<>();
    for (String address : own) {
      for (JsonValue known : addresses) {
        if (!known.text("address").equals(address)) {
          continue;
        }
        if (known.truth("public") && publicAddress.isEmpty()) {
          publicAddress = address;
          labels.set(META + "public_ipv4_rdns", name(known));
        } else if (!known.truth("public") && privateAddress.isEmpty()) {
          privateAddress = address;
          labels.set(META + "private_ipv4_rdns", name(known));
        } else {
          extra.add(address);
        }
      }
    }
    labels
        .set(TargetGroup.ADDRESS, Meta.address(publicAddress, port))
        .set(META + "public_ipv4", publicAddress)
        .set(META + "private_ipv4", privateAddress);
    list(labels, "extra_ips", extra);
  }

  private void addIpv6(
      LabelsBuilder labels, String own, List<JsonValue> addresses, List<JsonValue> ranges)
      throws IOException {
    if (own.isEmpty()) {
      return;
    }
    int slash = own.indexOf('/');
    String address = slash < 0 ? own : own.substring(0, slash);
    for (JsonValue known : addresses) {
      if (known.text("address").equals(address)) {
        labels.set(META + "public_ipv6", address).set(META + "public_ipv6_rdns", name(known));
      }
    }
    List<String> routed = new ArrayList<>();
    for (JsonValue range : ranges) {
      if (range.text("route_target").equals(address)) {
        routed.add(range.text("range") + "/" + range.get("prefix").digits());
      }
    }
    list(labels, "ipv6_ranges", routed);
  }

  private static String name(JsonValue address) throws IOException {
    String name = address.text("rdns");
    return name.equals("null") ? "" : name;
  }

  private static String megabytes(JsonValue specs, String name) throws IOException {
    return Long.toString(specs.whole(name) << 20);
  }

  private void list(LabelsBuilder labels, String name, List<String> items) {
    if (!items.isEmpty()) {
      labels.set(META + name, Meta.enclosed(items, separator));
    }
  }
}
