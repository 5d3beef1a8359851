package io.narthex.promql.engine;

import io.narthex.promql.engine.core.Annotation;
import io.narthex.promql.engine.core.MemoryAccount;
import io.narthex.promql.engine.core.QueryStats;
import java.util.ArrayList;
import java.util.List;

/**
 * What a query yielded. It holds the query's memory, and its place in the list of queries, until it
 * is closed.
 *
 * @param query its text, which annotations point into
 * @param annotations warnings and infos, each once
 * @param memory what the query took, until the answer is closed
 * @param release ends the query's life
 * @param check ends the reading, see {@link #checkReader}
 */
public record QueryAnswer(
    String query,
    QueryResult result,
    List<Annotation> annotations,
    QueryStats stats,
    MemoryAccount memory,
    Runnable release,
    Runnable check)
    implements AutoCloseable {

  @Override
  public void close() {
    memory.close();
    release.run();
  }

  /**
   * Ends the reading of the answer if the query was called off meanwhile, or its time is up.
   * Whoever writes a long answer asks now and then.
   *
   * @throws io.narthex.promql.engine.core.QueryException if it is to end
   */
  public void checkReader() {
    check.run();
  }

  /** The warnings as the API shows them, at most so many and a word on the rest; 0 for all. */
  public List<String> warnings(int limit) {
    return messages(Annotation.Severity.WARNING, "warning", limit);
  }

  /** The infos as the API shows them, at most so many and a word on the rest; 0 for all. */
  public List<String> infos(int limit) {
    return messages(Annotation.Severity.INFO, "info", limit);
  }

  private List<String> messages(Annotation.Severity severity, String name, int limit) {
    List<String> messages = new ArrayList<>();
    int omitted = 0;
    for (Annotation a : annotations) {
      if (a.severity() != severity) {
        continue;
      }
      if (limit > 0 && messages.size() == limit) {
        omitted++;
      } else {
        messages.add(a.message(query));
      }
    }
    if (omitted > 0) {
      messages.add(omitted + " more " + name + " annotations omitted");
    }
    return messages;
  }
}
