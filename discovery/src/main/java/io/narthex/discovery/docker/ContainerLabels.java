package io.narthex.discovery.docker;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.moby.Networks;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.List;

/** The targets of a container: one for each network and TCP port, or one for the network. */
final class ContainerLabels {

  static final String META = "__meta_docker_";

  private final DockerConfig config;
  private final Networks networks;

  ContainerLabels(DockerConfig config, Networks networks) {
    this.config = config;
    this.networks = networks;
  }

  void addTargets(List<Labels> targets, JsonValue container, List<JsonValue> endpoints)
      throws IOException {
    Labels common = common(container);
    for (JsonValue endpoint : endpoints) {
      String address = address(endpoint);
      LabelsBuilder labels = new LabelsBuilder().from(common);
      labels.set(META + "network_ip", address);
      networks.labels(endpoint.text("NetworkID")).forEach(labels::set);
      Labels inNetwork = labels.build();
      boolean any = false;
      for (JsonValue port : container.get("Ports").items()) {
        if (port.text("Type").equals("tcp")) {
          targets.add(atPort(inNetwork, address, port));
          any = true;
        }
      }
      if (!any) {
        boolean host = container.get("HostConfig").text("NetworkMode").equals("host");
        labels.set(
            TargetGroup.ADDRESS,
            host ? config.hostNetworkingHost() : Meta.address(address, config.port()));
        targets.add(labels.build());
      }
    }
  }

  private static Labels common(JsonValue container) throws IOException {
    LabelsBuilder labels =
        new LabelsBuilder()
            .set(META + "container_id", container.text("Id"))
            .set(META + "container_name", container.get("Names").texts().getFirst())
            .set(META + "container_image", container.text("Image"))
            .set(META + "container_image_id", container.text("ImageID"))
            .set(META + "container_network_mode", container.get("HostConfig").text("NetworkMode"));
    Networks.addLabels(labels, META + "container_label_", container.get("Labels"));
    return labels.build();
  }

  private static String address(JsonValue endpoint) throws IOException {
    String address = endpoint.text("IPAddress");
    return address.isEmpty() ? endpoint.text("GlobalIPv6Address") : address;
  }

  private static Labels atPort(Labels inNetwork, String address, JsonValue port)
      throws IOException {
    String inside = port.get("PrivatePort").digits();
    LabelsBuilder labels = new LabelsBuilder().from(inNetwork);
    labels.set(TargetGroup.ADDRESS, Meta.address(address, inside));
    labels.set(META + "port_private", inside);
    if (port.whole("PublicPort") > 0) {
      labels.set(META + "port_public", port.get("PublicPort").digits());
      labels.set(META + "port_public_ip", port.text("IP"));
    }
    return labels.build();
  }
}
