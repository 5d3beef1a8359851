package io.narthex.api.v1;

import io.narthex.model.labels.Matcher;
import io.narthex.net.http.HttpRequest;
import io.narthex.net.http.Parameters;
import io.narthex.storage.DatabaseAdmin;
import io.narthex.storage.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What changes the database; only where the operator has allowed it. */
final class AdminEndpoints {

  private final DatabaseAdmin database;
  private final Workers workers;
  private final boolean enabled;

  AdminEndpoints(DatabaseAdmin database, Workers workers, boolean enabled) {
    this.database = database;
    this.workers = workers;
    this.enabled = enabled;
  }

  private void requireEnabled() throws ApiException {
    if (!enabled) {
      throw new ApiException(ErrorType.UNAVAILABLE, "admin APIs disabled");
    }
  }

  Answer deleteSeries(HttpRequest request) throws ApiException, IOException {
    requireEnabled();
    Parameters form = request.form();
    Selectors.requireReadable(form);
    if (!form.has(Selectors.NAME)) {
      throw ApiException.badData("no match[] parameter provided");
    }
    long start = Times.optional(form, "start", Times.MIN);
    long end = Times.optional(form, "end", Times.MAX);
    List<List<Matcher>> selectors = new ArrayList<>();
    for (String text : form.all(Selectors.NAME)) {
      selectors.add(Selectors.parse(Selectors.NAME, text));
    }
    return workers.run(
        request,
        () -> {
          try {
            for (List<Matcher> matchers : selectors) {
              database.delete(start, end, matchers);
            }
            return Answer.NONE;
          } catch (StorageException e) {
            throw new ApiException(ErrorType.INTERNAL, String.valueOf(e.getMessage()));
          }
        });
  }

  Answer cleanTombstones(HttpRequest request) throws ApiException, IOException {
    requireEnabled();
    return workers.run(
        request,
        () -> {
          try {
            database.cleanTombstones();
            return Answer.NONE;
          } catch (StorageException e) {
            throw new ApiException(ErrorType.INTERNAL, String.valueOf(e.getMessage()));
          }
        });
  }

  Answer snapshot(HttpRequest request) throws ApiException, IOException {
    requireEnabled();
    boolean skipHead = Booleans.parse("skip_head", request.form().first("skip_head"));
    Path written =
        workers.run(
            request,
            () -> {
              try {
                return database.snapshot(skipHead);
              } catch (StorageException e) {
                throw new ApiException(ErrorType.INTERNAL, "create snapshot: " + e.getMessage());
              }
            });
    String name = String.valueOf(written.getFileName());
    return Answer.of(json -> json.beginObject().member("name", name).endObject());
  }
}
