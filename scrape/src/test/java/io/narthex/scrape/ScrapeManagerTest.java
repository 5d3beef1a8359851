package io.narthex.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.yaml.Yaml;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;
import io.narthex.scrape.append.StartRules;
import io.narthex.scrape.config.ScrapeConfig;
import io.narthex.scrape.config.ScrapeDefaults;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.MemoryStorage;
import io.narthex.testkit.ProtobufExposition;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ScrapeManagerTest {

  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final long START = 1_700_000_000_000L;

  private final FakeClock clock = new FakeClock(START);
  private final MemoryStorage storage = new MemoryStorage();
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private ScrapeManager manager = manager(false);

  private ScrapeManager manager(boolean staleOnShutdown) {
    return manager(staleOnShutdown, StartRules.NONE);
  }

  private ScrapeManager manager(boolean staleOnShutdown, StartRules starts) {
    return new ScrapeManager(
        storage,
        clock,
        new ScrapeOptions(
            "Prometheus/3.14.0",
            7,
            true,
            Duration.ofMillis(2),
            staleOnShutdown,
            false,
            starts,
            false,
            64 << 20),
        new PrometheusRegistry());
  }

  @AfterEach
  void stop() {
    manager.close();
  }

  private static ScrapeConfig job(String... lines) {
    String yaml =
        "job_name: j\nscrape_interval: 10s\nscrape_timeout: 5s\nextra_scrape_metrics: true\n"
            + String.join("\n", lines);
    return Yaml.decode(yaml, Path.of("/"), ScrapeConfig::decode).complete(ScrapeDefaults.DEFAULT);
  }

  private static Map<String, List<TargetGroup>> found(String... addresses) {
    return Map.of(
        "j",
        List.of(
            new TargetGroup(
                "0",
                Labels.of("dc", "x"),
                Arrays.stream(addresses).map(a -> Labels.of("__address__", a)).toList())));
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + 10_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      LockSupport.parkNanos(200_000);
    }
  }

  private record Sample(long time, double value) {
    boolean isStale() {
      return StaleMarker.is(value);
    }
  }

  private List<Sample> samples(String metric) {
    List<Sample> samples = new ArrayList<>();
    try (Querier querier = storage.querier(0, Long.MAX_VALUE)) {
      SeriesSet set =
          querier.select(
              true,
              SelectHints.range(0, Long.MAX_VALUE),
              List.of(Matcher.equal("__name__", metric)));
      SampleBuffer buffer = new SampleBuffer();
      for (int i = 0; i < set.size(); i++) {
        set.reader().read(i, 0, Long.MAX_VALUE, buffer);
        for (int s = 0; s < buffer.size(); s++) {
          samples.add(new Sample(buffer.timestamps()[s], buffer.values()[s]));
        }
      }
    }
    return samples;
  }

  private double last(String metric) {
    return samples(metric).getLast().value();
  }

  /** Moves to the first tick of all loops, and one interval further each time. */
  private void tick(int scrapes) throws InterruptedException {
    clock.awaitSleepers(1);
    clock.advance(INTERVAL);
    await("scrape " + scrapes, () -> samples("up").size() == scrapes);
  }

  @Test
  void scrapesATargetAtEachTick() throws Exception {
    try (FakeTarget target = FakeTarget.page("temperature{room=\"kitchen\"} 21.5\n")) {
      manager.apply(List.of(job()));
      manager.targets(found(target.address()));
      tick(1);
      target.says("temperature{room=\"kitchen\"} 22\n");
      tick(2);
      assertThat(samples("temperature")).extracting(Sample::value).containsExactly(21.5, 22.0);
      List<Sample> up = samples("up");
      assertThat(up.get(1).time() - up.get(0).time()).isEqualTo(10_000);
      assertThat(up).extracting(Sample::value).containsExactly(1.0, 1.0);
      assertThat(last("scrape_samples_scraped")).isEqualTo(1);
      assertThat(last("scrape_samples_post_metric_relabeling")).isEqualTo(1);
      assertThat(samples("scrape_series_added"))
          .extracting(Sample::value)
          .containsExactly(1.0, 0.0);
      assertThat(last("scrape_timeout_seconds")).isEqualTo(5);
      assertThat(last("scrape_body_size_bytes")).isEqualTo(31);
      assertThat(target.requests.getFirst())
          .contains("GET /metrics HTTP/1.1", "X-Prometheus-Scrape-Timeout-Seconds: 5\r\n")
          .contains(
              "Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,");
      Target shown = target();
      assertThat(shown.labels())
          .isEqualTo(Labels.of("dc", "x", "instance", target.address(), "job", "j"));
      assertThat(shown.discoveredLabels().get("__scrape_interval__")).isEqualTo("10s");
      assertThat(shown.lastScrape().health()).isEqualTo(TargetHealth.UP);
      assertThat(shown.lastScrape().error()).isEmpty();
      assertThat(shown.scrapeUrl()).isEqualTo("http://" + target.address() + "/metrics");
      assertThat(shown.globalUrl("https", "prom.example:443", 1))
          .isEqualTo("http://prom.example:" + target.address().split(":")[1] + "/metrics");
    }
  }

  @Test
  void nativeHistogramsAreAskedForAndTakenUnlessATargetSaysOtherwise() throws Exception {
    byte[] page =
        ProtobufExposition.page(f ->
            f.family("h", "", ProtobufExposition.HISTOGRAM)
                .metric(m ->
                    m.message(7, h -> h.number(1, 1).bucket(1, 1).span(12, 0, 1).deltas(13, 1))));
    String type =
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily;"
            + " encoding=delimited";
    try (FakeTarget target = new FakeTarget(FakeTarget.pageAnswer(type, page))) {
      manager.apply(List.of(job("scrape_native_histograms: true")));
      manager.targets(found(target.address()));
      tick(1);
      assertThat(target.requests.getFirst())
          .contains(
              "Accept: application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                  + "encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;"
                  + "escaping=allow-utf-8;q=0.5,");
      assertThat(last("up")).isEqualTo(1);
      assertThat(last("scrape_samples_scraped")).isEqualTo(1);
      manager.apply(
          List.of(
              job(
                  "scrape_native_histograms: true",
                  "relabel_configs: [{target_label: __scrape_native_histograms__,"
                      + " replacement: 'false'}]")));
      manager.targets(found(target.address()));
      await(
          "a classic scrape",
          () -> {
            clock.advance(INTERVAL);
            return last("scrape_samples_scraped") == 4;
          });
    }
  }

  @Test
  void aFailedScrapeIsReportedAndEndsTheSeries() throws Exception {
    try (FakeTarget target = FakeTarget.page("a 1\n")) {
      manager.apply(List.of(job()));
      manager.targets(found(target.address()));
      tick(1);
      target.answers(out -> {
        out.write(
            "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
                .getBytes(StandardCharsets.UTF_8));
        return true;
      });
      tick(2);
      assertThat(last("up")).isZero();
      assertThat(samples("a").getLast().isStale()).isTrue();
      Target.LastScrape shown = target().lastScrape();
      assertThat(shown.health()).isEqualTo(TargetHealth.DOWN);
      assertThat(shown.error()).isEqualTo("server returned HTTP status 500 Internal Server Error");
      target.says("a 2\n");
      tick(3);
      assertThat(last("a")).isEqualTo(2);
    }
  }

  @Test
  void hostileAnswersAreErrorsOfTheirTarget() throws Exception {
    try (FakeTarget target = FakeTarget.page("<html>\n")) {
      manager.apply(List.of(job("body_size_limit: 1KB")));
      manager.targets(found(target.address()));
      int scrapes = 0;
      tick(++scrapes);
      assertThat(error()).startsWith("line 1, column 1: expected a valid start token");
      target.answers(FakeTarget.pageAnswer("text/html", "<html>\n"));
      tick(++scrapes);
      assertThat(error()).startsWith("received unsupported Content-Type \"text/html\"");
      target.answers(FakeTarget.pageAnswer("", "a 1\n"));
      tick(++scrapes);
      assertThat(error()).startsWith("non-compliant scrape target sending blank Content-Type");
      target.answers(out -> false);
      tick(++scrapes);
      assertThat(error()).isEqualTo("Get \"http://" + target.address() + "/metrics\": EOF");
      target.says("a 1\n".repeat(1000));
      tick(++scrapes);
      assertThat(error()).isEqualTo("body size limit exceeded");
      assertThat(last("scrape_body_size_bytes")).isEqualTo(-1);
      target.says("a{} 1\na 2 !\n");
      tick(++scrapes);
      assertThat(error()).startsWith("line 2, column 5: expected a timestamp");
      assertThat(samples("up")).extracting(Sample::value).containsOnly(0.0);
      assertThat(samples("a")).isEmpty();
      target.says("a 1\n");
      tick(++scrapes);
      assertThat(last("up")).isEqualTo(1);
    }
  }

  private List<Target> targets() {
    return Objects.requireNonNull(manager.activeTargets().get("j"));
  }

  private Target target() {
    return targets().getFirst();
  }

  private String error() {
    return target().lastScrape().error();
  }

  @Test
  void aRemovedTargetIsEndedAfterTwoIntervalsAndATenth() throws Exception {
    try (FakeTarget target = FakeTarget.page("a 1\n")) {
      manager.apply(List.of(job()));
      manager.targets(found(target.address()));
      tick(1);
      awaitSleep(2);
      manager.targets(found());
      assertThat(targets()).isEmpty();
      // Scraped once; now it waits for the tick, one more interval, and a tenth.
      awaitSleep(3);
      clock.advance(INTERVAL);
      awaitSleep(4);
      clock.advance(INTERVAL);
      awaitSleep(5);
      assertThat(samples("up")).hasSize(1);
      clock.advance(Duration.ofSeconds(1));
      await("stale markers", () -> samples("up").size() == 2);
      assertThat(samples("up").getLast().isStale()).isTrue();
      assertThat(samples("a").getLast().isStale()).isTrue();
      assertThat(samples("a").getLast().time() - samples("a").getFirst().time()).isEqualTo(10_000);
    }
  }

  /** Waits until the one loop sleeps for the n-th time. */
  private void awaitSleep(int n) throws InterruptedException {
    await("sleep " + n, () -> clock.sleeps() >= n);
    clock.awaitSleepers(1);
  }

  @Test
  void atShutdownSeriesEndOnlyIfConfigured() throws Exception {
    try (FakeTarget target = FakeTarget.page("a 1\n")) {
      manager.apply(List.of(job()));
      manager.targets(found(target.address()));
      tick(1);
      manager.close();
      assertThat(samples("a")).hasSize(1);
      manager = manager(true);
      manager.apply(List.of(job()));
      manager.targets(found(target.address()));
      tick(2);
      clock.advance(Duration.ofSeconds(1));
      manager.close();
      assertThat(samples("a").getLast().isStale()).isTrue();
      assertThat(samples("up").getLast().isStale()).isTrue();
    }
  }

  @Test
  void aShutdownDoesNotWaitForASilentTarget() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    try (FakeTarget target =
        new FakeTarget(out -> {
          asked.countDown();
          over.await();
          return false;
        })) {
      manager.apply(List.of(job()));
      manager.targets(found(target.address()));
      clock.awaitSleepers(1);
      clock.advance(INTERVAL);
      asked.await();
      manager.close();
      assertThat(samples("up")).isEmpty();
      over.countDown();
    }
  }

  @Test
  void aReloadGoesOnWithTheSameSeries() throws Exception {
    try (FakeTarget target = FakeTarget.page("a 1\nb 1\n")) {
      manager.apply(List.of(job()));
      manager.targets(found(target.address()));
      tick(1);
      Target before = target();
      manager.apply(List.of(job()));
      assertThat(target()).isSameAs(before);
      clock.awaitSleepers(1);
      int sleeps = clock.sleeps();
      manager.apply(
          List.of(
              job(
                  "metric_relabel_configs:",
                  "- {source_labels: [__name__], regex: b, action: drop}")));
      // Until the new loop sleeps: the old one may not have woken up yet.
      clock.awaitSleeps(sleeps + 1);
      tick(2);
      assertThat(last("a")).isEqualTo(1);
      assertThat(samples("b").getLast().isStale()).isTrue();
      assertThat(samples("a")).noneMatch(Sample::isStale);
      assertThat(target()).isSameAs(before);
    }
  }

  @Test
  void aReloadGoesOnWithTheSameStartTimestamps() throws Exception {
    manager.close();
    manager = manager(false, new StartRules(true, false, true));
    String page = "# TYPE c counter\nc_total ";
    try (FakeTarget target = FakeTarget.page(page + "10\n")) {
      manager.apply(List.of(job()));
      manager.targets(found(target.address()));
      tick(1);
      long start = samples("up").getFirst().time();
      target.says(page + "12\n");
      tick(2);
      clock.awaitSleepers(1);
      int sleeps = clock.sleeps();
      manager.apply(List.of(job("sample_limit: 7")));
      clock.awaitSleeps(sleeps + 1);
      target.says(page + "17\n");
      tick(3);
      assertThat(samples("c_total"))
          .containsExactly(
              new Sample(start, 0), new Sample(start + 10_000, 2), new Sample(start + 20_000, 7));
    }
  }

  @Test
  void aJobThatIsGoneIsEnded() throws Exception {
    try (FakeTarget target = FakeTarget.page("a 1\n")) {
      manager.apply(List.of(job()));
      manager.targets(found(target.address()));
      tick(1);
      manager.apply(List.of());
      assertThat(manager.scrapePools()).isEmpty();
      assertThat(manager.activeTargets()).isEmpty();
    }
  }

  @Test
  void tooManyTargetsFailAll() throws Exception {
    try (FakeTarget target = FakeTarget.page("a 1\n")) {
      manager.apply(List.of(job("target_limit: 1")));
      manager.targets(found(target.address(), "127.0.0.1:1"));
      clock.awaitSleepers(2);
      tick(2);
      assertThat(error()).isEqualTo("target_limit exceeded (number of targets: 2, limit: 1)");
      assertThat(target.requests).isEmpty();
    }
  }

  @Test
  void relabellingMakesAndDropsTargets() throws IOException {
    manager.apply(
        List.of(
            job(
                "params: {module: [http, x], 'a b': ['c&d']}",
                "metrics_path: /probe it",
                "relabel_configs:",
                "- {source_labels: [__address__], regex: 'drop.*', action: drop}",
                "- {source_labels: [__address__], target_label: __param_target}",
                "- {source_labels: [__address__], regex: 'slash', target_label: __address__,"
                    + " replacement: 'a/b'}",
                "- {source_labels: [__address__], regex: 'slow', target_label: __scrape_timeout__,"
                    + " replacement: 1m}",
                "- {target_label: __scheme__, replacement: https}")));
    manager.targets(found("a:1", "drop:1", "slash", "slow", "a:1"));
    assertThat(targets())
        .extracting(Target::scrapeUrl)
        .containsExactly("https://a:1/probe%20it?a+b=c%26d&module=http&module=x&target=a%3A1");
    assertThat(Objects.requireNonNull(manager.droppedTargets().get("j")))
        .extracting(t -> t.discoveredLabels().get("__address__"))
        .containsExactly("drop:1");
    assertThat(manager.droppedTargetCounts()).containsEntry("j", 1);
  }

  @Test
  void tellsAboutItself() throws Exception {
    manager.close();
    manager =
        new ScrapeManager(storage, clock, ScrapeOptions.defaults("Prometheus/3.14.0"), registry);
    try (FakeTarget target = FakeTarget.page("# TYPE a gauge\n# HELP a helps\na 1\na 2\n")) {
      manager.apply(List.of(job()));
      manager.targets(found(target.address()));
      tick(1);
      tick(2);
      await(
          "the counter",
          () ->
              registry.scrape().stream()
                  .filter(m ->
                      m.getMetadata()
                          .getName()
                          .equals("prometheus_target_scrapes_sample_duplicate_timestamp"))
                  .map(CounterSnapshot.class::cast)
                  .anyMatch(c -> c.getDataPoints().getFirst().getValue() == 2));
      assertThat(registry.scrape().stream().map(m -> m.getMetadata().getPrometheusName()))
          .contains(
              "prometheus_target_interval_length_seconds",
              "prometheus_target_sync_length_seconds",
              "prometheus_target_metadata_cache_entries",
              "prometheus_target_scrape_pool_targets");
      assertThat(target().metadata()).hasSize(1);
    }
  }

  @Test
  void aThousandTargetsShareTheWork() throws Exception {
    try (FakeTarget target = FakeTarget.page("a 1\n")) {
      List<Labels> targets = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        targets.add(Labels.of("__address__", target.address(), "n", String.valueOf(i)));
      }
      manager.apply(List.of(job()));
      manager.targets(Map.of("j", List.of(new TargetGroup("0", Labels.EMPTY, targets))));
      clock.awaitSleepers(1000);
      clock.advance(INTERVAL);
      await("all of them", () -> samples("up").size() == 1000);
      assertThat(samples("up")).extracting(Sample::value).containsOnly(1.0);
      assertThat(samples("up").stream().map(Sample::time).distinct().count())
          .as("woken by one leap of the clock")
          .isEqualTo(1);
    }
  }

  @Test
  void offsetsSpreadTheTargetsOverTheInterval() {
    boolean[] tenths = new boolean[10];
    for (int i = 0; i < 200; i++) {
      Target target =
          new Target(
              "j",
              Labels.of("n", String.valueOf(i)),
              Labels.EMPTY,
              TargetUrl.of("http", "a:1", "/metrics", Map.of()),
              INTERVAL,
              INTERVAL);
      tenths[(int) Long.remainderUnsigned(target.hash(), 10)] = true;
    }
    assertThat(tenths).containsOnly(true);
  }

  @Test
  void durationsAreGos() {
    assertThat(ScrapeMetrics.goText(Duration.ofSeconds(15))).isEqualTo("15s");
    assertThat(ScrapeMetrics.goText(Duration.ofMinutes(1))).isEqualTo("1m0s");
    assertThat(ScrapeMetrics.goText(Duration.ofMillis(1500))).isEqualTo("1.5s");
    assertThat(ScrapeMetrics.goText(Duration.ofMillis(500))).isEqualTo("500ms");
    assertThat(ScrapeMetrics.goText(Duration.ofMinutes(90))).isEqualTo("1h30m0s");
  }
}
