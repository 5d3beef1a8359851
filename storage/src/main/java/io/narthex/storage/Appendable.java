package io.narthex.storage;

/** A place that samples can be written to. Thread-safe. */
public interface Appendable {

  /**
   * Opens a group of writers that belong together: a scrape target, a rule group, a stripe of
   * remote write. The series that are first written through a group belong to it, and its commits
   * are cheap for them. A group is used by one thread at a time; close it when its producer is gone
   * (its series stay).
   */
  AppendGroup group();

  /** What a producer holds for as long as it lives. */
  interface AppendGroup extends AutoCloseable {

    /**
     * Starts a batch. The appender is owned by the group and reused: at most one is open at a time,
     * and it is over with {@link Appender#commit} or {@link Appender#rollback}.
     */
    Appender appender();

    @Override
    void close();
  }
}
