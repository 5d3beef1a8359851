package io.narthex.api.port;

import java.util.List;

/** The queries that wait, run, or whose answers are being sent. Thread-safe. */
public interface RunningQueries {

  /** Where in its life a query is. */
  enum State {
    /** Others have the places. */
    WAITING("waiting"),
    RUNNING("running"),
    /** Its answer is complete, and is being sent. */
    WRITING("writing");

    private final String text;

    State(String text) {
      this.text = text;
    }

    /** The name in the API. */
    public String text() {
      return text;
    }
  }

  /**
   * A query as it was at one moment.
   *
   * @param start the first moment that it is evaluated at, milliseconds since the epoch
   * @param end the last moment at most
   * @param step milliseconds; 0 for a query at one moment
   * @param client the address of who asked, or the empty text
   * @param arrived milliseconds since the epoch
   * @param ageNanos since it arrived
   * @param samples looked at so far, each once for every step that saw it
   * @param peakSamples the most that it held at once
   * @param memory bytes that it holds
   * @param peakMemory the most bytes that it held
   */
  record Entry(
      long id,
      String query,
      State state,
      long start,
      long end,
      long step,
      String client,
      long arrived,
      long ageNanos,
      long samples,
      long peakSamples,
      long memory,
      long peakMemory) {}

  /** Those of this moment, the oldest first. */
  List<Entry> list();

  /**
   * Calls one off; it ends soon.
   *
   * @return false if there is none of this number
   */
  boolean cancel(long id);
}
