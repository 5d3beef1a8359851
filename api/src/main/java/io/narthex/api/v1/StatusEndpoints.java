package io.narthex.api.v1;

import io.narthex.api.port.ServerView;
import io.narthex.base.json.JsonWriter;
import io.narthex.base.time.Clock;
import io.narthex.net.http.HttpRequest;
import io.narthex.storage.DatabaseAdmin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The server and its database, as they are. */
final class StatusEndpoints {

  private static final int DEFAULT_LIMIT = 10;
  private static final int MOST = 10_000;

  private final ServerView server;
  private final DatabaseAdmin database;
  private final Workers workers;
  private final Clock clock;

  StatusEndpoints(ServerView server, DatabaseAdmin database, Workers workers, Clock clock) {
    this.server = server;
    this.database = database;
    this.workers = workers;
    this.clock = clock;
  }

  Answer config(HttpRequest request) {
    String yaml = server.configuration();
    return Answer.of(json -> json.beginObject().member("yaml", yaml).endObject());
  }

  Answer flags(HttpRequest request) {
    return Answer.of(json -> {
      json.beginObject();
      for (Map.Entry<String, String> flag : new TreeMap<>(server.flags()).entrySet()) {
        json.member(flag.getKey(), flag.getValue());
      }
      json.endObject();
    });
  }

  Answer runtimeInfo(HttpRequest request) {
    ServerView.Runtime runtime = server.runtime();
    return Answer.of(json -> {
      json.beginObject().member("startTime", Times.text(runtime.startTime()));
      json.member("CWD", runtime.workingDirectory());
      json.member("hostname", runtime.hostname());
      json.member("serverTime", Times.text(clock.millis()));
      json.name("reloadConfigSuccess").bool(runtime.reloadSuccess());
      json.member("lastConfigTime", Times.textOrZero(runtime.lastReload()));
      json.member("corruptionCount", runtime.corruptions());
      json.member("goroutineCount", runtime.goroutines());
      json.member("GOMAXPROCS", runtime.processors());
      json.member("GOMEMLIMIT", runtime.memoryLimit());
      json.member("GOGC", "").member("GODEBUG", "");
      json.member("storageRetention", runtime.storageRetention()).endObject();
    });
  }

  Answer buildInfo(HttpRequest request) {
    ServerView.Build build = server.build();
    return Answer.of(json -> build(json, build));
  }

  private static void build(JsonWriter json, ServerView.Build build) throws IOException {
    json.beginObject().member("version", build.version()).member("revision", build.revision());
    json.member("branch", build.branch()).member("buildUser", build.buildUser());
    json.member("buildDate", build.buildDate()).member("goVersion", build.goVersion());
    json.endObject();
  }

  Answer features(HttpRequest request) {
    return Answer.of(json -> {
      json.beginObject();
      for (Map.Entry<String, Map<String, Boolean>> category :
          new TreeMap<>(server.features()).entrySet()) {
        json.name(category.getKey()).beginObject();
        for (Map.Entry<String, Boolean> feature : new TreeMap<>(category.getValue()).entrySet()) {
          json.name(feature.getKey()).bool(feature.getValue());
        }
        json.endObject();
      }
      json.endObject();
    });
  }

  Answer notifications(HttpRequest request) {
    return Answer.of(json -> {
      json.beginArray();
      for (ServerView.Notification one : server.notifications()) {
        json.beginObject().member("text", one.text()).member("date", Times.text(one.date()));
        json.name("active").bool(one.active()).endObject();
      }
      json.endArray();
    });
  }

  Answer database(HttpRequest request) throws ApiException, IOException {
    int limit = limit(request.form().first("limit"));
    return workers.run(
        request,
        () -> {
          DatabaseAdmin.HeadStats head = database.headStats();
          DatabaseAdmin.Cardinality cardinality = database.cardinality(limit);
          return Answer.of(json -> {
            json.beginObject().name("headStats").beginObject();
            json.member("numSeries", head.series());
            json.member("numLabelPairs", head.labelPairs());
            json.member("chunkCount", head.chunks());
            json.member("minTime", head.minTime()).member("maxTime", head.maxTime());
            json.endObject();
            counts(json, "seriesCountByMetricName", cardinality.seriesCountByMetricName());
            counts(json, "labelValueCountByLabelName", cardinality.labelValueCountByLabelName());
            counts(json, "memoryInBytesByLabelName", cardinality.memoryInBytesByLabelName());
            counts(json, "seriesCountByLabelValuePair", cardinality.seriesCountByLabelValuePair());
            json.endObject();
          });
        });
  }

  private static int limit(String text) throws ApiException {
    if (text.isEmpty()) {
      return DEFAULT_LIMIT;
    }
    int limit;
    try {
      limit = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      limit = 0;
    }
    if (limit < 1) {
      throw ApiException.badData("limit must be a positive number");
    }
    if (limit > MOST) {
      throw ApiException.badData("limit must not exceed " + MOST);
    }
    return limit;
  }

  private static void counts(JsonWriter json, String name, List<DatabaseAdmin.NamedCount> counts)
      throws IOException {
    json.name(name).beginArray();
    for (DatabaseAdmin.NamedCount count : counts) {
      json.beginObject().member("name", count.name()).member("value", count.count()).endObject();
    }
    json.endArray();
  }

  Answer blocks(HttpRequest request) throws ApiException, IOException {
    List<String> metas = workers.run(request, database::blockMetas);
    return Answer.of(json -> {
      json.beginObject().name("blocks").beginArray();
      for (String meta : metas) {
        json.raw(meta.getBytes(StandardCharsets.UTF_8));
      }
      json.endArray().endObject();
    });
  }

  Answer replay(HttpRequest request) {
    DatabaseAdmin.ReplayProgress progress = database.replayProgress();
    return Answer.of(json ->
        json.beginObject()
            .member("min", progress.min())
            .member("max", progress.max())
            .member("current", progress.current())
            .endObject());
  }
}
