package io.narthex.api.v1;

import io.narthex.base.json.JsonWriter;
import io.narthex.model.labels.Labels;
import java.io.IOException;

/** Labels as a JSON object, sorted, without strings in between. */
final class LabelsJson {

  private LabelsJson() {}

  static void write(JsonWriter json, Labels labels) throws IOException {
    json.beginObject();
    for (Labels.Cursor c = labels.cursor(); c.next(); ) {
      json.name(c.bytes(), c.nameFrom(), c.nameLength());
      json.label(c.bytes(), c.valueFrom(), c.valueLength());
    }
    json.endObject();
  }
}
