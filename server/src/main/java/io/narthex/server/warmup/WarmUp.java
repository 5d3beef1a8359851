package io.narthex.server.warmup;

import io.narthex.base.time.Clock;
import io.narthex.net.http.HttpException;
import io.narthex.net.http.HttpServer;
import io.narthex.net.http.Router;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the API what dashboards ask, over the few series that every server has (those that scraping
 * itself writes), again and again for a moment, so that what answers is linked and compiled: from
 * the socket, for reading and writing HTTP is most of what a small question costs. The questions go
 * to a port of the loopback interface that is open for that moment only, and the caller gives
 * handlers with metrics of their own: nobody sees these requests. Nor may anybody else ask there,
 * whatever the server's own port asks of its clients: each request bears a secret of this process.
 *
 * <p>The start-up cache spares the JVM the loading of classes, and much of the compiler's learning;
 * but it holds no compiled code, and the code of each switch over types is made when it is first
 * reached. So a first query takes tens of milliseconds after a start, and the next dozen twice of
 * what they take later.
 */
public final class WarmUp implements AutoCloseable {

  /** The longest that it lasts; most of what there is to gain comes within. */
  static final Duration LONGEST = Duration.ofMillis(2500);

  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

  private static final int MOST_ROUNDS = 250;

  /** For one question; what takes longer is no use for warming up. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final String HOST = "127.0.0.1";
  private static final String OK = "HTTP/1.1 200";

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

  private final String secret = new BigInteger(256, new SecureRandom()).toString(36);
  private final Thread thread;
  private volatile boolean over;

  private WarmUp(Router api, List<String> questions, Clock clock) {
    thread =
        Thread.ofPlatform()
            .daemon()
            .name("warm-up")
            .priority(Thread.MIN_PRIORITY)
            .unstarted(() -> ask(api, questions, clock));
  }

  /**
   * Begins, and returns at once.
   *
   * @param api answers below {@code prefix}
   * @param prefix where the API's paths begin, as {@code /api/v1}
   * @param newest the time of the newest samples, milliseconds since the epoch
   */
  public static WarmUp start(Router api, String prefix, LongSupplier newest, Clock clock) {
    WarmUp warmUp = new WarmUp(api, questions(prefix, newest.getAsLong()), clock);
    warmUp.thread.start();
    return warmUp;
  }

  /** The paths that are asked for. */
  private static List<String> questions(String prefix, long newest) {
    String end = Double.toString(newest / 1000.0);
    String range = "start=" + (newest - 60_000) / 1000.0 + "&end=" + end;
    List<String> all = new ArrayList<>();
    for (String query : QUERIES) {
      String asked = "query=" + URLEncoder.encode(query, StandardCharsets.UTF_8);
      all.add(prefix + "/query?" + asked + "&time=" + end);
      all.add(prefix + "/query_range?" + asked + "&" + range + "&step=1");
    }
    for (String path : List.of("/labels", "/series", "/label/job/values")) {
      all.add(prefix + path + "?match%5B%5D=up&" + range);
    }
    all.add(prefix + "/labels?" + range);
    all.add(prefix + "/label/__name__/values?" + range);
    return all;
  }

  private void ask(Router api, List<String> questions, Clock clock) {
    long begun = clock.nanos();
    int rounds = 0;
    HttpServer.Options options = new HttpServer.Options(List.of(HOST + ":0"), PATIENCE, 8);
    try (HttpServer server = HttpServer.open(options, api, new OnlyOurselves(secret))) {
      int port = server.addresses().getFirst().getPort();
      while (!over && rounds < MOST_ROUNDS && clock.nanos() - begun < LONGEST.toNanos()) {
        for (String question : questions) {
          if (!over) {
            ask(port, question);
          }
        }
        rounds++;
      }
    } catch (IOException | HttpException e) {
      // A server that is stopping refuses; nothing depends on this.
      LOG.atDebug().addKeyValue("err", String.valueOf(e)).log("Warming up ended early");
      return;
    }
    LOG.atDebug()
        .addKeyValue("rounds", rounds)
        .addKeyValue("duration", Duration.ofNanos(clock.nanos() - begun).toMillis() + "ms")
        .log("Warmed up");
  }

  /** Asks one question, on a connection of its own as most clients do. */
  private void ask(int port, String question) throws IOException {
    try (Socket socket = new Socket(HOST, port)) {
      socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
      String head =
          "GET %s HTTP/1.1\r\nHost: %s:%d\r\nAuthorization: %s\r\nConnection: close\r\n\r\n"
              .formatted(question, HOST, port, secret);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      InputStream answer = socket.getInputStream();
      byte[] bytes = new byte[8192];
      int read = answer.readNBytes(bytes, 0, OK.length());
      if (!new String(bytes, 0, read, StandardCharsets.US_ASCII).equals(OK)) {
        throw new IOException("no answer to " + question);
      }
      while (read >= 0) {
        read = answer.read(bytes);
      }
    }
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
