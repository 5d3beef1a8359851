package io.narthex.discovery.moby;

import io.narthex.discovery.Stub;
import io.narthex.testkit.Conformance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Answers of Docker daemons: recorded ones, or given ones. */
public final class RecordedDaemon {

  private RecordedDaemon() {}

  /** Lets a stub answer as it was recorded in a folder; questions with filters are told apart. */
  public static void serve(Stub stub, String folder) {
    Path root = Conformance.path("service-discovery/moby/" + folder);
    stub.answer(asked -> {
      String path = asked.path();
      if (path.equals("/_ping")) {
        return ping();
      }
      int query = path.indexOf('?');
      String name = path.substring("/v1.40/".length(), query < 0 ? path.length() : query);
      // Only one question with filters was recorded.
      String suffix = query < 0 ? ".json" : ".json__wvKVCQ4HhD";
      try {
        return Stub.Answer.json(Files.readString(root.resolve(name + suffix)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  /** Lets a stub answer questions by their paths without version and query. */
  public static void serve(Stub stub, Map<String, String> answers) {
    stub.answer(asked -> {
      String path = asked.path();
      if (path.equals("/_ping")) {
        return ping();
      }
      int query = path.indexOf('?');
      String name = path.substring("/v1.40/".length(), query < 0 ? path.length() : query);
      String answer = answers.get(name);
      return answer == null ? Stub.Answer.status(404, path) : Stub.Answer.json(answer);
    });
  }

  private static Stub.Answer ping() {
    return new Stub.Answer(200, "text/plain", "OK", Map.of("Api-Version", "1.40"));
  }
}
