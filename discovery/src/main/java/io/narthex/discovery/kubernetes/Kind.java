package io.narthex.discovery.kubernetes;

import io.narthex.discovery.kubernetes.cluster.ListWatch;
import io.narthex.discovery.kubernetes.cluster.Resource;

/** The kinds of objects that are looked at. */
enum Kind {
  NODE(core("nodes", false), Node::decode),
  POD(core("pods", true), Pod::decode),
  SERVICE(core("services", true), Service::decode),
  ENDPOINTS(core("endpoints", true), Endpoints::decode),
  ENDPOINT_SLICE(
      new Resource("/apis/discovery.k8s.io/v1", "endpointslices", true, false), Slice::decode),
  INGRESS(new Resource("/apis/networking.k8s.io/v1", "ingresses", true, false), Ingress::decode),
  NAMESPACE(new Resource("/api/v1", "namespaces", false, true), Namespace::decode),
  REPLICA_SET(new Resource("/apis/apps/v1", "replicasets", true, true), Owned::decode),
  JOB(new Resource("/apis/batch/v1", "jobs", true, true), Owned::decode);

  private final Resource resource;
  private final ListWatch.Decoder<KubeObject> decoder;

  Kind(Resource resource, ListWatch.Decoder<KubeObject> decoder) {
    this.resource = resource;
    this.decoder = decoder;
  }

  private static Resource core(String plural, boolean namespaced) {
    return new Resource("/api/v1", plural, namespaced, false);
  }

  Resource resource() {
    return resource;
  }

  ListWatch.Decoder<KubeObject> decoder() {
    return decoder;
  }
}
