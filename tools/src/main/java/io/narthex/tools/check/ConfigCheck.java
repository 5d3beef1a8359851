package io.narthex.tools.check;

import io.narthex.base.glob.Glob;
import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlException;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.file.FileConfig;
import io.narthex.discovery.file.TargetFile;
import io.narthex.discovery.fixed.StaticConfig;
import io.narthex.discovery.kubernetes.KubernetesConfig;
import io.narthex.model.duration.Durations;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.net.client.Authorization;
import io.narthex.net.client.TlsConfig;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.rules.alerting.AlertmanagerConfig;
import io.narthex.rules.alerting.AlertmanagerTargets;
import io.narthex.scrape.TargetPreview;
import io.narthex.scrape.config.ScrapeConfig;
import io.narthex.server.config.ConfigException;
import io.narthex.server.config.Configuration;
import io.narthex.server.config.LoadOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** {@code check config}. */
final class ConfigCheck {

  private final PrintStream out;
  private final PrintStream err;
  private final LoadOptions options;
  private final boolean syntaxOnly;
  private final Lint lint;
  private final ParserOptions parser;

  ConfigCheck(
      PrintStream out,
      PrintStream err,
      LoadOptions options,
      boolean syntaxOnly,
      Lint lint,
      ParserOptions parser) {
    this.out = out;
    this.err = err;
    this.options = options;
    this.syntaxOnly = syntaxOnly;
    this.lint = lint;
    this.parser = parser;
  }

  Outcome files(List<String> files) {
    Outcome outcome = Outcome.RIGHT;
    for (String file : files) {
      outcome = outcome.and(file(file));
    }
    return outcome;
  }

  private Outcome file(String file) {
    out.println("Checking " + file);
    Configuration configuration;
    List<String> ruleFiles;
    try {
      configuration = Configuration.check(Path.of(file), options);
      ruleFiles = syntaxOnly ? List.of() : ruleFiles(configuration);
      jobs(configuration).forEach(this::job);
      configuration.alerting().alertmanagers().forEach(this::alertmanager);
    } catch (ConfigException e) {
      err.println("  FAILED: " + e.getMessage());
      out.println();
      return Outcome.WRONG;
    }
    if (!ruleFiles.isEmpty()) {
      out.println("  SUCCESS: " + ruleFiles.size() + " rule files found");
    }
    out.println(" SUCCESS: " + file + " is valid prometheus config file syntax");
    out.println();
    ValidationScheme names = configuration.global().scrape().validation();
    Outcome ofRules = new RuleCheck(out, err, lint, names, parser).files(ruleFiles);
    return ofRules.and(intervals(jobs(configuration)));
  }

  private List<ScrapeConfig> jobs(Configuration configuration) {
    return syntaxOnly ? configuration.scrapeConfigs() : configuration.jobs();
  }

  private Outcome intervals(List<ScrapeConfig> jobs) {
    if (!lint.longIntervals()) {
      return Outcome.RIGHT;
    }
    Outcome outcome = Outcome.RIGHT;
    for (ScrapeConfig job : jobs) {
      if (job.interval().compareTo(lint.lookback()) >= 0) {
        err.println(
            "  FAILED: too long scrape interval found, data point will be marked as stale - job: "
                + job.jobName()
                + ", interval: "
                + Durations.print(job.interval()));
        outcome = Outcome.LINT;
      }
    }
    return outcome;
  }

  private static List<String> ruleFiles(Configuration configuration) {
    List<String> files = new ArrayList<>();
    for (String pattern : configuration.ruleFiles()) {
      List<Path> found = Glob.find(pattern);
      if (found.isEmpty() && pattern.indexOf('*') < 0) {
        throw new ConfigException(GoQuote.quote(pattern) + " does not point to an existing file");
      }
      found.forEach(file -> files.add(file.toString()));
    }
    return files;
  }

  private void job(ScrapeConfig job) {
    Authorization authorization = job.http().authorization();
    if (authorization != null) {
      exists("authorization credentials or bearer token", authorization.credentialsFile());
    }
    tls(job.http().tls());
    Function<List<TargetGroup>, String> problem = groups -> TargetPreview.problem(job, groups);
    for (DiscoveryConfig config : job.discovery()) {
      switch (config) {
        case KubernetesConfig kubernetes -> tls(kubernetes.http().tls());
        case FileConfig files ->
            targetFiles(files, "scrape job " + GoQuote.quote(job.jobName()), problem);
        case StaticConfig fixed -> judge(groups(fixed), problem);
        default -> {}
      }
    }
  }

  private void alertmanager(AlertmanagerConfig config) {
    Function<List<TargetGroup>, String> problem =
        groups -> AlertmanagerTargets.problem(config, groups);
    for (DiscoveryConfig each : config.discovery()) {
      switch (each) {
        case FileConfig files -> targetFiles(files, "alertmanager config", problem);
        case StaticConfig fixed -> judge(groups(fixed), problem);
        default -> {}
      }
    }
  }

  private static List<TargetGroup> groups(StaticConfig fixed) {
    List<TargetGroup> groups = new ArrayList<>();
    fixed
        .groups()
        .forEach(group -> groups.add(group.toTargetGroup(Integer.toString(groups.size()))));
    return groups;
  }

  private static void judge(
      List<TargetGroup> groups, Function<List<TargetGroup>, String> problem) {
    String found = problem.apply(groups);
    if (!found.isEmpty()) {
      throw new ConfigException(found);
    }
  }

  private void targetFiles(
      FileConfig config, String whose, Function<List<TargetGroup>, String> problem) {
    if (syntaxOnly) {
      return;
    }
    for (String pattern : config.files()) {
      List<Path> found = Glob.find(pattern);
      if (found.isEmpty()) {
        out.println(
            "  WARNING: file "
                + GoQuote.quote(pattern)
                + " for file_sd in "
                + whose
                + " does not exist");
      }
      for (Path file : found) {
        judge(read(file, pattern), problem);
      }
    }
  }

  private static List<TargetGroup> read(Path file, String pattern) {
    try {
      return TargetFile.read(file);
    } catch (YamlException | IOException e) {
      throw new ConfigException(
          "checking SD file " + GoQuote.quote(pattern) + ": " + e.getMessage(), e);
    }
  }

  private void tls(TlsConfig tls) {
    if (!tls.certFile().isEmpty() && tls.keyFile().isEmpty()) {
      throw new ConfigException(
          "client cert file "
              + GoQuote.quote(tls.certFile())
              + " specified without client key file");
    }
    if (!tls.keyFile().isEmpty() && tls.certFile().isEmpty()) {
      throw new ConfigException(
          "client key file "
              + GoQuote.quote(tls.keyFile())
              + " specified without client cert file");
    }
    exists("client cert", tls.certFile());
    exists("client key", tls.keyFile());
  }

  private void exists(String what, String file) {
    if (!syntaxOnly && !file.isEmpty() && !Files.exists(Path.of(file))) {
      throw new ConfigException(
          "error checking "
              + what
              + " file "
              + GoQuote.quote(file)
              + ": stat "
              + file
              + ": no such file or directory");
    }
  }
}
