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
 * @param alwaysScrapeClassic whether a classic histogram is kept beside its native form
 */
public record ScrapeDefaults(
    Duration interval,
    Duration timeout,
    @Nullable List<ScrapeProtocol> protocols,
    ScrapeLimits limits,
    String failureLogFile,
    ValidationScheme validation,
    String escaping,
    boolean alwaysScrapeClassic) {

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

  /** Reads the keys from the global section, which the caller finishes. */
  public static Draft read(YamlMap map) {
    Duration interval = map.value("scrape_interval", Duration.ZERO, Durations::decode);
    Duration timeout = map.value("scrape_timeout", Duration.ZERO, Durations::decode);
    List<String> protocols = map.optional("scrape_protocols", ScrapeProtocols::decodeList);
    ScrapeLimits limits = ScrapeLimits.read(map);
    String failureLog = map.file("scrape_failure_log_file");
    ValidationScheme validation =
        map.value(
            "metric_name_validation_scheme", ValidationScheme.UTF8, ScrapeDefaults::validation);
    String escaping = map.text("metric_name_escaping_scheme", "");
    refuseIfTrue(map, "scrape_native_histograms");
    refuseIfTrue(map, "convert_classic_histograms_to_nhcb");
    refuseIfTrue(map, "extra_scrape_metrics");
    boolean alwaysScrapeClassic = map.bool("always_scrape_classic_histograms", false);
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
          alwaysScrapeClassic);
    };
  }

  static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /** Refuses a switch that is on and whose work is still to come. */
  static void refuseIfTrue(YamlMap map, String key) {
    if (map.bool(key, false)) {
      throw map.error(key, "field " + key + " is not supported by Narthex yet");
    }
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
    out.bool("scrape_native_histograms", false);
    out.flag("always_scrape_classic_histograms", alwaysScrapeClassic);
  }
}
