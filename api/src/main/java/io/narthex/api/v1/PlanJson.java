package io.narthex.api.v1;

import io.narthex.base.json.JsonWriter;
import io.narthex.promql.engine.core.PlanNote;
import io.narthex.promql.engine.core.QueryStats;
import io.narthex.promql.engine.explain.Plan;
import java.io.IOException;

/** A plan as JSON. Times are in seconds; figures are there only where the query was evaluated. */
final class PlanJson {

  private PlanJson() {}

  static void write(JsonWriter json, Plan plan) throws IOException {
    json.beginObject().member("query", plan.query());
    json.name("evaluated").bool(plan.evaluated());
    json.member("steps", plan.steps());
    if (plan.evaluated()) {
      QueryStats stats = plan.stats();
      json.member("resultSeries", plan.resultSeries());
      json.member("peakBytes", plan.bytes());
      json.member("peakSamples", stats.peakSamples());
      json.member("totalQueryableSamples", stats.samples());
      json.member("samplesRead", stats.samplesRead());
      json.name("queueSeconds").number(stats.queueNanos() / 1e9);
      json.name("prepareSeconds").number(stats.prepareNanos() / 1e9);
      json.name("evaluationSeconds").number(stats.evaluationNanos() / 1e9);
    }
    node(json.name("plan"), plan.root(), plan.evaluated());
    json.endObject();
  }

  private static void node(JsonWriter json, Plan.Node node, boolean evaluated) throws IOException {
    json.beginObject().member("id", node.id()).member("kind", node.kind().text());
    json.member("expr", node.expr());
    if (node.start() >= 0) {
      json.name("position").beginObject().member("start", node.start());
      json.member("end", node.end()).endObject();
    }
    if (node.refersTo() != 0) {
      json.member("refersTo", node.refersTo());
    }
    if (evaluated && node.kind() != Plan.Kind.REFERENCE) {
      json.member("series", node.series());
      json.member("samples", node.samples());
      json.member("samplesRead", node.samplesRead());
      json.name("seconds").number(node.nanos() / 1e9);
      json.name("selfSeconds").number(node.selfNanos() / 1e9);
      json.member("peakBytes", node.bytes());
      json.member("selfPeakBytes", node.selfBytes());
    }
    json.name("notes").beginArray();
    for (PlanNote note : node.notes()) {
      json.beginObject().member("kind", note.kind().text()).member("detail", note.detail());
      json.endObject();
    }
    json.endArray().name("children").beginArray();
    for (Plan.Node child : node.children()) {
      node(json, child, evaluated);
    }
    json.endArray().endObject();
  }
}
