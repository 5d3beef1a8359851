package io.narthex.tools.promtool;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.testkit.Peers;
import io.narthex.tools.Directories;
import io.narthex.tools.Directories.Said;
import io.narthex.tsdb.Database;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.BlockWriter;
import io.narthex.tsdb.block.Ulid;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.HistogramAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The real promtool and ours say the same of the same directory. */
final class PromtoolTest {

  private static final String OTHER = "promtool35";

  @TempDir static Path folder;
  private static Path data = Path.of("");
  private static Set<String> lines = Set.of();

  @BeforeAll
  static void build() {
    data = folder.resolve("data");
    lines = Directories.build(data);
  }

  private static Said ours(String... arguments) {
    return Directories.run(Promtool::run, arguments);
  }

  private static String[] split(String line, Path... paths) {
    List<String> words = new ArrayList<>();
    for (String word : line.split(" ", -1)) {
      words.add(
          word.startsWith("PATH") ? paths[word.length() - 4].toString() : word.replace('~', ' '));
    }
    return words.toArray(String[]::new);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tsdb list PATH",
        "tsdb list -r PATH",
        "tsdb list --human-readable PATH",
        "tsdb dump PATH",
        "tsdb dump --match={__name__=\"metric_1\"} --match={series=~\"1.*\"} PATH",
        "tsdb dump --match metric_2{job=\"b\"} PATH",
        "tsdb dump --match=nothing PATH",
        "tsdb dump-openmetrics PATH",
        "tsdb dump-openmetrics --match={series=\"7\"} PATH",
      })
  void theSameLines(String line) throws Exception {
    Peers.Result theirs = Peers.run(OTHER, split(line, data));
    Said said = ours(split(line, data));
    assertThat(said.err()).isEmpty();
    assertThat(said.code()).isEqualTo(theirs.exitCode()).isZero();
    assertThat(said.lines()).isEqualTo(theirs.out().lines().toList());
    assertThat(said.out()).isEqualTo(theirs.out());
  }

  @Test
  void aDumpHasAllSamples() {
    Said said = ours("tsdb", "dump", data.toString());
    assertThat(new HashSet<>(said.lines())).isEqualTo(lines);
    assertThat(said.lines()).hasSize(lines.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"tsdb list PATH", "tsdb list -r PATH", "tsdb dump PATH"})
  void theSameAsTheOlderOne(String line) throws Exception {
    Peers.Result theirs = Peers.run("promtool242", split(line, data));
    Said said = ours(split(line, data));
    assertThat(theirs.exitCode()).describedAs(theirs.err()).isZero();
    assertThat(said.lines()).isEqualTo(theirs.out().lines().toList());
  }

  @Test
  void aRangeOfTime() throws Exception {
    for (long from : List.of(Directories.T0 + 1, Directories.T0 + Directories.RANGE * 5 / 2)) {
      String[] command = {
        "tsdb", "dump", "--min-time=" + from, "--max-time=" + (from + 600_000), data.toString()
      };
      Peers.Result theirs = Peers.run(OTHER, command);
      Said said = ours(command);
      assertThat(said.lines()).isNotEmpty().isEqualTo(theirs.out().lines().toList());
    }
  }

  /** Upstream leaves the order of equal counts to chance. */
  private static List<String> sections(String out) {
    List<String> all = new ArrayList<>();
    for (String section : out.split("\n\n", -1)) {
      all.add(String.join("\n", section.lines().sorted().toList()));
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tsdb analyze --limit=1000 PATH",
        "tsdb analyze --limit=1000 --extended PATH",
        "tsdb analyze --limit=1000 --extended --match={job=\"b\"} PATH",
        "tsdb analyze --limit 1000 --match={series=~\"1.+\",job!=\"b\"} PATH",
      })
  void theSameAnalysis(String line) throws Exception {
    Peers.Result theirs = Peers.run(OTHER, split(line, data));
    Said said = ours(split(line, data));
    assertThat(said.err()).isEmpty();
    assertThat(theirs.exitCode()).isZero();
    assertThat(sections(said.out())).isEqualTo(sections(theirs.out()));
  }

  @Test
  void anAnalysisOfOneBlock() throws Exception {
    for (Path block : Directories.blocks(data)) {
      String[] command = {
        "tsdb", "analyze", "--limit=1000", data.toString(), String.valueOf(block.getFileName())
      };
      Peers.Result theirs = Peers.run(OTHER, command);
      assertThat(sections(ours(command).out())).isEqualTo(sections(theirs.out()));
    }
    assertThat(ours("tsdb", "analyze", "--limit=3", data.toString()).lines())
        .containsSequence("Most common label pairs:", "15 job=a \"quoted\" one", "15 job=b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tsdb",
        "foo",
        "tsdb foo",
        "tsdb list a b",
        "tsdb list -x",
        "tsdb dump --min-time=x PATH",
        "tsdb dump --max-time",
        "tsdb create-blocks-from",
        "tsdb create-blocks-from openmetrics",
        "tsdb list nowhere",
        "tsdb dump nowhere",
        "tsdb analyze nowhere",
        "tsdb analyze PATH foo",
        "tsdb analyze PATHX",
        "tsdb create-blocks-from openmetrics nofile",
      })
  void theSameErrors(String line) throws Exception {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    Peers.Result theirs = Peers.run(OTHER, split(line, data, empty));
    Said said = ours(split(line, data, empty));
    assertThat(said.code()).isEqualTo(theirs.exitCode()).isEqualTo(1);
    assertThat(said.err()).isEqualTo(theirs.err().replace(OTHER + ": error", "promtool: error"));
    assertThat(said.out()).isEqualTo(theirs.out());
  }

  @Test
  void whatIsNotThereIsRefusedByName() {
    for (String name : List.of("debug", "push", "promql")) {
      Said said = ours(name, "anything");
      assertThat(said.code()).isEqualTo(1);
      assertThat(said.err()).contains("'" + name + "' is not part of Narthex yet");
    }
    assertThat(ours("test", "rules", "x").err()).contains("'test rules' is not part of Narthex");
    Said rules = ours("tsdb", "create-blocks-from", "rules", "--start=1", "x");
    assertThat(rules.code()).isEqualTo(1);
    assertThat(rules.err()).contains("not part of Narthex yet");
  }

  @Test
  void helpAndVersion() {
    assertThat(ours("--version").out()).startsWith("promtool, version 3.");
    assertThat(ours().out()).startsWith("usage: promtool [<flags>] <command> [<args> ...]\n");
    Said list = ours("tsdb", "list", "--help");
    assertThat(list.code()).isZero();
    assertThat(list.out())
        .startsWith("usage: promtool tsdb list [<flags>] [<db path>]\n\nList tsdb blocks.\n")
        .contains("  -r, --[no-]human-readable  Print human readable values.\n")
        .endsWith("Args:\n  [<db path>]  Database path (default is data/).\n\n");
    assertThat(ours("help", "tsdb", "list").out()).isEqualTo(list.out());
    assertThat(ours("tsdb", "--help").out())
        .contains("tsdb create-blocks-from openmetrics [<flags>] <input file> [<output directory>]")
        .contains("tsdb bench write [<flags>] [<file>]\n    Run a write performance benchmark.\n");
  }

  @Test
  void onlyALogAndHeadChunks(@TempDir Path path) throws Exception {
    Set<String> all;
    try (Database database = Directories.open(path)) {
      all = Directories.write(database, Directories.T0, Directories.T0 + Directories.RANGE);
    }
    Map<String, String> before = Directories.tree(path);
    Said said = ours("tsdb", "dump", path.toString());
    assertThat(new HashSet<>(said.lines())).isEqualTo(all);
    assertThat(Directories.tree(path)).isEqualTo(before);
    Peers.Result theirs = Peers.run(OTHER, "tsdb", "dump", path.toString());
    assertThat(said.lines()).isEqualTo(theirs.out().lines().toList());
    assertThat(ours("tsdb", "list", path.toString()).out())
        .isEqualTo(Peers.run(OTHER, "tsdb", "list", path.toString()).out());
  }

  @Test
  void aDirectoryInUse(@TempDir Path path) throws Exception {
    try (Database database = Directories.open(path)) {
      Set<String> all =
          Directories.write(
              database, Directories.T0, Directories.T0 + 3 * Directories.RANGE / 2 + 60_000);
      database.maintain();
      Map<String, String> before = Directories.tree(path);
      Said said = ours("tsdb", "dump", path.toString());
      assertThat(said.err()).isEmpty();
      assertThat(new HashSet<>(said.lines())).isEqualTo(all);
      assertThat(Directories.tree(path)).isEqualTo(before);
      Peers.Result theirs = Peers.run(OTHER, "tsdb", "dump", path.toString());
      assertThat(said.out()).isEqualTo(theirs.out());
      // The server goes on as though nothing had been.
      all.addAll(
          Directories.write(
              database,
              Directories.T0 + 3 * Directories.RANGE / 2 + 60_000,
              Directories.T0 + 2 * Directories.RANGE));
      Path sandbox = Files.createDirectory(folder.resolve("sandbox"));
      Said again = ours("tsdb", "dump", "--sandbox-dir-root=" + sandbox, path.toString());
      assertThat(new HashSet<>(again.lines())).isEqualTo(all);
      assertThat(sandbox).isEmptyDirectory();
    }
  }

  @Test
  void aTornLogIsReadAsFarAsItGoes(@TempDir Path path) throws Exception {
    Path torn = path.resolve("torn");
    Directories.copy(data, torn);
    List<Path> segments = Directories.files(torn.resolve("wal"));
    Path last = segments.stream().filter(s -> s.toFile().length() > 100).toList().getLast();
    byte[] bytes = Files.readAllBytes(last);
    Files.write(last, Arrays.copyOf(bytes, bytes.length - 5));
    Map<String, String> before = Directories.tree(torn);
    Said said = ours("tsdb", "dump", torn.toString());
    assertThat(said.code()).isZero();
    assertThat(lines.containsAll(said.lines())).isTrue();
    assertThat(said.lines()).hasSizeGreaterThanOrEqualTo(lines.size() - 30);
    assertThat(Directories.tree(torn)).isEqualTo(before);
  }

  @Test
  void aBrokenBlockIsAnError(@TempDir Path path) throws Exception {
    Path copy = path.resolve("broken");
    Directories.copy(data, copy);
    Path block = Directories.blocks(copy).getFirst();
    Files.writeString(block.resolve("index"), "nothing");
    for (String command : List.of("list", "dump")) {
      Said said = ours("tsdb", command, copy.toString());
      assertThat(said.code()).isEqualTo(1);
      assertThat(said.err()).contains("corrupted block " + block.getFileName());
      assertThat(Peers.run(OTHER, "tsdb", command, copy.toString()).exitCode()).isEqualTo(1);
    }
  }

  @Test
  void seriesAsJson() {
    Said said =
        ours("tsdb", "dump", "--format=seriesjson", "--match={series=~\"1|2\"}", data.toString());
    assertThat(said.lines())
        .containsExactly(
            "{\"__name__\":\"metric_1\",\"job\":\"b\",\"series\":\"1\"}",
            "{\"__name__\":\"metric_2\",\"job\":\"a \\\"quoted\\\" one\",\"series\":\"2\"}");
  }

  @Test
  void histogramsInBlocks(@TempDir Path path) throws Exception {
    long end = Directories.T0 + 400 * 1000;
    Ulid ulid = new Ulid(Directories.T0 << 16, 1);
    BlockMeta meta =
        new BlockMeta(
            ulid,
            Directories.T0,
            end,
            BlockMeta.Stats.NONE,
            BlockMeta.Compaction.ofHead(ulid),
            Map.of());
    Random random = new Random(3);
    try (BlockWriter writer = new BlockWriter(Disk.SYSTEM, path, meta)) {
      for (ChunkEncoding encoding :
          List.of(ChunkEncoding.FLOAT_HISTOGRAM, ChunkEncoding.HISTOGRAM)) {
        writer.series(Labels.of("__name__", encoding.text()));
        HistogramAppender appender = new HistogramAppender(encoding);
        long[] counts = new long[4];
        int n = 0;
        for (long time = Directories.T0; time < end; time += 4000) {
          SpanHistogram histogram = new SpanHistogram().reset(encoding.floatCounts());
          fill(histogram, counts, random, encoding.floatCounts());
          assertThat(appender.append(0, time, histogram)).isEqualTo(HistogramAppender.Result.ADDED);
          n++;
        }
        byte[] bytes = appender.finish();
        writer.chunk(
            Directories.T0,
            end - 4000,
            encoding.code(),
            n,
            bytes,
            0,
            bytes.length - ChunkDecoder.PADDING);
      }
      writer.finish();
    }
    Files.createDirectories(path.resolve("wal"));
    Said said = ours("tsdb", "dump", path.toString());
    assertThat(said.lines()).hasSize(200);
    // Upstream swallows the first one or two histograms of a series.
    Peers.Result theirs = Peers.run(OTHER, "tsdb", "dump", path.toString());
    assertThat(theirs.exitCode()).describedAs(theirs.err()).isZero();
    assertThat(theirs.out().lines().count()).isGreaterThan(190);
    assertThat(said.lines().stream().map(PromtoolTest::rounded))
        .containsAll(theirs.out().lines().map(PromtoolTest::rounded).toList());
    assertThat(ours("tsdb", "dump-openmetrics", path.toString()).out()).isEqualTo("# EOF\n");
    String[] analyze = {"tsdb", "analyze", "--extended", path.toString()};
    assertThat(sections(ours(analyze).out())).isEqualTo(sections(Peers.run(OTHER, analyze).out()));
  }

  /** The last digit of a bucket's bound differs. */
  private static String rounded(String line) {
    return line.replace("0.7071067811865476", "0.7071067811865475")
        .replace("1.4142135623730951", "1.414213562373095")
        .replace("2.8284271247461903", "2.82842712474619");
  }

  private static void fill(SpanHistogram histogram, long[] counts, Random random, boolean floats) {
    long total = 0;
    for (int i = 0; i < counts.length; i++) {
      counts[i] += random.nextInt(10);
      total += counts[i];
    }
    histogram
        .schema(1)
        .zero(0.001, bits(2, floats))
        .count(bits(total + 2, floats))
        .sum(total * 0.5);
    histogram.positive().addSpan(0, 2);
    histogram.positive().addSpan(1, 1);
    histogram.negative().addSpan(0, 1);
    for (int i = 0; i < 3; i++) {
      histogram.positive().addBucket(bits(counts[i], floats));
    }
    histogram.negative().addBucket(bits(counts[3], floats));
  }

  private static long bits(long count, boolean floats) {
    return floats ? Double.doubleToRawLongBits(count) : count;
  }

  private static String withoutNames(String table) {
    StringBuilder out = new StringBuilder();
    // Nor sizes: our meta.json has one line more, the number of floats.
    table.lines().forEach(line -> out.append(line, 26, line.lastIndexOf("  ") + 1).append('\n'));
    return out.toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tsdb create-blocks-from openmetrics PATH PATHX",
        "tsdb create-blocks-from -r openmetrics PATH PATHX",
        "tsdb create-blocks-from openmetrics -q PATH PATHX",
        "tsdb create-blocks-from --max-block-duration=24h openmetrics PATH PATHX",
        "tsdb create-blocks-from openmetrics --label=more=x~y --label=job=other PATH PATHX",
      })
  void blocksFromOpenMetrics(String line, @TempDir Path path) throws Exception {
    Path input = path.resolve("in");
    StringBuilder page = new StringBuilder("# HELP a_total What.\n# TYPE a_total counter\n");
    for (int i = 0; i < 500; i++) {
      page.append("a_total{x=\"1\",job=\"j\"} ").append(i * 3.5).append(' ');
      page.append(1_700_000_000 + i * 61).append(".25\n");
    }
    page.append("b 1 1700100000\nb NaN 1700100001\nb 2e9 1700100002.5\n# EOF\n");
    Files.writeString(input, page);
    Path theirDirectory = path.resolve("theirs");
    Path ourDirectory = path.resolve("ours");
    Peers.Result theirs = Peers.run(OTHER, split(line, input, theirDirectory));
    assertThat(theirs.exitCode()).describedAs(theirs.err()).isZero();
    Said said = ours(split(line, input, ourDirectory));
    assertThat(said.err()).isEmpty();
    assertThat(withoutNames(said.out())).isEqualTo(withoutNames(theirs.out()));
    List<Path> made = Directories.blocks(ourDirectory);
    List<Path> expected = Directories.blocks(theirDirectory);
    assertThat(made).hasSameSizeAs(expected).isNotEmpty();
    for (int i = 0; i < made.size(); i++) {
      assertThat(made.get(i).resolve("index"))
          .hasSameBinaryContentAs(expected.get(i).resolve("index"));
      assertThat(made.get(i).resolve("chunks/000001"))
          .hasSameBinaryContentAs(expected.get(i).resolve("chunks/000001"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a 1\n# EOF\n", "a{ 1\n# EOF\n", "a 1 1\n"})
  void aPageThatCannotBeRead(String page, @TempDir Path path) throws Exception {
    Path input = path.resolve("in");
    Files.writeString(input, page);
    String[] command = {
      "tsdb", "create-blocks-from", "openmetrics", input.toString(), path.resolve("out").toString()
    };
    Said said = ours(command);
    Peers.Result theirs = Peers.run(OTHER, command);
    assertThat(said.code()).isEqualTo(theirs.exitCode()).isEqualTo(1);
    // Ours names the line, theirs a token.
    String when = "getting min and max timestamp: ";
    assertThat(said.err()).startsWith(when).hasLineCount(1);
    assertThat(theirs.err()).startsWith(when);
  }

  @Test
  void rangesOfBlocks() {
    long hour = Duration.ofHours(1).toMillis();
    assertThat(OpenMetricsImport.range(0)).isEqualTo(2 * hour);
    assertThat(OpenMetricsImport.range(6 * hour - 1)).isEqualTo(2 * hour);
    assertThat(OpenMetricsImport.range(6 * hour)).isEqualTo(6 * hour);
    assertThat(OpenMetricsImport.range(24 * hour)).isEqualTo(18 * hour);
    assertThat(OpenMetricsImport.range(Long.MAX_VALUE / 4)).isEqualTo(2 * 19683 * hour);
  }

  @Test
  void aBenchmarkWrites(@TempDir Path path) throws Exception {
    StringBuilder series = new StringBuilder();
    for (int i = 0; i < 1500; i++) {
      series.append("{\"__name__\":\"m\",\"i\":\"").append(i).append("\"}\n");
    }
    Path file = path.resolve("series.json");
    Files.writeString(file, series);
    Path out = path.resolve("bench");
    Said said =
        ours(
            "tsdb",
            "bench",
            "write",
            "--out=" + out,
            "--metrics=1200",
            "--scrapes=200",
            file.toString());
    assertThat(said.err()).isEmpty();
    assertThat(said.lines())
        .contains(
            ">> start stage=readData",
            ">> start stage=ingestScrapes",
            "ingestion completed",
            " > total samples: 240000",
            ">> start stage=stopStorage");
    Peers.Result theirs = Peers.run(OTHER, "tsdb", "dump", out.resolve("storage").toString());
    assertThat(theirs.out().lines().count()).isEqualTo(240_000);
    assertThat(ours("tsdb", "bench", "write", "--out=" + out, "/nowhere").err())
        .isEqualTo("open /nowhere: no such file or directory\n");
  }
}
