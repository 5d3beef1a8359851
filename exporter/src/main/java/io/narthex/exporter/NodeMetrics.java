package io.narthex.exporter;

import io.narthex.base.time.Clock;
import io.narthex.exporter.collector.Collector;
import io.narthex.exporter.collector.Page;
import io.narthex.net.http.HttpHandler;
import io.narthex.net.http.HttpRequest;
import io.narthex.net.http.HttpResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a scrape: runs the collectors one after the other and writes one page. A collector that
 * fails costs the page only its own families; {@code node_scrape_collector_success} says which.
 * Thread-safe.
 */
public final class NodeMetrics implements HttpHandler {

  private static final Logger log = LoggerFactory.getLogger(NodeMetrics.class);
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final List<Collector> enabled;
  private final Set<String> known;
  private final Clock clock;
  private final Semaphore requests;

  /**
   * @param enabled the collectors to run
   * @param known the names of all collectors there are, for the messages
   * @param maxRequests how many scrapes may run at once, 0 for any number
   */
  public NodeMetrics(List<Collector> enabled, List<String> known, Clock clock, int maxRequests) {
    this.enabled = List.copyOf(enabled);
    this.known = Set.copyOf(known);
    this.clock = clock;
    this.requests = new Semaphore(maxRequests == 0 ? Integer.MAX_VALUE : maxRequests);
  }

  @Override
  public void handle(HttpRequest request, HttpResponse response) throws IOException {
    if (!requests.tryAcquire()) {
      response.status(503).sendText("Limit of concurrent requests reached, try again later.\n");
      return;
    }
    try {
      List<String> collect = request.query().all("collect[]");
      List<String> exclude = request.query().all("exclude[]");
      if (!collect.isEmpty() && !exclude.isEmpty()) {
        response.status(400).sendText("Combined collect and exclude queries are not allowed.\n");
        return;
      }
      for (String name : collect) {
        String reason =
            !known.contains(name)
                ? "missing collector: " + name
                : enabled.stream().noneMatch(c -> c.name().equals(name))
                    ? "disabled collector: " + name
                    : "";
        if (!reason.isEmpty()) {
          response
              .status(400)
              .sendText(
                  "Couldn't create filtered metrics handler: couldn't create collector: "
                      + reason
                      + "\n");
          return;
        }
      }
      response.send(TEXT, page(new HashSet<>(collect), new HashSet<>(exclude)));
    } finally {
      requests.release();
    }
  }

  /**
   * One page.
   *
   * @param collect the collectors to run; all where it is empty
   * @param exclude the collectors to leave out
   */
  byte[] page(Set<String> collect, Set<String> exclude) {
    Page page = new Page();
    List<Collector> chosen = new ArrayList<>();
    for (Collector collector : enabled) {
      String name = collector.name();
      if ((collect.isEmpty() || collect.contains(name)) && !exclude.contains(name)) {
        chosen.add(collector);
      }
    }
    for (Collector collector : chosen) {
      long start = clock.nanos();
      boolean success = run(collector, page);
      page.gauge(
              "node_scrape_collector_duration_seconds",
              "node_exporter: Duration of a collector scrape.")
          .add((clock.nanos() - start) / 1e9, "collector", collector.name());
      page.gauge("node_scrape_collector_success", "node_exporter: Whether a collector succeeded.")
          .add(success ? 1 : 0, "collector", collector.name());
    }
    BuildInfo.write(page);
    return page.toBytes();
  }

  private static boolean run(Collector collector, Page page) {
    try {
      collector.collect(page);
      return true;
    } catch (Collector.NoDataException e) {
      log.atDebug()
          .addKeyValue("name", collector.name())
          .addKeyValue("err", e.getMessage())
          .log("collector returned no data");
    } catch (IOException | RuntimeException e) {
      log.atError()
          .addKeyValue("name", collector.name())
          .addKeyValue("err", e.toString())
          .log("collector failed");
    }
    return false;
  }
}
