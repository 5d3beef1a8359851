package io.narthex.promql.engine;

import io.narthex.promql.engine.core.Annotation;
import io.narthex.promql.engine.core.MemoryAccount;
import io.narthex.promql.engine.core.QueryStats;
import java.util.ArrayList;
import java.util.List;

/**
 * What a query yielded. It holds the query's memory until it is closed.
 *
 * @param query its text, which annotations point into
 * @param annotations warnings and infos, each once
 * @param memory what the query took, until the answer is closed
 */
public record QueryAnswer(
    String query,
    QueryResult result,
    List<Annotation> annotations,
    QueryStats stats,
    MemoryAccount memory)
    implements AutoCloseable {

  @Override
  public void close() {
    memory.close();
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
