package io.narthex.server;

import io.narthex.base.flag.FlagException;
import io.narthex.base.flag.Flags;
import io.narthex.base.lifecycle.Machine;
import io.narthex.base.lifecycle.Signals;
import io.narthex.base.log.Logging;
import io.narthex.net.http.HttpException;
import io.narthex.net.http.Router;
import io.narthex.server.config.ConfigException;
import io.narthex.storage.StorageException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program {@code prometheus}: reads its command line, runs until it is told to stop. */
public final class PrometheusRole {

  private static final Logger LOG = LoggerFactory.getLogger(PrometheusRole.class);
  private static final int DEFAULT_WIDTH = 80;

  private final PrometheusFlags flags = new PrometheusFlags();
  private final CompletableFuture<Void> stop = new CompletableFuture<>();
  private final Machine machine;

  private PrometheusRole(Machine machine) {
    this.machine = machine;
  }

  /**
   * Runs the program.
   *
   * @param machine {@link Machine#SYSTEM}, unless a test has something in mind
   * @param extra adds routes of another role that shares the process
   * @param whenReady is told the address of the page once everything is there
   * @return the exit code: 0 after a clean stop, 1, 2 or 3 as Prometheus has them for what is wrong
   */
  public static int run(
      Machine machine,
      List<String> arguments,
      PrintStream out,
      PrintStream err,
      Consumer<Router> extra,
      Consumer<String> whenReady) {
    return new PrometheusRole(machine).start(arguments, out, err, extra, whenReady);
  }

  private int start(
      List<String> arguments,
      PrintStream out,
      PrintStream err,
      Consumer<Router> extra,
      Consumer<String> whenReady) {
    Flags table = flags.table();
    try {
      switch (table.parse(arguments)) {
        case HELP -> {
          out.print(table.help(width()));
          return 0;
        }
        case VERSION -> {
          out.print(BuildInfo.text("prometheus"));
          return 0;
        }
        case COMPLETION_SCRIPT -> {
          out.print(table.completionScript());
          return 0;
        }
        case COMPLETIONS -> {
          out.print(table.completions());
          return 0;
        }
        case RUN -> {}
      }
    } catch (FlagException e) {
      err.println("Error parsing command line arguments: " + e.getMessage());
      return e.exitCode();
    }
    FlagChecks.Refusal refusal = FlagChecks.of(flags);
    if (refusal != null) {
      err.println(refusal.line());
      return refusal.exitCode();
    }
    Logging.configure(flags.logLevel.value(), flags.logFormat.value(), err);
    String webProblem = WebConfigFile.problem(flags.webConfigFile.value());
    if (!webProblem.isEmpty()) {
      LOG.atError().addKeyValue("err", webProblem).log("Unable to validate web configuration file");
      return 1;
    }
    flags.derive();
    flags.tellWhatIsStillToCome();
    try {
      return serve(extra, whenReady);
    } catch (ConfigException e) {
      // Two lines of a parse error would be two records: the log's form keeps them in one.
      LOG.atError()
          .addKeyValue("file", Path.of(flags.configFile.value()).toAbsolutePath())
          .addKeyValue("err", e.getMessage())
          .log("Error loading config (--config.file=" + flags.configFile.value() + ")");
      return 2;
    } catch (HttpException e) {
      LOG.atError().addKeyValue("err", e.getMessage()).log("Unable to start web listener");
      return 1;
    } catch (StorageException e) {
      LOG.atError().addKeyValue("err", e.getMessage()).log("Opening storage failed");
      return 1;
    }
  }

  private int serve(Consumer<Router> extra, Consumer<String> whenReady) {
    Signals.on(
        "TERM", () -> stopBecause("Received an OS signal, exiting gracefully...", "SIGTERM"));
    Signals.on("INT", () -> stopBecause("Received an OS signal, exiting gracefully...", "SIGINT"));
    PrometheusServer server =
        new PrometheusServer(
            flags,
            machine,
            () ->
                stopBecause(
                    "Received termination request via web service, exiting gracefully...", ""),
            extra);
    Signals.on("HUP", () -> reload(server));
    CompletableFuture<Void> started = new CompletableFuture<>();
    Thread.ofPlatform().daemon().name("start").start(() -> start(server, started));
    CompletableFuture.anyOf(started.handle((nothing, failure) -> nothing), stop).join();
    if (!started.isDone()) {
      // Nothing has been written, so nothing is lost; closing would wait for the replay's end.
      LOG.warn("The write-ahead log was still being replayed; it is left as it is");
      return 0;
    }
    try (server) {
      if (started.isCompletedExceptionally()) {
        throw failure(started);
      }
      if (!stop.isDone()) {
        whenReady.accept(server.url());
      }
      stop.join();
      LOG.info("Stopping: no more scrapes, then HTTP, then the database");
    }
    LOG.info("See you next time!");
    return 0;
  }

  private static void start(PrometheusServer server, CompletableFuture<Void> started) {
    try {
      server.start();
      started.complete(null);
    } catch (RuntimeException | Error e) {
      started.completeExceptionally(e);
    }
  }

  private static RuntimeException failure(CompletableFuture<Void> started) {
    Throwable failure = started.exceptionNow();
    return failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
  }

  private static int width() {
    String columns = System.getenv("COLUMNS");
    return columns != null && columns.matches("[1-9][0-9]{1,3}")
        ? Integer.parseInt(columns)
        : DEFAULT_WIDTH;
  }

  private void stopBecause(String reason, String signal) {
    var line = LOG.atWarn();
    if (!signal.isEmpty()) {
      line = line.addKeyValue("signal", signal);
    }
    line.log(reason);
    stop.complete(null);
  }

  private static void reload(PrometheusServer server) {
    try {
      server.reload();
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("err", e.getMessage()).log("Error reloading config");
    }
  }
}
