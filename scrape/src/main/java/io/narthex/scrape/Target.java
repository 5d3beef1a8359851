package io.narthex.scrape;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.hash.Hashes;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.scrape.append.HistogramScraping;
import io.narthex.scrape.append.PageCache;
import io.narthex.scrape.append.SampleRules;
import io.narthex.scrape.cache.MetricMetadata;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint that is scraped, and how the last scrape went. Two targets are one if their labels
 * (the hidden ones included) and their URL are equal. Thread-safe.
 */
public final class Target {

  /** What distinguishes targets of a pool. */
  record Key(Labels labels, String url) {}

  /**
   * How a scrape went.
   *
   * @param error what went wrong, or empty
   * @param at when it began; {@link Instant#EPOCH} before the first
   * @param seconds how long it took
   * @param samples what became of what it brought
   */
  public record LastScrape(
      TargetHealth health, String error, Instant at, double seconds, ScrapedSamples samples) {}

  private static final LastScrape NONE =
      new LastScrape(TargetHealth.UNKNOWN, "", Instant.EPOCH, 0, ScrapedSamples.NONE);

  private final String scrapePool;
  private final Key key;
  private final Labels publicLabels;
  private final Duration interval;
  private final Duration timeout;
  private final PageCache cache = new PageCache();
  private volatile Labels discoveredLabels;
  private volatile LastScrape lastScrape = NONE;

  Target(
      String scrapePool,
      Labels labels,
      Labels discoveredLabels,
      TargetUrl url,
      Duration interval,
      Duration timeout) {
    this.scrapePool = scrapePool;
    this.key = new Key(labels, url.text());
    this.publicLabels = withoutHidden(labels);
    this.discoveredLabels = discoveredLabels;
    this.url = url;
    this.interval = interval;
    this.timeout = timeout;
  }

  private final TargetUrl url;

  private static Labels withoutHidden(Labels labels) {
    LabelsBuilder builder = new LabelsBuilder();
    labels.forEach((name, value) -> {
      if (!name.startsWith("__")) {
        builder.set(name, value);
      }
    });
    return builder.build();
  }

  Key key() {
    return key;
  }

  TargetUrl targetUrl() {
    return url;
  }

  /** The Unix socket to scrape over, null for a target that is reached by its address. */
  @Nullable Path unixSocket() {
    String path = key.labels().get("__unix_socket__");
    return path == null || path.isEmpty() ? null : Path.of(path);
  }

  PageCache cache() {
    return cache;
  }

  /** FNV-1a over the hash of the labels, as 16 decimal digits or more, and the URL. */
  long hash() {
    byte[] labels = Utf8.bytes(padded(Long.toUnsignedString(key.labels.hash64())));
    byte[] text = Utf8.bytes(key.url);
    return Hashes.fnv1a64(Hashes.fnv1a64(labels, 0, labels.length), text, 0, text.length);
  }

  private static String padded(String number) {
    return "0".repeat(Math.max(0, 16 - number.length())) + number;
  }

  /** The rules of the job with what the target's own labels say about histograms. */
  SampleRules rules(SampleRules ofJob) {
    HistogramScraping histograms = ofJob.histograms();
    return ofJob.with(
        new HistogramScraping(
            flag("__scrape_native_histograms__", histograms.natives()),
            flag("__always_scrape_classic_histograms__", histograms.alwaysClassic()),
            flag("__convert_classic_histograms_to_nhcb__", histograms.toCustomBuckets()),
            histograms.bucketLimit(),
            histograms.finest()));
  }

  /** A switch among the hidden labels, which relabelling may have set; what is none counts not. */
  private boolean flag(String label, boolean otherwise) {
    return switch (key.labels.getOrEmpty(label)) {
      case "1", "t", "T", "TRUE", "true", "True" -> true;
      case "0", "f", "F", "FALSE", "false", "False" -> false;
      default -> otherwise;
    };
  }

  void discoveredLabels(Labels labels) {
    discoveredLabels = labels;
  }

  void report(LastScrape scrape) {
    lastScrape = scrape;
  }

  /** The job's name. */
  public String scrapePool() {
    return scrapePool;
  }

  /** The labels as they were found, before relabelling. */
  public Labels discoveredLabels() {
    return discoveredLabels;
  }

  /** The labels that its series bear. */
  public Labels labels() {
    return publicLabels;
  }

  /** The URL that is scraped. */
  public String scrapeUrl() {
    return key.url;
  }

  /**
   * The URL under which others than this machine may reach the target: the loopback's names are
   * replaced by the host of the external URL, and for this server itself scheme and port too.
   *
   * @param scheme the external URL's scheme
   * @param host the external URL's host and port
   * @param ownPort the port that this server listens on
   */
  public String globalUrl(String scheme, String host, int ownPort) {
    return url.global(scheme, host, ownPort);
  }

  public LastScrape lastScrape() {
    return lastScrape;
  }

  /** The interval as relabelling left it. */
  public String intervalText() {
    return key.labels.getOrEmpty(TargetFactory.INTERVAL);
  }

  /** The timeout as relabelling left it. */
  public String timeoutText() {
    return key.labels.getOrEmpty(TargetFactory.TIMEOUT);
  }

  public Duration interval() {
    return interval;
  }

  public Duration timeout() {
    return timeout;
  }

  /** The number of metric families that the target says something of. */
  public int families() {
    return cache.metadata().size();
  }

  /** What the target says of its metrics, in no order. */
  public List<MetricMetadata> metadata() {
    return cache.metadata().families();
  }

  /** What the target says of a metric family, or null. */
  public @Nullable MetricMetadata metadata(String family) {
    return cache.metadata().family(family);
  }
}
