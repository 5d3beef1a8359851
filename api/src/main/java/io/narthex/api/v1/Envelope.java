package io.narthex.api.v1;

import io.narthex.api.port.QueryFailure;
import io.narthex.base.json.JsonWriter;
import io.narthex.net.http.HttpHandler;
import io.narthex.net.http.HttpResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Puts answers and errors into the form that clients know. */
final class Envelope {

  /** The most warnings, and infos, that an answer carries. */
  private static final int MOST_REMARKS = 10;

  private Envelope() {}

  /** A handler that answers what an endpoint answers. */
  static HttpHandler around(Endpoint endpoint, Cors cors) {
    return (request, response) -> {
      cors.apply(request, response);
      Answer answer;
      try {
        answer = endpoint.answer(request);
      } catch (ApiException e) {
        error(response, e);
        return;
      }
      try (answer) {
        success(response, answer);
      }
    };
  }

  private static void success(HttpResponse response, Answer answer) throws IOException {
    Answer.Data data = answer.data();
    if (data == null) {
      response.status(204).sendEmpty();
      return;
    }
    response.header("Content-Type", "application/json");
    OutputStream out = response.body();
    JsonWriter json = new JsonWriter(out);
    json.beginObject().member("status", "success").name("data");
    try {
      data.write(json);
    } catch (QueryFailure | WorkStopped e) {
      // What was sent cannot be taken back; not to end the body is how the client learns of it.
      throw new IOException("an answer was not finished: " + e.getMessage(), e);
    }
    remarks(json, "warnings", "warning", answer.warnings());
    remarks(json, "infos", "info", answer.infos());
    json.endObject().drain();
    out.close();
  }

  private static void error(HttpResponse response, ApiException e) throws IOException {
    response.status(e.type().status()).header("Content-Type", "application/json");
    try (OutputStream out = response.body()) {
      JsonWriter json = new JsonWriter(out);
      json.beginObject().member("status", "error").member("errorType", e.type().text());
      json.member("error", String.valueOf(e.getMessage()));
      remarks(json, "warnings", "warning", e.warnings());
      json.endObject().drain();
    }
  }

  private static void remarks(JsonWriter json, String name, String kind, List<String> remarks)
      throws IOException {
    if (remarks.isEmpty()) {
      return;
    }
    json.name(name).beginArray();
    for (String remark : remarks.subList(0, Math.min(remarks.size(), MOST_REMARKS))) {
      json.string(remark);
    }
    int more = remarks.size() - MOST_REMARKS;
    if (more > 0) {
      json.string(more + " more " + kind + " annotations omitted");
    }
    json.endArray();
  }
}
