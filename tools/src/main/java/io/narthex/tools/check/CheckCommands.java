package io.narthex.tools.check;

import io.narthex.base.flag.Command;
import io.narthex.base.flag.Flag;
import io.narthex.base.flag.FlagException;
import io.narthex.base.time.Clock;
import io.narthex.model.duration.Durations;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.net.web.WebConfigException;
import io.narthex.net.web.WebEntrance;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.server.config.LoadOptions;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The commands below {@code check}, their flags and arguments. */
public final class CheckCommands {

  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;
  private final Flag<List<String>> features;
  private final Map<Command, Check> checks = new LinkedHashMap<>();

  /**
   * Makes the commands.
   *
   * @param features names of features, of which those of the query language matter here
   */
  public CheckCommands(
      InputStream in, PrintStream out, PrintStream err, Flag<List<String>> features) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.features = features;
  }

  /** Declares all commands below one. */
  public Map<Command, Check> declare(Command check) {
    Flag<Duration> lookback =
        check
            .flags()
            .value(
                "query.lookback-delta",
                "5m",
                Durations::parse,
                "The server's maximum query lookback duration.");
    Flag<Boolean> extended =
        check
            .flags()
            .bool(
                "extended",
                false,
                "Print extended information related to the cardinality of the metrics.");
    discovery(check);
    config(check, lookback);
    web(check);
    server(check, "healthy", "Check if the Prometheus server is healthy.", "/-/healthy");
    server(check, "ready", "Check if the Prometheus server is ready.", "/-/ready");
    rules(check, lookback);
    metrics(check, extended);
    return checks;
  }

  private void discovery(Command check) {
    Command command =
        check.command(
            "service-discovery",
            "Perform service discovery for the given job name and report the results, including"
                + " relabeling.");
    Flag<Duration> timeout =
        command
            .flags()
            .value(
                "timeout", "30s", Durations::parse, "The time to wait for discovery results.");
    Flag<String> file = command.requiredArgument("config-file", "The prometheus config file.");
    Flag<String> job =
        command.requiredArgument("job", "The job to run service discovery for.");
    checks.put(
        command,
        () -> {
          mustExist(List.of(file.value()));
          return new DiscoveryCheck(out, err).run(file.value(), job.value(), timeout.value());
        });
  }

  private void config(Command check, Flag<Duration> lookback) {
    Command command = check.command("config", "Check if the config files are valid or not.");
    Flag<Boolean> syntaxOnly =
        command
            .flags()
            .bool(
                "syntax-only",
                false,
                "Only check the config file syntax, ignoring file and content validation referenced"
                    + " in the config");
    Flag<String> lint =
        command
            .flags()
            .text(
                "lint",
                Lint.DUPLICATE_RULES,
                "Linting checks to apply to the rules/scrape configs specified in the config."
                    + " Available options are: all, duplicate-rules, none,"
                    + " too-long-scrape-interval. Use --lint=none to disable linting");
    Flag<Boolean> fatal = fatal(command);
    Flag<Boolean> ignoreUnknown =
        command
            .flags()
            .bool(
                "ignore-unknown-fields",
                false,
                "Ignore unknown fields in the rule groups read by the config files. This is useful"
                    + " when you want to extend rule files with custom metadata. Ensure that those"
                    + " fields are removed before loading them into the Prometheus server as it"
                    + " performs strict checks by default.");
    Flag<Boolean> agent =
        command
            .flags()
            .bool("agent", false, "Check config file for Prometheus in Agent mode.");
    Flag<Boolean> expand =
        command
            .flags()
            .bool(
                "config.expand-values",
                false,
                "Fill ${env:NAME} and ${file:PATH} into values first, as the server's flag of this"
                    + " name does. An addition of Narthex.");
    Flag<List<String>> files =
        command.requiredArguments("config-files", "The config files to check.");
    checks.put(
        command,
        () -> {
          mustExist(files.value());
          Lint what =
              Lint.of(
                  lint.value(),
                  true,
                  fatal.value(),
                  ignoreUnknown.value(),
                  lookback.value(),
                  out);
          LoadOptions options =
              LoadOptions.DEFAULT.withAgent(agent.value()).withExpandValues(expand.value());
          return new ConfigCheck(out, err, options, syntaxOnly.value(), what, parser())
              .files(files.value())
              .exitCode(fatal.value());
        });
  }

  private static Flag<Boolean> fatal(Command command) {
    return command
        .flags()
        .bool("lint-fatal", false, "Make lint errors exit with exit code 3.");
  }

  private void web(Command check) {
    Command command =
        check.command("web-config", "Check if the web config files are valid or not.");
    Flag<List<String>> files =
        command.requiredArguments("web-config-files", "The config files to check.");
    checks.put(
        command,
        () -> {
          mustExist(files.value());
          int code = 0;
          for (String file : files.value()) {
            try {
              WebEntrance.open(Path.of(file), Clock.SYSTEM);
              err.println(file + " SUCCESS");
            } catch (WebConfigException e) {
              err.println(file + " FAILED: " + e.getMessage());
              code = 1;
            }
          }
          return code;
        });
  }

  private void server(Command check, String word, String summary, String path) {
    Command command = check.command(word, summary);
    Flag<String> httpConfig =
        command
            .flags()
            .value(
                "http.config.file",
                "",
                text -> text,
                "HTTP client configuration file for promtool to connect to Prometheus.")
            .placeholder("<filename>");
    Flag<String> url =
        command
            .flags()
            .text("url", "http://localhost:9090", "The URL for the Prometheus server.");
    checks.put(
        command, () -> new ServerCheck(err).run(url.value(), httpConfig.value(), path));
  }

  private void rules(Command check, Flag<Duration> lookback) {
    Command command = check.command("rules", "Check if the rule files are valid or not.");
    Flag<String> lint =
        command
            .flags()
            .text(
                "lint",
                Lint.DUPLICATE_RULES,
                "Linting checks to apply. Available options are: all, duplicate-rules, none. Use"
                    + " --lint=none to disable linting");
    Flag<Boolean> fatal = fatal(command);
    Flag<Boolean> ignoreUnknown =
        command
            .flags()
            .bool(
                "ignore-unknown-fields",
                false,
                "Ignore unknown fields in the rule files. This is useful when you want to extend"
                    + " rule files with custom metadata. Ensure that those fields are removed"
                    + " before loading them into the Prometheus server as it performs strict checks"
                    + " by default.");
    Flag<List<String>> files =
        command.arguments(
            "rule-files", "The rule files to check, default is read from standard input.");
    checks.put(
        command,
        () -> {
          mustExist(files.value());
          Lint what =
              Lint.of(
                  lint.value(),
                  false,
                  fatal.value(),
                  ignoreUnknown.value(),
                  lookback.value(),
                  out);
          RuleCheck rules = new RuleCheck(out, err, what, ValidationScheme.UTF8, parser());
          Outcome outcome =
              files.value().isEmpty() ? rules.input(in) : rules.files(files.value());
          return outcome.exitCode(fatal.value());
        });
  }

  private void metrics(Command check, Flag<Boolean> extended) {
    Command command =
        check.command(
            "metrics",
            "Pass Prometheus metrics over stdin to lint them for consistency and correctness.");
    Flag<String> lint =
        command
            .flags()
            .choice(
                "lint",
                "all",
                List.of("all", "none"),
                "Linting checks to apply. Available options are: all, none. Use --lint=none to"
                    + " disable metrics linting.");
    checks.put(
        command,
        () ->
            new MetricsCheck(out, err).run(in, lint.value().equals("all"), extended.value()));
  }

  private static void mustExist(List<String> files) {
    for (String file : files) {
      if (!Files.exists(Path.of(file))) {
        throw new FlagException("path '" + file + "' does not exist", 1);
      }
    }
  }

  private ParserOptions parser() {
    boolean functions = false;
    boolean selectors = false;
    boolean fill = false;
    for (String list : features.value()) {
      for (String name : list.split(",", -1)) {
        functions |= name.equals("promql-experimental-functions");
        selectors |= name.equals("promql-extended-range-selectors");
        fill |= name.equals("promql-binop-fill-modifiers");
      }
    }
    return new ParserOptions(functions, true, selectors, fill);
  }
}
