package io.narthex.api.port;

import io.narthex.model.labels.Labels;
import java.util.List;
import java.util.Map;

/** What is scraped, as the API shows it. Thread-safe; each answer is a picture of one moment. */
public interface Targets {

  /** How the last scrape went. */
  enum Health {
    UNKNOWN("unknown"),
    UP("up"),
    DOWN("down");

    private final String text;

    Health(String text) {
      this.text = text;
    }

    /** The name in the API. */
    public String text() {
      return text;
    }
  }

  /**
   * A target that is scraped.
   *
   * @param discovered its labels before relabelling
   * @param labels its labels
   * @param url where it is scraped
   * @param globalUrl the same for other machines, where {@code url} says localhost
   * @param lastError why the last scrape failed, or empty
   * @param lastScrape milliseconds since the epoch; 0 if there was none
   * @param lastDurationNanos how long the last scrape took
   * @param interval as a duration of Prometheus
   * @param timeout as a duration of Prometheus
   */
  record Active(
      String pool,
      Labels discovered,
      Labels labels,
      String url,
      String globalUrl,
      Health health,
      String lastError,
      long lastScrape,
      long lastDurationNanos,
      String interval,
      String timeout) {}

  /** A target that relabelling dropped. */
  record Dropped(String pool, Labels discovered) {}

  /** What a target says of one of its metrics. */
  record Metadata(String metric, String type, String help, String unit) {}

  /** A target and what it says of its metrics. */
  record Described(Labels target, List<Metadata> metrics) {}

  /** The names of all pools, sorted. */
  List<String> pools();

  /** The targets of all pools, by pool and then in the pool's order. */
  List<Active> active();

  /** The dropped targets that are still remembered. */
  List<Dropped> dropped();

  /** How many targets each pool dropped, those that are not remembered too. */
  Map<String, Integer> droppedCounts();

  /**
   * What the targets say of their metrics.
   *
   * @param metric the only metric of interest, or empty for all
   */
  List<Described> metadata(String metric);
}
