package io.narthex.api.v1;

import io.narthex.api.port.ServerView;
import io.narthex.net.http.Parameters;
import io.narthex.storage.DatabaseAdmin;
import io.narthex.storage.Queryable;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers while the server starts, for those who ask for them: from what is there so far, with a
 * warning. The gate lets such requests through alone.
 */
final class Partial {

  private final ServerView server;
  private final Queryable storage;
  private final DatabaseAdmin database;

  Partial(ServerView server, Queryable storage, DatabaseAdmin database) {
    this.server = server;
    this.storage = storage;
    this.database = database;
  }

  /**
   * What a request is answered from.
   *
   * @param isPartial whether something may be missing
   * @param warnings says so in the answer
   */
  record Source(boolean isPartial, Queryable storage, List<String> warnings) {

    /** The source's warnings and others. */
    List<String> warnings(List<String> others) {
      List<String> all = new ArrayList<>(warnings);
      all.addAll(others);
      return all;
    }
  }

  /** What a request is answered from that the gate has let through now. */
  Source source(Parameters form) {
    if (server.state() != ServerView.State.STARTING || !form.first("partial").equals("true")) {
      return new Source(false, storage, List.of());
    }
    String warning =
        "the database is still starting: "
            + database.replayProgress().percent()
            + " % of the log is replayed, the answer is incomplete";
    return new Source(true, database.partial(), List.of(warning));
  }
}
