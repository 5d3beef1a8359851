package io.narthex.api.v1;

import io.narthex.api.port.Targets;
import io.narthex.base.bytes.Utf8;
import io.narthex.base.json.JsonWriter;
import io.narthex.model.relabel.RelabelConfig;
import java.io.IOException;

/** Rules of relabelling as JSON objects, with upstream's names; empty fields are left out. */
final class RuleJson {

  private RuleJson() {}

  static void write(JsonWriter json, RelabelConfig rule) throws IOException {
    json.beginObject();
    if (!rule.sourceLabels().isEmpty()) {
      json.name("source_labels").beginArray();
      for (String label : rule.sourceLabels()) {
        json.string(label);
      }
      json.endArray();
    }
    text(json, "separator", rule.separator());
    json.member("regex", rule.expression());
    if (rule.modulus() != 0) {
      json.name("modulus").raw(Utf8.bytes(Long.toUnsignedString(rule.modulus())));
    }
    text(json, "target_label", rule.targetLabel());
    text(json, "replacement", rule.replacement());
    json.member("action", rule.action().text()).endObject();
  }

  private static void text(JsonWriter json, String name, String text) throws IOException {
    if (!text.isEmpty()) {
      json.member(name, text);
    }
  }

  /** A rule with its place in its list. */
  static void write(JsonWriter json, Targets.Rule rule) throws IOException {
    json.beginObject().member("index", rule.index());
    write(json.name("config"), rule.config());
    json.endObject();
  }
}
