package io.narthex.server;

import io.narthex.base.flag.FlagException;
import io.narthex.base.flag.Flags;
import io.narthex.base.lifecycle.Signals;
import io.narthex.base.log.Logging;
import io.narthex.base.time.Clock;
import io.narthex.net.http.HttpException;
import io.narthex.net.http.Router;
import io.narthex.server.config.ConfigException;
import io.narthex.storage.StorageException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program {@code prometheus}: reads its command line, runs until it is told to stop. */
public final class PrometheusRole {

  private static final Logger LOG = LoggerFactory.getLogger(PrometheusRole.class);
  private static final int WIDTH = 80;

  private final PrometheusFlags flags = new PrometheusFlags();
  private final CountDownLatch stop = new CountDownLatch(1);

  private PrometheusRole() {}

  /**
   * Runs the program.
   *
   * @param extra adds routes of another role that shares the process
   * @param whenReady is told the address of the page once everything is there
   * @return the exit code: 0 after a clean stop, 1 or 2 as Prometheus has them for what is wrong
   */
  public static int run(
      List<String> arguments,
      PrintStream out,
      PrintStream err,
      Consumer<Router> extra,
      Consumer<String> whenReady) {
    return new PrometheusRole().start(arguments, out, err, extra, whenReady);
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
          out.print(table.help(WIDTH));
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
      err.println("prometheus: error: " + e.getMessage());
      return e.exitCode();
    }
    Logging.configure(
        Logging.Threshold.valueOf(flags.logLevel.value().toUpperCase(Locale.ROOT)),
        Logging.Format.valueOf(flags.logFormat.value().toUpperCase(Locale.ROOT)),
        err);
    if (flags.agent.value()) {
      LOG.error("The agent (--agent) is not part of Narthex yet");
      return 1;
    }
    return serve(extra, whenReady);
  }

  private int serve(Consumer<Router> extra, Consumer<String> whenReady) {
    flags.tellWhatIsStillToCome();
    Signals.on(
        "TERM", () -> stopBecause("Received an OS signal, exiting gracefully...", "SIGTERM"));
    Signals.on("INT", () -> stopBecause("Received an OS signal, exiting gracefully...", "SIGINT"));
    try (PrometheusServer server =
        new PrometheusServer(
            flags,
            Clock.SYSTEM,
            () ->
                stopBecause(
                    "Received termination request via web service, exiting gracefully...", ""),
            extra)) {
      Signals.on("HUP", () -> reload(server));
      if (stop.getCount() > 0) {
        server.start();
        whenReady.accept(server.url());
      }
      stop.await();
      return 0;
    } catch (ConfigException e) {
      // Two lines of a parse error would be two records: the log's form keeps them in one.
      LOG.atError()
          .addKeyValue("file", flags.configFile.value())
          .addKeyValue("err", e.getMessage())
          .log("Error loading config");
      return 2;
    } catch (HttpException e) {
      LOG.atError().addKeyValue("err", e.getMessage()).log("Unable to start web listener");
      return 1;
    } catch (StorageException e) {
      LOG.atError().addKeyValue("err", e.getMessage()).log("Opening storage failed");
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } finally {
      LOG.info("See you next time!");
    }
  }

  private void stopBecause(String reason, String signal) {
    var line = LOG.atWarn();
    if (!signal.isEmpty()) {
      line = line.addKeyValue("signal", signal);
    }
    line.log(reason);
    stop.countDown();
  }

  private static void reload(PrometheusServer server) {
    try {
      server.reload();
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("err", e.getMessage()).log("Error reloading config");
    }
  }
}
