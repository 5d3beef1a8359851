package io.narthex.exporter;

import io.narthex.base.flag.FlagException;
import io.narthex.base.flag.Flags;
import io.narthex.base.lifecycle.Signals;
import io.narthex.base.log.Logging;
import io.narthex.base.regex.RegexException;
import io.narthex.base.time.Clock;
import io.narthex.exporter.collector.Collector;
import io.narthex.exporter.collector.Collectors;
import io.narthex.exporter.collector.MachineFiles;
import io.narthex.net.http.Entrance;
import io.narthex.net.http.HttpException;
import io.narthex.net.http.HttpHandler;
import io.narthex.net.http.HttpServer;
import io.narthex.net.http.Router;
import io.narthex.net.web.WebConfigException;
import io.narthex.net.web.WebEntrance;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The role node_exporter: a server of its own, or a handler for a server that is there already. */
public final class NodeExporter implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(NodeExporter.class);
  private static final Duration READ_TIMEOUT = Duration.ofMinutes(5);
  private static final int MAX_CONNECTIONS = 512;

  private final HttpServer server;
  private final CountDownLatch ended = new CountDownLatch(1);

  private NodeExporter(HttpServer server) {
    this.server = server;
  }

  /** Answers scrapes of this machine with node_exporter's defaults, for a server that runs. */
  public static HttpHandler handler(Clock clock) {
    List<Collector> all = Collectors.all(Collectors.Options.defaults(MachineFiles.DEFAULT), clock);
    return new NodeMetrics(all, Collectors.NAMES, clock, 0);
  }

  /**
   * Runs the role until the process is told to end.
   *
   * @return what the program ends with
   */
  public static int run(List<String> arguments, PrintStream out, PrintStream err) {
    ExporterFlags flags = new ExporterFlags();
    try {
      switch (flags.parse(arguments)) {
        case HELP -> {
          out.print(flags.flags().help(80));
          return 0;
        }
        case VERSION -> {
          out.println("node_exporter, version " + BuildInfo.NODE_EXPORTER_VERSION + " (narthex)");
          return 0;
        }
        case COMPLETION_SCRIPT -> {
          out.print(flags.flags().completionScript());
          return 0;
        }
        case COMPLETIONS -> {
          out.print(flags.flags().completions());
          return 0;
        }
        case RUN -> {}
      }
    } catch (FlagException e) {
      err.println("node_exporter: error: " + e.getMessage() + ", try --help");
      return e.exitCode();
    }
    Logging.configure(flags.threshold(), flags.format(), err);
    try (NodeExporter exporter = open(flags, Clock.SYSTEM)) {
      Signals.on("TERM", exporter.ended::countDown);
      Signals.on("INT", exporter.ended::countDown);
      exporter.ended.await();
      return 0;
    } catch (HttpException | IllegalArgumentException | RegexException e) {
      log.atError().addKeyValue("err", e.getMessage()).log("Cannot start");
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  /**
   * Opens a server as a command line says.
   *
   * @throws FlagException if the line is wrong, or asks for help or the version
   * @throws IllegalArgumentException if flags contradict each other
   * @throws RegexException if a pattern is not valid RE2
   * @throws HttpException if an address cannot be taken
   */
  public static NodeExporter open(List<String> arguments, Clock clock) {
    ExporterFlags flags = new ExporterFlags();
    if (flags.parse(arguments) != Flags.Request.RUN) {
      throw new IllegalArgumentException("these flags do not start a server");
    }
    return open(flags, clock);
  }

  private static NodeExporter open(ExporterFlags flags, Clock clock) {
    Set<String> wanted = flags.enabled();
    List<Collector> collectors =
        Collectors.all(flags.options(), clock).stream()
            .filter(c -> wanted.contains(c.name()))
            .toList();
    for (String flag : flags.notYet()) {
      log.atWarn().addKeyValue("flag", flag).log("Flag has no effect yet");
    }
    HttpHandler metrics = new NodeMetrics(collectors, flags.known(), clock, flags.maxRequests());
    String path = flags.telemetryPath();
    Router router = new Router().get(path, metrics);
    if (!path.equals("/")) {
      byte[] page = landingPage(path);
      router.get("/", (q, p) -> p.send("text/html; charset=UTF-8", page));
    }
    HttpServer server =
        HttpServer.open(
            new HttpServer.Options(flags.addresses(), READ_TIMEOUT, MAX_CONNECTIONS),
            router,
            entrance(flags.webConfigFile(), clock));
    for (InetSocketAddress address : server.addresses()) {
      String text = address.getAddress().getHostAddress() + ":" + address.getPort();
      log.atInfo().addKeyValue("address", text).log("Listening on");
    }
    return new NodeExporter(server);
  }

  private static Entrance entrance(String file, Clock clock) {
    if (file.isEmpty()) {
      return Entrance.OPEN;
    }
    try {
      return WebEntrance.open(Path.of(file), clock);
    } catch (WebConfigException e) {
      throw new HttpException(String.valueOf(e.getMessage()), e);
    }
  }

  private static byte[] landingPage(String path) {
    String link = path.replace("&", "&amp;").replace("\"", "&quot;").replace("<", "&lt;");
    return ("""
    <!doctype html>
    <html lang="en">
    <head><meta charset="UTF-8"><title>Node Exporter</title></head>
    <body>
    <h1>Node Exporter</h1>
    <p>The metrics of this machine, for Prometheus. Version: %s</p>
    <ul><li><a href="%s">Metrics</a></li></ul>
    </body>
    </html>
    """
            .formatted(BuildInfo.NODE_EXPORTER_VERSION, link))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** The addresses that it listens on, ports resolved. */
  public List<InetSocketAddress> addresses() {
    return server.addresses();
  }

  @Override
  public void close() {
    server.close();
    ended.countDown();
  }
}
