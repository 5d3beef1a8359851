package io.narthex.api.v1;

import io.narthex.api.port.Targets;
import io.narthex.base.bytes.Utf8;
import io.narthex.base.json.JsonValue;
import io.narthex.base.text.GoQuote;
import io.narthex.model.labels.Labels;
import io.narthex.model.relabel.RelabelConfig;
import io.narthex.model.relabel.Relabelling;
import io.narthex.net.http.HttpRequest;
import io.narthex.net.http.Parameters;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The pools of targets, their configurations, and what their rules make of labels. */
final class PoolEndpoints {

  private final Targets targets;

  PoolEndpoints(Targets targets) {
    this.targets = targets;
  }

  Answer pools(HttpRequest request) {
    List<String> pools = targets.pools();
    return Answer.of(json -> {
      json.beginObject().name("scrapePools").beginArray();
      for (String pool : pools) {
        json.string(pool);
      }
      json.endArray().endObject();
    });
  }

  Answer configuration(HttpRequest request) throws ApiException, IOException {
    String pool = pool(request.form());
    String yaml = targets.configuration(pool);
    if (yaml == null) {
      throw unknown(pool);
    }
    return Answer.of(json -> json.beginObject().member("yaml", yaml).endObject());
  }

  private static String pool(Parameters form) throws ApiException {
    String pool = form.first("scrapePool");
    if (pool.isEmpty()) {
      throw ApiException.badData("no scrapePool parameter provided");
    }
    return pool;
  }

  private static ApiException unknown(String pool) {
    return ApiException.badData(
        "error retrieving scrape config: scrape pool " + GoQuote.quote(pool) + " not found");
  }

  Answer relabelSteps(HttpRequest request) throws ApiException, IOException {
    Parameters form = request.form();
    String pool = pool(form);
    String text = form.first("labels");
    if (text.isEmpty()) {
      throw ApiException.badData("no labels parameter provided");
    }
    Labels labels = labels(text);
    List<RelabelConfig> rules = targets.relabelling(pool);
    if (rules == null) {
      throw unknown(pool);
    }
    List<Relabelling.Step> steps = Relabelling.of(rules).steps(labels);
    return Answer.of(json -> {
      json.beginObject().name("steps").beginArray();
      for (Relabelling.Step step : steps) {
        RuleJson.write(json.beginObject().name("rule"), step.rule());
        LabelsJson.write(json.name("output"), step.output());
        json.name("keep").bool(step.keep()).endObject();
      }
      json.endArray().endObject();
    });
  }

  private static Labels labels(String text) throws ApiException {
    try {
      JsonValue json = JsonValue.parse(Utf8.bytes(text));
      if (json.isNull()) {
        return Labels.EMPTY;
      }
      Map<String, String> labels = new TreeMap<>();
      for (Map.Entry<String, JsonValue> label : json.members().entrySet()) {
        labels.put(label.getKey(), label.getValue().text());
      }
      return Labels.of(labels);
    } catch (IOException e) {
      throw ApiException.badData("error parsing labels: " + e.getMessage());
    }
  }
}
