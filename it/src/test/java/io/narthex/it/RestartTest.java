package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.it.RemoteWriter.Sample;
import io.narthex.testkit.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server with many series is killed and started again while its targets are there: it takes
 * samples at once, is ready sooner than Prometheus on a copy of the same directory, and every
 * series has all the samples that it had.
 */
final class RestartTest {

  private final int targets = Proof.size(20, 50);
  private final int seriesEach = Proof.size(1000, 10_000);
  private final int rounds = Proof.size(1, 3);

  /** Scrapes of each target before the kill. */
  private final int scrapes = Proof.size(20, 70);

  @TempDir private Path folder;

  @Test
  void samplesComeInAtOnceAndNoneIsMissing() throws Exception {
    Path data = folder.resolve("data");
    try (ManySeries series = new ManySeries(targets, seriesEach)) {
      Path config = folder.resolve("prometheus.yml");
      Files.writeString(
          config,
          "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
              + "scrape_configs:\n- job_name: many\n  static_configs:\n  - targets: ["
              + series.ports().stream()
                  .map(port -> "'127.0.0.1:" + port + "'")
                  .collect(Collectors.joining(", "))
              + "]\n");
      List<String> before;
      String at;
      int port = Program.freePort();
      Api api = new Api(port);
      try (Program server = ours(config, data, port)) {
        server.awaitReady(api);
        server.await(
            "samples",
            Duration.ofSeconds(300),
            () -> scalar(api, "min(count_over_time(up[10m]))") >= scrapes);
        at = api.query("time() - 2").get(1).text();
        before = counts(api, at);
        server.kill();
      }
      List<Start> starts = new ArrayList<>();
      List<Double> theirs = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        Path copy = copy(data, folder.resolve("copy"));
        try (Program server = ours(config, copy, port)) {
          starts.add(restart(server, api, port));
          assertThat(counts(api, at)).isEqualTo(before);
        }
        delete(copy);
        copy = copy(data, folder.resolve("copy"));
        try (Program server = prometheus(config, copy, port)) {
          long start = System.nanoTime();
          server.await("readiness", Duration.ofSeconds(120), api::isReady);
          theirs.add(secondsSince(start));
          assertThat(counts(api, at)).isEqualTo(before);
        }
        delete(copy);
      }
      List<Double> first = starts.stream().map(Start::firstWrite).toList();
      List<Double> scraped = starts.stream().map(Start::firstScrape).toList();
      List<Double> ready = starts.stream().map(Start::ready).toList();
      List<Double> counted = starts.stream().map(Start::counted).toList();
      Proof.says(
          "%d series, %d samples each at the kill; after the start, seconds: first remote write"
              + " acknowledged %s, first scrape's samples of %s, ready %s, all series counted %s;"
              + " Prometheus 3.5.3 on copies: ready %s; the number of samples of every series is the"
              + " one before",
          targets * seriesEach, scrapes, first, scraped, ready, counted, theirs);
      if (Proof.full()) {
        assertThat(median(scraped)).as("first scraped sample, s").isLessThanOrEqualTo(1);
        assertThat(median(first)).as("first write, s").isLessThanOrEqualTo(median(ready) / 2);
        assertThat(median(ready)).as("ready, s").isLessThanOrEqualTo(median(theirs) / 2);
      } else {
        assertThat(median(first)).as("first write, s").isLessThanOrEqualTo(median(ready) + 1);
      }
    }
  }

  /** When after exec the first of each was there, in seconds; {@code counted}: all series. */
  private record Start(double firstWrite, double firstScrape, double ready, double counted) {}

  /** Watches a server that has just been started. */
  private static Start restart(Program server, Api api, int port) throws Exception {
    long start = System.nanoTime();
    long startMillis = System.currentTimeMillis();
    RemoteWriter writer = new RemoteWriter(port);
    while (!isTaken(writer)) {
      assertThat(server.isAlive()).as(server.output()).isTrue();
      Thread.sleep(20); // as often as readiness is asked for
    }
    double firstWrite = secondsSince(start);
    server.await("readiness", Duration.ofSeconds(120), api::isReady);
    double ready = secondsSince(start);
    scalar(api, "count({job=\"many\"})");
    double counted = secondsSince(start);
    server.await(
        "samples of scrapes",
        Duration.ofSeconds(30),
        () -> scalar(api, "count(timestamp(up) > " + startMillis / 1e3 + ")") > 0);
    double earliest = Double.POSITIVE_INFINITY;
    for (Json series : api.query("up[1m]").items()) {
      for (Json sample : series.get("values").items()) {
        double time = sample.get(0).number();
        if (time > startMillis / 1e3) {
          earliest = Math.min(earliest, time);
        }
      }
    }
    double firstScrape = Math.round(earliest * 1000 - startMillis) / 1e3;
    return new Start(firstWrite, firstScrape, ready, counted);
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static boolean isTaken(RemoteWriter writer) throws InterruptedException {
    try {
      return writer.send(
              List.of(new Sample(Map.of("__name__", "sent"), System.currentTimeMillis(), 1)))
          == 204;
    } catch (IOException e) {
      return false; // the port is not open yet
    }
  }

  private static double scalar(Api api, String expression) {
    List<Json> result = api.query(expression).items();
    return result.isEmpty() ? 0 : Double.parseDouble(result.getFirst().get("value").get(1).text());
  }

  /** For each metric a digest of how many samples each of its series has up to a time. */
  private List<String> counts(Api api, String at) throws Exception {
    List<String> digests = new ArrayList<>();
    for (int metric = 0; metric < ManySeries.METRICS; metric++) {
      TreeSet<String> lines = new TreeSet<>();
      String name = "work_" + metric + "_total";
      for (Json one : api.query("count_over_time(" + name + "[1h])", at).items()) {
        Json labels = one.get("metric");
        lines.add(
            labels.names().stream()
                    .sorted()
                    .map(label -> label + "=" + labels.get(label).text())
                    .collect(Collectors.joining(","))
                + " "
                + one.get("value").get(1).text());
      }
      assertThat(lines).hasSize(targets * seriesEach / ManySeries.METRICS);
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      lines.forEach(line -> digest.update((line + "\n").getBytes(StandardCharsets.UTF_8)));
      digests.add(name + " " + HexFormat.of().formatHex(digest.digest()));
    }
    return digests;
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private Program ours(Path config, Path data, int port) throws IOException {
    return Program.narthex(folder, arguments(config, data, port).toArray(String[]::new));
  }

  private Program prometheus(Path config, Path data, int port) throws IOException {
    List<String> command = new ArrayList<>(arguments(config, data, port));
    command.set(0, Program.peer("prometheus35"));
    return Program.start(folder, command);
  }

  private static List<String> arguments(Path config, Path data, int port) {
    return List.of(
        "prometheus",
        "--config.file=" + config,
        "--storage.tsdb.path=" + data,
        "--web.listen-address=127.0.0.1:" + port,
        "--web.enable-remote-write-receiver",
        "--query.max-samples=200000000");
  }

  private static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
    return to;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
