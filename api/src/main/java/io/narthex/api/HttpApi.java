package io.narthex.api;

import io.narthex.api.http.Gate;
import io.narthex.api.http.HttpMetrics;
import io.narthex.api.v1.ApiV1;
import io.narthex.api.web.WebOptions;
import io.narthex.api.web.WebRoutes;
import io.narthex.net.http.Router;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** The door of the module: puts all routes of a Prometheus server into a router. */
public final class HttpApi {

  private HttpApi() {}

  /**
   * Makes the router.
   *
   * @param parts what the endpoints work with; the executor's threads read what is no query
   * @param corsOrigin the origins whose pages may read the API's answers, as a regular expression
   * @param admin whether the database may be changed over HTTP
   * @param registry where the counters of requests go, and what {@code /metrics} shows
   */
  public static Router router(
      ApiV1.Parts parts,
      WebOptions web,
      String corsOrigin,
      boolean admin,
      PrometheusRegistry registry) {
    Router router = new Router();
    Gate gate = new Gate(parts.server());
    HttpMetrics metrics = new HttpMetrics(parts.clock(), registry);
    ApiV1.addTo(router, web.prefix(), gate, metrics, parts, corsOrigin, admin);
    WebRoutes.addTo(router, web, gate, metrics, parts.server(), registry);
    return router;
  }
}
