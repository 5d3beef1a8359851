package io.narthex.api.v1;

import io.narthex.api.port.RunningQueries;
import io.narthex.base.json.JsonWriter;
import io.narthex.net.http.HttpRequest;
import java.io.IOException;
import java.util.List;

/**
 * The queries that are running, and their end: an addition of ours, described in {@code
 * docs/queries.md}.
 */
final class RunningEndpoints {

  private final RunningQueries queries;

  RunningEndpoints(RunningQueries queries) {
    this.queries = queries;
  }

  Answer list(HttpRequest request) {
    List<RunningQueries.Entry> all = queries.list();
    return Answer.of(json -> {
      json.beginArray();
      for (RunningQueries.Entry entry : all) {
        write(json, entry);
      }
      json.endArray();
    });
  }

  private static void write(JsonWriter json, RunningQueries.Entry entry) throws IOException {
    boolean range = entry.step() > 0;
    json.beginObject().member("id", entry.id()).member("query", entry.query());
    json.member("kind", range ? "range" : "instant").member("state", entry.state().text());
    json.member("client", entry.client());
    json.name("startedAt").timestamp(entry.arrived());
    json.name("ageSeconds").number(Math.max(0, entry.ageNanos()) / 1e9);
    if (range) {
      json.name("start").timestamp(entry.start());
      json.name("end").timestamp(entry.end());
      json.name("step").number(entry.step() / 1e3);
    } else {
      json.name("time").timestamp(entry.start());
    }
    json.member("samples", entry.samples()).member("peakSamples", entry.peakSamples());
    json.member("memoryBytes", entry.memory()).member("peakMemoryBytes", entry.peakMemory());
    json.endObject();
  }

  Answer cancel(HttpRequest request) throws ApiException {
    String text = request.pathParameter("id");
    long id;
    try {
      id = Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw ApiException.invalid("id", "not the number of a query");
    }
    if (!queries.cancel(id)) {
      throw new ApiException(
          ErrorType.NOT_FOUND,
          "no query with the id " + id + " is running: /api/v1/queries lists those that are");
    }
    return Answer.of(json -> json.beginObject().member("id", id).endObject());
  }
}
