package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.it.AnswerComparison.Tolerance;
import io.narthex.it.QueryGenerator.Family;
import io.narthex.it.QueryGenerator.Kind;
import io.narthex.testkit.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Prometheus and Narthex each open a copy of one directory and answer the same queries: written by
 * a generator, instant and over ranges. The directory was written by Prometheus: it scraped a
 * machine and itself and was sent generated series.
 */
final class DifferentialTest {

  private static final int STEPS = 480; // of 15 s
  private static final int STEPS_PER_HOUR = 240;

  /** How often each part of the language comes up at least. */
  private static final int LEAST = Proof.size(1, 20);

  private static final Pattern TRANSCENDENTAL =
      Pattern.compile("\\b(a?(sin|cos|tan)h?|exp|atan2)\\b|\\^");

  private static final Tolerance STRICT = new Tolerance(1e-12, 0);

  /** For a spread, of which the order of the series decides the last digits. */
  private static final Tolerance LOOSE = new Tolerance(1e-5, 1e-9);

  /** A power has the last digit of its base as many times as the exponent says. */
  private static final Tolerance POWER = new Tolerance(1e-9, 0);

  private static final Pattern SPREAD = Pattern.compile("\\bstd(var|dev)");
  private static final int ASKED_AGAIN = 4;
  private static final Pattern ROUNDED = Pattern.compile("\\b(avg|sum)");
  private static final Pattern CHANGE =
      Pattern.compile("\\b(rate|increase|i?delta|irate|resets|changes|deriv)\\(\\(");
  private static final Pattern HISTOGRAM = Pattern.compile("gen_size_bytes|gen_custom");

  /** A selector with a fixed time, in a subquery with one, in a subquery. */
  private static final Pattern PINNED_THRICE =
      Pattern.compile("@[^\\[]*\\[[^\\]]*:[^\\]]*\\] @[^\\[]*\\[[^\\]]*:");

  @TempDir private Path folder;
  private final long seed =
      System.getenv("NARTHEX_SEED") == null
          ? 20261121
          : Long.parseLong(System.getenv("NARTHEX_SEED"));

  /** The step after the last generated one: a full hour, so that a seed always asks the same. */
  private final long generatedEnd =
      System.currentTimeMillis() / 15_000 / STEPS_PER_HOUR * STEPS_PER_HOUR;

  private final TreeMap<String, Integer> written = new TreeMap<>();
  private int asked;
  private int answered;
  private int errors;
  private final List<Answer> unequal = new ArrayList<>();
  private final List<String> differing = new ArrayList<>();
  private final List<String> empty = new ArrayList<>();

  @Test
  void answersAreThoseOfPrometheus() throws Exception {
    Path data = folder.resolve("data");
    long end = record(data);
    int theirPort = Program.freePort();
    int ourPort = Program.freePort();
    Path config = folder.resolve("idle.yml");
    Files.writeString(config, "global: {evaluation_interval: 15s}\n");
    Path copy = copy(data, folder.resolve("copy"));
    try (Program their = prometheus(config, data, theirPort);
        Program our = narthex(config, copy, ourPort)) {
      Api theirs = new Api(theirPort);
      Api ours = new Api(ourPort);
      their.awaitReady(theirs);
      our.awaitReady(ours);
      Random random = new Random(seed);
      QueryGenerator generated =
          new QueryGenerator(
              random,
              GeneratedSeries.families(true),
              (generatedEnd - STEPS) * 15 + 900,
              generatedEnd * 15 - 60,
              written);
      QueryGenerator real = new QueryGenerator(random, real(), end - 10, end, written);
      int queries = Proof.size(700, 6000);
      for (int i = 0; i < queries || (i < 2 * queries && isAnyRare()); i++) {
        QueryGenerator from = i % 8 == 0 ? real : generated;
        String query = from.next();
        long time = from.time();
        String at = "query=" + Api.encode(query);
        ask(query, "/api/v1/query?" + at + "&time=" + time, theirs, ours, isOrdered(query));
        long step = random.nextInt(3) == 0 ? 60 : 15;
        long first = time - step * random.nextInt(60);
        ask(
            query,
            "/api/v1/query_range?%s&start=%d&end=%d&step=%d".formatted(at, first, time, step),
            theirs,
            ours,
            false);
      }
    }
    try (Program their = prometheus(config, data, theirPort)) {
      Api theirs = new Api(theirPort);
      their.awaitReady(theirs);
      askAgain(theirs);
    }
    Proof.says(
        "seed %d: %d questions, %d with values on both sides (%d %%), %d with an error; %d answers"
            + " differed at first, %d also from those of a Prometheus just started",
        seed, asked, answered, answered * 100 / asked, errors, unequal.size(), differing.size());
    Path target = ArchitectureTest.projectRoot().resolve("it/target");
    Files.write(target.resolve("differences.txt"), differing);
    Files.write(target.resolve("empty.txt"), empty);
    differing.stream().limit(5).forEach(one -> Proof.says("differs: %s", one));
    assertThat(differing).isEmpty();
    assertThat(answered * 100 / asked)
        .as("share of answers with values")
        .isGreaterThanOrEqualTo(80);
    written.forEach((thing, times) -> assertThat(times).as(thing).isGreaterThanOrEqualTo(LEAST));
  }

  /** Whether a function or another part of the language has not come up often enough yet. */
  private boolean isAnyRare() {
    return written.values().stream().anyMatch(times -> times < LEAST);
  }

  private void ask(String query, String path, Api theirs, Api ours, boolean ordered) {
    Json a = Json.parse(theirs.get(path).body());
    Json b = Json.parse(ours.get(path).body());
    asked++;
    if (AnswerComparison.hasValues(a) && AnswerComparison.hasValues(b)) {
      answered++;
    } else {
      empty.add(query);
    }
    if (AnswerComparison.isError(a)) {
      errors++;
    }
    if (isKnownToDiffer(query) || AnswerComparison.isPanic(a)) {
      return;
    }
    Answer answer = new Answer(query, path, b, ordered);
    if (!answer.differences(a).isEmpty()) {
      unequal.add(answer);
    }
  }

  /**
   * Asks a Prometheus that has just been started once more. One that has answered many queries
   * mixes up the buckets of native histograms at times, and some answers are others each time.
   */
  private void askAgain(Api theirs) {
    for (Answer answer : unequal) {
      List<String> differences = List.of();
      for (int i = 0; i < ASKED_AGAIN; i++) {
        differences = answer.differences(Json.parse(theirs.get(answer.path).body()));
        if (differences.isEmpty()) {
          break;
        }
      }
      if (!differences.isEmpty()) {
        differing.add(
            answer.query + "\n    " + answer.path + "\n    " + String.join("\n    ", differences));
      }
    }
  }

  /** What we answered. */
  private record Answer(String query, String path, Json ours, boolean ordered) {

    List<String> differences(Json theirs) {
      Tolerance tolerance =
          SPREAD.matcher(query).find() ? LOOSE : query.contains("^") ? POWER : STRICT;
      return AnswerComparison.of(theirs, ours, ordered, hasOperator(query), tolerance);
    }
  }

  private static boolean hasOperator(String query) {
    return Stream.of(" on ", " ignoring ", " and ", " or ", " unless ", ") + (", ") - (")
            .anyMatch(query::contains)
        || query.matches(".*[)\\w] ([-+*/%^]|[=!<>]=?|atan2) [(\\w].*");
  }

  /** What is listed in docs/promql-differences.md. */
  private static boolean isKnownToDiffer(String query) {
    boolean histograms = HISTOGRAM.matcher(query).find();
    boolean counted = query.contains("count_values");
    return (query.contains("mad_over_time") && query.contains("gen_wild"))
        || (counted && (histograms || TRANSCENDENTAL.matcher(query).find()))
        || (histograms
            && (isRoundedHistogram(query) || query.matches(".* [=!]= .*") || isNegated(query)))
        || query.matches(".*(rate|increase)\\(\\(.*gen_size_bytes.*\\)\\[.*:.*")
        || query.matches(".*\\b(ln|log2|log10)\\b.*gen_wild.*")
        || query.matches(".*\\bstd(var|dev)\\b.*gen_large.*")
        || query.matches(".*histogram_fraction\\(.*gen_latency_seconds_bucket\\{le.*")
        || PINNED_THRICE.matcher(query).find();
  }

  /** The last digits of an average or a sum of histograms decide. */
  private static boolean isRoundedHistogram(String query) {
    return ROUNDED.matcher(query).find()
        && (query.contains("ts_of_m") || query.contains(" % ") || CHANGE.matcher(query).find());
  }

  /** A negative histogram is a gauge, but not yet for the version that we compare with. */
  private static boolean isNegated(String query) {
    return query.contains("-(") || query.contains("-gen_");
  }

  private static boolean isOrdered(String query) {
    return Stream.of("sort", "topk", "bottomk").anyMatch(query::startsWith)
        && !query.startsWith("sort_by")
        && !query.contains(" by ")
        && !query.contains(" without ");
  }

  private static List<Family> real() {
    return List.of(
        new Family(
            "node_cpu_seconds_total",
            Kind.COUNTER,
            Map.of("cpu", List.of("0", "1"), "mode", List.of("idle", "user", "system"))),
        new Family("node_memory_MemAvailable_bytes", Kind.GAUGE, Map.of()),
        new Family(
            "node_network_receive_bytes_total", Kind.COUNTER, Map.of("device", List.of("lo"))),
        new Family("node_load1", Kind.GAUGE, Map.of("job", List.of("node"))),
        new Family("up", Kind.GAUGE, Map.of("job", List.of("node", "prometheus"))),
        new Family("go_memstats_alloc_bytes", Kind.GAUGE, Map.of("job", List.of("prometheus"))),
        new Family(
            "prometheus_http_request_duration_seconds_bucket",
            Kind.CLASSIC_BUCKETS,
            Map.of("le", List.of("0.1", "+Inf"))));
  }

  /** Lets Prometheus write the directory; returns the last second of its samples. */
  private long record(Path data) throws Exception {
    int port = Program.freePort();
    int nodePort = Program.freePort();
    Api api = new Api(port);
    Path config = folder.resolve("scrape.yml");
    Files.writeString(
        config,
        """
        global: {scrape_interval: 1s}
        scrape_configs:
          - job_name: prometheus
            static_configs: [{targets: ['127.0.0.1:%d']}]
          - job_name: node
            static_configs: [{targets: ['127.0.0.1:%d']}]
        """
            .formatted(port, nodePort));
    try (Program node =
            Program.start(
                folder,
                List.of(
                    Program.peer("node_exporter"), "--web.listen-address=127.0.0.1:" + nodePort));
        Program server = prometheus(config, data, port)) {
      server.awaitReady(api);
      GeneratedSeries generated = new GeneratedSeries(seed);
      RemoteWriter writer = new RemoteWriter(port);
      for (long step = generatedEnd - STEPS; step < generatedEnd; step++) {
        assertThat(writer.send(generated.at(step, true))).isEqualTo(204);
      }
      server.await(
          "two dozen scrapes",
          Duration.ofSeconds(90),
          () ->
              !api.query("count_over_time(up[10m]) >= 25").items().isEmpty()
                  && api.query("up == 1").items().size() == 2);
      long end = (long) Double.parseDouble(api.query("time()").get(1).text());
      assertThat(node.isAlive()).isTrue();
      assertThat(server.stop()).as(server.output()).isZero();
      return end;
    }
  }

  private Program prometheus(Path config, Path data, int port) throws IOException {
    List<String> command = new ArrayList<>(List.of(Program.peer("prometheus35")));
    command.addAll(arguments(config, data, port));
    return Program.start(folder, command);
  }

  private Program narthex(Path config, Path data, int port) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("prometheus"));
    arguments.addAll(arguments(config, data, port));
    return Program.narthex(folder, arguments.toArray(String[]::new));
  }

  private static List<String> arguments(Path config, Path data, int port) {
    return List.of(
        "--config.file=" + config,
        "--storage.tsdb.path=" + data,
        "--storage.tsdb.retention.time=10d",
        "--web.enable-remote-write-receiver",
        "--enable-feature=promql-experimental-functions,native-histograms",
        "--web.listen-address=127.0.0.1:" + port);
  }

  private static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file));
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else if (!file.getFileName().toString().equals("lock")) {
          Files.copy(file, target);
        }
      }
    }
    return to;
  }
}
