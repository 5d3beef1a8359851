package io.narthex.discovery.kubernetes;

import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The targets behind a service. A pod among them gives its labels, those of the container whose
 * port it is, and a target for each port that the service does not name.
 */
final class Backends {

  private record Seen(Pod pod, Set<Long> ports) {}

  private final World world;
  private final Attached attached;
  private final List<Labels> targets = new ArrayList<>();
  private final Map<String, Seen> seen = new LinkedHashMap<>();

  Backends(World world, Attached attached) {
    this.world = world;
    this.attached = attached;
  }

  /**
   * Adds a target.
   *
   * @param target the labels it has so far
   * @param reference what is behind it, null if that is not said
   * @param port null for all ports
   * @param protocol the port's protocol; null for what the container says
   */
  void add(
      LabelsBuilder target,
      @Nullable Reference reference,
      @Nullable Long port,
      @Nullable String protocol) {
    Pod pod =
        reference != null && reference.isPod()
            ? world.find(
                Kind.POD, KubeObject.key(reference.namespace(), reference.name()), Pod.class)
            : null;
    if (pod != null) {
      merge(target, pod);
      Seen entry = seen.computeIfAbsent(pod.key(), key -> new Seen(pod, new HashSet<>()));
      if (port != null) {
        entry.ports.add(port);
        mark(target, pod, port, protocol);
      }
    }
    targets.add(target.build());
  }

  private static void mark(LabelsBuilder target, Pod pod, long number, @Nullable String protocol) {
    for (Pod.Container container : pod.containers()) {
      for (Pod.Port port : container.ports()) {
        if (port.number() == number) {
          container.set(target);
          port.set(target);
          if (protocol != null) {
            target.set(MetaLabels.PREFIX + "pod_container_port_protocol", protocol);
          }
          break;
        }
      }
    }
  }

  private void merge(LabelsBuilder target, Pod pod) {
    MetaLabels.merge(target, pod.labels());
    target.remove(MetaLabels.NAMESPACE);
    attached.owners(target, pod);
  }

  /** All targets, and those ports of the pods that were not among them. */
  List<Labels> complete() {
    for (Seen entry : seen.values()) {
      Pod pod = entry.pod;
      if (pod.ip().isEmpty()) {
        continue;
      }
      for (Pod.Container container : pod.containers()) {
        for (Pod.Port port : container.ports()) {
          if (!entry.ports.contains(port.number())) {
            LabelsBuilder target = new LabelsBuilder();
            target.set(TargetGroup.ADDRESS, Meta.address(pod.ip(), port.number()));
            container.set(target);
            port.set(target);
            merge(target, pod);
            targets.add(target.build());
          }
        }
      }
    }
    return targets;
  }
}
