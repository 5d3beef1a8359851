package io.narthex.discovery.kubernetes;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * An ingress.
 *
 * @param labels what it gives to its targets, its namespace included
 * @param targets its hosts and paths
 */
record Ingress(String namespace, String name, Labels labels, List<Labels> targets)
    implements KubeObject {

  private static final String PREFIX = MetaLabels.PREFIX + "ingress_";

  Ingress {
    targets = List.copyOf(targets);
  }

  static Ingress decode(JsonValue json) throws IOException {
    JsonValue metadata = json.get("metadata");
    JsonValue spec = json.get("spec");
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(MetaLabels.NAMESPACE, metadata.text("namespace"));
    labels.set(PREFIX + "class_name", spec.text("ingressClassName"));
    MetaLabels.set(labels, "ingress", metadata);
    List<String> secure = new ArrayList<>();
    for (JsonValue tls : spec.get("tls").items()) {
      secure.addAll(tls.get("hosts").texts());
    }
    List<Labels> targets = new ArrayList<>();
    for (JsonValue rule : spec.get("rules").items()) {
      String host = rule.text("host");
      boolean isSecure = secure.stream().anyMatch(pattern -> matches(pattern, host));
      for (String path : paths(rule)) {
        targets.add(
            Labels.of(
                TargetGroup.ADDRESS,
                host,
                PREFIX + "scheme",
                isSecure ? "https" : "http",
                PREFIX + "host",
                host,
                PREFIX + "path",
                path));
      }
    }
    return new Ingress(metadata.text("namespace"), metadata.text("name"), labels.build(), targets);
  }

  private static List<String> paths(JsonValue rule) throws IOException {
    if (rule.get("http").isNull()) {
      return List.of("/");
    }
    List<String> paths = new ArrayList<>();
    for (JsonValue entry : rule.get("http").get("paths").items()) {
      String path = entry.text("path");
      paths.add(path.isEmpty() ? "/" : path);
    }
    return paths;
  }

  /** Whether a host is the one, or is the one with something else in place of a leading star. */
  private static boolean matches(String pattern, String host) {
    if (pattern.equals(host)) {
      return true;
    }
    int dot = host.indexOf('.');
    return pattern.startsWith("*.") && dot >= 0 && pattern.substring(1).equals(host.substring(dot));
  }
}
