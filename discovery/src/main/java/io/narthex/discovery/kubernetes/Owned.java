package io.narthex.discovery.kubernetes;

import io.narthex.base.json.JsonValue;
import java.io.IOException;

/** An object between pods and who has them made: a replica set or a job. */
record Owned(String namespace, String name, Owner owner) implements KubeObject {

  static Owned decode(JsonValue json) throws IOException {
    JsonValue metadata = json.get("metadata");
    return new Owned(metadata.text("namespace"), metadata.text("name"), Owner.decode(metadata));
  }
}
