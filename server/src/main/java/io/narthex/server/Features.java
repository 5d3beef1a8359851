package io.narthex.server;

import io.narthex.promql.ast.FunctionSignature;
import io.narthex.promql.parser.Functions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What this program can do, by category, for clients that adapt themselves. */
final class Features {

  private Features() {}

  static Map<String, Map<String, Boolean>> of(PrometheusFlags flags) {
    FeatureFlags asked = flags.features();
    Map<String, Map<String, Boolean>> all = new TreeMap<>();
    Map<String, Boolean> api =
        on(
            "label_values_match",
            "query_stats",
            "query_warnings",
            "time_range_labels",
            "time_range_series");
    api.put("admin", flags.adminApi.value());
    api.put("lifecycle", flags.lifecycle.value());
    api.put("remote_write_receiver", flags.remoteWriteReceiver.value());
    off(api, "exclude_alerts", "otlp_write_receiver", "search");
    all.put("api", api);

    Map<String, Boolean> program = on("server_mode");
    program.put("auto_reload_config", flags.configAutoReload.value());
    off(program, "agent_mode");
    all.put("prometheus", program);

    Map<String, Boolean> language =
        on(
            "at_modifier",
            "bool",
            "by",
            "duration_expr",
            "group_left",
            "group_right",
            "ignoring",
            "negative_offset",
            "offset",
            "on",
            "per_query_lookback_delta",
            "subqueries",
            "without");
    boolean ranges = asked.has("promql-extended-range-selectors");
    language.put("anchored", ranges);
    language.put("smoothed", ranges);
    boolean fills = asked.has("promql-binop-fill-modifiers");
    for (String fill : List.of("fill", "fill_left", "fill_right")) {
      language.put(fill, fills);
    }
    language.put("delayed_name_removal", asked.has("promql-delayed-name-removal"));
    language.put("per_step_stats", asked.has("promql-per-step-stats"));
    off(language, "type_and_unit_labels");
    all.put("promql", language);

    boolean experimental = asked.has("promql-experimental-functions");
    Map<String, Boolean> functions = new TreeMap<>();
    for (FunctionSignature function : Functions.all()) {
      functions.put(function.name(), experimental || !function.experimental());
    }
    all.put("promql_functions", functions);

    Map<String, Boolean> operators =
        on(
            "!=",
            "!~",
            "%",
            "*",
            "+",
            "-",
            "/",
            "<",
            "<=",
            "==",
            "=~",
            ">",
            ">=",
            "@",
            "^",
            "and",
            "atan2",
            "avg",
            "bottomk",
            "count",
            "count_values",
            "group",
            "max",
            "min",
            "or",
            "quantile",
            "stddev",
            "stdvar",
            "sum",
            "topk",
            "unless");
    operators.put("limitk", experimental);
    operators.put("limit_ratio", experimental);
    all.put("promql_operators", operators);

    Map<String, Boolean> scrape = new TreeMap<>();
    scrape.put("extra_scrape_metrics", asked.has("extra-scrape-metrics"));
    off(scrape, "start_timestamp_zero_ingestion", "type_and_unit_labels");
    all.put("scrape", scrape);
    all.put("service_discovery_providers", on("file", "static"));
    Map<String, Boolean> database = on("isolation");
    database.put("delayed_compaction", asked.has("delayed-compaction"));
    database.put("exemplar_storage", asked.has("exemplar-storage"));
    database.put("histograms_st_encoding", asked.has("histograms-st-encoding"));
    database.put("st_storage", asked.has("st-storage"));
    database.put("xor2_encoding", asked.has("xor2-encoding"));
    off(database, "native_histograms", "use_uncached_io");
    all.put("tsdb", database);
    all.put("ui", on("ui_v3"));
    return all;
  }

  private static Map<String, Boolean> on(String... names) {
    Map<String, Boolean> map = new TreeMap<>();
    for (String name : names) {
      map.put(name, true);
    }
    return map;
  }

  private static void off(Map<String, Boolean> map, String... names) {
    for (String name : names) {
      map.put(name, false);
    }
  }
}
