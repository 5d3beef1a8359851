package io.narthex.server.warmup;

import io.narthex.base.time.Clock;
import io.narthex.net.http.HttpHandler;
import io.narthex.net.http.Router;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the API what dashboards ask, over the few series that every server has (those that scraping
 * itself writes), again and again for a moment, so that what answers is linked and compiled. It
 * goes through handlers and not through a socket, and the caller gives it handlers with metrics of
 * their own: nobody sees these requests.
 *
 * <p>The start-up cache spares the JVM the loading of classes, and much of the compiler's learning;
 * but it holds no compiled code, and the code of each switch over types is made when it is first
 * reached. So a first query takes tens of milliseconds after a start, and the next dozen twice of
 * what they take later.
 */
public final class WarmUp implements AutoCloseable {

  /** The longest that it lasts; most of what there is to gain comes within. */
  static final Duration LONGEST = Duration.ofMillis(1200);

  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

  private static final int MOST_ROUNDS = 250;

  private static final List<String> QUERIES =
      List.of(
          "up",
          "sum by (job) (rate(scrape_samples_scraped[1m]))",
          "topk(3, rate(scrape_duration_seconds[30s]))",
          "avg_over_time(scrape_duration_seconds[1m])",
          "max(max_over_time(scrape_samples_scraped[1m])) + 1",
          "scrape_duration_seconds / on (job, instance) group_left () up > 0",
          "scrape_samples_scraped{job=~\".+\"}",
          "histogram_quantile(0.9, sum by (le) (rate(prometheus_http_request_duration_seconds_bucket[1m])))",
          "count(up == 1) or vector(0)",
          "scrape_duration_seconds");

  private final Thread thread;
  private volatile boolean over;

  private record Question(HttpHandler handler, AskedRequest request) {}

  private WarmUp(List<Question> questions, Clock clock) {
    thread =
        Thread.ofPlatform()
            .daemon()
            .name("warm-up")
            .priority(Thread.MIN_PRIORITY)
            .unstarted(() -> ask(questions, clock));
  }

  /**
   * Begins, and returns at once.
   *
   * @param api answers below {@code prefix}
   * @param prefix where the API's paths begin, as {@code /api/v1}
   * @param newest the time of the newest samples, milliseconds since the epoch
   */
  public static WarmUp start(Router api, String prefix, LongSupplier newest, Clock clock) {
    WarmUp warmUp = new WarmUp(questions(api, prefix, newest.getAsLong()), clock);
    warmUp.thread.start();
    return warmUp;
  }

  private static List<Question> questions(Router api, String prefix, long newest) {
    Map<String, HttpHandler> handlers = new TreeMap<>();
    for (Router.Route route : api.routes()) {
      if (route.methods().contains("GET")) {
        handlers.putIfAbsent(route.pattern(), route.handler());
      }
    }
    String end = Double.toString(newest / 1000.0);
    String start = Double.toString((newest - 60_000) / 1000.0);
    List<Question> all = new ArrayList<>();
    for (String query : QUERIES) {
      all.add(of(handlers, prefix + "/query", "query", query, "time", end));
      all.add(
          of(
              handlers,
              prefix + "/query_range",
              "query",
              query,
              "start",
              start,
              "end",
              end,
              "step",
              "1"));
    }
    for (String path : List.of("/labels", "/series", "/label/{name}/values")) {
      all.add(
          of(handlers, prefix + path, "match[]", "up", "start", start, "end", end, "name", "job"));
    }
    all.add(of(handlers, prefix + "/labels", "start", start, "end", end));
    all.add(
        of(
            handlers,
            prefix + "/label/{name}/values",
            "start",
            start,
            "end",
            end,
            "name",
            "__name__"));
    return all;
  }

  private static Question of(Map<String, HttpHandler> handlers, String path, String... parameters) {
    HttpHandler handler = handlers.get(path);
    if (handler == null) {
      throw new IllegalArgumentException("no route for " + path);
    }
    return new Question(handler, new AskedRequest(path, parameters));
  }

  private void ask(List<Question> questions, Clock clock) {
    long begun = clock.nanos();
    int rounds = 0;
    try {
      while (!over && rounds < MOST_ROUNDS && clock.nanos() - begun < LONGEST.toNanos()) {
        for (Question question : questions) {
          if (!over) {
            question.handler.handle(question.request, new UnheardResponse());
          }
        }
        rounds++;
      }
    } catch (IOException | RuntimeException e) {
      // A server that is stopping refuses; nothing depends on this.
      LOG.atDebug().addKeyValue("err", String.valueOf(e)).log("Warming up ended early");
      return;
    }
    LOG.atDebug()
        .addKeyValue("rounds", rounds)
        .addKeyValue("duration", Duration.ofNanos(clock.nanos() - begun).toMillis() + "ms")
        .log("Warmed up");
  }

  /** Whether it goes on. */
  boolean isAlive() {
    return thread.isAlive();
  }

  /** Ends it, and waits for the question that is being answered: it reads the storage. */
  @Override
  public void close() {
    over = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
