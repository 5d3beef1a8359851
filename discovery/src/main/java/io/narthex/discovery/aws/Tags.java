package io.narthex.discovery.aws;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.aws.api.Xml;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.List;

/** What users write on their resources; each becomes a label. */
final class Tags {

  private Tags() {}

  /**
   * Sets one.
   *
   * @param prefix in front of the tag's name
   */
  static void set(LabelsBuilder labels, String prefix, String key, String value) {
    if (!key.isEmpty()) {
      labels.set(prefix + Meta.sanitized(key), value);
    }
  }

  /** Sets those of a list in XML; the names of the fields differ between services. */
  static void set(LabelsBuilder labels, String prefix, List<Xml> tags, String key, String value) {
    for (Xml tag : tags) {
      set(labels, prefix, tag.text(key), tag.text(value));
    }
  }

  /** Sets those of a list in JSON. */
  static void set(LabelsBuilder labels, String prefix, JsonValue tags) throws IOException {
    for (JsonValue tag : tags.items()) {
      set(labels, prefix, tag.text("key"), tag.text("value"));
    }
  }
}
