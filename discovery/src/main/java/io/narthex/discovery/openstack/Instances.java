package io.narthex.discovery.openstack;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The instances, by Nova's API ("list servers detailed"), one target for each of an instance's
 * addresses but the floating ones, which Neutron's API tells apart ("list ports", "list floating
 * IPs") and which stand beside the address they lead to.
 */
final class Instances {

  private static final Logger LOG = LoggerFactory.getLogger(Instances.class);

  private static final String PREFIX = "__meta_openstack_";

  private final int port;
  private final boolean allTenants;

  /** Where a floating address leads. */
  private record Fixed(String device, String address) {}

  /** The floating addresses by where they lead, and all of them. */
  private record Floating(Map<Fixed, String> byFixed, Set<String> all) {}

  Instances(int port, boolean allTenants) {
    this.port = port;
    this.allTenants = allTenants;
  }

  List<Labels> find(Session session) throws IOException, InterruptedException {
    String compute = session.endpoint("compute", "compute");
    Floating floating = floating(session);
    String url = compute + "servers/detail" + (allTenants ? "?all_tenants=true" : "");
    List<Labels> targets = new ArrayList<>();
    for (JsonValue server : session.list(url, "servers")) {
      add(server, floating, targets);
    }
    return targets;
  }

  private static Floating floating(Session session) throws IOException, InterruptedException {
    String network = session.versioned("network", "network");
    Map<String, String> devices = new HashMap<>();
    for (JsonValue port : session.list(network + "ports", "ports")) {
      devices.put(port.text("id"), port.text("device_id"));
    }
    Map<Fixed, String> floating = new HashMap<>();
    for (JsonValue address : session.list(network + "floatingips", "floatingips")) {
      String device = devices.get(address.text("port_id"));
      String fixed = address.text("fixed_ip_address");
      if (device != null && !fixed.isEmpty()) {
        floating.put(new Fixed(device, fixed), address.text("floating_ip_address"));
      }
    }
    return new Floating(floating, Set.copyOf(floating.values()));
  }

  private void add(JsonValue server, Floating floating, List<Labels> targets) throws IOException {
    JsonValue original = server.get("flavor").get("original_name");
    JsonValue flavor = original.isText() ? original : server.get("flavor").get("id");
    if (!flavor.isText()) {
      LOG.atWarn()
          .addKeyValue("instance", server.text("id"))
          .log("Invalid type for both flavor original_name and flavor id, expected string");
      return;
    }
    LabelsBuilder common = new LabelsBuilder();
    common.set(PREFIX + "instance_id", server.text("id"));
    common.set(PREFIX + "instance_status", server.text("status"));
    common.set(PREFIX + "instance_name", server.text("name"));
    common.set(PREFIX + "project_id", server.text("tenant_id"));
    common.set(PREFIX + "user_id", server.text("user_id"));
    common.set(PREFIX + "instance_flavor", flavor.text());
    // An instance that boots from a volume has an empty text instead of an object.
    if (server.get("image").isObject()) {
      common.set(PREFIX + "instance_image", server.get("image").text("id"));
    }
    for (Map.Entry<String, JsonValue> tag : server.get("metadata").members().entrySet()) {
      common.set(PREFIX + "tag_" + Meta.sanitized(tag.getKey()), tag.getValue().text());
    }
    Labels of = common.build();
    for (Map.Entry<String, JsonValue> pool : server.get("addresses").members().entrySet()) {
      for (JsonValue item : pool.getValue().items()) {
        String address = item.text("addr");
        if (!address.isEmpty() && !floating.all.contains(address)) {
          LabelsBuilder labels = new LabelsBuilder().from(of);
          labels.set(TargetGroup.ADDRESS, Meta.address(address, port));
          labels.set(PREFIX + "address_pool", pool.getKey());
          labels.set(PREFIX + "private_ip", address);
          labels.set(
              PREFIX + "public_ip",
              floating.byFixed.getOrDefault(new Fixed(server.text("id"), address), ""));
          targets.add(labels.build());
        }
      }
    }
  }
}
