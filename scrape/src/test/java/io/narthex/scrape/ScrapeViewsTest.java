package io.narthex.scrape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.narthex.base.yaml.Yaml;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.narthex.scrape.config.ScrapeConfig;
import io.narthex.scrape.config.ScrapeDefaults;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.Json;
import io.narthex.testkit.MemoryStorage;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Why something was not scraped or not stored, and what goes on while jobs are replaced. */
@Timeout(30)
final class ScrapeViewsTest {

  private static final Duration INTERVAL = Duration.ofSeconds(10);

  @TempDir private Path folder;
  private final FakeClock clock = new FakeClock(1_700_000_000_000L);
  private final ScrapeManager manager =
      new ScrapeManager(
          new MemoryStorage(),
          clock,
          ScrapeOptions.defaults("Prometheus/3.14.0"),
          new PrometheusRegistry());

  @AfterEach
  void stop() {
    manager.close();
  }

  private ScrapeConfig job(String name, String... lines) {
    String yaml =
        "job_name: "
            + name
            + "\nscrape_interval: 10s\nscrape_timeout: 5s\n"
            + String.join("\n", lines);
    return Yaml.decode(yaml, folder, ScrapeConfig::decode).complete(ScrapeDefaults.DEFAULT);
  }

  private static List<TargetGroup> found(String... addresses) {
    return List.of(
        new TargetGroup(
            "0",
            Labels.EMPTY,
            Arrays.stream(addresses).map(a -> Labels.of("__address__", a)).toList()));
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + 10_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      LockSupport.parkNanos(200_000);
    }
  }

  private Target target(String job) {
    return Objects.requireNonNull(manager.activeTargets().get(job)).getFirst();
  }

  /** Moves on by one interval, and waits for the scrape that comes of it. */
  private Target.LastScrape scrape(String job) throws InterruptedException {
    Target.LastScrape before = target(job).lastScrape();
    clock.awaitSleepers(1);
    clock.advance(INTERVAL);
    await("a scrape", () -> !target(job).lastScrape().equals(before));
    return target(job).lastScrape();
  }

  @Test
  void droppedAndFaultyTargetsSayWhy() {
    manager.apply(
        List.of(
            job(
                "j",
                "keep_dropped_targets: 2",
                "relabel_configs:",
                "- {source_labels: [__address__], target_label: seen}",
                "- {source_labels: [__address__], regex: 'slow', target_label: __scrape_timeout__,"
                    + " replacement: 1m}",
                "- {source_labels: [__address__], regex: 'gone.*', action: drop}",
                "- {source_labels: [__address__], regex: 'a:1|slow', action: keep}")));
    manager.targets(Map.of("j", found("a:1", "gone:1", "other:1", "gone:2", "slow")));
    List<DroppedTarget> dropped = Objects.requireNonNull(manager.droppedTargets().get("j"));
    assertThat(dropped)
        .extracting(t -> t.discoveredLabels().get("__address__"))
        .containsExactly("gone:1", "other:1");
    assertThat(dropped).extracting(t -> t.rule().index()).containsExactly(2, 3);
    assertThat(dropped)
        .extracting(t -> t.rule().config().regex())
        .containsExactly("gone.*", "a:1|slow");
    assertThat(manager.droppedTargetCounts()).containsEntry("j", 3);
    assertThat(Objects.requireNonNull(manager.faultyTargets().get("j")))
        .singleElement()
        .satisfies(faulty -> {
          assertThat(faulty.discoveredLabels().get("__address__")).isEqualTo("slow");
          assertThat(faulty.error())
              .isEqualTo(
                  "scrape timeout cannot be greater than scrape interval (\"1m\" > \"10s\")");
        });
  }

  @Test
  void samplesSayByWhichRuleTheyWereDropped() throws Exception {
    String page = "a 1\nb{x=\"1\"} 1\nb{x=\"2\"} 1\nc 1\nd 1\nd 2\n";
    try (FakeTarget target = FakeTarget.page(page)) {
      manager.apply(
          List.of(
              job(
                  "j",
                  "metric_relabel_configs:",
                  "- {source_labels: [__name__], regex: a, action: drop}",
                  "- {target_label: y, replacement: z}",
                  "- {source_labels: [__name__], regex: b, action: drop}")));
      manager.targets(Map.of("j", found(target.address())));
      // Lines that are seen for the first time, and lines that are known.
      for (int i = 0; i < 3; i++) {
        ScrapedSamples samples = scrape("j").samples();
        assertThat(samples.scraped()).isEqualTo(6);
        assertThat(samples.kept()).isEqualTo(3);
        assertThat(samples.added()).isEqualTo(i == 0 ? 2 : 0);
        assertThat(samples.leftOut())
            .extracting(
                LeftOut::reason,
                some -> {
                  DropRule rule = some.rule();
                  return rule == null ? -1 : rule.index();
                },
                LeftOut::samples)
            .containsExactly(
                tuple(LeftOut.Reason.METRIC_RELABELLING, 0, 1),
                tuple(LeftOut.Reason.METRIC_RELABELLING, 2, 2),
                tuple(LeftOut.Reason.DUPLICATE, -1, 1));
      }
      target.says("a 1\n");
      assertThat(scrape("j").samples().leftOut()).hasSize(1);
      target.says("c 1\n");
      assertThat(scrape("j").samples()).isEqualTo(new ScrapedSamples(1, 1, 1, List.of()));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          sample_limit: 1 | SAMPLE_LIMIT
          label_limit: 2 | LABEL_LIMITS
          label_value_length_limit: 3 | LABEL_LIMITS
          metric_relabel_configs: [{regex: __name__, action: labeldrop}] | BAD_PAGE
          """)
  void aPageThatBreaksALimitSaysWhichOne(String limit, LeftOut.Reason reason) throws Exception {
    try (FakeTarget target = FakeTarget.page("a 1\nb 1\n")) {
      manager.apply(List.of(job("j", limit)));
      manager.targets(Map.of("j", found(target.address())));
      Target.LastScrape last = scrape("j");
      assertThat(last.error()).isNotEmpty();
      assertThat(last.samples().leftOut()).extracting(LeftOut::reason).containsExactly(reason);
    }
  }

  @Test
  void samplesWithoutLabelsAreDropped() throws Exception {
    try (FakeTarget target = FakeTarget.page("a 1\nb 1\n")) {
      manager.apply(
          List.of(job("j", "metric_relabel_configs: [{regex: '.*', action: labeldrop}]")));
      manager.targets(Map.of("j", found(target.address())));
      for (int i = 0; i < 2; i++) {
        assertThat(scrape("j").samples().leftOut())
            .containsExactly(new LeftOut(LeftOut.Reason.NO_LABELS, null, 2));
      }
    }
  }

  private static List<Json> lines(Path file) throws IOException {
    return Files.readAllLines(file).stream().map(Json::parse).toList();
  }

  @Test
  void failedScrapesAreNotedInTheFileThatTheirJobNames() throws Exception {
    Path file = folder.resolve("failures.json");
    String key = "scrape_failure_log_file: failures.json";
    try (FakeTarget target = FakeTarget.page("a 1\n{\n");
        FakeTarget good = FakeTarget.page("a 1\n")) {
      manager.apply(List.of(job("j", key), job("k", key), job("l")));
      Map<String, List<TargetGroup>> targets = new HashMap<>();
      targets.put("j", found(target.address()));
      targets.put("k", found(good.address()));
      targets.put("l", found(target.address()));
      manager.targets(targets);
      scrapeAll();
      Json line = lines(file).getFirst();
      assertThat(lines(file)).hasSize(1);
      assertThat(line.names())
          .containsExactly("time", "level", "source", "msg", "job_name", "target");
      assertThat(line.get("msg").text()).isEqualTo(target("j").lastScrape().error());
      assertThat(line.get("level").text()).isEqualTo("ERROR");
      assertThat(line.get("job_name").text()).isEqualTo("j");
      assertThat(line.get("target").text()).isEqualTo("http://" + target.address() + "/metrics");

      // Moved away, it is written on until the reload, of which the jobs see nothing else.
      Path moved = Files.move(file, folder.resolve("moved.json"));
      good.says("}\n");
      scrapeAll();
      assertThat(lines(moved)).hasSize(3);
      assertThat(file).doesNotExist();
      manager.apply(List.of(job("j", key), job("k", key), job("l")));
      assertThat(file).isEmptyFile();
      scrapeAll();
      assertThat(lines(file))
          .extracting(l -> l.get("job_name").text())
          .containsExactlyInAnyOrder("j", "k");
      assertThat(lines(moved)).hasSize(3);
    }
  }

  /** Moves on by one interval, and waits for the scrapes of all three jobs. */
  private void scrapeAll() throws InterruptedException {
    List<String> jobs = List.of("j", "k", "l");
    List<Target.LastScrape> before = jobs.stream().map(job -> target(job).lastScrape()).toList();
    clock.awaitSleepers(3);
    clock.advance(INTERVAL);
    for (int i = 0; i < 3; i++) {
      int job = i;
      await("a scrape", () -> !target(jobs.get(job)).lastScrape().equals(before.get(job)));
    }
  }

  @Test
  void aFileForFailuresThatCannotBeOpenedLeavesAllAsItWas() throws Exception {
    Path good = folder.resolve("good.json");
    manager.apply(List.of(job("j", "scrape_failure_log_file: good.json")));
    Files.delete(good);
    assertThatThrownBy(() ->
            manager.apply(
                List.of(
                    job("j", "scrape_failure_log_file: good.json"),
                    job("k", "scrape_failure_log_file: absent/failures.json"))))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage(
            "can't create json log file: open "
                + folder.resolve("absent/failures.json")
                + ": no such file or directory");
    assertThat(manager.scrapePools()).containsExactly("j");
    assertThatThrownBy(() -> manager.apply(List.of(job("j", "scrape_failure_log_file: ."))))
        .hasMessageEndingWith(": is a directory");
  }

  @Test
  void aTickThatComesDueWhileALoopIsReplacedIsNotMissed() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    FakeTarget.Answer page = FakeTarget.pageAnswer("text/plain; version=0.0.4", "a 1\n");
    try (FakeTarget target = new FakeTarget(page)) {
      manager.apply(List.of(job("j")));
      manager.targets(Map.of("j", found(target.address())));
      scrape("j");
      Target.LastScrape first = target("j").lastScrape();
      target.answers(out -> {
        asked.countDown();
        answer.await();
        return page.write(out);
      });
      clock.awaitSleepers(1);
      clock.advance(INTERVAL);
      asked.await();
      target.answers(page);
      // The next tick comes while the old loop still scrapes and the new one waits for it.
      manager.apply(List.of(job("j", "sample_limit: 1000")));
      clock.advance(INTERVAL.plusMillis(1));
      answer.countDown();
      await("the tick", () -> target.requests.size() == 3);
      await(
          "its scrape", () -> target("j").lastScrape().at().equals(first.at().plusMillis(20_001)));
      clock.awaitSleepers(1);
      clock.advance(INTERVAL.minusMillis(1));
      await("the next one", () -> target.requests.size() == 4);
    }
  }
}
