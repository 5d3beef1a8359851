package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.testkit.FakeClock;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockChunks;
import io.narthex.tsdb.wal.RemoteWrite;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Prometheus 3.5 and we read each other's native histograms, and cut the same chunks of them. */
class PrometheusHistogramsTest {

  private static final long RANGE = 7_200_000;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;
  private static final long END = T0 + 2 * RANGE;

  /** A float, or a histogram. */
  private record Sample(double value, @Nullable SpanHistogram histogram) {}

  private static Labels labels(int series) {
    return Labels.of("__name__", "h", "n", Integer.toString(series));
  }

  /**
   * Series of whole counts, of float counts, and of both and floats in turns, by time.
   *
   * @param series how many
   */
  private static TreeMap<Long, Map<Integer, Sample>> data(int series) {
    TreeMap<Long, Map<Integer, Sample>> all = new TreeMap<>();
    for (int n = 0; n < series; n++) {
      // Of other seeds there are some for which Prometheus writes spans that overlap.
      Random random = new Random(n);
      List<HistogramSeries.Sample> list = HistogramSeries.random(random, T0, n % 2 == 1);
      List<HistogramSeries.Sample> other = HistogramSeries.random(random, T0, n % 2 == 0);
      int turn = 0;
      for (int i = 0; i < list.size(); i++) {
        turn = n % 3 == 2 && random.nextInt(30) == 0 ? random.nextInt(3) : turn;
        SpanHistogram histogram =
            turn == 0 || i >= other.size() ? list.get(i).histogram() : other.get(i).histogram();
        Sample sample = turn == 2 ? new Sample(i, null) : new Sample(0, histogram);
        all.computeIfAbsent(list.get(i).time(), t -> new TreeMap<>()).put(n, sample);
      }
    }
    return all;
  }

  private static Database open(Path path) {
    Database database =
        Database.open(
            path,
            DatabaseOptions.DEFAULT.withCheckMemory(true),
            Disk.SYSTEM,
            new FakeClock(T0),
            new PrometheusRegistry());
    database.replay();
    return database;
  }

  private static void write(Database database, TreeMap<Long, Map<Integer, Sample>> data) {
    try (Appendable.AppendGroup group = database.group()) {
      data.forEach((time, samples) -> {
        Appender appender = group.appender();
        samples.forEach((n, sample) -> {
          long handle = appender.series(labels(n));
          SpanHistogram histogram = sample.histogram;
          AppendResult result =
              histogram == null
                  ? appender.append(handle, time, sample.value)
                  : appender.append(handle, time, histogram);
          assertThat(result).isEqualTo(AppendResult.OK);
        });
        appender.commit();
      });
    }
  }

  private static void push(PrometheusProcess peer, TreeMap<Long, Map<Integer, Sample>> data)
      throws IOException, InterruptedException {
    RemoteWrite request = new RemoteWrite();
    for (var at : data.entrySet()) {
      long time = at.getKey();
      for (var one : at.getValue().entrySet()) {
        SpanHistogram histogram = one.getValue().histogram;
        RemoteWrite series =
            new RemoteWrite()
                .bytes(1, RemoteWrite.label("__name__", "h"))
                .bytes(1, RemoteWrite.label("n", Integer.toString(one.getKey())));
        request.bytes(
            1,
            histogram == null
                ? series.bytes(2, RemoteWrite.sample(one.getValue().value, time))
                : series.bytes(4, RemoteWrite.histogram(histogram, time)));
      }
      if (request.length() > 100_000) {
        peer.push(request);
        request = new RemoteWrite();
      }
    }
    peer.push(request);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void weReadWhatPrometheusWrote(boolean killed, @TempDir Path path) throws Exception {
    TreeMap<Long, Map<Integer, Sample>> data = data(60);
    Path theirs = path.resolve("theirs");
    Map<Labels, List<String>> expected;
    Path snapshot;
    try (PrometheusProcess peer = new PrometheusProcess(theirs)) {
      push(peer, data);
      expected = peer.samples(T0 - 1, END);
      snapshot = peer.snapshot(theirs);
      if (killed) {
        peer.kill();
      }
    }
    assertThat(expected).hasSize(60);
    Path block = path.resolve("block");
    copy(snapshot, block);
    // Its log, its chunk files (a clean stop fills them), its block.
    boolean chunkFiles = Disk.SYSTEM.list(theirs.resolve("chunks_head")).size() > 0;
    assertThat(chunkFiles || killed).isTrue();
    // Of a request with custom buckets before a stale marker, whose records come the other way
    // round, it loses some when it starts again; that is what we are to find.
    Path again = path.resolve("again");
    copy(theirs, again);
    Map<Labels, List<String>> restarted;
    try (PrometheusProcess peer = new PrometheusProcess(again)) {
      restarted = peer.samples(T0 - 1, END);
    }
    assertThat(restarted).hasSize(60);
    weRead(theirs, restarted);
    weRead(block, expected);
  }

  private static void weRead(Path directory, Map<Labels, List<String>> expected) {
    Database database = open(directory);
    assertThat(HistogramText.samples(database, false)).isEqualTo(expected);
    database.maintain();
    assertThat(HistogramText.samples(database, false)).isEqualTo(expected);
    database.close();
    database = open(directory);
    assertThat(HistogramText.samples(database, false)).isEqualTo(expected);
    database.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void prometheusReadsWhatWeWrote(boolean killed, @TempDir Path path) throws Exception {
    TreeMap<Long, Map<Integer, Sample>> data = data(60);
    long half = T0 + RANGE / 3;
    Database database = open(path.resolve("live"));
    write(database, new TreeMap<>(data.headMap(half)));
    database.maintain(); // moves what is full to files
    write(database, new TreeMap<>(data.tailMap(half)));
    Map<Labels, List<String>> expected = HistogramText.samples(database, false);
    assertThat(expected).hasSize(60);
    Path stopped = path.resolve("stopped");
    if (killed) {
      copy(path.resolve("live"), stopped);
      database.close();
    } else {
      database.close();
      copy(path.resolve("live"), stopped);
    }
    try (PrometheusProcess peer = new PrometheusProcess(stopped)) {
      assertThat(peer.samples(T0 - 1, END)).isEqualTo(expected);
      assertThat(peer.log()).doesNotContain("level=ERROR").doesNotContain("corrupt");
    }
  }

  @Test
  void prometheusReadsOurBlock(@TempDir Path path) throws Exception {
    TreeMap<Long, Map<Integer, Sample>> data = data(30);
    Database database = open(path);
    write(database, data);
    write(database, new TreeMap<>(Map.of(END, Map.of(1000, new Sample(1, null)))));
    Map<Labels, List<String>> expected = HistogramText.samples(database, false);
    database.maintain();
    assertThat(database.blockMetas()).hasSize(1);
    assertThat(HistogramText.samples(database, false)).isEqualTo(expected);
    database.close();
    try (PrometheusProcess peer = new PrometheusProcess(path)) {
      assertThat(peer.samples(T0 - 1, END)).isEqualTo(expected);
    }
  }

  /** Prometheus replays our log and writes its head as a block; so do we. */
  @Test
  void ourChunksAreTheirs(@TempDir Path path) throws Exception {
    TreeMap<Long, Map<Integer, Sample>> data = data(150);
    Path live = path.resolve("live");
    Database database = open(live);
    write(database, data);
    Path copied = path.resolve("copied");
    copy(live, copied);
    Path ours = database.snapshot(false);
    List<Path> blocks = List.of(ours, snapshotOf(copied));
    List<Map<Labels, List<String>>> chunks = new ArrayList<>();
    for (Path block : blocks) {
      try (Block opened = Block.open(Disk.SYSTEM, Disk.SYSTEM.list(block).getFirst())) {
        chunks.add(BlockChunks.lines(opened));
      }
    }
    database.close();
    assertThat(chunks.getFirst().keySet()).isEqualTo(chunks.getLast().keySet());
    int compared = 0;
    for (Map.Entry<Labels, List<String>> series : chunks.getFirst().entrySet()) {
      List<String> theirs = chunks.getLast().get(series.getKey());
      assertThat(series.getValue()).as("%s", series.getKey()).isEqualTo(theirs);
      compared += series.getValue().size();
    }
    assertThat(compared).isGreaterThan(1500);
  }

  private static Path snapshotOf(Path data) throws Exception {
    try (PrometheusProcess peer = new PrometheusProcess(data)) {
      return peer.snapshot(data);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else if (!file.getFileName().toString().equals("lock")) {
          Files.copy(file, target);
        }
      }
    }
  }
}
