package io.narthex.tsdb.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.labels.Labels;
import io.narthex.testkit.Json;
import io.narthex.testkit.Peers;
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
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A running Prometheus 3.5.3 on a directory. */
final class Prometheus implements AutoCloseable {

  private final Process process;
  private final int port;
  private final Path log;
  private final HttpClient http = HttpClient.newHttpClient();

  Prometheus(Path data) throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path config = Files.createTempFile("prometheus", ".yml");
    Files.writeString(config, "global: {}\n");
    log = Files.createTempFile("prometheus", ".log");
    process =
        new ProcessBuilder(
                Peers.program("prometheus35").toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + data,
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
  }

  /** Waits until it answers queries; fails with its log if it gives up. */
  Prometheus awaitReady() throws IOException {
    for (int i = 0; i < 600; i++) {
      if (!process.isAlive()) {
        break;
      }
      try {
        if (get("/-/ready").statusCode() == 200) {
          return this;
        }
      } catch (IOException e) {
        LockSupport.parkNanos(50_000_000);
      }
      LockSupport.parkNanos(50_000_000);
    }
    throw new AssertionError("Prometheus is not ready:\n" + Files.readString(log));
  }

  /** Waits until it has ended by itself; what it said. */
  String awaitEnd() throws Exception {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isNotZero();
    return Files.readString(log);
  }

  private HttpResponse<String> get(String path) throws IOException {
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** All samples of a range, both ends inclusive, as {@code time=value} by labels. */
  Map<Labels, List<String>> samples(long from, long to) throws IOException {
    String query =
        URLEncoder.encode("{__name__=~\".+\"}[" + (to - from + 1) + "ms]", StandardCharsets.UTF_8);
    String time = String.format(Locale.ROOT, "%d.%03d", to / 1000, to % 1000);
    HttpResponse<String> answer = get("/api/v1/query?query=" + query + "&time=" + time);
    assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
    Map<Labels, List<String>> all = new TreeMap<>();
    for (Json series : Json.parse(answer.body()).get("data").get("result").items()) {
      Map<String, String> pairs = new TreeMap<>();
      Json metric = series.get("metric");
      metric.names().forEach(name -> pairs.put(name, metric.get(name).text()));
      List<String> list = new ArrayList<>();
      for (Json sample : series.get("values").items()) {
        long at = Math.round(sample.get(0).number() * 1000);
        list.add(at + "=" + Double.parseDouble(sample.get(1).text()));
      }
      all.put(Labels.of(pairs), list);
    }
    return all;
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().orTimeout(30, TimeUnit.SECONDS).exceptionally(late -> process).join();
    process.destroyForcibly().onExit().join();
  }
}
