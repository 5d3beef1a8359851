package io.narthex.api.v1;

import io.narthex.base.text.GoQuote;
import io.narthex.net.http.HttpRequest;
import io.narthex.storage.DatabaseAdmin;
import io.narthex.storage.StorageException;
import java.io.IOException;
import java.nio.file.Path;

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

  Answer snapshot(HttpRequest request) throws ApiException, IOException {
    if (!enabled) {
      throw new ApiException(ErrorType.UNAVAILABLE, "admin APIs disabled");
    }
    boolean skipHead = bool(request.form().first("skip_head"));
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

  /** As Go's {@code strconv.ParseBool}; an empty text is false. */
  private static boolean bool(String text) throws ApiException {
    return switch (text) {
      case "1", "t", "T", "true", "TRUE", "True" -> true;
      case "", "0", "f", "F", "false", "FALSE", "False" -> false;
      default ->
          throw ApiException.invalid(
              "skip_head",
              "unable to parse boolean: strconv.ParseBool: parsing "
                  + GoQuote.quote(text)
                  + ": invalid syntax");
    };
  }
}
