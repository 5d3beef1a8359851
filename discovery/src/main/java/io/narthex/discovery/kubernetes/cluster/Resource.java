package io.narthex.discovery.kubernetes.cluster;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * A kind of objects, as paths name it.
 *
 * @param group the path of its API group and version
 * @param plural the kind's name in paths
 * @param namespaced whether each object lies in a namespace
 * @param metadataOnly whether the objects' metadata alone is wanted, which the server then sends
 *     alone
 */
public record Resource(String group, String plural, boolean namespaced, boolean metadataOnly) {

  private static final String ANY = "{namespace}";

  /**
   * Where the objects of a namespace are.
   *
   * @param namespace empty for all
   */
  String path(String namespace) {
    return namespaced && !namespace.isEmpty()
        ? group + "/namespaces/" + escaped(namespace) + "/" + plural
        : group + "/" + plural;
  }

  /** The path with a place holder, as metrics name it. */
  String endpoint(String namespace) {
    return namespaced && !namespace.isEmpty() ? path(ANY) : path("");
  }

  /** The media type to ask for. */
  String accept(boolean list) {
    return metadataOnly
        ? "application/json;as=PartialObjectMetadata"
            + (list ? "List" : "")
            + ";g=meta.k8s.io;v=v1,application/json"
        : "application/json";
  }

  static String escaped(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
