package io.narthex.scrape.config;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.config.DiscoveryKeys;
import io.narthex.model.duration.Durations;
import io.narthex.model.exposition.ScrapeProtocol;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.model.relabel.RelabelConfig;
import io.narthex.net.client.HttpClientConfig;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A job: targets that are found and scraped alike. All values are in force as they stand; what the
 * file left open has been filled in from the global section. Equal jobs need no restart on reload.
 *
 * @param jobName the name, not empty, unique in the configuration
 * @param honorLabels whether labels of the exposition win over those of the target
 * @param honorTimestamps whether timestamps of the exposition are kept
 * @param trackTimestampsStaleness whether series with explicit timestamps go stale as others do
 * @param params query parameters of the scrape
 * @param interval time between scrapes of a target
 * @param timeout how long a scrape may take
 * @param protocols what targets are asked for, best first
 * @param fallbackProtocol how a body of unknown type is read; null to refuse it
 * @param histograms what becomes of histograms
 * @param extraMetrics whether timeout, sample limit and body size are stored with each scrape
 * @param failureLogFile where failures are logged, empty for nowhere
 * @param metricsPath path on the target
 * @param scheme {@code http} or {@code https}
 * @param enableCompression whether a compressed body is asked for
 * @param limits what a scrape may bring
 * @param validation which names are allowed
 * @param escaping how targets are asked to write other names
 * @param http how to speak HTTP to the targets
 * @param discovery where the targets come from
 * @param relabelling rules for targets
 * @param metricRelabelling rules for scraped series
 */
public record ScrapeConfig(
    String jobName,
    boolean honorLabels,
    boolean honorTimestamps,
    boolean trackTimestampsStaleness,
    Map<String, List<String>> params,
    Duration interval,
    Duration timeout,
    List<ScrapeProtocol> protocols,
    @Nullable ScrapeProtocol fallbackProtocol,
    HistogramOptions histograms,
    boolean extraMetrics,
    String failureLogFile,
    String metricsPath,
    String scheme,
    boolean enableCompression,
    ScrapeLimits limits,
    ValidationScheme validation,
    EscapingScheme escaping,
    HttpClientConfig http,
    List<DiscoveryConfig> discovery,
    List<RelabelConfig> relabelling,
    List<RelabelConfig> metricRelabelling) {

  public ScrapeConfig {
    params = Map.copyOf(params);
    protocols = List.copyOf(protocols);
    discovery = List.copyOf(discovery);
    relabelling = List.copyOf(relabelling);
    metricRelabelling = List.copyOf(metricRelabelling);
  }

  /** A job that has been read; the global section is still to fill it in. */
  public interface Draft {

    /** The job's name. */
    String jobName();

    /** A complaint about the job as a whole, to be thrown. */
    RuntimeException error(String message);

    /**
     * Fills in what the job leaves open and checks the rules.
     *
     * @throws io.narthex.base.yaml.YamlException if one is broken
     */
    ScrapeConfig complete(ScrapeDefaults defaults);
  }

  /** Reads a job from a configuration file. */
  public static Draft decode(YamlValue value) {
    if (value.isNull()) {
      return new NullDraft(value);
    }
    YamlMap map = value.map("config.ScrapeConfig");
    ScrapeDraft draft = ScrapeDraft.read(map);
    map.finish();
    draft.checkAlone();
    return draft;
  }

  private record NullDraft(YamlValue value) implements Draft {

    @Override
    public String jobName() {
      return "";
    }

    @Override
    public RuntimeException error(String message) {
      return value.error(message);
    }

    @Override
    public ScrapeConfig complete(ScrapeDefaults defaults) {
      throw error("empty or null scrape config section");
    }
  }

  /** Writes the job as upstream prints it. */
  public void write(YamlWriter.Map out) {
    out.put("job_name", jobName);
    out.flag("honor_labels", honorLabels);
    out.bool("honor_timestamps", honorTimestamps);
    out.bool("track_timestamps_staleness", trackTimestampsStaleness);
    if (!params.isEmpty()) {
      out.map("params", inner -> new TreeMap<>(params).forEach(inner::texts));
    }
    Durations.write(out, "scrape_interval", interval);
    Durations.write(out, "scrape_timeout", timeout);
    out.texts("scrape_protocols", protocols.stream().map(ScrapeProtocol::configName).toList());
    if (fallbackProtocol != null) {
      out.put("fallback_scrape_protocol", fallbackProtocol.configName());
    }
    out.bool(HistogramOptions.SCRAPE_NATIVE, histograms.scrapeNative());
    out.bool(HistogramOptions.ALWAYS_CLASSIC, histograms.alwaysScrapeClassic());
    out.bool(HistogramOptions.TO_CUSTOM_BUCKETS, histograms.toCustomBuckets());
    out.text("scrape_failure_log_file", failureLogFile);
    out.text("metrics_path", metricsPath);
    out.text("scheme", scheme);
    out.bool("enable_compression", enableCompression);
    limits.write(out);
    out.unsigned("native_histogram_bucket_limit", histograms.bucketLimit());
    out.number("native_histogram_min_bucket_factor", histograms.minBucketFactor());
    out.unsigned("keep_dropped_targets", limits.keepDroppedTargets());
    out.put("metric_name_validation_scheme", validation.text());
    out.put("metric_name_escaping_scheme", escaping.text());
    out.bool("extra_scrape_metrics", extraMetrics);
    http.write(out);
    out.maps("relabel_configs", relabelling, RelabelConfig::write);
    out.maps("metric_relabel_configs", metricRelabelling, RelabelConfig::write);
    DiscoveryKeys.write(out, discovery);
  }

  /** The escaping of a job that does not say it, or the complaint about an unknown name. */
  static EscapingScheme escaping(YamlValue value, String name, String whose) {
    EscapingScheme scheme = EscapingScheme.of(name);
    if (scheme == null) {
      throw value.error(
          "unknown "
              + whose
              + " name escaping method specified, must be one of "
              + Arrays.stream(EscapingScheme.values())
                  .limit(3)
                  .map(s -> "'" + s.text() + "'")
                  .collect(Collectors.joining(", "))
              + ", or 'values', got "
              + GoQuote.quote(name));
    }
    return scheme;
  }
}
