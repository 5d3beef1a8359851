package io.narthex.tools.promtool;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.flag.Command;
import io.narthex.base.flag.Flag;
import io.narthex.base.flag.FlagException;
import io.narthex.base.log.Logging;
import io.narthex.base.regex.RegexException;
import io.narthex.model.duration.Durations;
import io.narthex.model.exposition.ExpositionException;
import io.narthex.promql.parser.ParseException;
import io.narthex.server.BuildInfo;
import io.narthex.storage.StorageException;
import io.narthex.tools.check.CheckCommands;
import io.narthex.tools.readonly.ReadOnlyDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The command line of {@code promtool}. Of its commands {@code check}, {@code tsdb} and
 * {@code test promql} are there; the others are named and refused. Output goes to {@code out}, what is wrong as one line to {@code err}.
 */
public final class Promtool {

  private static final String ALL = "{__name__=~'(?s:.*)'}";
  private static final int DEFAULT_WIDTH = 80;

  /** Ends a command that has said itself what is wrong. */
  private static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int code;

    Failed(int code) {
      this.code = code;
    }
  }

  /** What a command does. */
  private interface Work {
    void run() throws IOException;
  }

  private final PrintStream out;
  private final PrintStream err;
  private final Command program =
      Command.program("promtool", "Tooling for the Prometheus monitoring system.");
  private final Map<Command, Work> works = new LinkedHashMap<>();

  private Promtool(InputStream in, PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
    program.flags().bool("experimental", false, "Enable experimental commands.");
    Flag<List<String>> features =
        program
            .flags()
            .texts(
                "enable-feature",
                List.of(),
                "Comma separated feature names to enable. Those of the query language concern the"
                    + " checking of rules.");
    for (String name : List.of("query", "debug", "push", "promql")) {
      program.later(name, "the command '" + name + "' is not part of Narthex yet");
    }
    new CheckCommands(in, out, err, features)
        .declare(program.command("check", "Check the resources for validity."))
        .forEach((command, check) ->
            works.put(
                command,
                () -> {
                  int code = check.run();
                  if (code != 0) {
                    throw new Failed(code);
                  }
                }));
    Command tsdb = program.command("tsdb", "Run tsdb commands.");
    benchWrite(tsdb.command("bench", "Run benchmarks."));
    analyze(tsdb);
    list(tsdb);
    dump(tsdb);
    dumpOpenMetrics(tsdb);
    createBlocks(tsdb);
    test(program.command("test", "Unit testing."));
  }

  /**
   * Runs the program.
   *
   * @return the exit code: 0, or 1 for what is wrong
   */
  public static int run(List<String> arguments, PrintStream out, PrintStream err) {
    return run(arguments, System.in, out, err);
  }

  /** The same with another input. */
  public static int run(
      List<String> arguments, InputStream in, PrintStream out, PrintStream err) {
    return new Promtool(in, out, err).start(arguments);
  }

  private int start(List<String> arguments) {
    try {
      Command.Choice choice = program.parse(arguments);
      switch (choice.request()) {
        case HELP -> out.print(choice.command().help(width()));
        case VERSION -> out.print(BuildInfo.text("promtool"));
        case COMPLETION_SCRIPT -> out.print(program.completionScript());
        case COMPLETIONS -> out.print(choice.command().completions());
        case RUN -> {
          Work work = works.get(choice.command());
          if (work == null) {
            throw new IllegalStateException("no work for " + choice.command().path());
          }
          return run(work);
        }
      }
      return 0;
    } catch (FlagException e) {
      err.println("promtool: error: " + e.getMessage() + ", try --help");
      return 1;
    }
  }

  private int run(Work work) {
    Logging.configure(Logging.Threshold.WARN, Logging.Format.LOGFMT, err);
    try {
      work.run();
      out.flush();
      if (out.checkError()) {
        err.println("the output could not be written");
        return 1;
      }
      return 0;
    } catch (Failed e) {
      out.flush();
      return e.code;
    } catch (StorageException
        | DiskException
        | ParseException
        | RegexException
        | ExpositionException
        | IOException e) {
      out.flush();
      err.println(e.getMessage());
      return 1;
    }
  }

  private void list(Command tsdb) {
    Command list = tsdb.command("list", "List tsdb blocks.");
    Flag<Boolean> human = humanReadable(list);
    Flag<String> path = databasePath(list);
    works.put(
        list,
        () -> {
          BlockList table = new BlockList(out, human.value());
          var blocks = new ReadOnlyDatabase(Disk.SYSTEM, Path.of(path.value())).blocks();
          try {
            blocks.forEach(table::add);
          } finally {
            blocks.forEach(block -> block.close());
          }
          table.print(true);
        });
  }

  private void analyze(Command tsdb) {
    Command analyze =
        tsdb.command("analyze", "Analyze churn, label pair cardinality and compaction efficiency.");
    Flag<Long> limit =
        analyze
            .flags()
            .value("limit", "20", Promtool::integer, "How many items to show in each list.");
    Flag<Boolean> extended = analyze.flags().bool("extended", false, "Run extended analysis.");
    Flag<String> match =
        analyze
            .flags()
            .value(
                "match",
                "",
                text -> text,
                "Series selector to analyze. Only 1 set of matchers is supported now.");
    Flag<String> path = databasePath(analyze);
    Flag<String> block =
        analyze.argument("block id", "", "Block to analyze (default is the last block).");
    works.put(
        analyze,
        () ->
            new BlockAnalysis(out, limit.value(), match.value())
                .run(Path.of(path.value()), block.value(), extended.value()));
  }

  private void dump(Command tsdb) {
    Command dump = tsdb.command("dump", "Dump samples from a TSDB.");
    Range range = new Range(dump);
    Flag<String> format =
        dump.flags()
            .choice(
                "format",
                "prom",
                List.of("prom", "seriesjson"),
                "Output format of the dump (prom (default) or seriesjson).");
    range.path = databasePath(dump);
    works.put(
        dump,
        () ->
            range.print(
                format.value().equals("prom")
                    ? new DumpFormat.Samples()
                    : new DumpFormat.SeriesJson()));
  }

  private void dumpOpenMetrics(Command tsdb) {
    Command dump =
        tsdb.command(
            "dump-openmetrics",
            "[Experimental] Dump samples from a TSDB into OpenMetrics text format, excluding"
                + " native histograms and staleness markers, which are not representable in"
                + " OpenMetrics.");
    Range range = new Range(dump);
    range.path = databasePath(dump);
    works.put(dump, () -> range.print(new DumpFormat.OpenMetrics()));
  }

  /** What both ways to dump ask for. */
  private final class Range {
    private final Flag<String> sandbox;
    private final Flag<Long> minTime;
    private final Flag<Long> maxTime;
    private final Flag<List<String>> match;
    private @Nullable Flag<String> path;

    Range(Command dump) {
      sandbox =
          dump.flags()
              .value(
                  "sandbox-dir-root",
                  "",
                  text -> text,
                  "Root directory where a sandbox directory will be created, this sandbox is used"
                      + " in case WAL replay generates chunks (default is the database path). The"
                      + " sandbox is cleaned up at the end.");
      minTime =
          dump.flags()
              .value(
                  "min-time",
                  Long.toString(Long.MIN_VALUE),
                  Promtool::integer,
                  "Minimum timestamp to dump, in milliseconds since the Unix epoch.");
      maxTime =
          dump.flags()
              .value(
                  "max-time",
                  Long.toString(Long.MAX_VALUE),
                  Promtool::integer,
                  "Maximum timestamp to dump, in milliseconds since the Unix epoch.");
      match =
          dump.flags()
              .texts("match", List.of(ALL), "Series selector. Can be specified multiple times.");
    }

    void print(DumpFormat format) throws IOException {
      Path database = Path.of(path == null ? "" : path.value());
      Path root = sandbox.value().isEmpty() ? database : Path.of(sandbox.value());
      new Dump(out, format, minTime.value(), maxTime.value()).run(database, root, match.value());
    }
  }

  private void createBlocks(Command tsdb) {
    Command create =
        tsdb.command(
            "create-blocks-from",
            "[Experimental] Import samples from input and produce TSDB blocks. Please refer to the"
                + " storage docs for more details.");
    Flag<Boolean> human = humanReadable(create);
    Flag<Boolean> quiet =
        create.flags().bool("quiet", false, "Do not print created blocks.").letter('q');
    Flag<Duration> longest =
        create
            .flags()
            .value(
                "max-block-duration",
                "",
                text -> text.isEmpty() ? Duration.ZERO : Durations.parse(text),
                "Maximum duration created blocks may span. Anything less than 2h is ignored.")
            .placeholder("<duration>")
            .hidden();
    create.later("rules", "'tsdb create-blocks-from rules' is not part of Narthex yet");
    Command openMetrics =
        create.command(
            "openmetrics",
            "Import samples from OpenMetrics input and produce TSDB blocks. Please refer to the"
                + " storage docs for more details.");
    Flag<List<String>> labels =
        openMetrics
            .flags()
            .texts(
                "label",
                List.of(),
                "Label to attach to metrics. Can be specified multiple times. Example"
                    + " --label=label_name=label_value");
    Flag<String> input =
        openMetrics.requiredArgument("input file", "OpenMetrics file to read samples from.");
    Flag<String> output =
        openMetrics.argument("output directory", "data/", "Output directory for generated blocks.");
    works.put(
        openMetrics,
        () ->
            new OpenMetricsImport(Path.of(output.value()), longest.value(), labels(labels.value()))
                .run(
                    Path.of(input.value()),
                    quiet.value() ? null : new BlockList(out, human.value())));
  }

  private static Map<String, String> labels(List<String> pairs) {
    Map<String, String> labels = new TreeMap<>();
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      if (equals < 0) {
        throw new StorageException("expected KEY=VALUE got '" + pair + "'");
      }
      labels.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return labels;
  }

  private void benchWrite(Command bench) {
    Command write = bench.command("write", "Run a write performance benchmark.");
    Flag<String> path = write.flags().text("out", "benchout", "Set the output path.");
    Flag<Long> metrics =
        write.flags().value("metrics", "10000", Promtool::integer, "Number of metrics to read.");
    Flag<Long> scrapes =
        write.flags().value("scrapes", "3000", Promtool::integer, "Number of scrapes to simulate.");
    Flag<String> file =
        write.argument(
            "file",
            "../../tsdb/testdata/20kseries.json",
            "Input file with samples data, default is (../../tsdb/testdata/20kseries.json).");
    works.put(
        write,
        () ->
            new WriteBenchmark(out, Path.of(path.value()))
                .run(Path.of(file.value()), metrics.value(), scrapes.value()));
  }

  private void test(Command test) {
    test.later("rules", "'test rules' is not part of Narthex yet");
    Command promql =
        test.command(
            "promql",
            "Run scripts in the promqltest language over a database of their own. All experimental"
                + " features of the language are enabled.");
    Flag<List<String>> files =
        promql.requiredArguments("test-script-file", "The script to be run.");
    works.put(
        promql,
        () -> {
          if (!new ScriptTests(out).run(files.value())) {
            throw new Failed(1);
          }
        });
  }

  private static Flag<Boolean> humanReadable(Command command) {
    return command
        .flags()
        .bool("human-readable", false, "Print human readable values.")
        .letter('r');
  }

  private static Flag<String> databasePath(Command command) {
    return command.argument("db path", "data/", "Database path (default is data/).");
  }

  private static long integer(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "strconv.ParseInt: parsing \"" + text + "\": invalid syntax", e);
    }
  }

  private static int width() {
    String columns = System.getenv("COLUMNS");
    if (columns == null || columns.isEmpty() || columns.length() > 4) {
      return DEFAULT_WIDTH;
    }
    return columns.chars().allMatch(c -> c >= '0' && c <= '9')
        ? Math.max(40, Integer.parseInt(columns))
        : DEFAULT_WIDTH;
  }
}
