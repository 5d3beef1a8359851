package io.narthex.discovery.dockerswarm;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.moby.Networks;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.List;

/** The labels of a service, as targets at its virtual addresses and as what a task belongs to. */
final class ServiceLabels {

  private static final String META = Swarm.META + "service_";

  private ServiceLabels() {}

  /** One target for each virtual address and published TCP port, or one for the address. */
  static void addTargets(List<Labels> targets, JsonValue service, Networks networks, int port)
      throws IOException {
    LabelsBuilder builder = new LabelsBuilder();
    add(builder, service);
    // Plugins, for one, are services without a container.
    JsonValue container = service.get("Spec").get("TaskTemplate").get("ContainerSpec");
    builder
        .set(META + "task_container_hostname", container.text("Hostname"))
        .set(META + "task_container_image", container.text("Image"))
        .set(META + "updating_status", service.get("UpdateStatus").text("State"));
    Labels common = builder.build();
    JsonValue endpoint = service.get("Endpoint");
    for (JsonValue virtual : endpoint.get("VirtualIPs").items()) {
      String address = Swarm.address(virtual.text("Addr"));
      builder.from(common);
      networks.labels(virtual.text("NetworkID")).forEach(builder::set);
      Labels inNetwork = builder.build();
      boolean any = false;
      for (JsonValue published : endpoint.get("Ports").items()) {
        if (published.text("Protocol").equals("tcp")) {
          builder
              .from(inNetwork)
              .set(
                  TargetGroup.ADDRESS,
                  Meta.address(address, published.get("PublishedPort").digits()))
              .set(META + "endpoint_port_name", published.text("Name"))
              .set(META + "endpoint_port_publish_mode", published.text("PublishMode"));
          targets.add(builder.build());
          any = true;
        }
      }
      if (!any) {
        builder.from(inNetwork).set(TargetGroup.ADDRESS, Meta.address(address, port));
        targets.add(builder.build());
      }
    }
  }

  /** Those that its tasks have as well. */
  static void add(LabelsBuilder labels, JsonValue service) throws IOException {
    JsonValue spec = service.get("Spec");
    labels
        .set(META + "id", service.text("ID"))
        .set(META + "name", spec.text("Name"))
        .set(META + "mode", mode(spec.get("Mode")));
    Networks.addLabels(labels, META + "label_", spec.get("Labels"));
  }

  private static String mode(JsonValue mode) throws IOException {
    if (!mode.get("Global").isNull()) {
      return "global";
    }
    return mode.get("Replicated").isNull() ? "" : "replicated";
  }
}
