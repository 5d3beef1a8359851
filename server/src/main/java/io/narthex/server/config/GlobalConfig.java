package io.narthex.server.config;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.duration.Durations;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.scrape.config.ScrapeDefaults;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * The global section.
 *
 * @param scrape what every job inherits
 * @param evaluationInterval time between evaluations of a rule group that does not say its own
 * @param ruleQueryOffset how far in the past rules are evaluated
 * @param queryLogFile where queries are logged, empty for nowhere
 * @param externalLabels labels that tell this server from others, environment filled in
 */
public record GlobalConfig(
    ScrapeDefaults scrape,
    Duration evaluationInterval,
    Duration ruleQueryOffset,
    String queryLogFile,
    Labels externalLabels) {

  static final GlobalConfig DEFAULT =
      new GlobalConfig(
          ScrapeDefaults.DEFAULT, Duration.ofMinutes(1), Duration.ZERO, "", Labels.EMPTY);

  static GlobalConfig absent(boolean extraMetrics) {
    return new GlobalConfig(
        DEFAULT.scrape.withExtraMetrics(extraMetrics),
        DEFAULT.evaluationInterval,
        DEFAULT.ruleQueryOffset,
        DEFAULT.queryLogFile,
        DEFAULT.externalLabels);
  }

  static GlobalConfig decode(YamlValue value, Environment environment, boolean extraMetrics) {
    YamlMap map = value.map("config.plain");
    ScrapeDefaults.Draft scrape = ScrapeDefaults.read(map, extraMetrics);
    Duration evaluation = map.value("evaluation_interval", Duration.ZERO, Durations::decode);
    Duration offset = map.value("rule_query_offset", Duration.ZERO, Durations::decode);
    Map<String, String> labels =
        map.value("external_labels", Map.of(), v -> v.mapOf("map[string]string", YamlValue::text));
    String queryLog = map.file("query_log_file");
    map.finish();
    // The scheme decides which names are valid, so it comes first.
    ScrapeDefaults defaults = scrape.complete();
    return new GlobalConfig(
        defaults,
        evaluation.isZero() ? DEFAULT.evaluationInterval : evaluation,
        offset,
        queryLog,
        externalLabels(map, labels, defaults.validation(), environment));
  }

  private static Labels externalLabels(
      YamlMap map,
      Map<String, String> labels,
      ValidationScheme validation,
      Environment environment) {
    LabelsBuilder builder = new LabelsBuilder();
    labels.forEach((name, text) -> {
      if (!validation.allowsLabel(name)) {
        throw map.error("external_labels", GoQuote.quote(name) + " is not a valid label name");
      }
      if (!ValidationScheme.isUtf8(text)) {
        throw map.error("external_labels", GoQuote.quote(text) + " is not a valid label value");
      }
      builder.set(name, environment.expand(name, text));
    });
    return builder.build();
  }

  void write(YamlWriter.Map out) {
    scrape.writeTimes(out);
    Durations.write(out, "evaluation_interval", evaluationInterval);
    Durations.write(out, "rule_query_offset", ruleQueryOffset);
    out.text("query_log_file", queryLogFile);
    out.text("scrape_failure_log_file", scrape.failureLogFile());
    Map<String, String> sorted = new TreeMap<>();
    externalLabels.forEach(sorted::put);
    out.textMap("external_labels", sorted);
    scrape.writeLimits(out);
  }
}
