package io.narthex.discovery.aws.api;

import io.narthex.base.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/** Builds what an action is asked with: an object of texts and lists of texts. */
public final class JsonBody {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final JsonWriter out = new JsonWriter(bytes);

  /** Begins the object. */
  public JsonBody() throws IOException {
    out.beginObject();
  }

  /** Adds a text, unless it is empty. */
  public JsonBody text(String name, String value) throws IOException {
    if (!value.isEmpty()) {
      out.member(name, value);
    }
    return this;
  }

  /** Adds a list of texts. */
  public JsonBody texts(String name, List<String> values) throws IOException {
    out.name(name).beginArray();
    for (String value : values) {
      out.string(value);
    }
    out.endArray();
    return this;
  }

  /** Ends the object. */
  public byte[] bytes() throws IOException {
    out.endObject().flush();
    return bytes.toByteArray();
  }
}
