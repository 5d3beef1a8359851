package io.narthex.server;

import java.util.Map;
import java.util.TreeMap;

/** What this program can do, by category, for clients that adapt themselves. */
final class Features {

  private Features() {}

  static Map<String, Map<String, Boolean>> of(PrometheusFlags flags) {
    Map<String, Map<String, Boolean>> all = new TreeMap<>();
    all.put(
        "api",
        Map.of(
            "admin", flags.adminApi.value(),
            "exclude_alerts", true,
            "label_values_match", true,
            "lifecycle", flags.lifecycle.value(),
            "query_stats", true,
            "time_range_labels", true,
            "time_range_series", true));
    all.put(
        "promql",
        Map.of(
            "at_modifier", true,
            "bool", true,
            "by", true,
            "group_left", true,
            "group_right", true,
            "ignoring", true,
            "negative_offset", true,
            "offset", true,
            "on", true,
            "subqueries", true));
    all.put("ui", Map.of("ui_v3", true));
    return all;
  }
}
