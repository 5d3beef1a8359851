package io.narthex.discovery.kubernetes;

import io.narthex.model.labels.LabelsBuilder;
import org.jspecify.annotations.Nullable;

/** The labels that targets have of other objects, if the configuration asks for them. */
final class Attached {

  private final World world;
  private final KubernetesConfig.Attach attach;

  Attached(World world, KubernetesConfig.Attach attach) {
    this.world = world;
    this.attach = attach;
  }

  /** Whether the labels of nodes are wanted. */
  boolean wantsNode() {
    return attach.node();
  }

  /**
   * Those of a node.
   *
   * @param node its name, empty for none
   * @return false if it should be there and is not
   */
  boolean node(LabelsBuilder labels, String node) {
    if (!attach.node()) {
      return true;
    }
    Node found = node.isEmpty() ? null : world.find(Kind.NODE, node, Node.class);
    if (found != null) {
      MetaLabels.merge(labels, found.attached());
    }
    return found != null;
  }

  /** Those of a namespace. */
  void namespace(LabelsBuilder labels, String namespace) {
    if (attach.namespace()) {
      Namespace found = world.find(Kind.NAMESPACE, namespace, Namespace.class);
      if (found != null) {
        MetaLabels.merge(labels, found.labels());
      }
    }
  }

  /** Those of whoever had the pod made. */
  void owners(LabelsBuilder labels, Pod pod) {
    Owner owner = pod.owner();
    if (attach.deployment() && owner.is("ReplicaSet")) {
      Owned set = owned(Kind.REPLICA_SET, pod);
      if (set != null && set.owner().is("Deployment")) {
        labels.set(MetaLabels.PREFIX + "pod_deployment_name", set.owner().name());
      }
    }
    if ((attach.job() || attach.cronJob()) && owner.is("Job")) {
      Owned job = owned(Kind.JOB, pod);
      if (job != null && attach.job()) {
        labels.set(MetaLabels.PREFIX + "pod_job_name", job.name());
      }
      if (job != null && attach.cronJob() && job.owner().is("CronJob")) {
        labels.set(MetaLabels.PREFIX + "pod_cronjob_name", job.owner().name());
      }
    }
  }

  private @Nullable Owned owned(Kind kind, Pod pod) {
    return world.find(kind, KubeObject.key(pod.namespace(), pod.owner().name()), Owned.class);
  }
}
