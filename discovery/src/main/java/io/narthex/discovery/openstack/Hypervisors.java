package io.narthex.discovery.openstack;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The hypervisors, by Nova's API ("list hypervisors details"). */
final class Hypervisors {

  private static final String PREFIX = "__meta_openstack_hypervisor_";

  private Hypervisors() {}

  static List<Labels> find(Session session, int port) throws IOException, InterruptedException {
    String url = session.endpoint("compute", "compute") + "os-hypervisors/detail";
    List<Labels> targets = new ArrayList<>();
    for (JsonValue hypervisor : session.list(url, "hypervisors")) {
      String host = hypervisor.text("host_ip");
      targets.add(
          Labels.of(
              TargetGroup.ADDRESS,
              Meta.address(host, port),
              // A number, or a text since version 2.53.
              PREFIX + "id",
              hypervisor.get("id").scalar(),
              PREFIX + "host_ip",
              host,
              PREFIX + "hostname",
              hypervisor.text("hypervisor_hostname"),
              PREFIX + "state",
              hypervisor.text("state"),
              PREFIX + "status",
              hypervisor.text("status"),
              PREFIX + "type",
              hypervisor.text("hypervisor_type")));
    }
    return targets;
  }
}
