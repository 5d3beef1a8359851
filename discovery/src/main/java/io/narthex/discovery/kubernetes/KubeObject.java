package io.narthex.discovery.kubernetes;

/**
 * An object of the cluster, reduced to what labels need: thousands of them are kept. Most labels
 * are made when the object arrives, because they are needed again and again, and in their packed
 * form are smaller than what they were made of. Two objects are equal if no target could tell them
 * apart.
 */
sealed interface KubeObject
    permits Endpoints, Ingress, Namespace, Node, Owned, Pod, Service, Slice {

  /** Empty for objects that lie in none. */
  String namespace();

  String name();

  /** What distinguishes it among those of its kind. */
  default String key() {
    return key(namespace(), name());
  }

  /** The key of an object of this name. */
  static String key(String namespace, String name) {
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }
}
