package io.narthex.server.config;

import io.narthex.base.glob.Glob;
import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlException;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.relabel.RelabelConfig;
import io.narthex.scrape.config.ScrapeConfig;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A whole configuration, every value in force as it stands.
 *
 * @param global the global section
 * @param gogc the collector's target of the runtime section; shown, and without effect on a JVM
 * @param ruleFiles patterns of rule files
 * @param scrapeConfigFiles patterns of further files with jobs
 * @param scrapeConfigs the jobs of the file itself
 * @param fileScrapeConfigs the jobs of the further files
 * @param storage the storage section
 */
public record Configuration(
    GlobalConfig global,
    long gogc,
    List<String> ruleFiles,
    List<String> scrapeConfigFiles,
    List<ScrapeConfig> scrapeConfigs,
    List<ScrapeConfig> fileScrapeConfigs,
    StorageConfig storage) {

  private static final long DEFAULT_GOGC = 75;

  public Configuration {
    ruleFiles = List.copyOf(ruleFiles);
    scrapeConfigFiles = List.copyOf(scrapeConfigFiles);
    scrapeConfigs = List.copyOf(scrapeConfigs);
    fileScrapeConfigs = List.copyOf(fileScrapeConfigs);
  }

  /** All jobs. */
  public List<ScrapeConfig> jobs() {
    List<ScrapeConfig> all = new ArrayList<>(scrapeConfigs);
    all.addAll(fileScrapeConfigs);
    return List.copyOf(all);
  }

  /**
   * Reads a file and those it names.
   *
   * @param file the path as the user gave it, which the messages repeat
   * @param environment the value of an environment variable, empty where it is not set
   * @throws ConfigException if something cannot be read or is wrong
   */
  public static Configuration load(Path file, UnaryOperator<String> environment) {
    String content = read(file);
    try {
      return Yaml.decode(
          content, folder(file), value -> decode(value, new Environment(environment)));
    } catch (YamlException e) {
      throw new ConfigException("parsing YAML file " + file + ": " + e.getMessage(), e);
    }
  }

  private static Path folder(Path file) {
    Path parent = file.getParent();
    return parent == null ? Path.of("") : parent;
  }

  private static Configuration decode(YamlValue value, Environment environment) {
    YamlMap map = value.map("config.plain");
    GlobalConfig global =
        map.value("global", GlobalConfig.DEFAULT, v -> GlobalConfig.decode(v, environment));
    long gogc = map.value("runtime", DEFAULT_GOGC, Configuration::gogc);
    List<RelabelConfig.Draft> alerting = map.value("alerting", List.of(), AlertingSection::decode);
    List<String> ruleFiles =
        map.list("rule_files", "[]string", v -> pattern(v, "invalid rule file path "));
    List<String> scrapeConfigFiles =
        map.list(
            "scrape_config_files", "[]string", v -> pattern(v, "invalid scrape config file path "));
    List<ScrapeConfig.Draft> drafts =
        map.list("scrape_configs", "[]*config.ScrapeConfig", ScrapeConfig::decode);
    StorageConfig storage = map.value("storage", StorageConfig.DEFAULT, StorageConfig::decode);
    map.notYet("tracing", "remote_write", "remote_read", "otlp");
    map.finish();

    Map<String, String> places = new HashMap<>();
    List<ScrapeConfig> jobs = new ArrayList<>();
    for (ScrapeConfig.Draft draft : drafts) {
      jobs.add(draft.complete(global.scrape()));
      if (places.put(draft.jobName(), "main config file") != null) {
        throw draft.error(
            "found multiple scrape configs with job name " + GoQuote.quote(draft.jobName()));
      }
    }
    AlertingSection.check(alerting, global.scrape().validation());
    refuseRules(map, ruleFiles);
    return new Configuration(
        global,
        gogc,
        ruleFiles,
        scrapeConfigFiles,
        jobs,
        jobsOfFiles(scrapeConfigFiles, global, places),
        storage);
  }

  private static long gogc(YamlValue value) {
    YamlMap map = value.map("config.RuntimeConfig");
    long gogc = map.value("gogc", 0L, YamlValue::integer);
    map.finish();
    return gogc == 0 ? DEFAULT_GOGC : gogc;
  }

  /** A pattern whose asterisks, if any, are all in its last element. */
  private static String pattern(YamlValue value, String complaint) {
    String pattern = value.text();
    int star = pattern.indexOf('*');
    if (star >= 0 && pattern.indexOf('/', star) >= 0) {
      throw value.error(complaint + GoQuote.quote(pattern));
    }
    return value.file();
  }

  /** Patterns without files ask for nothing; rules themselves are still to come. */
  private static void refuseRules(YamlMap map, List<String> patterns) {
    for (String pattern : patterns) {
      List<Path> found = Glob.find(pattern);
      if (!found.isEmpty()) {
        throw map.error(
            "rule_files",
            "rules (field rule_files, file "
                + found.getFirst()
                + ") are not supported by Narthex"
                + " yet");
      }
    }
  }

  private static List<ScrapeConfig> jobsOfFiles(
      List<String> patterns, GlobalConfig global, Map<String, String> places) {
    List<ScrapeConfig> jobs = new ArrayList<>();
    for (String pattern : patterns) {
      for (Path file : find(pattern)) {
        jobs.addAll(jobsOf(file, global, places));
      }
    }
    return jobs;
  }

  private static List<Path> find(String pattern) {
    try {
      return Glob.find(pattern);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          "error retrieving scrape config files for "
              + GoQuote.quote(pattern)
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private static List<ScrapeConfig> jobsOf(
      Path file, GlobalConfig global, Map<String, String> places) {
    String name = GoQuote.quote(file.toAbsolutePath().normalize().toString());
    String content = read(file);
    try {
      return Yaml.decode(
          content,
          folder(file),
          value -> {
            YamlMap map = value.map("config.ScrapeConfigs");
            List<ScrapeConfig.Draft> drafts =
                map.list("scrape_configs", "[]*config.ScrapeConfig", ScrapeConfig::decode);
            map.finish();
            List<ScrapeConfig> jobs = new ArrayList<>();
            for (ScrapeConfig.Draft draft : drafts) {
              jobs.add(draft.complete(global.scrape()));
              String first = places.putIfAbsent(draft.jobName(), name);
              if (first != null) {
                throw draft.error(
                    "found multiple scrape configs with job name "
                        + GoQuote.quote(draft.jobName())
                        + ", first found in "
                        + first);
              }
            }
            return jobs;
          });
    } catch (YamlException e) {
      throw new ConfigException(name + ": " + e.getMessage(), e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new ConfigException("open " + file + ": no such file or directory", e);
    } catch (AccessDeniedException e) {
      throw new ConfigException("open " + file + ": permission denied", e);
    } catch (CharacterCodingException e) {
      throw new ConfigException("parsing YAML file " + file + ": yaml: the file is not UTF-8", e);
    } catch (IOException e) {
      String reason = Files.isDirectory(file) ? "is a directory" : String.valueOf(e.getMessage());
      throw new ConfigException("read " + file + ": " + reason, e);
    }
  }

  /** The configuration as the status page shows it: defaults filled in, secrets hidden. */
  public String yaml() {
    return YamlWriter.print(out -> {
      out.map("global", global::write);
      out.map("runtime", runtime -> runtime.unsigned("gogc", gogc));
      out.texts("rule_files", ruleFiles);
      out.texts("scrape_config_files", scrapeConfigFiles);
      out.maps("scrape_configs", scrapeConfigs, ScrapeConfig::write);
      out.mapIfAny("storage", storage::write);
      out.map(
          "otlp",
          otlp -> {
            otlp.put("translation_strategy", "UnderscoreEscapingWithSuffixes");
            otlp.bool("label_name_underscore_sanitization", true);
            otlp.bool("label_name_preserve_multiple_underscores", true);
          });
    });
  }
}
