package io.narthex.discovery.kubernetes;

import io.narthex.base.json.JsonValue;
import java.io.IOException;

/**
 * Who controls an object.
 *
 * @param kind empty for nobody
 */
record Owner(String kind, String name) {

  static final Owner NOBODY = new Owner("", "");

  static Owner decode(JsonValue metadata) throws IOException {
    for (JsonValue reference : metadata.get("ownerReferences").items()) {
      if (reference.truth("controller")) {
        return new Owner(reference.text("kind"), reference.text("name"));
      }
    }
    return NOBODY;
  }

  boolean is(String kind) {
    return this.kind.equals(kind);
  }
}
