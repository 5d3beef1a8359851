package io.narthex.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.bytes.Varint;
import io.narthex.base.compress.Snappy;
import io.narthex.base.lifecycle.Machine;
import io.narthex.base.time.Clock;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.storage.StorageException;
import io.narthex.testkit.FaultyDisk;
import io.narthex.testkit.Json;
import io.narthex.tsdb.Database;
import io.narthex.tsdb.DatabaseOptions;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The parts put together, through HTTP. */
final class PrometheusServerTest {

  private static final String GOOD =
      "global: {scrape_interval: 1s, scrape_timeout: 1s, external_labels: {zone: eu}}\n";

  @TempDir private Path folder;
  private final CountDownLatch quit = new CountDownLatch(1);
  private @Nullable PrometheusServer server;

  @AfterEach
  void close() {
    if (server != null) {
      server.close();
    }
  }

  private record Answer(int status, String body) {}

  private PrometheusServer open(String yaml, String... more) throws IOException {
    return open(Machine.SYSTEM, yaml, more);
  }

  private PrometheusServer open(Machine machine, String yaml, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("prometheus.yml"), yaml);
    PrometheusFlags flags = new PrometheusFlags();
    List<String> arguments = new java.util.ArrayList<>(List.of(more));
    arguments.add("--config.file=" + file);
    arguments.add("--storage.tsdb.path=" + folder.resolve("data"));
    arguments.add("--web.listen-address=127.0.0.1:0");
    flags.table().parse(arguments);
    flags.derive();
    PrometheusServer opened = new PrometheusServer(flags, machine, quit::countDown, router -> {});
    server = opened;
    return opened;
  }

  private static Answer request(PrometheusServer server, String method, String path)
      throws IOException {
    int port = server.addresses().getFirst().getPort();
    HttpURLConnection connection =
        (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
    connection.setRequestMethod(method);
    int status = connection.getResponseCode();
    var stream = status < 400 ? connection.getInputStream() : connection.getErrorStream();
    String body = stream == null ? "" : new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    return new Answer(status, body);
  }

  private static Answer get(PrometheusServer server, String path) throws IOException {
    return request(server, "GET", path);
  }

  private static Json data(PrometheusServer server, String path) throws IOException {
    return Json.parse(get(server, path).body).get("data");
  }

  @Test
  void answers503UntilTheReplayIsOver() throws IOException {
    PrometheusServer opened = open(GOOD);
    assertThat(get(opened, "/-/healthy").status).isEqualTo(200);
    assertThat(get(opened, "/-/ready").status).isEqualTo(503);
    assertThat(get(opened, "/api/v1/query?query=1").status).isEqualTo(503);
    assertThat(get(opened, "/metrics").body).contains("\nprometheus_ready 0.0\n");
    assertThat(data(opened, "/api/v1/notifications").get(0).get("text").text())
        .isEqualTo("Prometheus is starting and replaying the write-ahead log (WAL).");
    opened.start();
    assertThat(get(opened, "/-/ready").body).isEqualTo("Prometheus Server is Ready.\n");
    assertThat(get(opened, "/metrics").body).contains("\nprometheus_ready 1.0\n");
  }

  @Test
  void keepsExemplarsIfAskedToAndAsManyAsTheConfigurationSays() throws IOException {
    String metric = "\nprometheus_tsdb_exemplar_max_exemplars ";
    PrometheusServer opened =
        open(
            GOOD + "storage: {exemplars: {max_exemplars: 7}}\n",
            "--enable-feature=exemplar-storage");
    opened.start();
    assertThat(get(opened, "/metrics").body).contains(metric + "7.0\n");
    assertThat(data(opened, "/api/v1/features").get("tsdb").get("exemplar_storage").truth())
        .isTrue();
    Files.writeString(folder.resolve("prometheus.yml"), GOOD);
    opened.reload();
    assertThat(get(opened, "/metrics").body).contains(metric + "100000.0\n");
    opened.close();
    PrometheusServer plain = open(GOOD);
    plain.start();
    assertThat(get(plain, "/metrics").body).contains(metric + "0.0\n");
    assertThat(get(plain, "/api/v1/query_exemplars?query=up").body)
        .isEqualTo("{\"status\":\"success\",\"data\":[]}");
  }

  @Test
  void showsItsConfigurationFlagsAndMaking() throws IOException {
    PrometheusServer opened =
        open(GOOD + "scrape_configs: [{job_name: none}]\n", "--query.timeout=1m");
    opened.start();
    assertThat(data(opened, "/api/v1/status/config").get("yaml").text())
        .startsWith("global:\n  scrape_interval: 1s\n")
        .contains("    zone: eu\n");
    assertThat(data(opened, "/api/v1/status/flags").get("query.timeout").text()).isEqualTo("1m");
    assertThat(data(opened, "/api/v1/status/buildinfo").get("version").text()).isEqualTo("3.14.0");
    Json runtime = data(opened, "/api/v1/status/runtimeinfo");
    assertThat(runtime.get("storageRetention").text()).isEqualTo("15d");
    assertThat(runtime.get("corruptionCount").number()).isZero();
    assertThat(runtime.get("goroutineCount").number()).isPositive();
    assertThat(get(opened, "/metrics").body)
        .contains(
            "prometheus_build_info{branch=\"narthex\"",
            "\nprometheus_config_last_reload_successful 1.0\n",
            "\nprocess_resident_memory_bytes ",
            "\nprocess_cpu_seconds_total ",
            "\nprocess_open_fds ",
            "\nprocess_max_fds ",
            "\nprocess_virtual_memory_bytes ",
            "\nprocess_start_time_seconds ",
            "\ngo_memstats_heap_inuse_bytes ",
            "\ngo_memstats_next_gc_bytes ",
            "\ngo_goroutines ",
            "\ngo_info{version=\"java",
            "\njvm_memory_used_bytes{area=\"heap\"} ",
            "\njvm_gc_collection_seconds_count{gc=",
            "\nprometheus_engine_queries_concurrent_max 20.0\n",
            "\nprometheus_sd_received_updates_total{name=\"scrape\"} ",
            "\nprometheus_tsdb_head_series ");
  }

  @Test
  void queriesAreAnsweredAndCounted() throws IOException {
    PrometheusServer opened = open(GOOD);
    opened.start();
    assertThat(get(opened, "/api/v1/query?query=1%2B1&time=5").body)
        .isEqualTo(
            "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[5,\"2\"]}}");
    assertThat(get(opened, "/api/v1/query?query=sum(").body).contains("bad_data", "parse error");
    assertThat(get(opened, "/metrics").body)
        .contains("prometheus_engine_query_duration_seconds_count{slice=\"inner_eval\"} 1")
        .contains("\nprometheus_engine_queries 0.0\n");
  }

  @Test
  void theOutOfOrderWindowIsReadAtStartAndAtReload() throws IOException {
    String log = "\nprometheus_tsdb_out_of_order_wbl_segment_current ";
    PrometheusServer opened = open(GOOD, "--web.enable-lifecycle");
    opened.start();
    assertThat(get(opened, "/metrics").body).doesNotContain(log);
    Path file = folder.resolve("prometheus.yml");
    Files.writeString(file, "storage: {tsdb: {out_of_order_time_window: 90m}}\n");
    assertThat(request(opened, "POST", "/-/reload").status).isEqualTo(200);
    assertThat(get(opened, "/metrics").body).contains(log + "0.0\n");
    assertThat(data(opened, "/api/v1/status/config").get("yaml").text())
        .contains("\nstorage:\n  tsdb:\n    out_of_order_time_window: 1h30m\n");
  }

  @Test
  void aBrokenReloadKeepsWhatWasInForce() throws IOException {
    PrometheusServer opened = open(GOOD, "--web.enable-lifecycle");
    opened.start();
    String before = data(opened, "/api/v1/status/config").get("yaml").text();
    Path file = folder.resolve("prometheus.yml");

    Files.writeString(file, "global: {scrape_intervall: 1s}\n");
    Answer refused = request(opened, "POST", "/-/reload");
    assertThat(refused.status).isEqualTo(500);
    assertThat(refused.body)
        .isEqualTo(
            "failed to reload config: couldn't load configuration (--config.file=\""
                + file
                + "\"): parsing YAML file "
                + file
                + ": yaml: unmarshal errors:\n  line 1: field scrape_intervall not found in type"
                + " config.plain (did you mean \"scrape_interval\"?)\n");
    assertThat(data(opened, "/api/v1/status/config").get("yaml").text()).isEqualTo(before);
    assertThat(get(opened, "/metrics").body)
        .contains("\nprometheus_config_last_reload_successful 0.0\n");
    assertThat(data(opened, "/api/v1/notifications").get(0).get("text").text())
        .isEqualTo("Configuration reload has failed.");

    Files.writeString(file, "global: {scrape_interval: 2s, scrape_timeout: 1s}\n");
    assertThat(request(opened, "POST", "/-/reload").status).isEqualTo(200);
    assertThat(data(opened, "/api/v1/status/config").get("yaml").text())
        .contains("scrape_interval: 2s");
    assertThat(get(opened, "/metrics").body)
        .contains("\nprometheus_config_last_reload_successful 1.0\n");
    assertThat(data(opened, "/api/v1/notifications").items()).isEmpty();
  }

  @Test
  void oneJobThatCannotBeSetUpDoesNotStopTheOthers() throws IOException {
    PrometheusServer opened =
        open(
            GOOD
                + """
                scrape_configs:
                - job_name: broken
                  tls_config: {ca_file: absent.pem}
                - job_name: good
                """);
    opened.start();
    assertThat(get(opened, "/-/ready").status).isEqualTo(200);
    assertThat(data(opened, "/api/v1/scrape_pools").get("scrapePools").items())
        .extracting(Json::text)
        .containsExactly("good");
    assertThat(get(opened, "/metrics").body)
        .contains("\nprometheus_config_last_reload_successful 0.0\n");
  }

  @Test
  void aChangedFileIsReadByItself() throws Exception {
    PrometheusServer opened =
        open(GOOD, "--config.auto-reload", "--config.auto-reload-interval=1s");
    opened.start();
    Files.writeString(
        folder.resolve("prometheus.yml"), "global: {scrape_interval: 7s, scrape_timeout: 1s}\n");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!data(opened, "/api/v1/status/config").get("yaml").text().contains("7s")) {
      assertThat(System.nanoTime()).as("a minute is enough").isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void seriesEndWithTheServerOnlyWhereThatIsAskedFor(boolean asked) throws Exception {
    com.sun.net.httpserver.HttpServer target = target("thing 7\n");
    String config =
        GOOD
            + "scrape_configs: [{job_name: a, static_configs: [{targets: ['127.0.0.1:"
            + target.getAddress().getPort()
            + "']}]}]\n";
    PrometheusServer opened = asked ? open(config, "--scrape.stale-on-shutdown") : open(config);
    opened.start();
    awaitSeries(opened, "thing");
    opened.close();
    target.stop(0);

    PrometheusServer again = open(GOOD);
    again.start();
    assertThat(data(again, "/api/v1/query?query=thing%5B1h%5D").get("result").items()).hasSize(1);
    assertThat(data(again, "/api/v1/query?query=thing").get("result").items())
        .hasSize(asked ? 0 : 1);
    assertThat(data(again, "/api/v1/query?query=up").get("result").items()).hasSize(asked ? 0 : 1);
  }

  /** A target that answers every request with the same page. */
  private static com.sun.net.httpserver.HttpServer target(String page) throws IOException {
    var target = com.sun.net.httpserver.HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    target.createContext(
        "/",
        exchange -> {
          byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4");
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    target.start();
    return target;
  }

  private static void awaitSeries(PrometheusServer server, String name) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (data(server, "/api/v1/query?query=" + name).get("result").items().isEmpty()) {
      assertThat(System.nanoTime()).as("a minute is enough").isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  @Test
  void quitOverHttpEndsTheProgram() throws Exception {
    PrometheusServer opened = open(GOOD, "--web.enable-lifecycle");
    opened.start();
    assertThat(request(opened, "POST", "/-/quit").body)
        .isEqualTo("Requesting termination... Goodbye!");
    assertThat(quit.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void withoutTheFlagNothingIsReloadedOverHttp() throws IOException {
    PrometheusServer opened = open(GOOD);
    opened.start();
    assertThat(request(opened, "POST", "/-/reload").status).isEqualTo(403);
    assertThat(request(opened, "POST", "/-/quit").status).isEqualTo(403);
    assertThat(quit.getCount()).isEqualTo(1);
  }

  @Test
  void aDirectoryInUseIsRefusedAndNothingIsLeftOpen() throws IOException {
    PrometheusServer first = open(GOOD);
    first.start();
    assertThatThrownBy(() -> open(GOOD))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("lock");
    server = first;
    assertThat(get(first, "/-/ready").status).isEqualTo(200);
  }

  @Test
  void scrapesAndTakesWritesBeforeItIsReady() throws Exception {
    String receiver = "--web.enable-remote-write-receiver";
    long now = Clock.SYSTEM.millis();
    PrometheusServer before = open(GOOD, receiver);
    before.start();
    assertThat(write(before, written("pushed", now, 1)).status).isEqualTo(204);
    before.close();

    com.sun.net.httpserver.HttpServer target = target("thing 7\n");
    String config =
        GOOD
            + "scrape_configs: [{job_name: a, scrape_interval: 100ms, scrape_timeout: 100ms,"
            + " static_configs: [{targets: ['127.0.0.1:"
            + target.getAddress().getPort()
            + "']}]}]\n";
    // The replay stops where it reads samples: the log's first segment, for the second time.
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger readings = new AtomicInteger();
    FaultyDisk disk = new FaultyDisk();
    disk.failReads(file -> {
      if (file.endsWith("wal/00000000") && readings.incrementAndGet() == 2) {
        try {
          goOn.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      return false;
    });
    PrometheusServer opened = open(new Machine(Clock.SYSTEM, disk), config, receiver);
    Thread starting = Thread.ofPlatform().start(opened::start);
    try {
      assertThat(write(opened, written("pushed", now + 1, 2))).isEqualTo(new Answer(204, ""));
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!get(opened, "/metrics")
          .body
          .lines()
          .anyMatch(line ->
              line.startsWith("prometheus_tsdb_head_samples_appended_total")
                  && Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)) > 20)) {
        assertThat(System.nanoTime()).as("a minute is enough").isLessThan(end);
        TimeUnit.MILLISECONDS.sleep(20);
      }
      assertThat(get(opened, "/-/ready").status).isEqualTo(503);
      assertThat(get(opened, "/api/v1/query?query=1").status).isEqualTo(503);
      assertThat(data(opened, "/api/v1/status/walreplay").get("max").number()).isZero();
      // What was taken in since the start, to those who say that it is enough.
      String time = "%5B1h%5D)&partial=true&time=" + (Clock.SYSTEM.millis() + 999) / 1000;
      Answer partial = get(opened, "/api/v1/query?query=count_over_time(pushed" + time);
      assertThat(partial.status).isEqualTo(200);
      assertThat(partial.body)
          .contains("\"1\"]")
          .contains("the database is still starting: 0 % of the log is replayed");
      assertThat(get(opened, "/api/v1/query?query=max_over_time(thing" + time).body)
          .contains("\"7\"]");
      assertThat(get(opened, "/api/v1/label/job/values?partial=true").body)
          .contains("\"data\":[\"a\"],\"warnings\":[\"the database is still starting");
    } finally {
      goOn.countDown();
      starting.join();
    }
    long ready = Clock.SYSTEM.millis() + 999; // up to the next second
    assertThat(get(opened, "/-/ready").status).isEqualTo(200);
    String early = "%5B1h%5D)&time=" + ready / 1000;
    String count = "/api/v1/query?query=count_over_time(";
    assertThat(get(opened, count + "pushed" + early).body).contains("\"2\"]");
    double things =
        Double.parseDouble(
            data(opened, count + "thing" + early).get("result").get(0).get("value").get(1).text());
    assertThat(things).isGreaterThanOrEqualTo(3);
    target.stop(0);
  }

  private static byte[] field(int number, byte[]... content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int length = 0;
    for (byte[] piece : content) {
      length += piece.length;
    }
    out.write(number << 3 | 2);
    out.write(length); // all of these are short
    for (byte[] piece : content) {
      out.writeBytes(piece);
    }
    return out.toByteArray();
  }

  /** A remote write request of one sample. */
  private static byte[] written(String metric, long time, double value) {
    byte[] sample = new byte[10 + Varint.MAX_BYTES];
    ByteBuffer.wrap(sample)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 9)
        .putDouble(value)
        .put((byte) 16);
    int length = Varint.putUnsigned(sample, 10, time);
    byte[] request =
        field(
            1,
            field(1, field(1, Utf8.bytes("__name__")), field(2, Utf8.bytes(metric))),
            field(2, Arrays.copyOf(sample, length)));
    Snappy snappy = new Snappy();
    byte[] into = new byte[snappy.maxCompressedLength(request.length)];
    return Arrays.copyOf(into, snappy.compress(request, 0, request.length, into, 0));
  }

  private static Answer write(PrometheusServer server, byte[] body) throws IOException {
    int port = server.addresses().getFirst().getPort();
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + port + "/api/v1/write").toURL().openConnection();
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    connection.setRequestProperty("Content-Type", "application/x-protobuf");
    connection.setRequestProperty("Content-Encoding", "snappy");
    try (OutputStream out = connection.getOutputStream()) {
      out.write(body);
    }
    int status = connection.getResponseCode();
    var stream = status < 400 ? connection.getInputStream() : connection.getErrorStream();
    String answer = stream == null ? "" : new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    return new Answer(status, answer);
  }

  @Test
  void whatIsWrittenRemotelyIsInTheLogWhenItAnswers() throws IOException {
    PrometheusServer opened = open(GOOD, "--web.enable-remote-write-receiver");
    long now = Clock.SYSTEM.millis();
    opened.start();
    assertThat(write(opened, written("pushed", now, 42))).isEqualTo(new Answer(204, ""));
    // What a process that is killed now leaves behind:
    Path left = Files.createDirectories(folder.resolve("left/wal"));
    try (var segments = Files.list(folder.resolve("data/wal"))) {
      for (Path segment : segments.filter(Files::isRegularFile).toList()) {
        Files.copy(segment, left.resolve(segment.getFileName()));
      }
    }
    try (Database database =
            Database.openAndReplay(
                folder.resolve("left"), DatabaseOptions.DEFAULT, new PrometheusRegistry());
        Querier querier = database.querier(now, now)) {
      SeriesSet found =
          querier.select(
              true, SelectHints.range(now, now), List.of(Matcher.equal("__name__", "pushed")));
      assertThat(found.size()).isEqualTo(1);
      SampleBuffer samples = new SampleBuffer();
      found.reader().read(0, now, now, samples);
      assertThat(samples.size()).isEqualTo(1);
      assertThat(samples.values()[0]).isEqualTo(42);
    }
    assertThat(get(opened, "/api/v1/query?query=pushed").body).contains("\"42\"");
    assertThat(write(opened, written("pushed", now, 43)))
        .isEqualTo(new Answer(400, "duplicate sample for timestamp\n"));
    assertThat(write(opened, written("pushed", now - 1, 42)))
        .isEqualTo(new Answer(400, "out of order sample\n"));
    assertThat(write(opened, written("other", now - 2 * 3_600_000, 42)))
        .isEqualTo(new Answer(400, "out of bounds\n"));
    assertThat(get(opened, "/metrics").body)
        .contains("\nprometheus_api_remote_write_invalid_labels_samples_total 0.0\n")
        .contains("\nprometheus_api_remote_write_without_metadata_appended_samples_total 1.0\n");
    assertThat(get(opened, "/api/v1/features").body).contains("\"remote_write_receiver\":true");
  }

  @Test
  void withoutTheFlagNothingIsWrittenRemotely() throws IOException {
    PrometheusServer opened = open(GOOD);
    opened.start();
    assertThat(write(opened, written("pushed", 1, 42)))
        .isEqualTo(
            new Answer(
                404,
                "remote write receiver needs to be enabled with"
                    + " --web.enable-remote-write-receiver\n"));
    assertThat(get(opened, "/metrics").body).doesNotContain("prometheus_api_remote_write");
  }
}
