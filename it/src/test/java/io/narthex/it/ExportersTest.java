package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's exporters, scraped by us and by Debian's Prometheus 2.42 at the same time: both must
 * have the same series, and of each as many samples as they made scrapes, but for those that the
 * exporter left out.
 */
final class ExportersTest {

  /** The jobs, the self-metrics of two exporters among them. */
  private static final List<String> JOBS = List.of("node", "blackbox", "probe", "apache");

  /** What Apache's mod_status answers to {@code ?auto}, after its documentation. */
  private static final String APACHE_STATUS =
      """
      localhost
      ServerVersion: Apache/2.4.57 (Debian)
      ServerMPM: event
      Server Built: 2023-04-13T03:26:51
      CurrentTime: Monday, 02-Oct-2023 12:00:00 UTC
      RestartTime: Monday, 02-Oct-2023 11:00:00 UTC
      ParentServerConfigGeneration: 1
      ParentServerMPMGeneration: 0
      ServerUptimeSeconds: 3600
      ServerUptime: 1 hour
      Load1: 0.10
      Load5: 0.20
      Load15: 0.30
      Total Accesses: 131
      Total kBytes: 138
      Total Duration: 11
      CPUUser: 0.25
      CPUSystem: 0.15
      CPUChildrenUser: 0
      CPUChildrenSystem: 0
      CPULoad: .0111111
      Uptime: 3600
      ReqPerSec: .0363889
      BytesPerSec: 39.2533
      BytesPerReq: 1078.72
      DurationPerReq: .0839695
      BusyWorkers: 1
      IdleWorkers: 49
      Processes: 2
      Stopping: 0
      ConnsTotal: 1
      ConnsAsyncWriting: 0
      ConnsAsyncKeepAlive: 0
      ConnsAsyncClosing: 0
      Scoreboard: __W_______________________________________________....
      """;

  /** Since 3.0 Prometheus writes whole numbers in these labels as floats, whoever is scraped. */
  private static final Pattern WHOLE_BOUND = Pattern.compile("\\b(le|quantile)=(\\d+)(?=[,}])");

  @TempDir private Path folder;

  @Test
  void bothHaveTheSame() throws Exception {
    int seconds = Proof.size(15, 600);
    String debian = Program.peer("prometheus242");
    HttpServer web = web();
    int webPort = web.getAddress().getPort();
    int node = Program.freePort();
    int blackbox = Program.freePort();
    int apache = Program.freePort();
    Path config = configuration(node, blackbox, apache, webPort);
    int ourPort = Program.freePort();
    int theirPort = Program.freePort();
    Api ours = new Api(ourPort);
    Api theirs = new Api(theirPort);
    try (Program nodeExporter =
            Program.start(folder, List.of(Program.peer("node_exporter"), listen(node)));
        Program blackboxExporter =
            Program.start(
                folder,
                List.of(
                    Program.peer("blackbox_exporter"),
                    "--config.file=" + modules(),
                    listen(blackbox)));
        Program apacheExporter =
            Program.start(
                folder,
                List.of(
                    Program.peer("apache_exporter"),
                    "--scrape_uri=http://127.0.0.1:" + webPort + "/server-status?auto",
                    "--telemetry.address=127.0.0.1:" + apache));
        Program us =
            Program.narthex(
                folder,
                "prometheus",
                "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("ours"),
                listen(ourPort));
        Program them =
            Program.start(
                folder,
                List.of(
                    debian,
                    "--config.file=" + config,
                    "--storage.tsdb.path=" + folder.resolve("theirs"),
                    listen(theirPort)))) {
      us.awaitReady(ours);
      them.awaitReady(theirs);
      awaitTargets(us, ours);
      awaitTargets(them, theirs);
      Thread.sleep(3_000); // what an exporter says only from its second page on
      long from = System.currentTimeMillis() / 1000;
      Thread.sleep(seconds * 1000L + 1_000);
      for (String job : JOBS) {
        compare(job, seconds, from + seconds, ours, theirs);
      }
      assertThat(List.of(nodeExporter, blackboxExporter, apacheExporter))
          .allMatch(Program::isAlive);
      assertThat(us.stop()).isZero();
    } finally {
      web.stop(0);
    }
  }

  private static String listen(int port) {
    return "--web.listen-address=127.0.0.1:" + port;
  }

  private Path modules() throws IOException {
    return Files.writeString(
        folder.resolve("blackbox.yml"),
        "modules: {http_2xx: {prober: http, http: {preferred_ip_protocol: ip4}}}\n");
  }

  /** A page to probe, and Apache's status page. */
  private static HttpServer web() throws IOException {
    HttpServer web =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    web.createContext(
        "/",
        exchange -> {
          boolean status = exchange.getRequestURI().getPath().equals("/server-status");
          byte[] body = (status ? APACHE_STATUS : "hello").getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "text/plain");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    web.start();
    return web;
  }

  private Path configuration(int node, int blackbox, int apache, int web) throws IOException {
    String yaml =
        """
        global: {scrape_interval: 1s, scrape_timeout: 1s}
        scrape_configs:
        - {job_name: node, static_configs: [{targets: ['127.0.0.1:%d']}]}
        - {job_name: blackbox, static_configs: [{targets: ['127.0.0.1:%d']}]}
        - {job_name: apache, static_configs: [{targets: ['127.0.0.1:%d']}]}
        - job_name: probe
          metrics_path: /probe
          params: {module: [http_2xx]}
          static_configs: [{targets: ['http://127.0.0.1:%d/']}]
          relabel_configs:
          - {source_labels: [__address__], target_label: __param_target}
          - {source_labels: [__param_target], target_label: instance}
          - {target_label: __address__, replacement: '127.0.0.1:%d'}
        """
            .formatted(node, blackbox, apache, web, blackbox);
    return Files.writeString(folder.resolve("exporters.yml"), yaml);
  }

  private static void awaitTargets(Program server, Api api) throws InterruptedException {
    server.await(
        "a good scrape of every job",
        Duration.ofSeconds(60),
        () -> api.query("up == 1").items().size() == JOBS.size());
  }

  private static void compare(String job, int seconds, long end, Api ours, Api theirs) {
    String selector = "{job=\"" + job + "\"}[" + seconds + "s]";
    TreeMap<String, Integer> we = counts(ours, selector, end);
    TreeMap<String, Integer> they = counts(theirs, selector, end);
    assertThat(we.keySet()).as("series of %s", job).isEqualTo(they.keySet());
    int ourTicks = ticks(we);
    int theirTicks = ticks(they);
    // A window of so many seconds holds one tick more where both its ends belong to it.
    assertThat(ourTicks).as("our scrapes of %s", job).isBetween(seconds - 1, seconds + 1);
    assertThat(theirTicks).as("their scrapes of %s", job).isBetween(seconds - 1, seconds + 1);
    int whole = 0;
    long samples = 0;
    for (String series : we.keySet()) {
      int ourMissing = ourTicks - we.getOrDefault(series, 0);
      int theirMissing = theirTicks - they.getOrDefault(series, 0);
      // A series that comes or goes may do so between their scrape and ours.
      assertThat(Math.abs(ourMissing - theirMissing)).as(series).isLessThanOrEqualTo(2);
      whole += ourMissing == 0 && theirMissing == 0 ? 1 : 0;
      samples += we.getOrDefault(series, 0);
    }
    assertThat(whole).as("series of %s without a gap", job).isGreaterThan(we.size() * 9 / 10);
    Proof.says(
        "exporters, job %s, beside Prometheus 2.42 at 1 s for %d s: %d series equal, %d of them in"
            + " every scrape of both, %d samples of ours in %d scrapes, %d scrapes of theirs",
        job, seconds, we.size(), whole, samples, ourTicks, theirTicks);
  }

  private static int ticks(TreeMap<String, Integer> counts) {
    return counts.entrySet().stream()
        .filter(e -> e.getKey().contains("__name__=up,"))
        .mapToInt(TreeMap.Entry::getValue)
        .findFirst()
        .orElseThrow();
  }

  private static TreeMap<String, Integer> counts(Api api, String selector, long end) {
    TreeMap<String, Integer> counts = new TreeMap<>();
    api.samples(selector, String.valueOf(end))
        .forEach((labels, samples) -> {
          Matcher bound = WHOLE_BOUND.matcher(labels);
          counts.put(bound.replaceAll("$1=$2.0"), samples.size());
        });
    return counts;
  }
}
