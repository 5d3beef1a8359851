package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.testkit.FakeClock;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockChunks;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.wal.RemoteWrite;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Late native histograms that Prometheus 3.5 took, read by us, and the other way round; and the
 * same blocks of them.
 */
class PrometheusLateHistogramsTest {

  private static final long RANGE = 7_200_000;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;
  private static final long END = T0 + 6 * RANGE;
  private static final String WINDOW =
      """
      global: {scrape_interval: 1h}
      storage: {tsdb: {out_of_order_time_window: 24h}}
      """;
  private static final String HISTOGRAMS = "--enable-feature=native-histograms";

  /** A float, or a histogram, of a series. */
  private record Sample(int series, long time, double value, @Nullable SpanHistogram histogram) {

    Labels labels() {
      return PrometheusLateHistogramsTest.labels(series);
    }

    String text() {
      return histogram == null ? time + " " + value : HistogramText.line(time, histogram.toFloat());
    }

    boolean isStale() {
      return histogram == null ? StaleMarker.is(value) : histogram.isStale();
    }
  }

  /** What makes a server's head or late samples blocks. */
  private static final Sample LATER = new Sample(1000, T0 + RANGE + RANGE / 2 + 60_000, 1, null);

  @TempDir private Path folder;

  private static Labels labels(int series) {
    return Labels.of("__name__", "h", "n", Integer.toString(series));
  }

  /**
   * Series of whole counts, of float counts, and of both and floats in turns; batches in the order
   * in which they are sent. Two of three samples, and the newest, come in order; the others later,
   * some of them in the batch of others.
   */
  private static List<List<Sample>> data(int series) {
    TreeMap<Long, List<Sample>> inOrder = new TreeMap<>();
    List<Sample> late = new ArrayList<>();
    for (int n = 0; n < series; n++) {
      Random random = new Random(n);
      List<HistogramSeries.Sample> list = HistogramSeries.random(random, T0, n % 2 == 1);
      List<HistogramSeries.Sample> other = HistogramSeries.random(random, T0, n % 2 == 0);
      int turn = 0;
      for (int i = 0; i < list.size(); i++) {
        turn = n % 3 == 2 && random.nextInt(30) == 0 ? random.nextInt(3) : turn;
        SpanHistogram histogram =
            turn == 0 || i >= other.size() ? list.get(i).histogram() : other.get(i).histogram();
        long time = list.get(i).time();
        Sample sample =
            turn == 2 ? new Sample(n, time, i, null) : new Sample(n, time, 0, histogram);
        if (random.nextInt(3) > 0 || i == list.size() - 1) {
          inOrder.computeIfAbsent(time, t -> new ArrayList<>()).add(sample);
        } else {
          late.add(sample);
        }
      }
    }
    List<List<Sample>> batches = new ArrayList<>(inOrder.values());
    Random random = new Random(series);
    Collections.shuffle(late, random);
    int from = 0;
    while (from < late.size()) {
      int to = Math.min(late.size(), from + 1 + random.nextInt(60));
      batches.add(late.subList(from, to));
      from = to;
    }
    return batches;
  }

  /** What there is then, without stale markers, which no answer has. */
  private static Map<Labels, List<String>> model(List<List<Sample>> batches) {
    Map<Labels, TreeMap<Long, String>> all = new TreeMap<>();
    for (List<Sample> batch : batches) {
      for (Sample sample : batch) {
        if (!sample.isStale()) {
          all.computeIfAbsent(sample.labels(), l -> new TreeMap<>())
              .put(sample.time, sample.text());
        }
      }
    }
    Map<Labels, List<String>> lines = new TreeMap<>();
    all.forEach((labels, samples) -> lines.put(labels, List.copyOf(samples.values())));
    return lines;
  }

  private static Database open(Path path, BlockOptions blocks) {
    Database database =
        Database.open(
            path,
            DatabaseOptions.DEFAULT.withRetentionMillis(0).withCheckMemory(true).withBlocks(blocks),
            Disk.SYSTEM,
            new FakeClock(T0),
            new PrometheusRegistry());
    database.outOfOrderWindow(12 * RANGE);
    database.replay();
    return database;
  }

  private static Database open(Path path) {
    return open(path, BlockOptions.DEFAULT);
  }

  private static void write(Database database, List<List<Sample>> batches) {
    try (Appendable.AppendGroup group = database.group()) {
      for (List<Sample> batch : batches) {
        Appender appender = group.appender();
        for (Sample sample : batch) {
          long handle = appender.series(sample.labels());
          SpanHistogram histogram = sample.histogram;
          assertThat(
                  histogram == null
                      ? appender.append(handle, sample.time, sample.value)
                      : appender.append(handle, sample.time, histogram))
              .isEqualTo(AppendResult.OK);
        }
        appender.commit();
      }
    }
  }

  private static void push(PrometheusProcess peer, List<List<Sample>> batches) throws Exception {
    for (List<Sample> batch : batches) {
      RemoteWrite request = new RemoteWrite();
      for (Sample sample : batch) {
        SpanHistogram histogram = sample.histogram;
        RemoteWrite series =
            new RemoteWrite()
                .bytes(1, RemoteWrite.label("__name__", "h"))
                .bytes(1, RemoteWrite.label("n", Integer.toString(sample.series)));
        request.bytes(
            1,
            histogram == null
                ? series.bytes(2, RemoteWrite.sample(sample.value, sample.time))
                : series.bytes(4, RemoteWrite.histogram(histogram, sample.time)));
      }
      peer.push(request);
    }
  }

  private static PrometheusProcess prometheus(Path data, String... flags) throws Exception {
    List<String> all = new ArrayList<>(List.of(HISTOGRAMS));
    all.addAll(List.of(flags));
    return new PrometheusProcess(data, WINDOW, all);
  }

  private static Map<Labels, List<String>> read(Database database) {
    Map<Labels, List<String>> all = HistogramText.samples(database, false);
    all.remove(LATER.labels());
    return all;
  }

  private static Map<Labels, List<String>> read(PrometheusProcess peer) throws Exception {
    Map<Labels, List<String>> all = peer.samples(T0 - 1, END);
    all.remove(LATER.labels());
    return all;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void weReadWhatItTook(boolean killed) throws Exception {
    List<List<Sample>> batches = data(40);
    Map<Labels, List<String>> expected = model(batches);
    Path theirs = folder.resolve("theirs");
    try (PrometheusProcess peer = prometheus(theirs)) {
      push(peer, batches);
      assertThat(read(peer)).isEqualTo(expected);
      if (killed) {
        peer.kill();
      }
    }
    assertThat(Files.size(theirs.resolve("wbl/00000000"))).isPositive();
    Database database = open(theirs);
    assertThat(read(database)).isEqualTo(expected);
    database.close();
    // All of it in blocks, those of late samples merged with the others.
    database = open(theirs);
    write(database, List.of(List.of(LATER)));
    database.maintain();
    assertThat(database.head().outOfOrder().isEmpty()).isTrue();
    assertThat(database.blockMetas()).isNotEmpty();
    assertThat(read(database)).isEqualTo(expected);
    database.close();
    try (PrometheusProcess peer = prometheus(theirs)) {
      assertThat(read(peer)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void itReadsWhatWeTook(boolean killed) throws Exception {
    List<List<Sample>> batches = data(40);
    Map<Labels, List<String>> expected = model(batches);
    Path live = folder.resolve("live");
    Path stopped = folder.resolve("stopped");
    Database database = open(live);
    write(database, batches);
    assertThat(read(database)).isEqualTo(expected);
    assertThat(database.head().outOfOrder().counters().chunksStored.sum()).isGreaterThan(10);
    if (killed) {
      copy(live, stopped);
    }
    database.close();
    if (!killed) {
      copy(live, stopped);
    }
    try (PrometheusProcess peer = prometheus(stopped)) {
      assertThat(read(peer)).isEqualTo(expected);
      assertThat(peer.log()).doesNotContain("level=ERROR").doesNotContain("corrupt");
    }
    // And back: what it has made of it when it stopped.
    database = open(stopped);
    assertThat(read(database)).isEqualTo(expected);
    database.close();
    // With blocks of late samples, and the note in the log that they are there.
    database = open(live);
    write(database, List.of(List.of(LATER)));
    database.maintain();
    assertThat(read(database)).isEqualTo(expected);
    database.close();
    try (PrometheusProcess peer = prometheus(live)) {
      assertThat(read(peer)).isEqualTo(expected);
    }
  }

  /** Of the same logs both make the same chunks, with the same headers. */
  @Test
  void blocksOfLateHistogramsHaveItsChunks() throws Exception {
    Path theirs = folder.resolve("theirs");
    try (PrometheusProcess peer = prometheus(theirs)) {
      push(peer, data(60));
      peer.kill();
    }
    Path ours = folder.resolve("ours");
    copy(theirs, ours);
    Database database = open(ours, BlockOptions.DEFAULT.withVertical(false).withMaxMillis(RANGE));
    write(database, List.of(List.of(LATER)));
    database.maintain();
    database.close();
    Map<String, Map<Labels, List<String>>> made = blocks(ours);
    assertThat(made).hasSizeGreaterThan(1);
    try (PrometheusProcess peer =
        prometheus(
            theirs,
            "--storage.tsdb.max-block-duration=2h",
            "--no-storage.tsdb.allow-overlapping-compaction")) {
      push(peer, List.of(List.of(LATER)));
      for (int i = 0; i < 900 && blocks(theirs).size() < made.size(); i++) {
        LockSupport.parkNanos(100_000_000);
      }
    }
    Map<String, Map<Labels, List<String>>> wanted = blocks(theirs);
    assertThat(made.keySet()).isEqualTo(wanted.keySet());
    Set<String> wrong = new HashSet<>();
    int compared = 0;
    for (Map.Entry<String, Map<Labels, List<String>>> block : wanted.entrySet()) {
      Map<Labels, List<String>> own = new HashMap<>(made.getOrDefault(block.getKey(), Map.of()));
      assertThat(own.keySet()).isEqualTo(block.getValue().keySet());
      for (Map.Entry<Labels, List<String>> series : block.getValue().entrySet()) {
        compared += series.getValue().size();
        if (!series.getValue().equals(own.get(series.getKey()))) {
          wrong.add(
              block.getKey()
                  + " "
                  + series.getKey()
                  + "\n is "
                  + own.get(series.getKey())
                  + "\n not "
                  + series.getValue());
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(compared).isGreaterThan(200);
    // Of late samples nothing was forgiven.
    assertThat(lateChunks(ours)).isEqualTo(lateChunks(theirs)).isNotEmpty();
  }

  /** The files of the blocks of late samples, by the blocks' times. */
  private static Map<Long, String> lateChunks(Path path) throws IOException {
    Map<Long, String> all = new TreeMap<>();
    try (Stream<Path> entries = Files.list(path)) {
      for (Path block : entries.filter(e -> Files.exists(e.resolve("meta.json"))).toList()) {
        BlockMeta meta = BlockMeta.parse(Files.readAllBytes(block.resolve("meta.json")));
        if (meta.compaction().hints().contains(BlockMeta.OUT_OF_ORDER)) {
          byte[] bytes = Files.readAllBytes(block.resolve("chunks/000001"));
          all.put(meta.minTime(), HexFormat.of().formatHex(bytes));
        }
      }
    }
    return all;
  }

  /**
   * For each block its end and hints, and its chunks. Its beginning is left out: after a restart
   * Prometheus' head begins with the oldest sample that the log has, late ones too.
   */
  private static Map<String, Map<Labels, List<String>>> blocks(Path path) throws IOException {
    Map<String, Map<Labels, List<String>>> all = new TreeMap<>();
    try (Stream<Path> entries = Files.list(path)) {
      for (Path block : entries.toList()) {
        if (block.toString().contains(".tmp") || !Files.exists(block.resolve("meta.json"))) {
          continue;
        }
        try (Block opened = Block.open(Disk.SYSTEM, block)) {
          all.put(
              opened.meta().maxTime() + " " + opened.meta().compaction().hints(),
              BlockChunks.lines(opened));
        }
      }
    }
    return all;
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
