package io.narthex.promql.engine;

import io.narthex.promql.engine.core.QueryStats;
import org.jspecify.annotations.Nullable;

/** Is told what becomes of queries, whoever asks them. Called by many threads. */
public interface QueryObserver {

  /** Nobody. */
  QueryObserver NONE =
      new QueryObserver() {
        @Override
        public void arrived() {}

        @Override
        public Runnable started(String query) {
          return () -> {};
        }

        @Override
        public void ended(Ended query) {}
      };

  /**
   * A query that was evaluated, or could not be.
   *
   * @param failure why it has no answer, or null if it has one
   */
  record Ended(
      RunningQuery.Question question,
      QueryOrigin origin,
      QueryStats stats,
      @Nullable Throwable failure) {}

  /** A query has come, and waits for its place. */
  void arrived();

  /**
   * It has its place; on the thread that evaluates it.
   *
   * @return is called on the same thread when the place is left
   */
  Runnable started(String query);

  /** It has its answer or its error; follows every {@link #arrived}. */
  void ended(Ended query);
}
