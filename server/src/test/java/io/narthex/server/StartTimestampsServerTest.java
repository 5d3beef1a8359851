package io.narthex.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.narthex.base.bytes.Utf8;
import io.narthex.base.lifecycle.Machine;
import io.narthex.testkit.Json;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a page with created times to an answer that tells them, also after a restart. */
final class StartTimestampsServerTest {

  private static final String XOR2 = "storage: {tsdb: {chunk_encoding: {floats: xor2}}}\n";
  private static final String FEATURES =
      "--enable-feature=st-storage,use-start-timestamps,promql-experimental-functions";

  private static final byte[] PAGE =
      Utf8.bytes("# TYPE c counter\nc_total 7\nc_created 1700000000.5\n# EOF\n");

  @TempDir private Path folder;
  private HttpServer target;
  private String job = "";
  private Supplier<byte[]> page = () -> PAGE;

  @BeforeEach
  void openTarget() throws IOException {
    target = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    target.createContext(
        "/metrics",
        exchange -> {
          exchange
              .getResponseHeaders()
              .set("Content-Type", "application/openmetrics-text; version=1.0.0");
          byte[] bytes = page.get();
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    target.start();
    job =
        "scrape_configs: [{job_name: j, scrape_interval: 1s, scrape_timeout: 1s, static_configs:"
            + " [{targets: ['127.0.0.1:"
            + target.getAddress().getPort()
            + "']}]}]\n";
  }

  @AfterEach
  void closeTarget() {
    target.stop(0);
  }

  private PrometheusServer open(String yaml) throws IOException {
    return open(yaml, FEATURES);
  }

  private PrometheusServer open(String yaml, String features) throws IOException {
    Path file = Files.writeString(folder.resolve("prometheus.yml"), yaml);
    PrometheusFlags flags = new PrometheusFlags();
    flags
        .table()
        .parse(
            List.of(
                features,
                "--config.file=" + file,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:0"));
    flags.derive();
    PrometheusServer server = new PrometheusServer(flags, Machine.SYSTEM, () -> {}, router -> {});
    server.start();
    return server;
  }

  private static Json query(PrometheusServer server, String query) throws IOException {
    int port = server.addresses().getFirst().getPort();
    String path = "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8);
    try (var in =
        URI.create("http://127.0.0.1:" + port + path).toURL().openConnection().getInputStream()) {
      return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .get("data")
          .get("result");
    }
  }

  private static String awaited(PrometheusServer server, String query) throws IOException {
    for (int i = 0; i < 300; i++) {
      Json result = query(server, query);
      if (!result.items().isEmpty()) {
        return result.get(0).get("value").get(1).text();
      }
      LockSupport.parkNanos(100_000_000);
    }
    throw new AssertionError("no answer to " + query);
  }

  @Test
  void startTimestampsAreMadeUpWhereThePageHasNone() throws IOException {
    AtomicInteger scrapes = new AtomicInteger();
    page =
        () ->
            Utf8.bytes(
                "# TYPE c counter\nc_total " + (1000 + scrapes.incrementAndGet()) + "\n# EOF\n");
    long before = System.currentTimeMillis();
    try (PrometheusServer server = open(job + XOR2, FEATURES + ",st-synthesis")) {
      // The second page is the first that is stored, and has counted one since the first page.
      assertThat(awaited(server, "min_over_time(c_total[5m])")).isEqualTo("1");
      double start = Double.parseDouble(awaited(server, "start_timestamp(c_total)"));
      assertThat(start).isBetween(before / 1000.0 - 1, System.currentTimeMillis() / 1000.0);
      assertThat(awaited(server, "c_total >= 2 and start_timestamp(c_total) == " + start))
          .isNotEmpty();
    }
  }

  @Test
  void createdTimesAreStartTimestampsOfWhatWasScraped() throws IOException {
    try (PrometheusServer server = open(job + XOR2)) {
      assertThat(awaited(server, "start_timestamp(c_total)")).isEqualTo("1700000000.5");
      assertThat(query(server, "c_created").items()).isEmpty();
      assertThatThrownBy(
              () -> {
                Files.writeString(folder.resolve("prometheus.yml"), job);
                server.reload();
              })
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'storage.tsdb.chunk_encoding.floats' to 'xor2'");
    }
    try (PrometheusServer again = open(XOR2)) {
      assertThat(awaited(again, "start_timestamp(c_total offset 1s)")).isEqualTo("1700000000.5");
    }
  }
}
