package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reload after reload while targets are scraped and queries asked: jobs appear and vanish, change
 * their interval, their labels, their limits and the way their targets are found. Threads, open
 * files and memory must not grow, and no target that stays may miss a tick, be its job changed or
 * not.
 */
final class ReloadsTest {

  private static final int TARGETS = 20;
  private static final String PAGE = page();

  /** What one process takes. */
  private record Taken(long threads, long files, long kilobytes) {}

  @TempDir private Path folder;

  private static String page() {
    StringBuilder page = new StringBuilder("# TYPE things gauge\n");
    for (int i = 0; i < 20; i++) {
      page.append("things{number=\"").append(i).append("\"} ").append(i).append(".5\n");
    }
    return page.toString();
  }

  @Test
  void tenThousandReloadsLeaveNothingBehind() throws Exception {
    int all = Proof.size(300, 10_000);
    int early = Proof.size(100, 1_000);
    int port = Program.freePort();
    Api api = new Api(port);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Stub stub = new Stub(threads)) {
      Path config = folder.resolve("prometheus.yml");
      Files.writeString(folder.resolve("password"), "secret");
      Files.writeString(
          folder.resolve("found.json"), "[{\"targets\": [\"" + stub.address() + "\"]}]");
      Files.writeString(config, configuration(0, stub));
      try (Program server =
          Program.narthex(
              folder,
              "prometheus",
              "--config.file=" + config,
              "--storage.tsdb.path=" + folder.resolve("data"),
              "--web.enable-lifecycle",
              "--scrape.discovery-reload-interval=1s",
              "--web.listen-address=127.0.0.1:" + port)) {
        server.awaitReady(api);
        Thread.sleep(3_000);
        long from = System.currentTimeMillis() / 1000;
        Taken before = reload(0, early, config, stub, server, api);
        Taken after = reload(early, all, config, stub, server, api);
        long seconds = System.currentTimeMillis() / 1000 - from;
        int ticks = assertNoTickMissing(api, from, seconds);
        Proof.says(
            "%d reloads in %d s, %d targets that stay at 1 s beside others: %d ticks and none"
                + " missing; after %d and after %d reloads: threads %d and %d, open files %d and"
                + " %d, resident memory %.1f and %.1f MB (each 6 s later, after a full collection)",
            all,
            seconds,
            2 * TARGETS,
            ticks,
            early,
            all,
            before.threads,
            after.threads,
            before.files,
            after.files,
            before.kilobytes / 1024.0,
            after.kilobytes / 1024.0);
        // Two more may be the virtual machine's own, which comes and goes as it compiles.
        assertThat(after.threads)
            .isLessThanOrEqualTo(Math.max(before.threads * 105 / 100, before.threads + 2));
        assertThat(after.files)
            .isLessThanOrEqualTo(Math.max(before.files * 105 / 100, before.files + 2));
        // In the short run the program still warms up.
        int percent = Proof.full() ? 105 : 130;
        assertThat(after.kilobytes).isLessThanOrEqualTo(before.kilobytes * percent / 100);
        assertThat(api.get("/metrics").body())
            .contains("\nprometheus_config_last_reload_successful 1.0\n");
        assertThat(server.stop()).isZero();
      }
    }
  }

  /** Reloads from one number to another, about twenty times a second, and looks what it took. */
  private Taken reload(int from, int to, Path config, Stub stub, Program server, Api api)
      throws Exception {
    for (int i = from + 1; i <= to; i++) {
      long begun = System.nanoTime();
      // The last one is always the same, so that what is compared is comparable.
      Files.writeString(config, configuration(i == to ? 0 : i, stub));
      HttpResponse<String> answer = api.post("/-/reload");
      assertThat(answer.statusCode()).as("reload %d: %s", i, answer.body()).isEqualTo(200);
      if (i % 20 == 0) {
        api.query("sum by (job) (rate(things[5s]))");
      }
      long left = 50_000_000 - (System.nanoTime() - begun);
      if (left > 0) {
        TimeUnit.NANOSECONDS.sleep(left);
      }
    }
    // Jobs that are gone end their series two intervals later.
    Thread.sleep(6_000);
    collect(server);
    return new Taken(
        count("/proc/" + server.pid() + "/task"),
        count("/proc/" + server.pid() + "/fd"),
        server.memoryKilobytes("VmRSS"));
  }

  private static long count(String folder) throws IOException {
    try (Stream<Path> entries = Files.list(Path.of(folder))) {
      return entries.count();
    }
  }

  /** Has the program collect its garbage, so that what it holds can be told from what it used. */
  private void collect(Program server) throws Exception {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    for (int i = 0; i < 2; i++) {
      Process process =
          new ProcessBuilder(jcmd, String.valueOf(server.pid()), "GC.class_histogram")
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("jcmd.log").toFile())
              .start();
      assertThat(process.waitFor())
          .as("jcmd: %s", Files.readString(folder.resolve("jcmd.log")))
          .isZero();
    }
  }

  /** Every target that stays was scraped each second; the number of its scrapes. */
  private static int assertNoTickMissing(Api api, long from, long seconds) {
    int all = 0;
    TreeMap<String, TreeMap<Double, String>> up =
        api.samples(
            "up{job=~\"steady|changed\"}[" + (seconds - 1) + "s]", String.valueOf(from + seconds));
    assertThat(up).hasSize(2 * TARGETS);
    List<String> missing = new ArrayList<>();
    for (var target : up.entrySet()) {
      TreeMap<Double, String> samples = target.getValue();
      long ticks = Math.round(samples.lastKey() - samples.firstKey()) + 1;
      assertThat(samples.values()).as(target.getKey()).containsOnly("1");
      if (ticks != samples.size() || ticks < seconds - 2) {
        missing.add(target.getKey() + ": " + samples.size() + " of " + ticks + gaps(samples));
      }
      all += samples.size();
    }
    assertThat(missing).isEmpty();
    return all;
  }

  private static String gaps(TreeMap<Double, String> samples) {
    StringBuilder gaps = new StringBuilder();
    double last = samples.firstKey();
    for (double time : samples.keySet()) {
      if (time - last > 1.5) {
        gaps.append(' ').append(last).append("..").append(time);
      }
      last = time;
    }
    return gaps.toString();
  }

  /** One of many configurations. */
  private static String configuration(int number, Stub stub) {
    StringBuilder yaml =
        new StringBuilder("global: {scrape_interval: 1s, scrape_timeout: 1s, query_log_file: q")
            .append(number % 2)
            .append(".log}\nscrape_configs:\n");
    job(yaml, "steady", "", stub.targets(TARGETS));
    job(
        yaml,
        "changed",
        "sample_limit: "
            + (1000 + number % 7)
            + ", basic_auth: {username: u, password_file: password}"
            + ", scrape_failure_log_file: failures"
            + number % 3
            + ".json",
        stub.targets(TARGETS));
    job(yaml, "paced", number % 2 == 0 ? "" : "scrape_interval: 2s", stub.targets(TARGETS));
    job(
        yaml,
        "labelled",
        "relabel_configs: [{target_label: variant, replacement: v" + number / 20 % 4 + "}]",
        stub.targets(TARGETS));
    if (number / 40 % 2 == 0) {
      job(
          yaml,
          "comes",
          "metric_relabel_configs: [{source_labels: [number], regex: '1.*', action: drop}]",
          stub.targets(TARGETS));
    }
    String found =
        number / 60 % 2 == 0
            ? "file_sd_configs: [{files: [found*.json]}]"
            : "http_sd_configs: [{url: 'http://"
                + stub.address()
                + "/found', refresh_interval: 1s}]";
    yaml.append("- {job_name: found, ").append(found).append("}\n");
    return yaml.toString();
  }

  private static void job(StringBuilder yaml, String name, String more, String targets) {
    yaml.append("- {job_name: ").append(name);
    if (!more.isEmpty()) {
      yaml.append(", ").append(more);
    }
    yaml.append(", static_configs: [{targets: [").append(targets).append("]}]}\n");
  }

  /** One server that is many targets: they differ in the address of the loopback. */
  private static final class Stub implements AutoCloseable {

    private final HttpServer server;

    Stub(ExecutorService threads) throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("0.0.0.0"), 0), 1000);
      server.setExecutor(threads);
      answer("/metrics", "text/plain; version=0.0.4", PAGE);
      answer("/found", "application/json", "[{\"targets\": [\"" + address() + "\"]}]");
      server.start();
    }

    private void answer(String path, String type, String text) {
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      server.createContext(
          path,
          exchange -> {
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
    }

    String address() {
      return "127.0.0.1:" + server.getAddress().getPort();
    }

    String targets(int count) {
      StringBuilder targets = new StringBuilder();
      for (int i = 1; i <= count; i++) {
        targets.append(i == 1 ? "" : ", ").append("'127.0.0.").append(i).append(':');
        targets.append(server.getAddress().getPort()).append('\'');
      }
      return targets.toString();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
