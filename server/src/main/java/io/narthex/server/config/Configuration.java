package io.narthex.server.config;

import io.narthex.base.yaml.YamlWriter;
import io.narthex.remote.config.OtlpConfig;
import io.narthex.remote.config.RemoteReadConfig;
import io.narthex.remote.config.RemoteWriteConfig;
import io.narthex.rules.alerting.AlertingConfig;
import io.narthex.scrape.config.ScrapeConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A whole configuration, every value in force as it stands.
 *
 * @param global the global section
 * @param gogc the collector's target of the runtime section; shown, and without effect on a JVM
 * @param alerting the alerting section
 * @param ruleFiles patterns of rule files
 * @param scrapeConfigFiles patterns of further files with jobs
 * @param scrapeConfigs the jobs of the file itself
 * @param fileScrapeConfigs the jobs of the further files
 * @param storage the storage section
 * @param tracing the tracing section, or null
 * @param remoteWrite who is sent samples
 * @param remoteRead who is asked for samples
 * @param otlp how what comes by OTLP becomes series
 * @param expandedFiles the files whose content was filled into values
 */
public record Configuration(
    GlobalConfig global,
    long gogc,
    AlertingConfig alerting,
    List<String> ruleFiles,
    List<String> scrapeConfigFiles,
    List<ScrapeConfig> scrapeConfigs,
    List<ScrapeConfig> fileScrapeConfigs,
    StorageConfig storage,
    @Nullable TracingConfig tracing,
    List<RemoteWriteConfig> remoteWrite,
    List<RemoteReadConfig> remoteRead,
    OtlpConfig otlp,
    List<Path> expandedFiles) {

  public Configuration {
    ruleFiles = List.copyOf(ruleFiles);
    scrapeConfigFiles = List.copyOf(scrapeConfigFiles);
    scrapeConfigs = List.copyOf(scrapeConfigs);
    fileScrapeConfigs = List.copyOf(fileScrapeConfigs);
    remoteWrite = List.copyOf(remoteWrite);
    remoteRead = List.copyOf(remoteRead);
    expandedFiles = List.copyOf(expandedFiles);
  }

  /** All jobs. */
  public List<ScrapeConfig> jobs() {
    List<ScrapeConfig> all = new ArrayList<>(scrapeConfigs);
    all.addAll(fileScrapeConfigs);
    return List.copyOf(all);
  }

  /**
   * Reads a file and those it names, to act on it.
   *
   * @param file the path as the user gave it, which the messages repeat
   * @throws ConfigException if something cannot be read, is wrong, or is still to come
   */
  public static Configuration load(Path file, LoadOptions options) {
    ConfigurationReader.Checked checked = ConfigurationReader.read(file, options);
    if (!checked.later().isEmpty()) {
      throw new ConfigException(checked.later().getFirst());
    }
    return checked.configuration();
  }

  /**
   * Reads a file and those it names with jobs, to check it: what is right and still to come passes.
   *
   * @throws ConfigException if something cannot be read or is wrong
   */
  public static Configuration check(Path file, LoadOptions options) {
    return ConfigurationReader.read(file, options).configuration();
  }

  /**
   * The patterns of further files that a file names, be it right or wrong otherwise; none if it
   * cannot be read at all.
   */
  public static List<String> namedFiles(Path file) {
    return ConfigurationReader.namedFiles(file);
  }

  /** The configuration as the status page shows it: defaults filled in, secrets hidden. */
  public String yaml() {
    return YamlWriter.print(out -> {
      out.map("global", global::write);
      out.map("runtime", runtime -> runtime.unsigned("gogc", gogc));
      out.mapIfAny("alerting", alerting::write);
      out.texts("rule_files", ruleFiles);
      out.texts("scrape_config_files", scrapeConfigFiles);
      out.maps("scrape_configs", scrapeConfigs, ScrapeConfig::write);
      out.mapIfAny("storage", storage::write);
      if (tracing != null) {
        out.map("tracing", tracing::write);
      }
      out.maps("remote_write", remoteWrite, RemoteWriteConfig::write);
      out.maps("remote_read", remoteRead, RemoteReadConfig::write);
      out.map("otlp", otlp::write);
    });
  }
}
