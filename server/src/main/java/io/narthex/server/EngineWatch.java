package io.narthex.server;

import io.narthex.promql.engine.QueryObserver;

/** What the server notes of every query: metrics, the file of active queries, the query log. */
final class EngineWatch implements QueryObserver {

  private final EngineMetrics metrics;
  private final ActiveQueries active;
  private final QueryLog log;

  EngineWatch(EngineMetrics metrics, ActiveQueries active, QueryLog log) {
    this.metrics = metrics;
    this.active = active;
    this.log = log;
  }

  @Override
  public void arrived() {
    metrics.begun();
  }

  @Override
  public Runnable started(String query) {
    return active.note(query);
  }

  @Override
  public void ended(Ended query) {
    metrics.over(query.stats());
    log.write(query);
  }
}
