package io.narthex.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.narthex.base.lifecycle.Machine;
import io.narthex.testkit.Json;
import io.narthex.testkit.Peers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the API says of targets, and what stands in the file of failed scrapes, is what Prometheus
 * 3.5 says of the same configuration.
 */
final class TargetViewsPeerTest {

  private static final String PAGE =
      """
      # HELP requests_total Requests <so far>.
      # TYPE requests_total counter
      requests_total{code="200"} 7
      # TYPE temperature gauge
      temperature 21.5
      # HELP untyped Helps.
      untyped 1
      """;

  /** Labels that targets have since 3.8. */
  private static final String LATER =
      "__(always_scrape_classic_histograms|convert_classic_histograms_to_nhcb"
          + "|scrape_native_histograms)__=[a-z]+, ";

  @TempDir private Path folder;

  private Path configuration(String name, int good, int closed) throws IOException {
    String yaml =
        """
        global:
          scrape_interval: 1s
          scrape_timeout: 900ms
          scrape_failure_log_file: NAME.json
        scrape_configs:
        - job_name: good
          static_configs: [{targets: ['127.0.0.1:GOOD'], labels: {zone: eu}}]
        - job_name: relabelled
          params: {module: [http, tcp]}
          static_configs: [{targets: ['localhost:GOOD', 'gone:1', 'gone:2', 'slow:1']}]
          relabel_configs:
          - {source_labels: [__address__], regex: gone.*, action: drop}
          - {source_labels: [__address__], regex: slow.*, target_label: __scrape_timeout__, replacement: 1h}
          - {target_label: __scrape_interval__, replacement: 1000ms}
          - {target_label: __param_module, replacement: 'a b'}
          - {target_label: __tmp_x, replacement: y}
        - job_name: few
          keep_dropped_targets: 1
          static_configs: [{targets: ['gone:1', 'gone:2', 'gone:3']}]
          relabel_configs: [{action: drop}]
        - job_name: down
          scrape_interval: 2s
          metrics_path: /p
          static_configs: [{targets: ['127.0.0.1:CLOSED']}]
        - job_name: missing
          metrics_path: /absent
          scrape_failure_log_file: NAME-other.json
          static_configs: [{targets: ['127.0.0.1:GOOD']}]
        """
            .replace("NAME", name)
            .replace("GOOD", String.valueOf(good))
            .replace("CLOSED", String.valueOf(closed));
    return Files.writeString(folder.resolve(name + ".yml"), yaml);
  }

  private static HttpServer target() throws IOException {
    HttpServer target = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    target.createContext(
        "/metrics",
        exchange -> {
          byte[] bytes = PAGE.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4");
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    target.start();
    return target;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static Json get(int port, String path) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + port + "/api/v1" + path);
      return Json.parse(
          client
              .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
              .body());
    }
  }

  @Test
  void theViewsAreAlike() throws Exception {
    Path program = Peers.program("prometheus35");
    HttpServer target = target();
    int closed = freePort();
    int theirs = freePort();
    Process peer =
        new ProcessBuilder(
                program.toString(),
                "--config.file=" + configuration("theirs", target.getAddress().getPort(), closed),
                "--storage.tsdb.path=" + folder.resolve("data-theirs"),
                "--web.external-url=http://example.org:1234/",
                "--web.route-prefix=/",
                "--web.listen-address=127.0.0.1:" + theirs)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("theirs.log").toFile())
            .start();
    PrometheusFlags flags = new PrometheusFlags();
    flags
        .table()
        .parse(
            List.of(
                "--config.file=" + configuration("ours", target.getAddress().getPort(), closed),
                "--storage.tsdb.path=" + folder.resolve("data-ours"),
                "--web.external-url=http://example.org:1234/",
                "--web.route-prefix=/",
                "--web.listen-address=127.0.0.1:0"));
    flags.derive();
    try (PrometheusServer server =
        new PrometheusServer(flags, Machine.SYSTEM, () -> {}, router -> {})) {
      server.start();
      int ours = server.addresses().getFirst().getPort();
      awaitScrapes(ours);
      awaitScrapes(theirs);
      compare(ours, theirs);
      compareFailures("ours.json", "theirs.json");
      compareFailures("ours-other.json", "theirs-other.json");
    } finally {
      peer.destroyForcibly().waitFor();
      target.stop(0);
    }
  }

  private static void awaitScrapes(int port) throws InterruptedException {
    for (int tries = 0; tries < 600; tries++) {
      try {
        List<Json> active =
            get(port, "/targets?state=active").get("data").get("activeTargets").items();
        if (active.size() == 4
            && active.stream().noneMatch(t -> t.get("health").text().equals("unknown"))) {
          return;
        }
      } catch (IOException | RuntimeException e) {
        assertThat(tries).as("%s", e).isLessThan(599);
      }
      TimeUnit.MILLISECONDS.sleep(50); // a process of its own: there is no clock to stop
    }
    throw new AssertionError("no scrapes by " + port);
  }

  private static void compare(int ours, int theirs) throws Exception {
    for (String path :
        List.of(
            "/scrape_pools",
            "/targets",
            "/targets?state=any",
            "/targets?state=dropped",
            "/targets?state=DROPPED&scrapePool=few",
            "/targets?state=other",
            "/targets?scrapePool=relabelled",
            "/targets?scrapePool=absent",
            "/targets/metadata",
            "/targets/metadata?limit=0",
            "/targets/metadata?limit=x",
            "/targets/metadata?metric=temperature",
            "/targets/metadata?metric=absent",
            "/targets/metadata?match_target=%7Bzone%3D%22eu%22%7D",
            "/targets/metadata?match_target=%7Bzone%3D%22us%22%7D",
            "/targets/metadata?match_target=%7B",
            "/metadata",
            "/metadata?metric=untyped",
            "/metadata?metric=absent",
            "/metadata?limit=0",
            "/metadata?limit=y",
            "/metadata?limit_per_metric=z",
            "/metadata?limit_per_metric=1")) {
      assertThat(timeless(get(ours, path))).as(path).isEqualTo(timeless(get(theirs, path)));
    }
    assertThat(get(ours, "/metadata?limit=1").get("data").names())
        .hasSameSizeAs(get(theirs, "/metadata?limit=1").get("data").names());
  }

  /** An answer as text, in an order of its own and without what differs from scrape to scrape. */
  private static String timeless(Json answer) {
    return plain(answer)
        .replaceAll(LATER, "")
        .replaceAll("lastScrape=[^,}]*", "lastScrape")
        .replaceAll("lastScrapeDuration=[^,}]*", "lastScrapeDuration")
        .replaceAll("(?s)(dial tcp [^:]*:\\d+: )[^,}]*", "$1...");
  }

  private static String plain(Json json) {
    if (json.isNull()) {
      return "null";
    }
    String text = json.toString();
    if (text.startsWith("{") && isObject(json)) {
      TreeMap<String, String> members = new TreeMap<>();
      json.names().forEach(name -> members.put(name, plain(json.get(name))));
      return members.toString();
    }
    if (text.startsWith("[") && isArray(json)) {
      List<String> items = new ArrayList<>();
      json.items().forEach(item -> items.add(plain(item)));
      items.sort(Comparator.naturalOrder()); // Prometheus has no order within a pool
      return items.toString();
    }
    return text;
  }

  private static boolean isObject(Json json) {
    try {
      json.names();
      return true;
    } catch (AssertionError e) {
      return false;
    }
  }

  private static boolean isArray(Json json) {
    try {
      json.items();
      return true;
    } catch (AssertionError e) {
      return false;
    }
  }

  private void compareFailures(String ours, String theirs) throws IOException {
    List<String> our = Files.readAllLines(folder.resolve(ours));
    List<String> their = Files.readAllLines(folder.resolve(theirs));
    assertThat(our).isNotEmpty();
    assertThat(shape(our.getFirst())).isEqualTo(shape(their.getFirst()));
    assertThat(our).map(TargetViewsPeerTest::shape).containsOnly(shape(their.getFirst()));
  }

  /** A line without its time and the place in the source. */
  private static String shape(String line) {
    return line.replaceAll(
            "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)", "TIME")
        .replaceAll("\"source\":\"[A-Za-z]+\\.[a-z]+(:\\d+)?\"", "SOURCE");
  }
}
