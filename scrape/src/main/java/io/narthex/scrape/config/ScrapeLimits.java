package io.narthex.scrape.config;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.duration.ByteSizes;

/**
 * What a scrape may bring; 0 means no limit.
 *
 * @param bodySize bytes of an uncompressed body
 * @param samples samples of one scrape, after metric relabelling
 * @param targets targets of a job, after relabelling
 * @param labels labels of a series
 * @param labelNameLength bytes of a label's name
 * @param labelValueLength bytes of a label's value
 * @param keepDroppedTargets dropped targets of a job that are remembered for display
 */
public record ScrapeLimits(
    long bodySize,
    long samples,
    long targets,
    long labels,
    long labelNameLength,
    long labelValueLength,
    long keepDroppedTargets) {

  /** No limits. */
  public static final ScrapeLimits NONE = new ScrapeLimits(0, 0, 0, 0, 0, 0, 0);

  static ScrapeLimits read(YamlMap map) {
    return new ScrapeLimits(
        map.value("body_size_limit", 0L, ByteSizes::decode),
        map.unsigned("sample_limit", 0),
        map.unsigned("target_limit", 0),
        map.unsigned("label_limit", 0),
        map.unsigned("label_name_length_limit", 0),
        map.unsigned("label_value_length_limit", 0),
        map.unsigned("keep_dropped_targets", 0));
  }

  /** These limits, and where one is not set the other's. */
  ScrapeLimits orElse(ScrapeLimits other) {
    return new ScrapeLimits(
        bodySize == 0 ? other.bodySize : bodySize,
        samples == 0 ? other.samples : samples,
        targets == 0 ? other.targets : targets,
        labels == 0 ? other.labels : labels,
        labelNameLength == 0 ? other.labelNameLength : labelNameLength,
        labelValueLength == 0 ? other.labelValueLength : labelValueLength,
        keepDroppedTargets == 0 ? other.keepDroppedTargets : keepDroppedTargets);
  }

  void write(YamlWriter.Map out) {
    ByteSizes.write(out, "body_size_limit", bodySize);
    out.unsigned("sample_limit", samples);
    out.unsigned("target_limit", targets);
    out.unsigned("label_limit", labels);
    out.unsigned("label_name_length_limit", labelNameLength);
    out.unsigned("label_value_length_limit", labelValueLength);
  }
}
