package io.narthex.api.v1;

import io.narthex.api.port.Targets;
import io.narthex.base.json.JsonWriter;
import io.narthex.model.labels.Matcher;
import io.narthex.net.http.HttpRequest;
import io.narthex.net.http.Parameters;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What is scraped, and what it says of its metrics. */
final class TargetEndpoints {

  private final Targets targets;

  TargetEndpoints(Targets targets) {
    this.targets = targets;
  }

  /**
   * With {@code details=true}, which is our own, it says why targets and samples were dropped, and
   * what could not be a target.
   */
  Answer targets(HttpRequest request) throws ApiException {
    boolean details = Booleans.parse("details", request.query().first("details"));
    String state = request.query().first("state").toLowerCase(Locale.ROOT);
    String pool = request.query().first("scrapePool");
    boolean any = state.isEmpty() || state.equals("any");
    boolean dropped = any || state.equals("dropped");
    List<Targets.Active> active =
        any || state.equals("active") ? targets.active() : List.<Targets.Active>of();
    return Answer.of(json -> {
      json.beginObject().name("activeTargets").beginArray();
      for (Targets.Active target : active) {
        if (pool.isEmpty() || pool.equals(target.pool())) {
          active(json, target, details);
        }
      }
      json.endArray().name("droppedTargets").beginArray();
      if (dropped) {
        for (Targets.Dropped target : targets.dropped()) {
          if (pool.isEmpty() || pool.equals(target.pool())) {
            LabelsJson.write(json.beginObject().name("discoveredLabels"), target.discovered());
            json.member("scrapePool", target.pool());
            if (details) {
              json.member("dropReason", "relabel_configs");
              RuleJson.write(json.name("dropRule"), target.rule());
            }
            json.endObject();
          }
        }
      }
      json.endArray().name("droppedTargetCounts");
      if (dropped) {
        json.beginObject();
        for (Map.Entry<String, Integer> count : new TreeMap<>(targets.droppedCounts()).entrySet()) {
          json.member(count.getKey(), count.getValue());
        }
        json.endObject();
      } else {
        json.nullValue();
      }
      if (details) {
        faulty(json.name("faultyTargets"), pool, dropped);
      }
      json.endObject();
    });
  }

  private void faulty(JsonWriter json, String pool, boolean wanted) throws IOException {
    json.beginArray();
    if (wanted) {
      for (Targets.Faulty target : targets.faulty()) {
        if (pool.isEmpty() || pool.equals(target.pool())) {
          LabelsJson.write(json.beginObject().name("discoveredLabels"), target.discovered());
          json.member("scrapePool", target.pool()).member("error", target.error()).endObject();
        }
      }
    }
    json.endArray();
  }

  private static void active(JsonWriter json, Targets.Active target, boolean details)
      throws IOException {
    LabelsJson.write(json.beginObject().name("discoveredLabels"), target.discovered());
    LabelsJson.write(json.name("labels"), target.labels());
    json.member("scrapePool", target.pool());
    json.member("scrapeUrl", target.url());
    json.member("globalUrl", target.globalUrl());
    json.member("lastError", target.lastError());
    json.member("lastScrape", Times.textOrZero(target.lastScrape()));
    json.name("lastScrapeDuration").number(target.lastDurationNanos() / 1e9);
    json.member("health", target.health().text());
    json.member("scrapeInterval", target.interval());
    json.member("scrapeTimeout", target.timeout());
    if (details) {
      samples(json, target.samples());
    }
    json.endObject();
  }

  private static void samples(JsonWriter json, Targets.Samples samples) throws IOException {
    json.name("samples").beginObject().member("scraped", samples.scraped());
    json.member("kept", samples.kept()).member("added", samples.added());
    json.endObject().name("droppedSamples").beginArray();
    for (Targets.LeftOut some : samples.leftOut()) {
      json.beginObject().member("dropReason", some.reason());
      Targets.Rule rule = some.rule();
      if (rule != null) {
        RuleJson.write(json.name("dropRule"), rule);
      }
      json.member("samples", some.samples()).endObject();
    }
    json.endArray();
  }

  Answer targetMetadata(HttpRequest request) throws ApiException, IOException {
    Parameters form = request.form();
    int limit = number(form, "limit");
    String selector = form.first("match_target");
    List<Matcher> matchers =
        selector.isEmpty() ? List.of() : Selectors.parse("match_target", selector);
    String metric = form.first("metric");
    List<Targets.Described> described = targets.metadata(metric);
    return Answer.of(json -> {
      json.beginArray();
      int written = 0;
      for (Targets.Described target : described) {
        boolean matches =
            matchers.stream().allMatch(m -> m.matches(target.target().getOrEmpty(m.name())));
        if (!matches || (limit >= 0 && written >= limit)) {
          continue;
        }
        for (Targets.Metadata data : target.metrics()) {
          LabelsJson.write(json.beginObject().name("target"), target.target());
          if (metric.isEmpty()) {
            json.member("metric", data.metric());
          }
          describe(json, data);
          written++;
        }
      }
      json.endArray();
    });
  }

  Answer metadata(HttpRequest request) throws ApiException, IOException {
    Parameters form = request.form();
    int limit = number(form, "limit");
    int perMetric = number(form, "limit_per_metric");
    // The same metric is said the same of by most targets: once is enough.
    Map<String, Set<Targets.Metadata>> byMetric = new TreeMap<>();
    for (Targets.Described target : targets.metadata(form.first("metric"))) {
      for (Targets.Metadata data : target.metrics()) {
        Set<Targets.Metadata> known =
            byMetric.computeIfAbsent(data.metric(), m -> new LinkedHashSet<>());
        if (perMetric <= 0 || known.size() < perMetric) {
          known.add(data);
        }
      }
    }
    return Answer.of(json -> {
      json.beginObject();
      int left = limit < 0 ? Integer.MAX_VALUE : limit;
      for (Map.Entry<String, Set<Targets.Metadata>> metric : byMetric.entrySet()) {
        if (left-- == 0) {
          break;
        }
        json.name(metric.getKey()).beginArray();
        for (Targets.Metadata data : metric.getValue()) {
          describe(json.beginObject(), data);
        }
        json.endArray();
      }
      json.endObject();
    });
  }

  private static void describe(JsonWriter json, Targets.Metadata data) throws IOException {
    json.member("type", data.type()).member("help", data.help()).member("unit", data.unit());
    json.endObject();
  }

  /** A number that may be absent, which is -1. */
  private static int number(Parameters form, String name) throws ApiException {
    String text = form.first(name);
    if (text.isEmpty()) {
      return -1;
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw ApiException.badData(name + " must be a number");
    }
  }
}
