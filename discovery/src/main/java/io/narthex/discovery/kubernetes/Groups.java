package io.narthex.discovery.kubernetes;

import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the group of targets that an object stands for. */
final class Groups {

  private static final Logger LOG = LoggerFactory.getLogger(Groups.class);

  private final World world;
  private final Attached attached;

  Groups(World world, KubernetesConfig.Attach attach) {
    this.world = world;
    this.attached = new Attached(world, attach);
  }

  /**
   * The group of an object; without targets if it stands for none.
   *
   * @param source the group's name
   */
  TargetGroup group(String source, KubeObject object) {
    return switch (object) {
      case Node node -> node(source, node);
      case Pod pod -> pod(source, pod);
      case Service service ->
          plain(source, service.namespace(), service.labels(), service.targets());
      case Ingress ingress ->
          plain(source, ingress.namespace(), ingress.labels(), ingress.targets());
      case Endpoints endpoints -> endpoints(source, endpoints);
      case Slice slice -> slice(source, slice);
      case Namespace namespace -> nothing(source);
      case Owned owned -> nothing(source);
    };
  }

  static TargetGroup nothing(String source) {
    return new TargetGroup(source, Labels.EMPTY, List.of());
  }

  private TargetGroup node(String source, Node node) {
    if (node.target() == null) {
      LOG.atWarn()
          .addKeyValue("discovery", "kubernetes")
          .addKeyValue("node", node.name())
          .log("No node address found");
      return nothing(source);
    }
    return new TargetGroup(source, node.labels(), List.of(node.target()));
  }

  private TargetGroup plain(String source, String namespace, Labels labels, List<Labels> targets) {
    LabelsBuilder all = new LabelsBuilder().from(labels);
    attached.namespace(all, namespace);
    return new TargetGroup(source, kept(labels, all), targets);
  }

  /** The same object if nothing was added, so that it is there once. */
  private static Labels kept(Labels before, LabelsBuilder all) {
    return all.size() == before.size() ? before : all.build();
  }

  private TargetGroup pod(String source, Pod pod) {
    LabelsBuilder labels = new LabelsBuilder().from(pod.labels());
    // A node that is not there was not selected, and so are its pods not.
    if (!attached.node(labels, pod.node()) || pod.ip().isEmpty()) {
      return nothing(source);
    }
    attached.namespace(labels, pod.namespace());
    attached.owners(labels, pod);
    List<Labels> targets = new ArrayList<>();
    LabelsBuilder target = new LabelsBuilder();
    for (Pod.Container container : pod.containers()) {
      target.clear();
      container.set(target);
      container.setId(target);
      if (container.ports().isEmpty()) {
        target.set(
            TargetGroup.ADDRESS, pod.ip().indexOf(':') < 0 ? pod.ip() : "[" + pod.ip() + "]");
        targets.add(target.build());
      }
      for (Pod.Port port : container.ports()) {
        target.set(TargetGroup.ADDRESS, Meta.address(pod.ip(), port.number()));
        port.set(target);
        targets.add(target.build());
      }
    }
    return new TargetGroup(source, kept(pod.labels(), labels), targets);
  }

  private TargetGroup endpoints(String source, Endpoints endpoints) {
    LabelsBuilder labels = new LabelsBuilder().from(endpoints.labels());
    Service service = world.find(Kind.SERVICE, endpoints.key(), Service.class);
    if (service != null) {
      MetaLabels.merge(labels, service.labels());
    }
    attached.namespace(labels, endpoints.namespace());
    String prefix = MetaLabels.PREFIX + "endpoint_";
    Backends backends = new Backends(world, attached);
    LabelsBuilder target = new LabelsBuilder();
    for (Endpoints.Subset subset : endpoints.subsets()) {
      for (Endpoints.Port port : subset.ports()) {
        for (Endpoints.Address address : subset.addresses()) {
          target.clear();
          target.set(TargetGroup.ADDRESS, Meta.address(address.ip(), port.number()));
          target.set(prefix + "port_name", port.name());
          target.set(prefix + "port_protocol", port.protocol());
          target.set(prefix + "ready", Boolean.toString(address.ready()));
          target.set(prefix + "node_name", address.node());
          target.set(prefix + "hostname", address.hostname());
          Reference behind = address.target();
          String node = address.node();
          if (behind != null) {
            behind.set(target, prefix);
            node = node.isEmpty() && behind.isNode() ? behind.name() : node;
          }
          if (!attached.node(target, node)) {
            LOG.debug("The node of {} is not known", address.ip());
          }
          backends.add(target, behind, port.number(), port.protocol());
        }
      }
    }
    return new TargetGroup(source, kept(endpoints.labels(), labels), backends.complete());
  }

  private TargetGroup slice(String source, Slice slice) {
    LabelsBuilder labels = new LabelsBuilder().from(slice.labels());
    Service service =
        slice.service().isEmpty()
            ? null
            : world.find(
                Kind.SERVICE, KubeObject.key(slice.namespace(), slice.service()), Service.class);
    if (service != null) {
      if (isSecond(slice, service)) {
        return nothing(source);
      }
      MetaLabels.merge(labels, service.labels());
    }
    attached.namespace(labels, slice.namespace());
    Backends backends = new Backends(world, attached);
    LabelsBuilder target = new LabelsBuilder();
    for (Slice.Endpoint endpoint : slice.endpoints()) {
      for (Slice.Port port : slice.ports()) {
        for (String address : endpoint.addresses()) {
          target.from(endpoint.labels());
          MetaLabels.merge(target, port.labels());
          Long number = port.number();
          target.set(TargetGroup.ADDRESS, number == null ? address : Meta.address(address, number));
          Reference behind = endpoint.target();
          String node = behind != null && behind.isNode() ? behind.name() : endpoint.node();
          if (!attached.node(target, node)) {
            LOG.debug("The node of {} is not known", address);
          }
          backends.add(target, behind, number, null);
        }
      }
    }
    return new TargetGroup(source, kept(slice.labels(), labels), backends.complete());
  }

  /** Whether it has the same endpoints as another slice, by their other addresses. */
  private static boolean isSecond(Slice slice, Service service) {
    boolean isAddress = slice.type().equals("IPv4") || slice.type().equals("IPv6");
    return isAddress && !service.family().isEmpty() && !service.family().equals(slice.type());
  }
}
