package io.narthex.scrape.config;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.duration.Durations;
import io.narthex.model.exposition.ScrapeProtocol;
import io.narthex.model.labels.ValidationScheme;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the global section says about scraping: the values of every job that does not have its own.
 *
 * @param interval time between scrapes of a target
 * @param timeout how long a scrape may take, at most the interval
 * @param protocols what targets are asked for; null where the file does not say
 * @param limits limits
 * @param failureLogFile where failures are logged, empty for nowhere
 * @param validation which names are allowed
 * @param escaping how targets write other names; empty where the file does not say
 * @param histograms what becomes of histograms
 * @param extraMetrics whether timeout, sample limit and body size are stored with each scrape
 */
public record ScrapeDefaults(
    Duration interval,
    Duration timeout,
    @Nullable List<ScrapeProtocol> protocols,
    ScrapeLimits limits,
    String failureLogFile,
    ValidationScheme validation,
    String escaping,
    HistogramOptions histograms,
    boolean extraMetrics) {

  /** What holds where the file has no global section. */
  public static final ScrapeDefaults DEFAULT =
      new ScrapeDefaults(
          Duration.ofMinutes(1),
          Duration.ofSeconds(10),
          null,
          ScrapeLimits.NONE,
          "",
          ValidationScheme.UTF8,
          EscapingScheme.ALLOW_UTF_8.text(),
          HistogramOptions.DEFAULT,
          false);

  /** The keys as they were read; their rules are still to be checked. */
  @FunctionalInterface
  public interface Draft {

    /**
     * Checks the rules between the keys, once the map is finished.
     *
     * @throws io.narthex.base.yaml.YamlException if one is broken
     */
    ScrapeDefaults complete();
  }

  /** These defaults with another choice of extra metrics. */
  public ScrapeDefaults withExtraMetrics(boolean extra) {
    return new ScrapeDefaults(
        interval,
        timeout,
        protocols,
        limits,
        failureLogFile,
        validation,
        escaping,
        histograms,
        extra);
  }

  /**
   * Reads the keys from the global section, which the caller finishes.
   *
   * @param extraMetrics what holds where the file does not say whether to store extra metrics
   */
  public static Draft read(YamlMap map, boolean extraMetrics) {
    Duration interval = map.value("scrape_interval", Duration.ZERO, Durations::decode);
    Duration timeout = map.value("scrape_timeout", Duration.ZERO, Durations::decode);
    List<String> protocols = map.optional("scrape_protocols", ScrapeProtocols::decodeList);
    ScrapeLimits limits = ScrapeLimits.read(map);
    String failureLog = map.file("scrape_failure_log_file");
    ValidationScheme validation =
        map.value(
            "metric_name_validation_scheme", ValidationScheme.UTF8, ScrapeDefaults::validation);
    String escaping = map.text("metric_name_escaping_scheme", "");
    HistogramOptions histograms = HistogramOptions.readGlobal(map);
    boolean extra = map.bool("extra_scrape_metrics", extraMetrics);
    return () -> {
      Duration every = interval.isZero() ? DEFAULT.interval : interval;
      if (timeout.compareTo(every) > 0) {
        throw map.error("scrape_timeout", "global scrape timeout greater than scrape interval");
      }
      return new ScrapeDefaults(
          every,
          timeout.isZero() ? shorter(DEFAULT.timeout, every) : timeout,
          protocols == null
              ? null
              : ScrapeProtocols.checked(map.self(), protocols, "for global config"),
          limits,
          failureLog,
          validation,
          escaping,
          histograms,
          extra);
    };
  }

  static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  static ValidationScheme validation(YamlValue value) {
    String name = value.text();
    for (ValidationScheme scheme : ValidationScheme.values()) {
      if (scheme.text().equals(name)) {
        return scheme;
      }
    }
    throw value.error("unrecognized ValidationScheme: \"" + name + "\"");
  }

  /** Writes the keys before {@code evaluation_interval}, as upstream orders them. */
  public void writeTimes(YamlWriter.Map out) {
    Durations.write(out, "scrape_interval", interval);
    Durations.write(out, "scrape_timeout", timeout);
    out.texts(
        "scrape_protocols",
        protocols == null
            ? List.of()
            : protocols.stream().map(ScrapeProtocol::configName).toList());
  }

  /** Writes the keys behind {@code external_labels}. */
  public void writeLimits(YamlWriter.Map out) {
    limits.write(out);
    out.unsigned("keep_dropped_targets", limits.keepDroppedTargets());
    out.put("metric_name_validation_scheme", validation.text());
    out.text("metric_name_escaping_scheme", escaping);
    out.bool(HistogramOptions.SCRAPE_NATIVE, histograms.scrapeNative());
    out.flag(HistogramOptions.TO_CUSTOM_BUCKETS, histograms.toCustomBuckets());
    out.flag(HistogramOptions.ALWAYS_CLASSIC, histograms.alwaysScrapeClassic());
    out.flag("extra_scrape_metrics", extraMetrics);
  }
}
