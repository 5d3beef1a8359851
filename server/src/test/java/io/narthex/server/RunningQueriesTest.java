package io.narthex.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.lifecycle.Machine;
import io.narthex.testkit.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Queries that run in a whole server: seen, called off, abandoned, noted, logged. */
final class RunningQueriesTest {

  /** It would work for minutes, and needs no series. */
  private static final String ENDLESS =
      "max_over_time(stddev_over_time(vector(time())[1d:1s])[10d:1s])";

  @TempDir private Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private @Nullable PrometheusServer server;

  @AfterEach
  void close() {
    if (server != null) {
      server.close();
    }
    client.close();
  }

  private void start(String yaml, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("prometheus.yml"), yaml);
    PrometheusFlags flags = new PrometheusFlags();
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.add("--config.file=" + file);
    arguments.add("--storage.tsdb.path=" + folder.resolve("data"));
    arguments.add("--web.listen-address=127.0.0.1:0");
    flags.table().parse(arguments);
    flags.derive();
    PrometheusServer opened = new PrometheusServer(flags, Machine.SYSTEM, () -> {}, router -> {});
    server = opened;
    opened.start();
  }

  private PrometheusServer server() {
    return Objects.requireNonNull(server);
  }

  private int port() {
    return server().addresses().getFirst().getPort();
  }

  private HttpRequest request(String method, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/api/v1" + path))
        .method(method, HttpRequest.BodyPublishers.noBody())
        .build();
  }

  private HttpResponse<String> send(String method, String path) throws Exception {
    return client.send(request(method, path), HttpResponse.BodyHandlers.ofString());
  }

  private CompletableFuture<HttpResponse<String>> ask(String path) {
    return client.sendAsync(request("GET", path), HttpResponse.BodyHandlers.ofString());
  }

  private static String encoded(String query) {
    return URLEncoder.encode(query, StandardCharsets.UTF_8);
  }

  private static String endless() {
    return "/query?time=1600000000&query=" + encoded(ENDLESS);
  }

  private List<Json> running() {
    try {
      return Json.parse(send("GET", "/queries").body()).get("data").items();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      Thread.yield();
    }
  }

  private boolean isRunning() {
    return running().stream().anyMatch(q -> q.get("state").text().equals("running"));
  }

  private String metric(String name) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + port() + "/metrics");
    return client
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElse("");
  }

  @Test
  void aQueryIsListedAndCancelled() throws Exception {
    start("global: {}\n");
    assertThat(running()).isEmpty();
    CompletableFuture<HttpResponse<String>> answer = ask(endless());
    await(this::isRunning);
    Json query = running().getFirst();
    assertThat(query.get("query").text()).isEqualTo(ENDLESS);
    assertThat(query.get("kind").text()).isEqualTo("instant");
    assertThat(query.get("client").text()).isEqualTo("127.0.0.1");
    assertThat(query.get("time").number()).isEqualTo(1_600_000_000);
    assertThat(query.get("ageSeconds").number()).isPositive();
    assertThat(metric("prometheus_engine_queries")).isEqualTo("1.0");
    // The file names it, as it would after a crash.
    assertThat(ActiveQueries.unfinished(Files.readAllBytes(folder.resolve("data/queries.active"))))
        .contains("stddev_over_time");

    long id = (long) query.get("id").number();
    long begun = System.nanoTime();
    HttpResponse<String> done = send("POST", "/queries/" + id + "/cancel");
    assertThat(done.body()).isEqualTo("{\"status\":\"success\",\"data\":{\"id\":" + id + "}}");
    HttpResponse<String> ended = answer.get(20, TimeUnit.SECONDS);
    assertThat(System.nanoTime() - begun).isLessThan(2_000_000_000L);
    assertThat(ended.statusCode()).isEqualTo(499);
    assertThat(ended.body())
        .isEqualTo(
            "{\"status\":\"error\",\"errorType\":\"canceled\","
                + "\"error\":\"query was canceled in expression evaluation\"}");
    await(() -> running().isEmpty());
    assertThat(metric("prometheus_engine_queries")).isEqualTo("0.0");
    HttpResponse<String> again = send("DELETE", "/queries/" + id);
    assertThat(again.statusCode()).isEqualTo(404);
    assertThat(again.body()).contains("no query with the id " + id + " is running");
    assertThat(send("DELETE", "/queries/x").statusCode()).isEqualTo(400);
  }

  @Test
  void anExplainedQueryIsOneOfThem() throws Exception {
    start("global: {query_log_file: q.log}\n");
    CompletableFuture<HttpResponse<String>> answer =
        ask("/query_explain?time=1600000000&query=" + encoded(ENDLESS));
    await(this::isRunning);
    Json query = running().getFirst();
    assertThat(query.get("query").text()).isEqualTo(ENDLESS);
    assertThat(query.get("client").text()).isEqualTo("127.0.0.1");
    assertThat(metric("prometheus_engine_queries")).isEqualTo("1.0");
    send("DELETE", "/queries/" + (long) query.get("id").number());
    HttpResponse<String> ended = answer.get(20, TimeUnit.SECONDS);
    assertThat(ended.statusCode()).isEqualTo(499);
    assertThat(ended.body()).contains("query was canceled in expression evaluation");
    await(() -> running().isEmpty());

    HttpResponse<String> plan =
        send("GET", "/query_range_explain?start=1&end=10&step=1&query=" + encoded("sum(up)"));
    assertThat(Json.parse(plan.body()).get("data").get("steps").number()).isEqualTo(10);
    assertThat(running()).isEmpty();
    assertThat(metric("prometheus_engine_queries")).isEqualTo("0.0");
    assertThat(Files.readAllLines(folder.resolve("q.log")))
        .hasSize(2)
        .first()
        .asString()
        .contains("\"path\":\"/api/v1/query_explain\"");
  }

  @Test
  void aRangeQueryShowsItsRangeAndAWaitingOneItsState() throws Exception {
    start("global: {}\n", "--query.max-concurrency=1", "--query.timeout=1m");
    CompletableFuture<HttpResponse<String>> first =
        ask("/query_range?start=1600000000&end=1600000060&step=30&query=" + encoded(ENDLESS));
    await(this::isRunning);
    CompletableFuture<HttpResponse<String>> second = ask("/query?query=up");
    CompletableFuture<HttpResponse<String>> third = ask("/query?query=up&timeout=200ms");
    await(() -> running().size() >= 2);
    assertThat(third.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
    assertThat(third.get().body()).contains("query timed out in query queue");
    await(() -> running().size() == 2);
    List<Json> all = running();
    assertThat(all.getFirst().get("kind").text()).isEqualTo("range");
    assertThat(all.getFirst().get("start").number()).isEqualTo(1_600_000_000);
    assertThat(all.getFirst().get("end").number()).isEqualTo(1_600_000_060);
    assertThat(all.getFirst().get("step").number()).isEqualTo(30);
    assertThat(all.getLast().get("state").text()).isEqualTo("waiting");
    send("DELETE", "/queries/" + (long) all.getLast().get("id").number());
    assertThat(second.get(20, TimeUnit.SECONDS).body())
        .contains("query was canceled in query queue");
    send("DELETE", "/queries/" + (long) all.getFirst().get("id").number());
    assertThat(first.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(499);
  }

  @Test
  void aClientThatGoesAwayEndsItsQuery() throws Exception {
    start("global: {}\n");
    try (Socket socket = new Socket("127.0.0.1", port())) {
      socket
          .getOutputStream()
          .write(
              ("GET /api/v1" + endless() + " HTTP/1.1\r\nHost: x\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      await(this::isRunning);
    }
    await(() -> running().isEmpty());
    await(() -> {
      try {
        return metric("prometheus_engine_queries").equals("0.0");
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    });
  }

  @Test
  void whoFillsTheServerDoesNotKeepOthersWaiting() throws Exception {
    start("global: {}\n", "--query.max-concurrency=4");
    List<CompletableFuture<HttpResponse<String>>> heavy = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      heavy.add(ask(endless()));
    }
    await(() -> running().size() == 8);
    InetAddress elsewhere = InetAddress.getByName("127.0.0.2");
    try (HttpClient other = HttpClient.newBuilder().localAddress(elsewhere).build()) {
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> answer =
            other.send(request("GET", "/query?query=1"), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      }
    }
    List<Json> all = running();
    assertThat(all).filteredOn(q -> q.get("state").text().equals("running")).hasSize(3);
    assertThat(all).filteredOn(q -> q.get("state").text().equals("waiting")).hasSize(5);
    for (Json query : all) {
      send("DELETE", "/queries/" + (long) query.get("id").number());
    }
    for (CompletableFuture<HttpResponse<String>> answer : heavy) {
      assertThat(answer.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(499);
    }
  }

  @Test
  void aServerThatEndsDoesNotWaitForQueries() throws Exception {
    start("global: {}\n");
    CompletableFuture<HttpResponse<String>> answer = ask(endless());
    await(this::isRunning);
    long begun = System.nanoTime();
    server().close();
    assertThat(answer.get(20, TimeUnit.SECONDS).body())
        .contains("query was canceled in expression evaluation");
    assertThat(System.nanoTime() - begun).as("no grace was waited for").isLessThan(4_000_000_000L);
  }

  @Test
  void queriesAreLoggedAsPrometheusDoes() throws Exception {
    start("global: {query_log_file: q.log}\n");
    assertThat(metric("prometheus_engine_query_log_enabled")).isEqualTo("1.0");
    send("GET", "/query?query=" + encoded("up{a=\"<é\"}") + "&time=100.5");
    send("GET", "/query_range?query=vector(1)&start=1&end=10&step=3.7");
    send("GET", "/query?query=up&timeout=0.000000001");
    Path log = folder.resolve("q.log");
    List<String> lines = Files.readAllLines(log);
    assertThat(lines).hasSize(3);
    assertThat(lines.getFirst())
        .matches(
            "\\{\"time\":\"[^\"]+Z\",\"level\":\"INFO\",\"source\":\"[^\"]+\","
                + "\"msg\":\"promql query logged\",\"params\":\\{.*\\},\"stats\":\\{.*\\},"
                + "\"spanID\":\"0000000000000000\",\"httpRequest\":\\{\"clientIP\":\"127.0.0.1\","
                + "\"method\":\"GET\",\"path\":\"/api/v1/query\"\\}\\}");
    Json first = Json.parse(lines.get(0));
    assertThat(lines.get(0)).contains("up{a=\\\"<é\\\"}");
    assertThat(first.get("params").get("query").text()).isEqualTo("up{a=\"<é\"}");
    assertThat(first.get("params").get("start").text()).isEqualTo("1970-01-01T00:01:40.500Z");
    assertThat(first.get("params").get("end").text()).isEqualTo("1970-01-01T00:01:40.500Z");
    assertThat(first.get("params").get("step").number()).isZero();
    assertThat(Instant.parse(first.get("time").text())).isNotNull();
    assertThat(first.get("stats").get("timings").names())
        .containsExactlyInAnyOrder(
            "evalTotalTime",
            "resultSortTime",
            "queryPreparationTime",
            "innerEvalTime",
            "execQueueTime",
            "execTotalTime");
    assertThat(first.get("stats").get("samples").get("peakSamples").number()).isZero();
    Json second = Json.parse(lines.get(1));
    assertThat(second.get("params").get("step").number()).isEqualTo(3);
    assertThat(second.get("params").get("end").text()).isEqualTo("1970-01-01T00:00:10.000Z");
    assertThat(second.get("httpRequest").get("path").text()).isEqualTo("/api/v1/query_range");
    assertThat(Json.parse(lines.get(2)).get("error").text()).startsWith("query timed out in ");

    // What was moved away stays as it is; a reload begins anew, or ends it.
    Files.move(log, folder.resolve("old.log"));
    server().reload();
    send("GET", "/query?query=1");
    assertThat(Files.readAllLines(log)).hasSize(1);
    assertThat(Files.readAllLines(folder.resolve("old.log"))).hasSize(3);
    Files.writeString(folder.resolve("prometheus.yml"), "global: {}\n");
    server().reload();
    send("GET", "/query?query=1");
    assertThat(Files.readAllLines(log)).hasSize(1);
    assertThat(metric("prometheus_engine_query_log_enabled")).isEqualTo("0.0");
  }

  @Test
  void whatQueriesCostIsCounted() throws Exception {
    start("global: {}\n");
    send("GET", "/query_range?query=vector(1)&start=1&end=10&step=1");
    for (String slice : List.of("queue_time", "prepare_time", "inner_eval", "result_sort")) {
      String labels = "{slice=\"" + slice + "\"}";
      assertThat(metric("prometheus_engine_query_duration_seconds_count" + labels))
          .as(slice)
          .isEqualTo("1");
      assertThat(metric("prometheus_engine_query_duration_histogram_seconds_count" + labels))
          .as(slice)
          .isEqualTo("1");
      assertThat(
              metric(
                  "prometheus_engine_query_duration_histogram_seconds_bucket{slice=\""
                      + slice
                      + "\",le=\"10.0\"}"))
          .as(slice)
          .isEqualTo("1");
    }
    assertThat(metric("prometheus_engine_queries_concurrent_max")).isEqualTo("20.0");
  }
}
