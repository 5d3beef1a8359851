package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.testkit.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many queries at once that want far more memory than there is for all of them must not take the
 * server down: each ends with an error that names what grew, no scrape is missed, and the process
 * does not outgrow its limit.
 */
final class QueryMemoryTest {

  private static final int QUERIES = 20;

  /** What may be held beyond the limit for queries, in parts of it: the promise is 1.3. */
  private static final double GROWTH = 1.3;

  @TempDir private Path folder;

  @Test
  void queriesThatWantTooMuchEndAndTheServerGoesOn() throws Exception {
    // Every query wants four times what all may have: series * steps * 8 bytes.
    long limitMegabytes = Proof.size(256, 1024);
    int series = Proof.size(2_500, 5_000);
    long steps = 4 * limitMegabytes * (1 << 20) / 8 / series;
    int port = Program.freePort();
    Api api = new Api(port);
    try (Target target = new Target(series);
        Program server =
            Program.narthex(
                folder,
                "prometheus",
                "--config.file=" + configuration(target.port()),
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--query.max-memory-total=" + limitMegabytes + "MB",
                "--query.max-samples=0",
                "--web.listen-address=127.0.0.1:" + port)) {
      server.awaitReady(api);
      server.await("ten scrapes", Duration.ofSeconds(60), () -> scrapes(api) >= 10);
      long idle = server.memoryKilobytes("VmHWM");
      double begun = now(api);
      String range = "[%ds:1s]".formatted(steps);
      List<String> wanted =
          List.of(
              "sort(load)",
              "quantile by (number) (0.5, load)",
              "load or load{number=\"none\"}",
              "topk by (number) (1, load)",
              "sum by (number) (load)");
      List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
      try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < QUERIES; i++) {
          String query = "max_over_time((" + wanted.get(i % wanted.size()) + ")" + range + ")";
          asked.add(
              CompletableFuture.supplyAsync(
                  () -> api.get("/api/v1/query?query=" + Api.encode(query)), clients));
        }
        for (int i = 0; i < QUERIES; i++) {
          HttpResponse<String> answer = asked.get(i).join();
          String part = wanted.get(i % wanted.size());
          assertThat(answer.statusCode()).as(part + ": " + answer.body()).isEqualTo(422);
          Json json = Json.parse(answer.body());
          assertThat(json.get("errorType").text()).isEqualTo("execution");
          assertThat(json.get("error").text())
              .startsWith("query would need more memory than is left of the ")
              .contains("that query.max-memory-total allows all queries")
              .matches(
                  error -> part.contains(error.substring(error.lastIndexOf("for: ") + 5)),
                  "names the part that grew");
        }
      }
      double over = now(api);
      long peak = server.memoryKilobytes("VmHWM");
      // Every second has its scrape, those of the queries among them.
      server.await("two more scrapes", Duration.ofSeconds(20), () -> now(api) > over + 2);
      long missed = missed(api, begun, over);
      Proof.says(
          "%d queries that want %d MB each beside %d series scraped each second, with %d MB for"
              + " all: over after %.1f s, each with its error; VmHWM %d MB idle, %d MB at the end,"
              + " growth %.2f of the limit; scrapes missed: %d",
          QUERIES,
          4 * limitMegabytes,
          series,
          limitMegabytes,
          over - begun,
          idle / 1024,
          peak / 1024,
          (peak - idle) / 1024.0 / limitMegabytes,
          missed);
      assertThat((peak - idle) / 1024.0).isLessThan(GROWTH * Math.max(limitMegabytes, 512));
      assertThat(missed).isZero();
      assertThat(api.query("count(load)").get(0).get("value").get(1).text())
          .isEqualTo(Integer.toString(series));
      // The last answer may be here a moment before its query is seen to be over.
      server.await(
          "no query is left",
          Duration.ofSeconds(20),
          () -> api.data("/api/v1/queries").items().isEmpty());
      assertThat(server.stop()).isZero();
    }
  }

  private static double now(Api api) {
    return Double.parseDouble(api.query("time()").get(1).text());
  }

  private static long scrapes(Api api) {
    List<Json> counted = api.query("count_over_time(up[60s])").items();
    return counted.isEmpty()
        ? 0
        : (long) Double.parseDouble(counted.getFirst().get("value").get(1).text());
  }

  /**
   * The seconds between two times without a good scrape: scrapes come once a second, punctually.
   */
  private static long missed(Api api, double from, double to) {
    long seconds = (long) Math.ceil(to - from) + 5;
    String window = "up[" + seconds + "s]";
    List<Double> good = new ArrayList<>();
    for (Json sample : api.query(window).get(0).get("values").items()) {
      if (sample.get(1).text().equals("1")) {
        good.add(sample.get(0).number());
      }
    }
    long missed = 0;
    for (int i = 1; i < good.size(); i++) {
      missed += Math.max(0, Math.round(good.get(i) - good.get(i - 1)) - 1);
    }
    assertThat(good.size()).isGreaterThan(5);
    return missed;
  }

  private Path configuration(int port) throws IOException {
    Path file = folder.resolve("prometheus.yml");
    Files.writeString(
        file,
        """
        global: {scrape_interval: 1s, scrape_timeout: 1s}
        scrape_configs:
        - job_name: load
          static_configs: [{targets: ['127.0.0.1:%d']}]
        """
            .formatted(port));
    return file;
  }

  /** A target with many series whose page costs nothing to make. */
  private static final class Target implements AutoCloseable {

    private final ServerSocket socket = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    Target(int series) throws IOException {
      StringBuilder page = new StringBuilder("# TYPE load gauge\n");
      for (int i = 0; i < series; i++) {
        page.append("load{number=\"")
            .append(i)
            .append("\"} ")
            .append(i * 7919L % 1000)
            .append('\n');
      }
      byte[] body = page.toString().getBytes(StandardCharsets.UTF_8);
      byte[] head =
          ("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: "
                  + body.length
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.UTF_8);
      threads.submit(() -> {
        while (!socket.isClosed()) {
          Socket client = socket.accept();
          threads.submit(() -> serve(client, head, body));
        }
        return null;
      });
    }

    private static Void serve(Socket client, byte[] head, byte[] body) throws IOException {
      try (client;
          OutputStream out = client.getOutputStream()) {
        byte[] request = new byte[8192];
        while (client.getInputStream().read(request) > 0) {
          out.write(head);
          out.write(body);
          out.flush();
        }
      }
      return null;
    }

    int port() {
      return socket.getLocalPort();
    }

    @Override
    public void close() throws IOException {
      socket.close();
      threads.shutdownNow();
    }
  }
}
