package io.narthex.api;

import io.narthex.api.port.QueryEngine;
import io.narthex.api.port.ServerView;
import io.narthex.api.port.Targets;
import io.narthex.api.v1.ApiV1;
import io.narthex.api.web.WebOptions;
import io.narthex.base.yaml.Yaml;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.model.relabel.RelabelConfig;
import io.narthex.net.http.HttpHandler;
import io.narthex.net.http.HttpServer;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.storage.DatabaseAdmin;
import io.narthex.storage.ExemplarQuerier;
import io.narthex.storage.Queryable;
import io.narthex.storage.StorageException;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.MemoryStorage;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A whole server over fakes, and a client for it. */
final class House implements AutoCloseable {

  final FakeClock clock = new FakeClock(1_000_000);
  final MemoryStorage storage = new MemoryStorage();
  // What is read in its place.
  volatile @Nullable Queryable other;
  final FakeServer view = new FakeServer();
  final FakeEngine engine = new FakeEngine();
  private final ExecutorService workers = Executors.newFixedThreadPool(2);
  private final HttpServer server;
  private final HttpClient client = HttpClient.newHttpClient();

  /** What a test may choose. */
  record Choice(WebOptions web, String corsOrigin, boolean admin) {
    static final Choice USUAL = new Choice(web("/", true), ".*", true);

    static WebOptions web(String prefix, boolean lifecycle) {
      return new WebOptions(prefix, prefix, "Title <1>", lifecycle, false, Duration.ofMinutes(5));
    }
  }

  final FakeDatabase database = new FakeDatabase();
  volatile ExemplarQuerier exemplars = (from, to, selectors) -> List.of();

  House() {
    this(Choice.USUAL);
  }

  House(Choice choice) {
    this(choice, null);
  }

  House(Choice choice, @Nullable HttpHandler remoteWrite) {
    ApiV1.Parts parts =
        new ApiV1.Parts(
            (from, to) -> reading().querier(from, to),
            (from, to, selectors) -> exemplars.select(from, to, selectors),
            engine,
            new FakeTargets(),
            view,
            database,
            workers,
            4,
            ParserOptions.DEFAULT,
            remoteWrite,
            clock);
    server =
        HttpServer.open(
            new HttpServer.Options(List.of("127.0.0.1:0"), Duration.ofMinutes(1), 100),
            HttpApi.router(
                parts, choice.web, choice.corsOrigin, choice.admin, new PrometheusRegistry()));
  }

  private Queryable reading() {
    Queryable instead = other;
    return instead == null ? storage : instead;
  }

  int port() {
    return server.addresses().getFirst().getPort();
  }

  HttpResponse<String> get(String path, String... headers) {
    return send("GET", path, "", headers);
  }

  HttpResponse<String> send(String method, String path, String form, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .method(method, HttpRequest.BodyPublishers.ofString(form));
    if (!form.isEmpty()) {
      request.header("Content-Type", "application/x-www-form-urlencoded");
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** A path below /api/v1 with names and values of its query. */
  HttpResponse<String> api(String path, String... query) {
    return get("/api/v1" + path + (query.length == 0 ? "" : "?" + form(query)));
  }

  static String form(String... query) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < query.length; i += 2) {
      out.append(i == 0 ? "" : "&")
          .append(URLEncoder.encode(query[i], StandardCharsets.UTF_8))
          .append('=')
          .append(URLEncoder.encode(query[i + 1], StandardCharsets.UTF_8));
    }
    return out.toString();
  }

  @Override
  public void close() {
    server.close();
    workers.shutdownNow();
    client.close();
  }

  static final class FakeServer implements ServerView {
    volatile State state = State.READY;
    volatile String broken = "";
    volatile boolean reloaded;
    final CountDownLatch ended = new CountDownLatch(1);

    @Override
    public State state() {
      return state;
    }

    @Override
    public Build build() {
      return new Build("3.14.0", "abc", "main", "me", "today", "java25");
    }

    @Override
    public Runtime runtime() {
      return new Runtime(1000, "/cwd", "host", true, 0, 0, 7, 2, 1024, "15d");
    }

    @Override
    public String configuration() {
      return "global:\n  scrape_interval: 15s\n";
    }

    @Override
    public Map<String, String> flags() {
      return Map.of("web.read-timeout", "5m", "config.file", "a.yml");
    }

    @Override
    public List<Notification> notifications() {
      return List.of(new Notification("Configuration reload has failed.", 1500, true));
    }

    @Override
    public Map<String, Map<String, Boolean>> features() {
      return Map.of("promql", Map.of("offset", true, "anchored", false));
    }

    @Override
    public void reload() {
      if (!broken.isEmpty()) {
        throw new IllegalStateException(broken);
      }
      reloaded = true;
    }

    @Override
    public void quit() {
      ended.countDown();
    }
  }

  static final class FakeTargets implements Targets {
    private final Labels labels = Labels.of("instance", "a:1", "job", "j");
    private final Labels discovered = Labels.of("__address__", "a:1");
    private final List<RelabelConfig> rules =
        Yaml.decode(
                "[{source_labels: [a, b], target_label: c}, {source_labels: [a], regex: '<x>',"
                    + " action: drop}, {source_labels: [c], modulus: 8, target_label: d,"
                    + " action: hashmod}]",
                value -> value.list("rules", RelabelConfig::decode))
            .stream()
            .map(rule -> rule.complete(ValidationScheme.UTF8))
            .toList();
    private final Rule rule = new Rule(1, rules.get(1));

    @Override
    public List<String> pools() {
      return List.of("j", "k");
    }

    @Override
    public List<Active> active() {
      return List.of(
          new Active(
              "j",
              discovered,
              labels,
              "http://a:1/metrics",
              "http://a:1/metrics",
              Health.UP,
              "",
              1_767_361_000_200L,
              6_576_866,
              "15s",
              "10s",
              new Samples(
                  9,
                  5,
                  1,
                  List.of(
                      new LeftOut("metric_relabel_configs", rule, 4),
                      new LeftOut("duplicate_timestamp", null, 2)))),
          new Active(
              "k",
              discovered,
              labels,
              "u",
              "g",
              Health.UNKNOWN,
              "",
              0,
              0,
              "15s",
              "10s",
              new Samples(0, 0, 0, List.of())));
    }

    @Override
    public List<Dropped> dropped() {
      return List.of(new Dropped("k", discovered, rule));
    }

    @Override
    public List<Faulty> faulty() {
      return List.of(new Faulty("k", discovered, "no address"));
    }

    @Override
    public @Nullable List<RelabelConfig> relabelling(String pool) {
      return pool.equals("j") ? rules : null;
    }

    @Override
    public @Nullable String configuration(String pool) {
      return pool.equals("j") ? "job_name: j\n" : null;
    }

    @Override
    public Map<String, Integer> droppedCounts() {
      return Map.of("k", 1, "j", 0);
    }

    @Override
    public List<Described> metadata(String metric) {
      Metadata up = new Metadata("up", "gauge", "Is it up?", "");
      Metadata other = new Metadata("requests_total", "counter", "Requests.", "");
      List<Metadata> all = metric.isEmpty() ? List.of(up, other) : List.of(up);
      return List.of(
          new Described(labels, all), new Described(Labels.of("job", "second"), List.of(up)));
    }
  }

  static final class FakeDatabase implements DatabaseAdmin {
    @Override
    public HeadStats headStats() {
      return new HeadStats(1, 2, 3, 4, 5);
    }

    @Override
    public Cardinality cardinality(int limit) {
      List<NamedCount> one = List.of(new NamedCount("up", limit));
      return new Cardinality(one, List.of(), List.of(), List.of());
    }

    @Override
    public ReplayProgress replayProgress() {
      return new ReplayProgress(1, 9, 5, 37);
    }

    /** What is there while the database is being filled. */
    final MemoryStorage early = new MemoryStorage();

    @Override
    public Queryable partial() {
      return early;
    }

    @Override
    public List<String> blockMetas() {
      return List.of("{\"ulid\":\"01\"}");
    }

    @Override
    public Path snapshot(boolean skipHead) {
      if (skipHead) {
        throw new StorageException("disk full");
      }
      return Path.of("/data/snapshots/20260821T000000Z-0123456789abcdef");
    }

    /** What was asked, in order. */
    final List<String> asked = new ArrayList<>();

    @Override
    public void delete(long minTime, long maxTime, List<Matcher> matchers) {
      asked.add("delete " + minTime + " " + maxTime + " " + matchers);
      if (matchers.contains(Matcher.equal("__name__", "broken"))) {
        throw new StorageException("disk full");
      }
    }

    @Override
    public void cleanTombstones() {
      asked.add("clean");
    }
  }

  static QueryEngine.Options lastOptions(House house) {
    return house.engine.options;
  }
}
