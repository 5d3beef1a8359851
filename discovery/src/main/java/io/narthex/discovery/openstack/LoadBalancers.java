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

/**
 * The load balancers that show their metrics, by Octavia's API ("list load balancers", "list
 * listeners"): those with a listener of the protocol {@code PROMETHEUS}, whose port is the
 * target's. Floating addresses are Neutron's.
 */
final class LoadBalancers {

  private static final String PREFIX = "__meta_openstack_loadbalancer_";

  private LoadBalancers() {}

  static List<Labels> find(Session session) throws IOException, InterruptedException {
    String octavia = session.versioned("load-balancer", "load balancer") + "lbaas/";
    String neutron = session.versioned("network", "network");
    List<JsonValue> balancers = session.list(octavia + "loadbalancers", "loadbalancers");
    Map<String, Long> ports = new HashMap<>();
    for (JsonValue listener : session.list(octavia + "listeners", "listeners")) {
      if (listener.text("protocol").equals("PROMETHEUS")) {
        for (JsonValue balancer : listener.get("loadbalancers").items()) {
          ports.putIfAbsent(balancer.text("id"), listener.whole("protocol_port"));
        }
      }
    }
    Map<String, String> floating = new HashMap<>();
    for (JsonValue address : session.list(neutron + "floatingips", "floatingips")) {
      floating.put(address.text("port_id"), address.text("floating_ip_address"));
    }
    List<Labels> targets = new ArrayList<>();
    for (JsonValue balancer : balancers) {
      Long port = ports.get(balancer.text("id"));
      if (port != null) {
        String vipPort = balancer.text("vip_port_id");
        String open = vipPort.isEmpty() ? "" : floating.getOrDefault(vipPort, "");
        targets.add(target(balancer, port, open));
      }
    }
    return targets;
  }

  private static Labels target(JsonValue balancer, long port, String floating) throws IOException {
    String vip = balancer.text("vip_address");
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(TargetGroup.ADDRESS, Meta.address(vip, port));
    labels.set(PREFIX + "id", balancer.text("id"));
    labels.set(PREFIX + "name", balancer.text("name"));
    labels.set(PREFIX + "operating_status", balancer.text("operating_status"));
    labels.set(PREFIX + "provisioning_status", balancer.text("provisioning_status"));
    labels.set(PREFIX + "availability_zone", balancer.text("availability_zone"));
    labels.set(PREFIX + "vip", vip);
    labels.set(PREFIX + "provider", balancer.text("provider"));
    labels.set("__meta_openstack_project_id", balancer.text("project_id"));
    labels.set(PREFIX + "tags", String.join(",", balancer.get("tags").texts()));
    labels.set(PREFIX + "floating_ip", floating);
    return labels.build();
  }
}
