package io.narthex.discovery;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.labels.ValidationScheme;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A group as it is written in configuration files and in the files of file discovery.
 *
 * @param targets addresses
 * @param labels labels for all of them
 */
public record StaticGroup(List<String> targets, Labels labels) {

  private static final String GO_TYPE =
      "struct { Targets []string \"yaml:\\\"targets\\\"\"; Labels model.LabelSet"
          + " \"yaml:\\\"labels\\\"\" }";

  public StaticGroup {
    targets = List.copyOf(targets);
  }

  /** Reads a group. */
  public static StaticGroup decode(YamlValue value) {
    YamlMap map = value.map(GO_TYPE);
    List<String> targets = map.texts("targets");
    Labels labels = map.value("labels", Labels.EMPTY, StaticGroup::labels);
    map.finish();
    return new StaticGroup(targets, labels);
  }

  private static Labels labels(YamlValue value) {
    Map<String, String> pairs = value.mapOf("model.LabelSet", v -> v.text("model.LabelValue"));
    LabelsBuilder builder = new LabelsBuilder();
    pairs.forEach((name, text) -> {
      if (!ValidationScheme.UTF8.allowsLabel(name)) {
        throw value.error(GoQuote.quote(name) + " is not a valid label name");
      }
      builder.set(name, text);
    });
    return builder.build();
  }

  /** The group with the addresses as labels. */
  public TargetGroup toTargetGroup(String source) {
    return new TargetGroup(
        source,
        labels,
        targets.stream().map(address -> Labels.of(TargetGroup.ADDRESS, address)).toList());
  }

  /** Writes the group as upstream prints it. */
  public void write(YamlWriter.Map out) {
    out.texts("targets", targets);
    Map<String, String> sorted = new TreeMap<>();
    labels.forEach(sorted::put);
    out.textMap("labels", sorted);
  }
}
