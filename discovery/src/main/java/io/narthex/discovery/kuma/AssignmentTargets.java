package io.narthex.discovery.kuma;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The targets of one monitoring assignment; its labels win over theirs. */
final class AssignmentTargets {

  private static final String PREFIX = "__meta_kuma_";

  private AssignmentTargets() {}

  static List<Labels> of(JsonValue assignment) throws IOException {
    List<Labels> targets = new ArrayList<>();
    for (JsonValue target : assignment.get("targets").items()) {
      String name = target.text("name");
      LabelsBuilder labels = new LabelsBuilder();
      add(labels, target.get("labels"));
      add(labels, assignment.get("labels"));
      labels.set(PREFIX + "mesh", assignment.text("mesh"));
      labels.set(PREFIX + "service", assignment.text("service"));
      labels.set(PREFIX + "dataplane", name);
      labels.set(TargetGroup.ADDRESS, target.text("address"));
      labels.set("instance", name);
      labels.set("__scheme__", target.text("scheme"));
      labels.set(
          "__metrics_path__",
          MonitoringAssignments.either(target, "metrics_path", "metricsPath").text());
      targets.add(labels.build());
    }
    return targets;
  }

  private static void add(LabelsBuilder labels, JsonValue given) throws IOException {
    for (Map.Entry<String, JsonValue> label : given.members().entrySet()) {
      labels.set(PREFIX + "label_" + Meta.sanitized(label.getKey()), label.getValue().text());
    }
  }
}
