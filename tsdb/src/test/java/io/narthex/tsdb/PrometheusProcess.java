package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.compress.Snappy;
import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import io.narthex.testkit.Peers;
import io.narthex.tsdb.wal.RemoteWrite;
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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A running Prometheus 3.5 that takes remote write and keeps everything. */
final class PrometheusProcess implements AutoCloseable {

  private final Process process;
  private final Path log;
  private final int port;
  private final HttpClient http = HttpClient.newHttpClient();

  /**
   * @param features names for {@code --enable-feature}
   */
  PrometheusProcess(Path data, String... features) throws Exception {
    this(
        data,
        "global: {scrape_interval: 1h}\n",
        List.of("--enable-feature=native-histograms," + String.join(",", features)));
  }

  /** With a configuration file of this content, and more flags. */
  PrometheusProcess(Path data, String configuration, List<String> flags) throws Exception {
    String program = Peers.program("prometheus35").toString();
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path config = Files.createTempFile("prometheus", ".yml");
    Files.writeString(config, configuration);
    log = Files.createTempFile("prometheus", ".log");
    List<String> command =
        new ArrayList<>(
            List.of(
                program,
                "--config.file=" + config,
                "--storage.tsdb.path=" + data,
                "--storage.tsdb.retention.time=100y",
                "--web.enable-remote-write-receiver",
                "--web.enable-admin-api",
                "--query.max-samples=500000000",
                "--web.listen-address=127.0.0.1:" + port));
    command.addAll(flags);
    process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    for (int i = 0; i < 600 && process.isAlive() && !isReady(); i++) {
      LockSupport.parkNanos(100_000_000);
    }
    assertThat(process.isAlive()).as(this::log).isTrue();
  }

  String log() {
    return Utf8.text(Disk.SYSTEM.readAll(log), 0, (int) Disk.SYSTEM.size(log));
  }

  private boolean isReady() throws InterruptedException {
    try {
      return send(request("/-/ready").build()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  void push(RemoteWrite request) throws IOException, InterruptedException {
    Snappy snappy = new Snappy();
    byte[] body = new byte[snappy.maxCompressedLength(request.length())];
    int length = snappy.compress(request.bytes(), 0, request.length(), body, 0);
    HttpResponse<String> answer =
        send(
            request("/api/v1/write")
                .header("Content-Type", "application/x-protobuf")
                .header("Content-Encoding", "snappy")
                .header("X-Prometheus-Remote-Write-Version", "0.1.0")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body, 0, length))
                .build());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
  }

  /** All samples of a range of time, one by one; both ends in milliseconds. */
  Map<Labels, List<String>> samples(long from, long to) throws IOException, InterruptedException {
    String query =
        URLEncoder.encode("{__name__=~\".+\"}[" + (to - from) + "ms]", StandardCharsets.UTF_8);
    HttpResponse<String> answer =
        send(
            request("/api/v1/query?query=" + query + "&time=" + to / 1000 + "." + padded(to))
                .build());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return HistogramText.samples(answer.body());
  }

  private static String padded(long millis) {
    return Long.toString(1000 + millis % 1000).substring(1);
  }

  /** Has it write its head as a block; answers where that is. */
  Path snapshot(Path data) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        send(
            request("/api/v1/admin/tsdb/snapshot")
                .POST(HttpRequest.BodyPublishers.noBody())
                .build());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Disk.SYSTEM.list(data.resolve("snapshots")).getFirst();
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
