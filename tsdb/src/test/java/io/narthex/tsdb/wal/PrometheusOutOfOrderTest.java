package io.narthex.tsdb.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.compress.Snappy;
import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.Peers;
import io.narthex.tsdb.BlockOptions;
import io.narthex.tsdb.Database;
import io.narthex.tsdb.DatabaseOptions;
import io.narthex.tsdb.block.BlockMeta;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Late samples that Prometheus 3.5 took, read by us, and the other way round. */
class PrometheusOutOfOrderTest {

  private static final long MINUTE = 60_000;
  private static final long HOUR = 60 * MINUTE;
  private static final long RANGE = 2 * HOUR;
  private static final String WINDOW = "storage: {tsdb: {out_of_order_time_window: 24h}}\n";
  private static final Pattern VALUES = Pattern.compile("\\[([0-9.]+),\"([^\"]+)\"\\]");

  private record Sample(long time, double value) {}

  /** Samples of one series in the order in which they are sent. */
  private record Push(String name, List<Sample> samples) {}

  @TempDir Path folder;

  // Blocks are cut at multiples of two hours; all of it is in the past.
  private final long base = System.currentTimeMillis() / RANGE * RANGE - 2 * RANGE;

  /** In order from ten minutes to 2:50 h, late ones from six hours before on. */
  private List<Push> pushes(boolean conflicts) {
    List<Push> all = new ArrayList<>();
    Random random = new Random(11);
    for (int minute = 10; minute < 170; minute += 10) {
      for (String name : List.of("a", "b")) {
        List<Sample> samples = new ArrayList<>();
        for (int m = minute; m < minute + 10; m++) {
          samples.add(new Sample(base + m * MINUTE, m / 4.0));
        }
        if (name.equals("b")) {
          Collections.shuffle(samples, random); // late only when the batch is committed
        }
        all.add(new Push(name, samples));
      }
    }
    for (int n = 0; n < 40; n++) {
      // The last ones are of a series that has nothing in order.
      for (String name : List.of("a", "b", "lateonly")) {
        List<Sample> samples = new ArrayList<>();
        for (int i = random.nextInt(12); i >= 0; i--) {
          long time = base + 160 * MINUTE - random.nextInt(8 * 60 * 60) * 1_000L - 1;
          samples.add(new Sample(time, value(time, conflicts ? n : 0)));
        }
        all.add(new Push(name, samples));
      }
    }
    return all;
  }

  private static double value(long time, int round) {
    return time / 1_000 % 977 + round;
  }

  /** What the samples are when each time has one value. */
  private static Map<String, TreeMap<Long, Double>> model(List<Push> pushes) {
    Map<String, TreeMap<Long, Double>> all = new TreeMap<>();
    for (Push push : pushes) {
      TreeMap<Long, Double> series = all.computeIfAbsent(push.name, name -> new TreeMap<>());
      push.samples.forEach(sample -> series.put(sample.time, sample.value));
    }
    return all;
  }

  private Database open(Path path, DatabaseOptions options) {
    Database database =
        Database.open(
            path, options, Disk.SYSTEM, new FakeClock(base + 4 * HOUR), new PrometheusRegistry());
    database.outOfOrderWindow(24 * HOUR);
    database.replay();
    return database;
  }

  private static void write(Database database, List<Push> pushes) {
    try (Appendable.AppendGroup group = database.group()) {
      for (Push push : pushes) {
        Appender appender = group.appender();
        long handle = appender.series(Labels.of("__name__", push.name));
        for (Sample sample : push.samples) {
          assertThat(appender.append(handle, sample.time, sample.value)).isEqualTo(AppendResult.OK);
        }
        appender.commit();
      }
    }
  }

  private Map<String, TreeMap<Long, Double>> read(Database database) {
    Map<String, TreeMap<Long, Double>> all = new TreeMap<>();
    try (Querier querier = database.querier(base - 12 * HOUR, base + 12 * HOUR)) {
      SeriesSet set =
          querier.select(
              true,
              SelectHints.range(base - 12 * HOUR, base + 12 * HOUR),
              List.of(new Matcher(Matcher.Type.REGEX, "__name__", "a|b|lateonly")));
      SampleBuffer buffer = new SampleBuffer();
      for (int i = 0; i < set.size(); i++) {
        set.reader().read(i, base - 12 * HOUR, base + 12 * HOUR, buffer);
        TreeMap<Long, Double> series = new TreeMap<>();
        for (int k = 0; k < buffer.size(); k++) {
          series.put(buffer.timestamps()[k], buffer.values()[k]);
        }
        all.put(set.labels(i).metricName(), series);
      }
    }
    return all;
  }

  private Map<String, TreeMap<Long, Double>> read(Server server) throws Exception {
    Map<String, TreeMap<Long, Double>> all = new TreeMap<>();
    for (String name : List.of("a", "b", "lateonly")) {
      TreeMap<Long, Double> series = new TreeMap<>();
      for (MatchResult match :
          VALUES.matcher(server.query(name + "[24h]", base + 12 * HOUR)).results().toList()) {
        series.put(
            Math.round(Double.parseDouble(match.group(1)) * 1_000),
            Double.parseDouble(match.group(2)));
      }
      all.put(name, series);
    }
    return all;
  }

  @Test
  void weReadWhatItTook() throws Exception {
    Path data = folder.resolve("data");
    List<Push> pushes = pushes(false);
    try (Server server =
        new Server(
            WINDOW,
            data,
            "--web.enable-remote-write-receiver",
            "--enable-feature=native-histograms")) {
      for (Push push : pushes) {
        server.push(push);
      }
      RemoteWrite histograms = new RemoteWrite();
      for (int i = 0; i < 70; i++) {
        histograms.bytes(
            1,
            RemoteWrite.series("histogram")
                .bytes(
                    4,
                    RemoteWrite.histogram(
                        i % 2 == 0 ? SomeHistograms.exponential().count(7) : SomeHistograms.gauge(),
                        base - 10 * MINUTE - i * 1_000L)));
      }
      server.push(histograms);
      assertThat(read(server)).isEqualTo(model(pushes));
      server.kill();
    }
    assertThat(Files.size(data.resolve("wbl/00000000"))).isPositive();
    assertThat(Files.size(data.resolve("chunks_head/000001"))).isPositive();
    Database database = open(data, DatabaseOptions.DEFAULT);
    assertThat(read(database)).isEqualTo(model(pushes));
    assertThat(histograms(database)).isEqualTo(70);
    database.close();
    database = open(data, DatabaseOptions.DEFAULT.withRetentionMillis(0));
    write(database, List.of(new Push("z", List.of(new Sample(base + 4 * HOUR, 1)))));
    database.maintain();
    assertThat(database.blockMetas()).isNotEmpty();
    assertThat(read(database)).isEqualTo(model(pushes));
    assertThat(histograms(database)).isEqualTo(70);
    database.close();
    try (Server server = new Server(WINDOW, data, "--enable-feature=native-histograms")) {
      assertThat(read(server)).isEqualTo(model(pushes));
      assertThat(server.query("count_over_time(histogram[24h])", base + 12 * HOUR))
          .contains(",\"70\"]");
    }
  }

  /** As a server leaves it whose chunk files could not be written. */
  @Test
  void logWithoutMarkersMayBeLong() {
    Database database = open(folder, DatabaseOptions.DEFAULT.withRetentionMillis(0));
    write(database, List.of(new Push("a", List.of(new Sample(base + 2 * HOUR, 1)))));
    database.close();
    int n = 10_000;
    long[] refs = new long[n];
    long[] times = new long[n];
    double[] values = new double[n];
    TreeMap<Long, Double> expected = new TreeMap<>(Map.of(base + 2 * HOUR, 1.0));
    for (int i = 0; i < n; i++) {
      refs[i] = 1;
      times[i] = base + (i * 7919L) % n * 500;
      values[i] = i;
      expected.put(times[i], values[i]);
    }
    WalBatch batch = new WalBatch();
    batch.samples(refs, times, values, 0, n);
    try (Wal log =
        Wal.open(Disk.SYSTEM, new FakeClock(base), folder.resolve("wbl"), WalCompression.SNAPPY)) {
      log.append(batch);
    }
    database = open(folder, DatabaseOptions.DEFAULT.withRetentionMillis(0));
    assertThat(read(database)).isEqualTo(Map.of("a", expected));
    write(database, List.of(new Push("z", List.of(new Sample(base + 6 * HOUR, 1)))));
    database.maintain();
    assertThat(database.blockMetas()).hasSize(2);
    assertThat(read(database)).isEqualTo(Map.of("a", expected));
    database.close();
  }

  private int histograms(Database database) {
    try (Querier querier = database.querier(base - RANGE, base + RANGE)) {
      SeriesSet set =
          querier.select(
              true,
              SelectHints.range(base - RANGE, base + RANGE),
              List.of(Matcher.equal("__name__", "histogram")));
      SampleBuffer buffer = new SampleBuffer();
      set.reader().read(0, base - RANGE, base + RANGE, buffer);
      for (int i = 0; i < buffer.size(); i++) {
        assertThat(buffer.histogram(i)).isNotNull();
      }
      return buffer.size();
    }
  }

  @Test
  void itReadsWhatWeTook() throws Exception {
    Path data = folder.resolve("data");
    List<Push> pushes = pushes(false);
    Database database = open(data, DatabaseOptions.DEFAULT.withRetentionMillis(0));
    write(database, pushes);
    assertThat(read(database)).isEqualTo(model(pushes));
    database.close();
    Path copy = copy(data, "copy");
    try (Server server = new Server(WINDOW, copy)) {
      assertThat(read(server)).isEqualTo(model(pushes));
    }
    // And back: what it makes of it when it stops.
    database = open(copy, DatabaseOptions.DEFAULT.withRetentionMillis(0));
    assertThat(read(database)).isEqualTo(model(pushes));
    database.close();
    // With blocks of late samples, and the note in the log that they are there.
    database = open(data, DatabaseOptions.DEFAULT.withRetentionMillis(0));
    write(database, List.of(new Push("z", List.of(new Sample(base + 4 * HOUR, 1)))));
    database.maintain();
    database.close();
    try (Server server = new Server(WINDOW, data)) {
      assertThat(read(server)).isEqualTo(model(pushes));
    }
  }

  /** Of the same logs both make the same blocks, byte by byte, conflicting samples included. */
  @Test
  void blocksOfLateSamplesHaveItsBytes() throws Exception {
    Path data = folder.resolve("data");
    List<Push> pushes = pushes(true);
    Push last = new Push("a", List.of(new Sample(base + 3 * HOUR + 20 * MINUTE, 1)));
    try (Server server = new Server(WINDOW, data, "--web.enable-remote-write-receiver")) {
      for (Push push : pushes) {
        server.push(push);
      }
      server.kill();
    }
    Path ours = copy(data, "ours");
    Database database =
        open(
            ours,
            DatabaseOptions.DEFAULT
                .withRetentionMillis(0)
                .withBlocks(BlockOptions.DEFAULT.withVertical(false).withMaxMillis(RANGE)));
    write(database, List.of(last));
    database.maintain();
    database.close();
    Map<String, String> made = blocks(ours);
    assertThat(made).hasSizeGreaterThan(4);
    try (Server server =
        new Server(
            WINDOW,
            data,
            "--web.enable-remote-write-receiver",
            "--storage.tsdb.max-block-duration=2h",
            "--no-storage.tsdb.allow-overlapping-compaction")) {
      server.push(last);
      for (int i = 0; i < 300 && blocks(data).size() < made.size(); i++) {
        LockSupport.parkNanos(100_000_000);
      }
    }
    Map<String, String> theirs = blocks(data);
    assertThat(theirs.keySet()).isEqualTo(made.keySet());
    made.forEach((block, content) -> assertThat(content).as(block).isEqualTo(theirs.get(block)));
  }

  /**
   * For each block its hints and times, and its chunks. Its index has the symbols of all series of
   * the head where Prometheus writes it, so it is equal only if all of them are in the block.
   */
  private static Map<String, String> blocks(Path path) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> entries = Files.list(path)) {
      for (Path block : entries.toList()) {
        if (block.toString().contains(".tmp") || !Files.exists(block.resolve("meta.json"))) {
          continue;
        }
        BlockMeta meta = BlockMeta.parse(Files.readAllBytes(block.resolve("meta.json")));
        Map<String, String> files = new LinkedHashMap<>();
        for (String file : List.of("chunks/000001")) {
          files.put(file, HexFormat.of().formatHex(Files.readAllBytes(block.resolve(file))));
        }
        all.put(
            meta.minTime() + "-" + meta.maxTime() + meta.compaction().hints(), files.toString());
      }
    }
    return all;
  }

  private Path copy(Path from, String name) throws IOException {
    Path to = folder.resolve(name);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    return to;
  }

  /** A running Prometheus 3.5. */
  private static final class Server implements AutoCloseable {
    private final Process process;
    private final Path log;
    private final int port;
    private final HttpClient http = HttpClient.newHttpClient();

    Server(String config, Path data, String... flags) throws Exception {
      String program = Peers.program("prometheus35").toString();
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      Path file = Files.createTempFile("prometheus", ".yml");
      Files.writeString(file, config);
      log = Files.createTempFile("prometheus", ".log");
      List<String> command = new ArrayList<>(List.of(program, "--config.file=" + file));
      command.add("--storage.tsdb.path=" + data);
      command.add("--web.listen-address=127.0.0.1:" + port);
      command.addAll(List.of(flags));
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      for (int i = 0; i < 600 && process.isAlive() && !isReady(); i++) {
        LockSupport.parkNanos(100_000_000);
      }
      assertThat(process.isAlive()).as(() -> text(log)).isTrue();
    }

    private static String text(Path file) {
      return Utf8.text(Disk.SYSTEM.readAll(file), 0, (int) Disk.SYSTEM.size(file));
    }

    private HttpRequest.Builder request(String path) {
      return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    private HttpResponse<String> send(HttpRequest request)
        throws IOException, InterruptedException {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private boolean isReady() throws InterruptedException {
      try {
        return send(request("/-/ready").build()).statusCode() == 200;
      } catch (IOException e) {
        return false;
      }
    }

    void push(Push push) throws IOException, InterruptedException {
      RemoteWrite series = RemoteWrite.series(push.name);
      push.samples.forEach(
          sample -> series.bytes(2, RemoteWrite.sample(sample.value, sample.time)));
      push(new RemoteWrite().bytes(1, series));
    }

    void push(RemoteWrite request) throws IOException, InterruptedException {
      Snappy snappy = new Snappy();
      byte[] body = new byte[snappy.maxCompressedLength(request.length())];
      int length = snappy.compress(request.bytes(), 0, request.length(), body, 0);
      HttpResponse<String> answer =
          send(
              request("/api/v1/write")
                  .header("Content-Type", "application/x-protobuf")
                  .header("Content-Encoding", "snappy")
                  .header("X-Prometheus-Remote-Write-Version", "0.1.0")
                  .POST(HttpRequest.BodyPublishers.ofByteArray(body, 0, length))
                  .build());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
    }

    String query(String query, long millis) throws IOException, InterruptedException {
      String encoded = URLEncoder.encode(query, StandardCharsets.UTF_8);
      String time = String.format(Locale.ROOT, "%d.%03d", millis / 1000, millis % 1000);
      HttpResponse<String> answer =
          send(request("/api/v1/query?query=" + encoded + "&time=" + time).build());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return answer.body();
    }

    void kill() {
      process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() throws Exception {
      process.destroy();
      process.waitFor();
      kill();
    }
  }
}
