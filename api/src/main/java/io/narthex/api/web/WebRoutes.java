package io.narthex.api.web;

import io.narthex.api.http.Gate;
import io.narthex.api.http.HttpMetrics;
import io.narthex.api.port.ServerView;
import io.narthex.net.http.HttpHandler;
import io.narthex.net.http.Router;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Set;

/** The table of all that is not the API. */
public final class WebRoutes {

  private static final Set<String> GET = Set.of("GET");
  private static final Set<String> GET_AND_HEAD = Set.of("GET", "HEAD");

  /** The web app finds out by itself what to show under which of these. */
  private static final List<String> PAGES =
      List.of(
          "/query",
          "/alerts",
          "/rules",
          "/targets",
          "/service-discovery",
          "/alertmanager-discovery",
          "/status",
          "/tsdb-status",
          "/flags",
          "/config",
          "/agent");

  private final Router router;
  private final HttpMetrics metrics;
  private final String prefix;

  private WebRoutes(Router router, HttpMetrics metrics, String prefix) {
    this.router = router;
    this.metrics = metrics;
    this.prefix = prefix;
  }

  /** Adds the routes to a router. */
  public static void addTo(
      Router router,
      WebOptions options,
      Gate gate,
      HttpMetrics metrics,
      ServerView server,
      PrometheusRegistry registry) {
    new WebRoutes(router, metrics, options.prefix()).add(options, gate, server, registry);
  }

  private void add(WebOptions options, Gate gate, ServerView server, PrometheusRegistry registry) {
    Management management = new Management(server, options);
    on(GET_AND_HEAD, "/-/healthy", management::healthy);
    on(GET_AND_HEAD, "/-/ready", gate.behind(management::ready));
    on(Management.CHANGING, "/-/reload", management::reload);
    on(Management.CHANGING, "/-/quit", management::quit);
    on(GET, "/version", management::version);
    on(GET, "/metrics", new MetricsPage(registry));

    String start = options.externalPrefix() + (options.agent() ? "/agent" : "/query");
    HttpHandler redirect =
        (request, response) -> {
          response.status(302).header("Location", start);
          response.send("text/html; charset=utf-8", html("<a href=\"" + start + "\">Found</a>.\n"));
        };
    on(GET_AND_HEAD, "/", redirect);
    on(GET_AND_HEAD, "/graph", redirect);
    if (!prefix.isEmpty()) {
      router.on(GET_AND_HEAD, "/", redirect);
    }
    UiFiles files = new UiFiles(server, options);
    for (String page : PAGES) {
      on(GET_AND_HEAD, page, files::page);
    }
    on(GET_AND_HEAD, "/assets/{path...}", files::asset);
  }

  private static byte[] html(String text) {
    return io.narthex.base.bytes.Utf8.bytes(text);
  }

  private void on(Set<String> methods, String path, HttpHandler handler) {
    String name = path.replace("{path...}", "*filepath");
    router.on(methods, prefix + path, metrics.counted(name, handler));
  }
}
