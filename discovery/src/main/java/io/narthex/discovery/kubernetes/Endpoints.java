package io.narthex.discovery.kubernetes;

import io.narthex.base.json.JsonValue;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a service is to be found.
 *
 * @param labels what it gives to its targets, its namespace included
 */
record Endpoints(String namespace, String name, Labels labels, List<Subset> subsets)
    implements KubeObject {

  Endpoints {
    subsets = List.copyOf(subsets);
  }

  /** Addresses that have the same ports. */
  record Subset(List<Port> ports, List<Address> addresses) {

    Subset {
      ports = List.copyOf(ports);
      addresses = List.copyOf(addresses);
    }
  }

  /** A port of all addresses of a subset. */
  record Port(String name, long number, String protocol) {}

  /**
   * An address.
   *
   * @param ready whether it takes requests
   * @param target what is behind it, null if that is not said
   */
  record Address(
      String ip, boolean ready, String node, String hostname, @Nullable Reference target) {}

  static Endpoints decode(JsonValue json) throws IOException {
    JsonValue metadata = json.get("metadata");
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(MetaLabels.NAMESPACE, metadata.text("namespace"));
    MetaLabels.set(labels, "endpoints", metadata);
    List<Subset> subsets = new ArrayList<>();
    for (JsonValue subset : json.get("subsets").items()) {
      List<Port> ports = new ArrayList<>();
      for (JsonValue port : subset.get("ports").items()) {
        ports.add(new Port(port.text("name"), port.whole("port"), port.text("protocol")));
      }
      List<Address> addresses = new ArrayList<>();
      add(addresses, subset.get("addresses"), true);
      add(addresses, subset.get("notReadyAddresses"), false);
      subsets.add(new Subset(ports, addresses));
    }
    return new Endpoints(
        metadata.text("namespace"), metadata.text("name"), labels.build(), subsets);
  }

  private static void add(List<Address> addresses, JsonValue items, boolean ready)
      throws IOException {
    for (JsonValue item : items.items()) {
      addresses.add(
          new Address(
              item.text("ip"),
              ready,
              item.text("nodeName"),
              item.text("hostname"),
              Reference.decode(item.get("targetRef"))));
    }
  }
}
