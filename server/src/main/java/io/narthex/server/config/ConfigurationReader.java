package io.narthex.server.config;

import io.narthex.base.glob.Glob;
import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlDecoder;
import io.narthex.base.yaml.YamlException;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.remote.config.OtlpConfig;
import io.narthex.remote.config.RemoteReadConfig;
import io.narthex.remote.config.RemoteWriteConfig;
import io.narthex.rules.alerting.AlertingConfig;
import io.narthex.scrape.config.ScrapeConfig;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One reading of a configuration file and of those it names with jobs. */
final class ConfigurationReader {

  /**
   * What was read.
   *
   * @param later what it asks for and what is still to come, a whole message for each
   */
  record Checked(Configuration configuration, List<String> later) {}

  private static final long DEFAULT_GOGC = 75;

  private final Path file;
  private final LoadOptions options;
  private final Environment environment;
  private final List<String> later = new ArrayList<>();
  private final Set<Path> expandedFiles = new LinkedHashSet<>();

  private ConfigurationReader(Path file, LoadOptions options) {
    this.file = file;
    this.options = options;
    this.environment =
        new Environment(name -> {
          String value = options.environment().apply(name);
          return value == null ? "" : value;
        });
  }

  static Checked read(Path file, LoadOptions options) {
    return new ConfigurationReader(file, options).read();
  }

  private Checked read() {
    String content = text(file);
    String prefix = "parsing YAML file " + file + ": ";
    Configuration configuration;
    try {
      configuration = decode(content, file, prefix, this::main);
    } catch (YamlException e) {
      throw new ConfigException(prefix + e.getMessage(), e);
    }
    if (options.agent()) {
      checkAgent(configuration);
    }
    return new Checked(configuration, List.copyOf(later));
  }

  /** What one of the files says; notes what is still to come and which files were filled in. */
  private <T> T decode(String content, Path from, String prefix, YamlDecoder<T> decoder) {
    Path folder = folder(from);
    UnaryOperator<String> expansion = UnaryOperator.identity();
    if (options.expandValues()) {
      ValueExpansion values = new ValueExpansion(folder, options.environment());
      expansion =
          text -> {
            String expanded = values.apply(text);
            expandedFiles.addAll(values.files());
            return expanded;
          };
    }
    Yaml.Decoded<T> decoded = Yaml.decodeAll(content, folder, expansion, decoder);
    decoded.later().forEach(message -> later.add(prefix + message));
    return decoded.value();
  }

  static List<String> namedFiles(Path file) {
    try {
      List<String> patterns =
          Yaml.decode(Files.readString(file), folder(file), ConfigurationReader::patterns);
      patterns.forEach(Glob::find);
      return patterns;
    } catch (YamlException | IllegalArgumentException | IOException e) {
      // Whoever loads it tells why.
      return List.of();
    }
  }

  private static List<String> patterns(YamlValue value) {
    YamlMap map = value.map("config.plain");
    List<String> patterns = new ArrayList<>();
    for (String key : List.of("rule_files", "scrape_config_files")) {
      patterns.addAll(map.list(key, "[]string", v -> pattern(v, "")));
    }
    map.finishWithUnknown();
    return patterns;
  }

  static Path folder(Path file) {
    Path parent = file.getParent();
    return parent == null ? Path.of("") : parent;
  }

  private Configuration main(YamlValue value) {
    YamlMap map = value.map("config.plain");
    boolean extra = options.extraMetrics();
    GlobalConfig global =
        map.value(
            "global", GlobalConfig.absent(extra), v -> GlobalConfig.decode(v, environment, extra));
    long gogc = map.value("runtime", DEFAULT_GOGC, ConfigurationReader::gogc);
    AlertingConfig.Draft alerting =
        map.value("alerting", scheme -> AlertingConfig.NONE, AlertingConfig::decode);
    List<String> ruleFiles =
        map.list("rule_files", "[]string", v -> pattern(v, "invalid rule file path "));
    List<String> scrapeConfigFiles =
        map.list(
            "scrape_config_files", "[]string", v -> pattern(v, "invalid scrape config file path "));
    List<ScrapeConfig.Draft> drafts =
        map.list("scrape_configs", "[]*config.ScrapeConfig", ScrapeConfig::decode);
    StorageConfig storage = map.value("storage", StorageConfig.DEFAULT, StorageConfig::decode);
    TracingConfig tracing = map.optional("tracing", TracingConfig::decode);
    List<RemoteWriteConfig.Draft> writeDrafts =
        map.list("remote_write", "[]*config.RemoteWriteConfig", RemoteWriteConfig::decode);
    List<RemoteReadConfig> remoteRead =
        map.list("remote_read", "[]*config.RemoteReadConfig", RemoteReadConfig::decode);
    OtlpConfig otlp = map.value("otlp", OtlpConfig.DEFAULT, OtlpConfig::decode);
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
    var names = global.scrape().validation();
    AlertingConfig completeAlerting = alerting.complete(names);
    List<RemoteWriteConfig> remoteWrite =
        writeDrafts.stream().map(draft -> draft.complete(names)).toList();
    RemoteWriteConfig.checkNames(map, "remote_write", remoteWrite);
    RemoteReadConfig.checkNames(map, "remote_read", remoteRead);
    otlp.check(map, "otlp", names);
    noteWhatIsStillToCome(map, ruleFiles, tracing, otlp);
    return new Configuration(
        global,
        gogc,
        completeAlerting,
        ruleFiles,
        scrapeConfigFiles,
        jobs,
        jobsOfFiles(scrapeConfigFiles, global, places),
        storage,
        tracing,
        remoteWrite,
        remoteRead,
        otlp,
        List.copyOf(expandedFiles));
  }

  private static void noteWhatIsStillToCome(
      YamlMap map, List<String> ruleFiles, @Nullable TracingConfig tracing, OtlpConfig otlp) {
    map.notYet("remote_write", "remote_read");
    if (tracing != null) {
      map.later("tracing", "field tracing");
    }
    if (!otlp.equals(OtlpConfig.DEFAULT)) {
      map.later("otlp", "field otlp");
    }
    // Patterns without files ask for nothing.
    for (String pattern : ruleFiles) {
      List<Path> found = find("rule files", pattern);
      if (!found.isEmpty()) {
        map.later(
            "rule_files", "evaluating rules (field rule_files, file " + found.getFirst() + ")");
      }
    }
  }

  /** What an agent must not have, and what it must. */
  private static void checkAgent(Configuration configuration) {
    AlertingConfig alerting = configuration.alerting();
    if (!alerting.alertmanagers().isEmpty() || !alerting.alertRelabelling().isEmpty()) {
      throw notForAgents("alerting");
    }
    if (!configuration.ruleFiles().isEmpty()) {
      throw notForAgents("rule_files");
    }
    if (!configuration.remoteRead().isEmpty()) {
      throw notForAgents("remote_read");
    }
    if (configuration.remoteWrite().isEmpty()) {
      throw new ConfigException("at least one remote_write target must be specified in agent mode");
    }
  }

  private static ConfigException notForAgents(String field) {
    return new ConfigException("field " + field + " is not allowed in agent mode");
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

  private List<ScrapeConfig> jobsOfFiles(
      List<String> patterns, GlobalConfig global, Map<String, String> places) {
    List<ScrapeConfig> jobs = new ArrayList<>();
    for (String pattern : patterns) {
      for (Path found : find("scrape config files", pattern)) {
        jobs.addAll(jobsOf(found, global, places));
      }
    }
    return jobs;
  }

  private static List<Path> find(String what, String pattern) {
    try {
      return Glob.find(pattern);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          "error retrieving " + what + " for " + GoQuote.quote(pattern) + ": " + e.getMessage(), e);
    }
  }

  private List<ScrapeConfig> jobsOf(Path from, GlobalConfig global, Map<String, String> places) {
    String name = GoQuote.quote(from.toAbsolutePath().normalize().toString());
    String content = text(from);
    try {
      return decode(content, from, name + ": ", value -> jobs(value, name, global, places));
    } catch (YamlException e) {
      throw new ConfigException(name + ": " + e.getMessage(), e);
    }
  }

  private static List<ScrapeConfig> jobs(
      YamlValue value, String name, GlobalConfig global, Map<String, String> places) {
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
  }

  private static String text(Path file) {
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
}
