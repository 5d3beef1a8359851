package io.narthex.server;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The names given to {@code --enable-feature}. */
final class FeatureFlags {

  private static final Logger LOG = LoggerFactory.getLogger(FeatureFlags.class);

  /** Names that change something here already. */
  private static final Set<String> EFFECTIVE =
      Set.of(
          "promql-experimental-functions",
          "promql-delayed-name-removal",
          "promql-per-step-stats",
          "promql-extended-range-selectors",
          "promql-binop-fill-modifiers",
          "extra-scrape-metrics",
          "delayed-compaction",
          "exemplar-storage",
          "created-timestamp-zero-ingestion",
          "type-and-unit-labels",
          "metadata-wal-records",
          "memory-snapshot-on-shutdown",
          "st-storage",
          "st-synthesis",
          "histograms-st-encoding",
          "xor2-encoding",
          "use-start-timestamps",
          "auto-reload-config");

  /** Names of what is always on, upstream too. */
  private static final Set<String> ALWAYS_ON =
      Set.of("promql-duration-expr", "native-histograms", "ooo-native-histograms");

  /** Names that upstream knows and whose work is still to come here. */
  private static final Set<String> LATER =
      Set.of(
          "concurrent-rule-eval",
          "fast-startup",
          "old-ui",
          "otlp-deltatocumulative",
          "otlp-native-delta-ingestion",
          "search-api",
          "use-uncached-io");

  private final Set<String> asked = new TreeSet<>();

  /**
   * @param values the values of the flag, each a list with commas
   */
  FeatureFlags(List<String> values) {
    for (String value : values) {
      for (String name : value.split(",", -1)) {
        if (!name.isBlank()) {
          asked.add(name.strip());
        }
      }
    }
  }

  /** Whether a feature is asked for. */
  boolean has(String name) {
    return asked.contains(name);
  }

  /** Says in the log, once each, what has no effect yet, is not known, or makes no sense alone. */
  void tell() {
    for (String name : asked) {
      if (LATER.contains(name)) {
        LOG.atWarn()
            .addKeyValue("option", name)
            .log("This option for --enable-feature is accepted, but has no effect yet");
      } else if (ALWAYS_ON.contains(name)) {
        LOG.atInfo()
            .addKeyValue("option", name)
            .log(
                "This option for --enable-feature is now permanently enabled and therefore a no-op.");
      } else if (!EFFECTIVE.contains(name)) {
        LOG.atWarn().addKeyValue("option", name).log("Unknown option for --enable-feature");
      }
    }
    if (has("st-synthesis") && !has("st-storage") && !has("created-timestamp-zero-ingestion")) {
      LOG.atWarn()
          .addKeyValue("option", "st-synthesis")
          .log(
              "Counters lose what they counted before their first scrape, but no start timestamps"
                  + " are kept for that: add st-storage");
    }
  }
}
