package io.narthex.api.v1;

import io.narthex.api.http.Gate;
import io.narthex.api.http.HttpMetrics;
import io.narthex.api.port.QueryEngine;
import io.narthex.api.port.ServerView;
import io.narthex.api.port.Targets;
import io.narthex.base.time.Clock;
import io.narthex.net.http.HttpHandler;
import io.narthex.net.http.HttpRequest;
import io.narthex.net.http.HttpResponse;
import io.narthex.net.http.Router;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.storage.DatabaseAdmin;
import io.narthex.storage.ExemplarQuerier;
import io.narthex.storage.Queryable;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/** The table of the API's endpoints. */
public final class ApiV1 {

  private static final Set<String> GET = Set.of("GET");
  private static final Set<String> GET_AND_POST = Set.of("GET", "POST");
  private static final Set<String> POST = Set.of("POST");
  private static final Set<String> DELETE = Set.of("DELETE");
  private static final Set<String> POST_AND_PUT = Set.of("POST", "PUT");

  private final Router router;
  private final String prefix;
  private final Gate gate;
  private final HttpMetrics metrics;
  private final Cors cors;

  /**
   * What the endpoints work with.
   *
   * @param workers do what goes on without its client
   * @param readers the most requests that read the storage at a time, beside queries
   * @param remoteWrite takes what other servers write, or null if nobody may
   */
  public record Parts(
      Queryable storage,
      ExemplarQuerier exemplars,
      QueryEngine engine,
      Targets targets,
      ServerView server,
      DatabaseAdmin database,
      ExecutorService workers,
      int readers,
      ParserOptions language,
      @Nullable HttpHandler remoteWrite,
      Clock clock) {}

  /**
   * Adds the endpoints to a router.
   *
   * @param prefix what stands before {@code /api/v1}, without a slash at its end
   * @param corsOrigin the origins whose pages may read the answers, as a regular expression
   * @param admin whether the database may be changed
   */
  public static void addTo(
      Router router,
      String prefix,
      Gate gate,
      HttpMetrics metrics,
      Parts parts,
      String corsOrigin,
      boolean admin) {
    new ApiV1(router, prefix + "/api/v1", gate, metrics, new Cors(corsOrigin)).add(parts, admin);
  }

  private ApiV1(Router router, String prefix, Gate gate, HttpMetrics metrics, Cors cors) {
    this.router = router;
    this.prefix = prefix;
    this.gate = gate;
    this.metrics = metrics;
    this.cors = cors;
  }

  private void add(Parts parts, boolean admin) {
    Workers workers =
        new Workers(
            parts.workers(), parts.readers(), parts.clock(), () -> parts.engine().timeoutNanos());

    Partial partial = new Partial(parts.server(), parts.storage(), parts.database());
    QueryEndpoints queries = new QueryEndpoints(parts.engine(), partial, workers, parts.clock());
    gatedOrPartial(GET_AND_POST, "/query", queries::instant);
    gatedOrPartial(GET_AND_POST, "/query_range", queries::range);

    ExplainEndpoints plans = new ExplainEndpoints(parts.engine(), workers, parts.clock());
    gated(GET_AND_POST, "/query_explain", plans::instant);
    gated(GET_AND_POST, "/query_range_explain", plans::range);

    RunningEndpoints running = new RunningEndpoints(parts.engine().running());
    gated(GET, "/queries", running::list);
    gated(DELETE, "/queries/{id}", running::cancel);
    gated(POST, "/queries/{id}/cancel", running::cancel);

    ExemplarEndpoints exemplars =
        new ExemplarEndpoints(parts.exemplars(), workers, parts.language());
    gated(GET_AND_POST, "/query_exemplars", exemplars::exemplars);

    LanguageEndpoints language = new LanguageEndpoints(parts.language());
    gated(GET_AND_POST, "/format_query", language::format);
    gated(GET_AND_POST, "/parse_query", language::syntax);

    SeriesEndpoints series = new SeriesEndpoints(partial, workers);
    gatedOrPartial(GET_AND_POST, "/series", series::series);
    gatedOrPartial(GET_AND_POST, "/labels", series::labelNames);
    gatedOrPartial(GET, "/label/{name}/values", series::labelValues);

    TargetEndpoints targets = new TargetEndpoints(parts.targets());
    PoolEndpoints pools = new PoolEndpoints(parts.targets());
    gated(GET, "/scrape_pools", pools::pools);
    gated(GET, "/scrape_pools/config", pools::configuration);
    gated(GET, "/targets", targets::targets);
    gated(GET, "/targets/metadata", targets::targetMetadata);
    gated(GET, "/targets/relabel_steps", pools::relabelSteps);
    gated(GET, "/metadata", targets::metadata);

    RuleEndpoints rules = new RuleEndpoints();
    gated(GET, "/rules", rules::rules);
    gated(GET, "/alerts", rules::alerts);
    gated(GET, "/alertmanagers", rules::alertmanagers);

    StatusEndpoints status =
        new StatusEndpoints(parts.server(), parts.database(), workers, parts.clock());
    gated(GET, "/status/config", status::config);
    gated(GET, "/status/flags", status::flags);
    gated(GET, "/status/runtimeinfo", status::runtimeInfo);
    gated(GET, "/status/buildinfo", status::buildInfo);
    gated(GET, "/status/tsdb", status::database);
    gated(GET, "/status/tsdb/blocks", status::blocks);
    gated(GET, "/features", status::features);
    open(GET, "/status/walreplay", status::replay);
    open(GET, "/notifications", status::notifications);

    AdminEndpoints administration = new AdminEndpoints(parts.database(), workers, admin);
    gated(POST_AND_PUT, "/admin/tsdb/delete_series", administration::deleteSeries);
    gated(POST_AND_PUT, "/admin/tsdb/clean_tombstones", administration::cleanTombstones);
    gated(POST_AND_PUT, "/admin/tsdb/snapshot", administration::snapshot);

    HttpHandler remoteWrite = parts.remoteWrite();
    add(
        POST,
        "/write",
        remoteWrite == null
            ? gate.behind(ApiV1::noRemoteWrite)
            : gate.behindUnlessStarting(remoteWrite));

    gated(Set.of("OPTIONS"), "/{path...}", request -> Answer.NONE);
  }

  private static void noRemoteWrite(HttpRequest request, HttpResponse response) throws IOException {
    response
        .status(404)
        .header("X-Content-Type-Options", "nosniff")
        .sendText(
            "remote write receiver needs to be enabled with --web.enable-remote-write-receiver\n");
  }

  /** An endpoint that answers once the server is ready. */
  private void gated(Set<String> methods, String path, Endpoint endpoint) {
    add(methods, path, gate.behind(Envelope.around(endpoint, cors)));
  }

  /** The same, or earlier with what is there, if the request asks for that. */
  private void gatedOrPartial(Set<String> methods, String path, Endpoint endpoint) {
    add(methods, path, gate.behindUnlessPartial(Envelope.around(endpoint, cors)));
  }

  /** An endpoint that answers from the start. */
  private void open(Set<String> methods, String path, Endpoint endpoint) {
    add(methods, path, Envelope.around(endpoint, cors));
  }

  private void add(Set<String> methods, String path, HttpHandler handler) {
    // Upstream's metrics have the parameters of a path with a colon.
    String name =
        "/api/v1"
            + path.replace("{name}", ":name").replace("{id}", ":id").replace("{path...}", "*path");
    router.on(methods, prefix + path, metrics.counted(name, handler));
  }
}
