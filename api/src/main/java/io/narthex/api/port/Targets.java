package io.narthex.api.port;

import io.narthex.model.labels.Labels;
import io.narthex.model.relabel.RelabelConfig;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
   * @param samples what became of its last page
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
      String timeout,
      Samples samples) {}

  /**
   * What became of the samples of a page.
   *
   * @param scraped how many there were, as far as the page was read
   * @param kept how many relabelling left
   * @param added how many series were not in the page before
   * @param leftOut why some were not stored
   */
  record Samples(int scraped, int kept, int added, List<LeftOut> leftOut) {}

  /**
   * Samples that were not stored.
   *
   * @param reason the key that decides it
   * @param rule the rule that dropped them, or null
   */
  record LeftOut(String reason, @Nullable Rule rule, int samples) {}

  /**
   * A rule of relabelling.
   *
   * @param index its place in its list, from 0
   */
  record Rule(int index, RelabelConfig config) {}

  /** A target that relabelling dropped, and the rule that did it. */
  record Dropped(String pool, Labels discovered, Rule rule) {}

  /** What was found and cannot be a target, and why. */
  record Faulty(String pool, Labels discovered, String error) {}

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

  /** What cannot be a target, as far as it is remembered. */
  List<Faulty> faulty();

  /**
   * The rules that make targets of what a pool's discovery finds; null if there is no such pool.
   */
  @Nullable List<RelabelConfig> relabelling(String pool);

  /** A pool's configuration as YAML, secrets hidden; null if there is no such pool. */
  @Nullable String configuration(String pool);

  /** How many targets each pool dropped, those that are not remembered too. */
  Map<String, Integer> droppedCounts();

  /**
   * What the targets say of their metrics.
   *
   * @param metric the only metric of interest, or empty for all
   */
  List<Described> metadata(String metric);
}
