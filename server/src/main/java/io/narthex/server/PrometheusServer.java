package io.narthex.server;

import io.narthex.api.HttpApi;
import io.narthex.api.port.ServerView;
import io.narthex.api.v1.ApiV1;
import io.narthex.api.web.WebOptions;
import io.narthex.base.lifecycle.Machine;
import io.narthex.base.lifecycle.Opened;
import io.narthex.base.text.GoQuote;
import io.narthex.base.time.Clock;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.DiscoveryManager;
import io.narthex.discovery.DiscoveryMetrics;
import io.narthex.net.http.Entrance;
import io.narthex.net.http.HttpServer;
import io.narthex.net.http.Router;
import io.narthex.net.web.WebEntrance;
import io.narthex.promql.engine.Engine;
import io.narthex.promql.engine.EngineOptions;
import io.narthex.promql.engine.EngineParts;
import io.narthex.promql.engine.QueryObserver;
import io.narthex.promql.engine.QueryQueue;
import io.narthex.promql.engine.RunningQueries;
import io.narthex.promql.engine.core.MemoryBudget;
import io.narthex.promql.engine.core.Workers;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.remote.write.WriteReceiver;
import io.narthex.scrape.ScrapeManager;
import io.narthex.scrape.ScrapeOptions;
import io.narthex.scrape.append.StartRules;
import io.narthex.scrape.config.ScrapeConfig;
import io.narthex.server.config.ConfigException;
import io.narthex.server.config.Configuration;
import io.narthex.server.config.LoadOptions;
import io.narthex.server.warmup.WarmUp;
import io.narthex.tsdb.Database;
import io.narthex.tsdb.chunk.SampleForms;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Prometheus server: the parts, how they are joined, and the order in which they start, take a
 * new configuration, and stop.
 *
 * <p>Start: configuration, database (opened and locked), HTTP (answering 503, but taking remote
 * writes), targets, which are scraped at once, replay; ready. Stop: the reverse, so that the last
 * stale markers find a database.
 */
final class PrometheusServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PrometheusServer.class);

  /** More than one, so that two long requests do not keep all others waiting. */
  private static final int READERS_PER_CORE = 2;

  private static final Duration QUERY_END = Duration.ofSeconds(5);

  private final PrometheusFlags flags;
  private final Clock clock;
  private final Runnable quit;
  private final Consumer<Router> extra;
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Opened parts = new Opened();
  private final long started;

  private final Configuration first;
  private final Database database;
  private final ServerStatus status;
  private final ScrapeManager scraping;
  private final DiscoveryManager discovery;
  private final @Nullable WriteReceiver remoteWrite;
  private final ExecutorService workers;
  private final HttpServer http;
  private boolean tls;
  private final EngineParts engineParts;
  private final QueryLog queryLog;
  private volatile Engine engine;
  private volatile Configuration inForce;

  /**
   * Opens everything that can fail, and answers HTTP; {@link #start} does the rest.
   *
   * @param quit is called when somebody asks over HTTP for the end
   * @param extra adds routes of others
   * @throws ConfigException if the configuration is wrong
   * @throws io.narthex.storage.StorageException if the database cannot be opened
   * @throws io.narthex.net.http.HttpException if an address cannot be taken
   */
  PrometheusServer(PrometheusFlags flags, Machine machine, Runnable quit, Consumer<Router> extra) {
    this.flags = flags;
    this.clock = machine.clock();
    this.quit = quit;
    this.extra = extra;
    this.started = clock.nanos();
    ServerView.Build build = BuildInfo.build();
    LOG.atInfo()
        .addKeyValue("mode", "server")
        .addKeyValue("version", build.version())
        .addKeyValue("java", build.goVersion())
        .log("Starting Narthex in the role of Prometheus");
    Database.prepare();
    boolean done = false;
    try {
      first = load();
      inForce = first;
      DatabaseSettings settings = DatabaseSettings.of(flags, first);
      database =
          parts.add(
              "database",
              Database.open(
                  Path.of(flags.storagePath.value()),
                  settings.options(),
                  machine.disk(),
                  clock,
                  registry));
      database.beginReplay(); // what follows takes a while
      EngineMetrics engineMetrics = new EngineMetrics(registry, flags.queryConcurrency.value());
      queryLog = parts.add("query log", new QueryLog(clock, engineMetrics));
      engineParts = engineParts(engineMetrics, machine);
      engine = engine(first);
      database.maxExemplars(DatabaseSettings.exemplars(flags, first.storage()));
      database.outOfOrderWindow(first.storage().outOfOrderWindow().toMillis());
      database.imagesAfter(flags.headImageSamples.value());
      if (flags.features().has("memory-snapshot-on-shutdown")) {
        database.useChunkSnapshots();
      }
      status =
          new ServerStatus(
              clock,
              flags,
              new ServerStatus.Control() {
                @Override
                public void reload() {
                  PrometheusServer.this.reload();
                }

                @Override
                public void quit() {
                  quit.run();
                }
              },
              () -> DatabaseSettings.text(database.retention()),
              registry);
      ProcessMetrics.register(registry, clock.millis());
      scraping =
          parts.add("scraping", new ScrapeManager(database, clock, scrapeOptions(first), registry));
      discovery =
          parts.add(
              "discovery",
              new DiscoveryManager(
                  new DiscoveryContext(
                      clock,
                      new DiscoveryMetrics(registry, "scrape"),
                      "Prometheus/" + BuildInfo.PROMETHEUS_VERSION),
                  flags.discoveryInterval.value(),
                  scraping::targets));
      remoteWrite =
          flags.remoteWriteReceiver.value()
              ? parts.add(
                  "remote write receiver",
                  new WriteReceiver(
                      database, clock, WriteReceiver.Options.of(flags.writeMessages()), registry))
              : null;
      workers = threads("work-", cores());
      http = parts.add("http", openHttp());
      done = true;
    } finally {
      if (!done) {
        parts.close();
      }
    }
  }

  private Configuration load() {
    return Configuration.load(
        Path.of(flags.configFile.value()),
        LoadOptions.DEFAULT
            .withExpandValues(flags.configExpandValues.value())
            .withExtraMetrics(flags.features().has("extra-scrape-metrics")));
  }

  private EngineOptions engineOptions(Configuration configuration) {
    return new EngineOptions(
        flags.queryTimeout.value(),
        flags.queryMaxSamples.value(),
        flags.queryMaxMemory.value(),
        Math.toIntExact(flags.queryConcurrency.value()),
        flags.lookback.value(),
        configuration.global().evaluationInterval(),
        flags.features().has("promql-delayed-name-removal"),
        flags.features().has("use-start-timestamps"),
        flags.features().has("type-and-unit-labels"),
        parserOptions());
  }

  private ParserOptions parserOptions() {
    return new ParserOptions(
        flags.features().has("promql-experimental-functions"),
        true,
        flags.features().has("promql-extended-range-selectors"),
        flags.features().has("promql-binop-fill-modifiers"));
  }

  private Engine engine(Configuration configuration) {
    return new Engine(engineOptions(configuration), engineParts);
  }

  /** What outlives a reload: places, memory and threads of queries, and what is noted of them. */
  private EngineParts engineParts(EngineMetrics metrics, Machine machine) {
    int places = Math.toIntExact(flags.queryConcurrency.value());
    ActiveQueries active =
        parts.add(
            "active queries",
            ActiveQueries.open(
                Path.of(flags.storagePath.value()), Math.max(0, places), machine.disk(), clock));
    ExecutorService helpers = threads("query-helper-", cores());
    RunningQueries running = new RunningQueries(clock);
    parts.add("running queries", () -> end(running));
    return new EngineParts(
        clock,
        new Workers(helpers, cores()),
        MemoryBudget.withRoom(flags.queryMaxMemoryTotal.value()),
        new QueryQueue(places),
        running,
        new EngineWatch(metrics, active, queryLog));
  }

  /** Nobody reads the database any more when it is closed: queries end soon once they are told. */
  private static void end(RunningQueries running) throws InterruptedException {
    running.cancelAll();
    if (!running.awaitNone(QUERY_END)) {
      LOG.warn("Queries have not ended");
    }
  }

  private static int cores() {
    return Math.max(2, Runtime.getRuntime().availableProcessors());
  }

  /** A pool that is told to end with the server, without waiting for what it is busy with. */
  private ExecutorService threads(String name, int count) {
    ExecutorService pool =
        Executors.newFixedThreadPool(count, Thread.ofPlatform().daemon().name(name, 0).factory());
    parts.add(name + "threads", pool::shutdownNow);
    return pool;
  }

  private EnginePort engineOver(Supplier<Engine> from, RunningQueries running) {
    return new EnginePort(
        from, database, database.partial(), running, flags.features().has("promql-per-step-stats"));
  }

  private ApiV1.Parts apiParts(EnginePort queries) {
    return new ApiV1.Parts(
        database,
        database.exemplars(),
        queries,
        new TargetsPort(scraping, external()),
        status,
        database,
        workers,
        READERS_PER_CORE * cores(),
        parserOptions(),
        remoteWrite,
        clock);
  }

  /** Asks the API some questions, with an engine, a list and metrics that nobody looks at. */
  private WarmUp warmUp() {
    PrometheusRegistry nobodys = new PrometheusRegistry();
    RunningQueries unseen = new RunningQueries(clock);
    Engine own =
        new Engine(
            engine.options(),
            new EngineParts(
                clock,
                engineParts.workers(),
                engineParts.budget(),
                new QueryQueue(1),
                unseen,
                QueryObserver.NONE));
    Router api =
        HttpApi.router(
            apiParts(engineOver(() -> own, unseen)),
            webOptions(),
            flags.corsOrigin.value(),
            false,
            nobodys);
    return WarmUp.start(
        api,
        webOptions().prefix() + "/api/v1",
        () -> Math.min(clock.millis(), database.headStats().maxTime()),
        clock);
  }

  private HttpServer openHttp() {
    Router router =
        HttpApi.router(
            apiParts(engineOver(() -> engine, engineParts.running())),
            webOptions(),
            flags.corsOrigin.value(),
            flags.adminApi.value(),
            registry);
    extra.accept(router);
    Entrance entrance = WebConfigFile.entrance(flags.webConfigFile.value(), clock);
    HttpServer server =
        HttpServer.open(
            new HttpServer.Options(
                flags.listenAddresses.value(),
                flags.readTimeout.value(),
                Math.toIntExact(flags.maxConnections.value())),
            router,
            entrance);
    tls = entrance instanceof WebEntrance web && web.isTls();
    for (InetSocketAddress address : server.addresses()) {
      LOG.atInfo().addKeyValue("address", address).log("Listening on");
      LOG.atInfo()
          .addKeyValue("http2", false)
          .addKeyValue("address", address)
          .log(tls ? "TLS is enabled." : "TLS is disabled.");
    }
    return server;
  }

  private ScrapeOptions scrapeOptions(Configuration configuration) {
    ScrapeOptions defaults = ScrapeOptions.defaults("Prometheus/" + BuildInfo.PROMETHEUS_VERSION);
    return new ScrapeOptions(
        defaults.userAgent(),
        ScrapeManager.offsetSeed(
            ExternalAddress.hostname(), configuration.global().externalLabels()),
        flags.adjustTimestamps.value(),
        flags.timestampTolerance.value(),
        flags.staleOnShutdown.value(),
        flags.features().has("metadata-wal-records"),
        new StartRules(
            flags.features().has("created-timestamp-zero-ingestion"),
            flags.features().has("st-storage"),
            flags.features().has("st-synthesis")),
        flags.features().has("type-and-unit-labels"),
        defaults.bodyMemory());
  }

  private WebOptions webOptions() {
    String path = external().path();
    return new WebOptions(
        flags.routePrefix.value(),
        path,
        flags.pageTitle.value(),
        flags.lifecycle.value(),
        false,
        flags.lookback.value());
  }

  private ExternalAddress external() {
    String listen = flags.listenAddresses.value().getFirst();
    int port = Integer.parseInt(listen.substring(listen.lastIndexOf(':') + 1));
    return ExternalAddress.of(flags.externalUrl.value(), port);
  }

  /** Begins to scrape and replays the database; everything is there when this returns. */
  void start() {
    try {
      apply(first);
    } catch (IllegalArgumentException e) {
      if (e.getCause() instanceof UncheckedIOException) {
        // A log that cannot be written is for now, and no job would be scraped.
        throw new ConfigException(String.valueOf(e.getMessage()), e);
      }
      // The jobs that can be scraped are: one broken certificate does not stop the others.
      status.reloadFailed();
      LOG.atError().addKeyValue("err", e.getMessage()).log("Error applying config");
    }
    database.replay();
    if (flags.configAutoReload.value() || flags.features().has("auto-reload-config")) {
      parts.add(
          "auto-reload",
          new AutoReload(
              Path.of(flags.configFile.value()),
              flags.configAutoReloadInterval.value(),
              clock,
              () -> inForce,
              this::reload));
    }
    status.become(ServerView.State.READY);
    LOG.atInfo()
        .addKeyValue("duration", Duration.ofNanos(clock.nanos() - started).toMillis() + "ms")
        .log("Server is ready to receive web requests.");
    parts.add("warm-up", warmUp());
  }

  /**
   * Reads the configuration again. What is wrong leaves the old one in force.
   *
   * @throws IllegalArgumentException if it cannot be used, or not all of it
   */
  synchronized void reload() {
    if (status.state() != ServerView.State.READY) {
      throw new IllegalStateException("the server is not ready");
    }
    long begun = clock.nanos();
    LOG.atInfo()
        .addKeyValue("filename", flags.configFile.value())
        .log("Loading configuration file");
    try {
      apply(load());
      LOG.atInfo()
          .addKeyValue("filename", flags.configFile.value())
          .addKeyValue("totalDuration", (clock.nanos() - begun) / 1_000_000 + "ms")
          .log("Completed loading of configuration file");
    } catch (ConfigException e) {
      status.reloadFailed();
      throw new IllegalArgumentException(
          "couldn't load configuration (--config.file="
              + GoQuote.quote(flags.configFile.value())
              + "): "
              + e.getMessage(),
          e);
    } catch (RuntimeException e) {
      status.reloadFailed();
      throw e;
    }
  }

  private synchronized void apply(Configuration configuration) {
    SampleForms forms = DatabaseSettings.forms(flags, configuration.storage());
    if (!engineOptions(configuration).equals(engine.options())) {
      engine = engine(configuration);
    }
    List<RuntimeException> problems = new ArrayList<>();
    try {
      queryLog.reopen(configuration.global().queryLogFile());
    } catch (UncheckedIOException e) {
      problems.add(e);
    }
    database.retention(DatabaseSettings.retention(flags, configuration.storage()));
    database.outOfOrderWindow(configuration.storage().outOfOrderWindow().toMillis());
    database.maxExemplars(DatabaseSettings.exemplars(flags, configuration.storage()));
    database.staleSeriesThreshold(configuration.storage().staleSeriesThreshold());
    database.floatChunks(forms.xor2());
    Map<String, List<DiscoveryConfig>> searches = new LinkedHashMap<>();
    for (ScrapeConfig job : configuration.jobs()) {
      searches.put(job.jobName(), job.discovery());
    }
    inForce = configuration;
    status.shows(configuration);
    try {
      scraping.apply(configuration.jobs());
    } catch (UncheckedIOException | IllegalArgumentException e) {
      problems.add(e);
    } finally {
      discovery.apply(searches);
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(
          "one or more errors occurred while applying the new configuration (--config.file="
              + GoQuote.quote(flags.configFile.value())
              + "): "
              + problems.stream().map(Throwable::getMessage).collect(Collectors.joining("; ")),
          problems.getFirst());
    }
    status.reloaded();
  }

  /** The addresses that it listens on. */
  List<InetSocketAddress> addresses() {
    return http.addresses();
  }

  /** The address of the page for a browser on this machine. */
  String url() {
    return (tls ? "https" : "http")
        + "://localhost:"
        + http.addresses().getFirst().getPort()
        + webOptions().prefix()
        + "/";
  }

  @Override
  public void close() {
    status.become(ServerView.State.STOPPING);
    // Their clients get an answer while there still is HTTP; none is waited for.
    engineParts.running().cancelAll();
    parts.close();
  }
}
