package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.Peers;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
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
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** The real Prometheus and we read each other's directories, and write the same bytes. */
class PrometheusTest {

  private static final long RANGE = 7_200_000;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;

  private static Database open(Path path) {
    Database database =
        Database.open(
            path,
            DatabaseOptions.DEFAULT,
            Disk.SYSTEM,
            new FakeClock(T0),
            new PrometheusRegistry());
    database.replay();
    return database;
  }

  /** Series of several temperaments, as samples by labels. */
  static Map<Labels, Map<Long, Double>> data(int samples) {
    Map<Labels, Map<Long, Double>> all = new TreeMap<>();
    Random random = new Random(7);
    for (int s = 0; s < 24; s++) {
      Map<Long, Double> list = new TreeMap<>();
      double value = s;
      long time = T0 + s * 10L;
      int step = s % 6 == 5 ? 1_000 : 15_000;
      for (int i = 0; i < samples; i++) {
        switch (s % 6) {
          case 0 -> {}
          case 1 -> value += random.nextInt(100);
          case 2 -> value = random.nextGaussian() * 1e3;
          case 3 -> value = i % 50 == 49 ? Double.POSITIVE_INFINITY : i * 0.25;
          case 4 -> value = Double.longBitsToDouble(random.nextLong() & ~(1L << 62));
          default -> value += 0.1;
        }
        list.put(time, value);
        time += s % 4 == 3 ? step + random.nextInt(7) : step;
      }
      all.put(
          Labels.of("__name__", "metric_" + s % 6, "series", Integer.toString(s), "job", "x"),
          list);
    }
    return all;
  }

  static void write(Database database, Map<Labels, Map<Long, Double>> data) {
    TreeMap<Long, Map<Labels, Double>> byTime = new TreeMap<>();
    data.forEach((labels, samples) ->
        samples.forEach((time, value) ->
            byTime.computeIfAbsent(time, t -> new TreeMap<>()).put(labels, value)));
    try (Appendable.AppendGroup group = database.group()) {
      byTime.forEach((time, samples) -> {
        Appender appender = group.appender();
        samples.forEach((labels, value) ->
            assertThat(appender.append(appender.series(labels), time, value))
                .isEqualTo(AppendResult.OK));
        appender.commit();
      });
    }
  }

  /** The only block of a directory. */
  private static Path block(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      List<Path> blocks =
          entries.filter(entry -> Files.exists(entry.resolve("meta.json"))).sorted().toList();
      assertThat(blocks).isNotEmpty();
      return blocks.getFirst();
    }
  }

  @Test
  void aBlockOfTheHeadHasPrometheusBytes(@TempDir Path path) throws Exception {
    Map<Labels, Map<Long, Double>> data = data(470);
    StringBuilder text = new StringBuilder();
    data.forEach((labels, samples) ->
        samples.forEach((time, value) ->
            text.append(labels.metricName())
                .append("{job=\"x\",series=\"")
                .append(labels.get("series"))
                .append("\"} ")
                .append(value.isInfinite() ? "+Inf" : value.toString())
                .append(String.format(Locale.ROOT, " %d.%03d%n", time / 1000, time % 1000))));
    Path input = path.resolve("in.txt");
    Files.writeString(input, text.append("# EOF\n"));
    Path theirs = path.resolve("theirs");
    Peers.Result made =
        Peers.run(
            "promtool35",
            "tsdb",
            "create-blocks-from",
            "openmetrics",
            input.toString(),
            theirs.toString());
    assertThat(made.exitCode()).describedAs(made.err() + made.out()).isZero();

    Path ours = path.resolve("ours");
    Database database = open(ours);
    write(database, data);
    // Far enough ahead for the first range to be due.
    Map<Long, Double> later = Map.of(T0 + 2 * RANGE, 1.0);
    write(database, Map.of(Labels.of("__name__", "later"), later));
    database.maintain();
    assertThat(database.blockMetas()).hasSize(1);
    database.close();
    assertThat(Files.readAllBytes(block(ours).resolve("chunks/000001")))
        .isEqualTo(Files.readAllBytes(block(theirs).resolve("chunks/000001")));
    assertThat(Files.readAllBytes(block(ours).resolve("index")))
        .isEqualTo(Files.readAllBytes(block(theirs).resolve("index")));
  }

  static Map<Labels, List<String>> text(Map<Labels, Map<Long, Double>> data) {
    Map<Labels, List<String>> all = new TreeMap<>();
    data.forEach((labels, samples) ->
        all.put(
            labels,
            samples.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList()));
    return all;
  }

  static Map<Labels, List<String>> samples(Database database, long from, long to) {
    Map<Labels, List<String>> all = new TreeMap<>();
    try (Querier querier = database.querier(from, to)) {
      SeriesSet set =
          querier.select(
              false,
              SelectHints.range(from, to),
              List.of(new Matcher(Matcher.Type.REGEX, "__name__", ".+")));
      SampleBuffer buffer = new SampleBuffer();
      for (int i = 0; i < set.size(); i++) {
        set.reader().read(i, from, to, buffer);
        List<String> list = new ArrayList<>();
        for (int k = 0; k < buffer.size(); k++) {
          // A scrape that came too late ends its series, and answers do not show that.
          if (!StaleMarker.is(buffer.values()[k])) {
            list.add(buffer.timestamps()[k] + "=" + buffer.values()[k]);
          }
        }
        all.put(set.labels(i), list);
      }
    }
    return all;
  }

  /** A running Prometheus. */
  static final class Server implements AutoCloseable {
    private final Process process;
    private final int port;
    final Path log;
    private final HttpClient http = HttpClient.newHttpClient();

    Server(String program, Path data, String scrapes, String... flags) throws Exception {
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      Path config = Files.createTempFile("prometheus", ".yml");
      Files.writeString(config, scrapes.replace("PORT", Integer.toString(port)));
      List<String> command =
          new ArrayList<>(
              List.of(
                  Peers.program(program).toString(),
                  "--config.file=" + config,
                  "--storage.tsdb.path=" + data,
                  "--web.listen-address=127.0.0.1:" + port));
      command.addAll(List.of(flags));
      log = Files.createTempFile("prometheus", ".log");
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      for (int i = 0; i < 600 && !isReady(); i++) {
        LockSupport.parkNanos(100_000_000);
      }
    }

    private boolean isReady() {
      try {
        return get("/-/ready").statusCode() == 200;
      } catch (IOException e) {
        return false;
      }
    }

    HttpResponse<String> get(String path) throws IOException {
      try {
        return http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
            HttpResponse.BodyHandlers.ofString());
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }

    /** All samples of a range, one by one. */
    Map<Labels, List<String>> samples(long to, int seconds) throws IOException {
      String query =
          URLEncoder.encode("{__name__=~\".+\"}[" + seconds + "s]", StandardCharsets.UTF_8);
      String time = String.format(Locale.ROOT, "%d.%03d", to / 1000, to % 1000);
      HttpResponse<String> answer = get("/api/v1/query?query=" + query + "&time=" + time);
      assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
      return parse(answer.body());
    }

    private static Map<Labels, List<String>> parse(String json) {
      Map<Labels, List<String>> all = new TreeMap<>();
      Map<String, String> pairs = new TreeMap<>();
      try (JsonParser in = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
        while (in.nextToken() != null) {
          if (in.currentToken() != JsonToken.PROPERTY_NAME) {
            continue;
          }
          switch (in.currentName()) {
            case "metric" -> {
              pairs.clear();
              in.nextToken();
              while (in.nextToken() == JsonToken.PROPERTY_NAME) {
                pairs.put(in.currentName(), in.nextStringValue());
              }
            }
            case "values" -> {
              List<String> list = new ArrayList<>();
              in.nextToken();
              while (in.nextToken() == JsonToken.START_ARRAY) {
                in.nextToken();
                long time = Math.round(in.getDoubleValue() * 1000);
                list.add(time + "=" + number(in.nextStringValue()));
                in.nextToken();
              }
              all.put(Labels.of(pairs), list);
            }
            default -> {}
          }
        }
      }
      return all;
    }

    private static double number(@Nullable String text) {
      return switch (String.valueOf(text)) {
        case "+Inf" -> Double.POSITIVE_INFINITY;
        case "-Inf" -> Double.NEGATIVE_INFINITY;
        default -> Double.parseDouble(String.valueOf(text));
      };
    }

    void kill() {
      process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
      process.destroy();
      process.onExit().orTimeout(30, TimeUnit.SECONDS).exceptionally(late -> process).join();
      kill();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"prometheus35", "prometheus242"})
  void prometheusReadsWhatWeWrote(String program, @TempDir Path path) throws Exception {
    Peers.program(program);
    Map<Labels, Map<Long, Double>> data = data(1700);
    long end = T0 + 1800 * 15_000L;
    Database database = open(path);
    write(database, data);
    database.maintain();
    assertThat(database.blockMetas()).isNotEmpty();
    assertThat(samples(database, T0, end)).isEqualTo(text(data));
    database.close();
    try (Server server = new Server(program, path, "global: {}\n")) {
      assertThat(server.samples(end, 30_000)).isEqualTo(text(data));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"prometheus35", "prometheus242"})
  void weReadWhatPrometheusWrote(String program, @TempDir Path path) throws Exception {
    Peers.program(program);
    String scrapeItself =
        """
        global: {scrape_interval: 20ms, scrape_timeout: 20ms}
        scrape_configs: [{job_name: self, static_configs: [{targets: ['127.0.0.1:PORT']}]}]
        """;
    long end;
    try (Server server = new Server(program, path, scrapeItself)) {
      // Scraping begins after 5 s; long enough for chunks of 120 samples to be cut.
      LockSupport.parkNanos(11_000_000_000L);
      end = System.currentTimeMillis();
      server.kill();
    }
    // What it answers after its own restart, since a commit may be in the log and not yet visible.
    Path copy = path.resolveSibling(path.getFileName() + "-copy");
    assertThat(
            new ProcessBuilder("cp", "-R", path.toString(), copy.toString())
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
    Map<Labels, List<String>> theirs;
    try (Server server = new Server(program, copy, "global: {}\n")) {
      theirs = server.samples(end, 60);
    }
    assertThat(theirs).hasSizeGreaterThan(300);
    Database database = open(path);
    Map<Labels, List<String>> ours = samples(database, end - 59_999, end);
    database.close();
    ours.values().removeIf(List::isEmpty);
    assertThat(ours.keySet()).isEqualTo(theirs.keySet());
    theirs.forEach((labels, samples) ->
        assertThat(ours.get(labels)).describedAs(labels.toString()).isEqualTo(samples));
  }
}
