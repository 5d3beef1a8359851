package io.narthex.discovery.kubernetes;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A service.
 *
 * @param labels what it gives to its targets, its namespace included
 * @param targets its ports
 * @param family which kind of addresses it prefers if it has two kinds; empty if it has one
 */
record Service(String namespace, String name, Labels labels, List<Labels> targets, String family)
    implements KubeObject {

  private static final String PREFIX = MetaLabels.PREFIX + "service_";

  Service {
    targets = List.copyOf(targets);
  }

  static Service decode(JsonValue json) throws IOException {
    JsonValue metadata = json.get("metadata");
    JsonValue spec = json.get("spec");
    String namespace = metadata.text("namespace");
    String name = metadata.text("name");
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(MetaLabels.NAMESPACE, namespace);
    MetaLabels.set(labels, "service", metadata);
    LabelsBuilder target = new LabelsBuilder();
    String type = spec.text("type");
    target.set(PREFIX + "type", type);
    if (type.equals("ExternalName")) {
      target.set(PREFIX + "external_name", spec.text("externalName"));
    } else {
      target.set(PREFIX + "cluster_ip", spec.text("clusterIP"));
    }
    if (type.equals("LoadBalancer")) {
      target.set(PREFIX + "loadbalancer_ip", balancers(spec, json.get("status")));
    }
    List<Labels> targets = new ArrayList<>();
    for (JsonValue port : spec.get("ports").items()) {
      long number = port.whole("port");
      target.set(TargetGroup.ADDRESS, Meta.address(name + "." + namespace + ".svc", number));
      target.set(PREFIX + "port_name", port.text("name"));
      target.set(PREFIX + "port_number", Long.toString(number));
      target.set(PREFIX + "port_protocol", port.text("protocol"));
      targets.add(target.build());
    }
    return new Service(namespace, name, labels.build(), targets, family(spec));
  }

  /** The addresses that the load balancers have, or else the one that was asked for. */
  private static String balancers(JsonValue spec, JsonValue status) throws IOException {
    List<String> addresses = new ArrayList<>();
    for (JsonValue ingress : status.get("loadBalancer").get("ingress").items()) {
      String address = ingress.text("ip");
      if (!address.isEmpty()) {
        addresses.add(address);
      }
    }
    return addresses.isEmpty() ? spec.text("loadBalancerIP") : String.join(",", addresses);
  }

  private static String family(JsonValue spec) throws IOException {
    String policy = spec.text("ipFamilyPolicy");
    List<String> families = spec.get("ipFamilies").texts();
    boolean dual = policy.equals("PreferDualStack") || policy.equals("RequireDualStack");
    return dual && !families.isEmpty() ? families.getFirst() : "";
  }
}
