package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.narthex.testkit.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same pages, scraped by us and by Prometheus 3.5: after each of them both must have the same
 * series with the same values and histograms, the same ones must have ended, and in the end both
 * must have the same exemplars.
 */
final class ExpositionDifferentialTest {

  private static final String OURS = "scrape_native_histograms: ";

  /** Each job and what its file says of histograms; the first word says what its target speaks. */
  private static final String[][] JOBS = {
    {"text", ""},
    {"text-custom", "convert_classic_histograms_to_nhcb: true"},
    {
      "text-both",
      "convert_classic_histograms_to_nhcb: true, always_scrape_classic_histograms: true"
    },
    {"openmetrics", ""},
    {"openmetrics-custom", "convert_classic_histograms_to_nhcb: true"},
    {"openmetrics-untimed", "honor_timestamps: false"},
    {"protobuf", ""},
    {"protobuf-both", "always_scrape_classic_histograms: true"},
    {"protobuf-custom", "convert_classic_histograms_to_nhcb: true"},
    {"protobuf-few", "native_histogram_bucket_limit: 3"},
    {"protobuf-coarse", "native_histogram_min_bucket_factor: 2"},
    {"protobuf-limit", "sample_limit: 20"},
  };

  private static final Pattern LONG_NUMBER = Pattern.compile("\\d+\\.\\d{13,}");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "native-histograms,exemplar-storage",
        "native-histograms,exemplar-storage,created-timestamp-zero-ingestion",
        "native-histograms,exemplar-storage,type-and-unit-labels"
      })
  void bothHaveTheSame(String features) throws Exception {
    // All ten where nothing is special, and enough of them with each further feature.
    boolean plain = features.endsWith("exemplar-storage");
    int pages = Proof.size(plain ? 10 : 5, 40);
    long created = System.currentTimeMillis() - 60_000;
    AtomicInteger page = new AtomicInteger(1);
    HttpServer target = serve(new ExpositionPages(created), page);
    int ourPort = Program.freePort();
    int theirPort = Program.freePort();
    Api ours = new Api(ourPort);
    Api theirs = new Api(theirPort);
    int port = target.getAddress().getPort();
    try (Program us = Program.narthex(folder, arguments("ours", port, ourPort, features));
        Program them = Program.start(folder, peer("theirs", port, theirPort, features))) {
      us.awaitReady(ours);
      them.awaitReady(theirs);
      awaitScrapes(us, ours, features);
      awaitScrapes(them, theirs, features); // its discovery takes a few seconds
      int samples = 0;
      for (int i = 1; i <= pages; i++) {
        page.set(i);
        Thread.sleep(2_400);
        samples += compare(i, ours, theirs, features);
      }
      if (features.contains("created")) {
        samples += compareStarts(ours, theirs, created);
      }
      int exemplars = compareExemplars(ours, theirs, created);
      Proof.says(
          "exposition, %s: %d pages of %d jobs scraped beside Prometheus 3.5, with churn and a"
              + " broken one: %d samples and %d exemplars equal",
          features, pages, jobs(features).size(), samples, exemplars);
      assertThat(samples).isGreaterThan(1000);
      assertThat(exemplars).isGreaterThan(20);
      assertThat(us.stop()).isZero();
    } finally {
      target.stop(0);
    }
  }

  /** Prometheus 3.5 does not convert histograms of a job that appends zeros where they began. */
  private static List<String[]> jobs(String features) {
    return Stream.of(JOBS)
        .filter(job -> !features.contains("created") || !job[1].startsWith("convert"))
        .toList();
  }

  private static HttpServer serve(ExpositionPages pages, AtomicInteger page) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          int now = page.get();
          byte[] body;
          String type;
          if (path.startsWith("/text")) {
            body = pages.text(now);
            type = "text/plain; version=1.0.0; escaping=allow-utf-8";
          } else if (path.startsWith("/openmetrics")) {
            body = pages.openMetrics(now);
            type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
          } else {
            body = pages.protobuf(now);
            type =
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily;"
                    + " encoding=delimited";
          }
          exchange.getResponseHeaders().set("Content-Type", type);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private Path configuration(String name, int target, boolean natives, String features)
      throws IOException {
    StringBuilder yaml =
        new StringBuilder("global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n");
    for (String[] job : jobs(features)) {
      yaml.append("- {job_name: ").append(job[0]).append(", metrics_path: /").append(job[0]);
      if (natives) {
        yaml.append(", ").append(OURS).append(true);
      }
      if (!job[1].isEmpty()) {
        yaml.append(", ").append(job[1]);
      }
      yaml.append(", static_configs: [{targets: ['127.0.0.1:").append(target).append("']}]}\n");
    }
    Path file = folder.resolve(name + ".yml");
    Files.writeString(file, yaml);
    return file;
  }

  private String[] arguments(String name, int target, int port, String features)
      throws IOException {
    return new String[] {
      "prometheus",
      "--config.file=" + configuration(name, target, true, features),
      "--storage.tsdb.path=" + folder.resolve(name),
      "--web.listen-address=127.0.0.1:" + port,
      "--enable-feature=" + features
    };
  }

  private List<String> peer(String name, int target, int port, String features) throws IOException {
    return List.of(
        Program.peer("prometheus35"),
        "--config.file=" + configuration(name, target, false, features),
        "--storage.tsdb.path=" + folder.resolve(name),
        "--web.listen-address=127.0.0.1:" + port,
        "--enable-feature=" + features);
  }

  private static void awaitScrapes(Program server, Api api, String features)
      throws InterruptedException {
    server.await(
        "a scrape of every job",
        Duration.ofSeconds(60),
        () -> api.query("up").items().size() == jobs(features).size());
  }

  private static int compare(int page, Api ours, Api theirs, String features) {
    // Since 3.11 a series only has the type of a comment that names its family, as ours.
    String others = features.contains("type") ? "|.*_created" : "";
    int samples = 0;
    for (String[] job : jobs(features)) {
      String selector =
          "{job=\""
              + job[0]
              + "\",__name__!~\"scrape_duration_seconds|scrape_series_added"
              + others
              + "\"}";
      TreeMap<String, String> we = instant(ours, selector);
      assertThat(we).as("page %d of %s", page, job[0]).isEqualTo(instant(theirs, selector));
      samples += we.size();
    }
    return samples;
  }

  private static TreeMap<String, String> instant(Api api, String selector, String... time) {
    TreeMap<String, String> all = new TreeMap<>();
    for (Json series : api.query(selector, time).items()) {
      boolean histogram = series.names().contains("histogram");
      Json sample = series.get(histogram ? "histogram" : "value");
      all.put(
          labels(series.get("metric")),
          histogram ? rounded(sample.get(1).toString()) : sample.get(1).text());
    }
    return all;
  }

  /** Bounds of buckets to twelve digits: Prometheus 3.5 has the last bit of some another way. */
  private static String rounded(String histogram) {
    return LONG_NUMBER
        .matcher(histogram)
        .replaceAll(m ->
            new BigDecimal(m.group()).round(new MathContext(12)).stripTrailingZeros().toString());
  }

  /** Whether Prometheus 3.5 stores exemplars of a series: of native histograms, the first ones. */
  private static boolean hasExemplars(Json labels) {
    return !labels.get("__name__").text().equals("latency")
        || labels.get("path").text().equals("/0");
  }

  private static String labels(Json metric) {
    TreeMap<String, String> labels = new TreeMap<>();
    for (String name : metric.names()) {
      labels.put(name, metric.get(name).text());
    }
    return labels.toString();
  }

  /** What there is at the time at which the counters were created: zeros. */
  private static int compareStarts(Api ours, Api theirs, long created) {
    String at = String.valueOf(created / 1000.0);
    String selector = "{job=~\"openmetrics|protobuf\",__name__!=\"stamped\"}";
    TreeMap<String, String> we = instant(ours, selector, at);
    assertThat(we).isNotEmpty().isEqualTo(instant(theirs, selector, at));
    return we.size();
  }

  private static int compareExemplars(Api ours, Api theirs, long created) {
    TreeSet<String> we = exemplars(ours, created);
    assertThat(we).isEqualTo(exemplars(theirs, created));
    return we.size();
  }

  private static TreeSet<String> exemplars(Api api, long created) {
    TreeSet<String> all = new TreeSet<>();
    String range = "&start=" + created / 1000.0 + "&end=" + (created / 1000.0 + 3600);
    String query = "/api/v1/query_exemplars?query=" + Api.encode("{job=~\".+\"}") + range;
    for (Json series : api.data(query).items()) {
      for (Json exemplar : series.get("exemplars").items()) {
        if (!hasExemplars(series.get("seriesLabels"))) {
          // It forgets to start again with those of the next metric of a family.
          continue;
        }
        all.add(labels(series.get("seriesLabels")) + " " + exemplar);
      }
    }
    return all;
  }
}
