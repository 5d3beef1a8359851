package io.narthex.scrape.config;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.config.DiscoveryKeys;
import io.narthex.model.duration.Durations;
import io.narthex.model.exposition.ScrapeProtocol;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.model.relabel.RelabelConfig;
import io.narthex.net.client.HttpClientConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A job as the file has it, before the global section fills in the rest. */
final class ScrapeDraft implements ScrapeConfig.Draft {

  private final YamlMap map;
  private final String jobName;
  private final boolean honorLabels;
  private final boolean honorTimestamps;
  private final boolean trackTimestampsStaleness;
  private final Map<String, List<String>> params;
  private final Duration interval;
  private final Duration timeout;
  private final @Nullable List<String> protocols;
  private final String fallbackProtocol;
  private final HistogramOptions.Draft histograms;
  private final @Nullable Boolean extraMetrics;
  private final String failureLogFile;
  private final String metricsPath;
  private final String scheme;
  private final boolean enableCompression;
  private final ScrapeLimits limits;
  private final @Nullable ValidationScheme validation;
  private final String escaping;
  private final HttpClientConfig.Draft http;
  private final List<DiscoveryConfig> discovery;
  private final List<RelabelConfig.Draft> relabelling;
  private final List<RelabelConfig.Draft> metricRelabelling;

  private ScrapeDraft(YamlMap map) {
    this.map = map;
    jobName = map.text("job_name", "");
    honorLabels = map.bool("honor_labels", false);
    honorTimestamps = map.bool("honor_timestamps", true);
    trackTimestampsStaleness = map.bool("track_timestamps_staleness", false);
    params =
        map.value(
            "params",
            Map.of(),
            v -> v.mapOf("url.Values", e -> e.list("[]string", YamlValue::text)));
    interval = map.value("scrape_interval", Duration.ZERO, Durations::decode);
    timeout = map.value("scrape_timeout", Duration.ZERO, Durations::decode);
    protocols = map.optional("scrape_protocols", ScrapeProtocols::decodeList);
    fallbackProtocol =
        map.value("fallback_scrape_protocol", "", v -> v.text("config.ScrapeProtocol"));
    histograms = HistogramOptions.read(map);
    extraMetrics = map.optional("extra_scrape_metrics", YamlValue::bool);
    failureLogFile = map.file("scrape_failure_log_file");
    metricsPath = map.text("metrics_path", "/metrics");
    scheme = map.text("scheme", "http");
    enableCompression = map.bool("enable_compression", true);
    limits = ScrapeLimits.read(map);
    validation = map.optional("metric_name_validation_scheme", ScrapeDefaults::validation);
    escaping = map.text("metric_name_escaping_scheme", "");
    http = HttpClientConfig.read(map);
    relabelling =
        map.list(
            "relabel_configs",
            "[]*relabel.Config",
            v -> rule(v, "empty or null target relabeling rule in scrape config"));
    metricRelabelling =
        map.list(
            "metric_relabel_configs",
            "[]*relabel.Config",
            v -> rule(v, "empty or null metric relabeling rule in scrape config"));
    discovery = DiscoveryKeys.read(map);
  }

  static ScrapeDraft read(YamlMap map) {
    return new ScrapeDraft(map);
  }

  private static RelabelConfig.Draft rule(YamlValue value, String ifNull) {
    if (value.isNull()) {
      throw value.error(ifNull);
    }
    return RelabelConfig.decode(value);
  }

  @Override
  public String jobName() {
    return jobName;
  }

  @Override
  public RuntimeException error(String message) {
    return map.self().error(message);
  }

  /** The rules that need nothing but the job. */
  void checkAlone() {
    if (jobName.isEmpty()) {
      throw map.self().error("job_name is empty");
    }
    http.complete();
    if (relabelling.isEmpty()) {
      // Without rules nobody will turn a URL into an address.
      for (String address : DiscoveryKeys.staticAddresses(discovery)) {
        if (address.indexOf('/') >= 0) {
          throw map.error("static_configs", GoQuote.quote(address) + " is not a valid hostname");
        }
      }
    }
  }

  @Override
  public ScrapeConfig complete(ScrapeDefaults defaults) {
    String whose = "for scrape config with job name " + GoQuote.quote(jobName);
    Duration every = interval.isZero() ? defaults.interval() : interval;
    if (timeout.compareTo(every) > 0) {
      throw map.error("scrape_timeout", "scrape timeout greater than scrape interval " + whose);
    }
    ValidationScheme names = validation == null ? defaults.validation() : validation;
    HistogramOptions ofHistograms = histograms.complete(defaults.histograms());
    return new ScrapeConfig(
        jobName,
        honorLabels,
        honorTimestamps,
        trackTimestampsStaleness,
        params,
        every,
        timeout.isZero() ? ScrapeDefaults.shorter(defaults.timeout(), every) : timeout,
        protocols(defaults, ofHistograms, whose),
        fallbackProtocol.isEmpty()
            ? null
            : ScrapeProtocols.checkedOne(
                map.self(), fallbackProtocol, "invalid fallback_scrape_protocol " + whose + ": "),
        ofHistograms,
        extraMetrics == null ? defaults.extraMetrics() : extraMetrics,
        failureLogFile.isEmpty() ? defaults.failureLogFile() : failureLogFile,
        metricsPath,
        scheme,
        enableCompression,
        limits.orElse(defaults.limits()),
        names,
        escaping(defaults, names),
        http.complete(),
        discovery,
        relabelling.stream().map(rule -> rule.complete(names)).toList(),
        metricRelabelling.stream().map(rule -> rule.complete(names)).toList());
  }

  private List<ScrapeProtocol> protocols(
      ScrapeDefaults defaults, HistogramOptions ofHistograms, String whose) {
    if (protocols != null) {
      return ScrapeProtocols.checked(map.self(), protocols, whose);
    }
    if (defaults.protocols() != null) {
      return defaults.protocols();
    }
    return ofHistograms.scrapeNative()
        ? ScrapeProtocol.PROTOBUF_FIRST
        : ScrapeProtocol.DEFAULT;
  }

  private EscapingScheme escaping(ScrapeDefaults defaults, ValidationScheme names) {
    String global = defaults.escaping();
    EscapingScheme inherited =
        global.isEmpty()
            ? natural(defaults.validation())
            : ScrapeConfig.escaping(map.self(), global, "global");
    EscapingScheme chosen;
    if (!escaping.isEmpty()) {
      chosen = ScrapeConfig.escaping(map.self(), escaping, "scrape config");
    } else {
      chosen = validation == null ? inherited : natural(names);
    }
    if (chosen == EscapingScheme.ALLOW_UTF_8 && names != ValidationScheme.UTF8) {
      throw map.self()
          .error("utf8 metric names requested but validation scheme is not set to UTF8");
    }
    return chosen;
  }

  private static EscapingScheme natural(ValidationScheme validation) {
    return switch (validation) {
      case UTF8 -> EscapingScheme.ALLOW_UTF_8;
      case LEGACY -> EscapingScheme.UNDERSCORES;
    };
  }
}
