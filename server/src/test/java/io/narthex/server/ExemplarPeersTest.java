package io.narthex.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.lifecycle.Machine;
import io.narthex.testkit.Peers;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real Prometheus and we scrape the same pages: what we answer of their exemplars is the same,
 * byte by byte, and stays so when each opens the other's directory.
 */
final class ExemplarPeersTest {

  private static final List<String> QUERIES =
      List.of(
          "query=%7B__name__%3D~%22.%2B%22%7D",
          "query=" + encoded("rate(requests_total[5m])"),
          "query=" + encoded("histogram_quantile(0.9, latency_seconds_bucket{le!=\"+Inf\"})"),
          "query=" + encoded("requests_total{path=\"b\"} / requests_total{path=\"a\"}"),
          "query=nothing",
          "query=1",
          "query=",
          "query=up%7B",
          "query=up&start=5&end=4",
          "query=up&start=x",
          "query=up&end=x");

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @TempDir private Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<AutoCloseable> open = new ArrayList<>();

  /** Serves the pages one after the other, to each scraper from the first on. */
  private static final class Target implements AutoCloseable {
    private final com.sun.net.httpserver.HttpServer server;
    private final Map<String, AtomicInteger> served = new ConcurrentHashMap<>();

    Target(List<String> pages) throws IOException {
      server = com.sun.net.httpserver.HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
      server.createContext(
          "/",
          exchange -> {
            int n = served(exchange.getRequestURI().getPath()).getAndIncrement();
            byte[] page = pages.get(Math.min(n, pages.size() - 1)).getBytes(StandardCharsets.UTF_8);
            exchange
                .getResponseHeaders()
                .add("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8");
            exchange.sendResponseHeaders(200, page.length);
            try (OutputStream out = exchange.getResponseBody()) {
              out.write(page);
            }
          });
      server.start();
    }

    AtomicInteger served(String path) {
      return served.computeIfAbsent(path, p -> new AtomicInteger());
    }

    void await(String path, int pages) {
      // The page after the last one: then the last one is committed.
      for (int i = 0; i < 600 && served(path).get() <= pages; i++) {
        LockSupport.parkNanos(50_000_000);
      }
      assertThat(served(path).get()).isGreaterThan(pages);
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  private Path configuration(Target target, String metricsPath) throws IOException {
    return Files.writeString(
        folder.resolve("config" + metricsPath.substring(1) + ".yml"),
        """
        global: {scrape_interval: 200ms, scrape_timeout: 200ms}
        storage: {exemplars: {max_exemplars: 30}}
        scrape_configs:
        - job_name: pages
          metrics_path: %s
          static_configs: [{targets: ['127.0.0.1:%d']}]
        """
            .formatted(metricsPath, target.server.getAddress().getPort()));
  }

  private static List<String> pages() {
    List<String> pages = new ArrayList<>();
    long base = System.currentTimeMillis() / 1000;
    for (int i = 0; i < 12; i++) {
      StringBuilder page = new StringBuilder("# TYPE requests counter\n# HELP requests Help.\n");
      // A new one with each page, one that stays, one that falls back in time now and then.
      page.append("requests_total{path=\"a\"} ").append(i);
      page.append(" # {trace_id=\"a").append(i).append("\"} 0.5 ").append(base + i).append('\n');
      page.append("requests_total{path=\"b\"} 4 # {trace_id=\"same\",span_id=\"<ü>\"} 1e-7 ");
      page.append(base).append(".25\n");
      page.append("requests_total{path=\"c\"} 4 # {} ").append(i).append(' ');
      page.append(base + (i % 3 == 0 ? i : -i)).append('\n');
      page.append("# TYPE latency_seconds histogram\n");
      for (String le : List.of("0.1", "1", "+Inf")) {
        page.append("latency_seconds_bucket{le=\"").append(le).append("\"} ").append(i + 1);
        if (i % 2 == 0 || le.equals("1")) {
          page.append(" # {trace_id=\"").append("t".repeat(le.equals("1") ? 121 : 119));
          page.append("\"} ").append(i / 4.0).append(' ').append(base + i / 2).append(".5");
        }
        page.append('\n');
      }
      page.append("latency_seconds_count ").append(i + 1).append("\nlatency_seconds_sum 1\n");
      // For ever the same text at other times: two of one time come in the order of value.
      page.append("other_total 1 # {a=\"b\"} ").append(i * 7 % 5).append(' ').append(base);
      page.append("\n# EOF\n");
      pages.add(page.toString());
    }
    return pages;
  }

  private PrometheusServer ours(Path config, Path data) {
    PrometheusFlags flags = new PrometheusFlags();
    flags
        .table()
        .parse(
            List.of(
                "--config.file=" + config,
                "--storage.tsdb.path=" + data,
                "--enable-feature=exemplar-storage,metadata-wal-records",
                "--web.listen-address=127.0.0.1:0"));
    flags.derive();
    PrometheusServer server = new PrometheusServer(flags, Machine.SYSTEM, () -> {}, router -> {});
    open.add(server);
    server.start();
    return server;
  }

  /** A running Prometheus. */
  private final class Theirs implements AutoCloseable {
    private final Process process;
    private final int port;

    Theirs(Path config, Path data) throws IOException {
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      process =
          new ProcessBuilder(
                  Peers.program("prometheus35").toString(),
                  "--config.file=" + config,
                  "--storage.tsdb.path=" + data,
                  "--enable-feature=exemplar-storage,metadata-wal-records",
                  "--web.listen-address=127.0.0.1:" + port)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("prometheus.log").toFile())
              .start();
      open.add(this);
      for (int i = 0; i < 300 && !isReady(); i++) {
        LockSupport.parkNanos(100_000_000);
      }
    }

    private boolean isReady() {
      try {
        return get(port, "/-/ready").startsWith("200");
      } catch (IOException e) {
        return false;
      }
    }

    @Override
    public void close() {
      process.destroy();
      process.onExit().orTimeout(30, TimeUnit.SECONDS).exceptionally(late -> process).join();
      process.destroyForcibly().onExit().join();
    }
  }

  private String get(int port, String path) throws IOException {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private List<String> answers(int port) throws IOException {
    List<String> all = new ArrayList<>();
    for (String query : QUERIES) {
      all.add(query + ": " + get(port, "/api/v1/query_exemplars?" + query));
    }
    return all;
  }

  private static int port(PrometheusServer server) {
    return server.addresses().getFirst().getPort();
  }

  @Test
  void weAnswerAsPrometheusDoes() throws Exception {
    Peers.program("prometheus35");
    Path idle =
        Files.writeString(
            folder.resolve("idle.yml"), "storage: {exemplars: {max_exemplars: 30}}\n");
    List<String> pages = pages();
    List<String> theirs;
    List<String> ours;
    Path theirData = folder.resolve("theirs");
    Path ourData = folder.resolve("ours");
    try (Target target = new Target(pages)) {
      Theirs prometheus = new Theirs(configuration(target, "/a"), theirData);
      PrometheusServer server = ours(configuration(target, "/b"), ourData);
      target.await("/a", pages.size());
      target.await("/b", pages.size());
      theirs = answers(prometheus.port);
      ours = answers(port(server));
      prometheus.close();
      server.close();
    }
    assertThat(theirs.getFirst()).contains("\"trace_id\":\"a11\"").contains("span_id");
    assertThat(ours).isEqualTo(theirs);

    PrometheusServer another = ours(idle, theirData);
    assertThat(answers(port(another))).isEqualTo(theirs);
    another.close();
    Theirs other = new Theirs(idle, ourData);
    assertThat(answers(other.port)).isEqualTo(theirs);
    other.close();
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
    http.close();
  }
}
