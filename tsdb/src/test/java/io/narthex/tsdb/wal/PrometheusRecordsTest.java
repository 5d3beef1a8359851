package io.narthex.tsdb.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.bytes.Varint;
import io.narthex.base.compress.Snappy;
import io.narthex.base.file.Disk;
import io.narthex.base.time.Clock;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.Peers;
import io.narthex.tsdb.snapshot.SnapshotDirectory;
import io.narthex.tsdb.snapshot.SnapshotHandler;
import io.narthex.tsdb.snapshot.SnapshotKind;
import io.narthex.tsdb.snapshot.SnapshotSeries;
import io.narthex.tsdb.snapshot.SnapshotWriter;
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
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs and snapshots that the real Prometheus wrote, and ours that it reads. */
class PrometheusRecordsTest {

  private static final String FEATURES =
      "--enable-feature=native-histograms,exemplar-storage,metadata-wal-records,"
          + "memory-snapshot-on-shutdown";

  private final Clock clock = new FakeClock(0);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"snappy", "zstd"})
  void itsRecordsAreReadAndWouldBeWrittenTheSame(String compression) throws Exception {
    String config =
        """
        global: {scrape_interval: 1s}
        storage: {tsdb: {out_of_order_time_window: 1h}}
        scrape_configs: [{job_name: self, static_configs: [{targets: ['127.0.0.1:PORT']}]}]
        """;
    Path data = folder.resolve("data");
    try (Server server =
        new Server(
            config,
            data,
            FEATURES,
            "--web.enable-remote-write-receiver",
            "--storage.tsdb.wal-compression-type=" + compression)) {
      long now = System.currentTimeMillis();
      for (int i = 0; i < 5; i++) {
        server.push(round(now + i));
      }
      // Two chunks of out-of-order samples, so that one goes into a file.
      RemoteWrite old = new RemoteWrite();
      for (int i = 0; i < 40; i++) {
        old.bytes(
            1, RemoteWrite.series("level").bytes(2, RemoteWrite.sample(i, now - 600_000 + i)));
      }
      server.push(old);
      // Scraping begins after 5 s.
      LockSupport.parkNanos(8_000_000_000L);
    }
    Map<String, Integer> log = assertSame(data.resolve("wal"));
    assertThat(log)
        .containsKeys(
            "series",
            "samples",
            "exemplars",
            "metadata",
            "histogram_samples",
            "float_histogram_samples",
            "custom_buckets_histogram_samples",
            "custom_buckets_float_histogram_samples");
    assertThat(assertSame(data.resolve("wbl"))).containsKeys("samples", "mmapmarkers");
    assertSnapshotSame(data);
  }

  /** Reads every record, writes it anew and compares; how many there are of each type. */
  private static Map<String, Integer> assertSame(Path directory) {
    Map<String, Integer> seen = new TreeMap<>();
    WalDecoder decoder = new WalDecoder();
    Copier copier = new Copier();
    try (WalReader reader =
        new WalReader(Disk.SYSTEM, new WalDirectory(Disk.SYSTEM, directory).segments())) {
      while (reader.next()) {
        byte[] record =
            Arrays.copyOfRange(reader.bytes(), reader.from(), reader.from() + reader.length());
        copier.batch.clear();
        copier.second = RecordType.hasStarts(record[0]);
        reader.decode(decoder, copier);
        assertThat(copier.batch.records()).isEqualTo(1);
        seen.merge(RecordType.name(record[0]), 1, Integer::sum);
        boolean histograms = RecordType.isHistogram(record[0]);
        if (!histograms || (record[17] == 0 && record[18] == 0)) {
          // Else what it is relative to is in the record of custom buckets.
          byte[] copy = Arrays.copyOf(copier.batch.bytes(), copier.batch.byteCount());
          assertThat(HexFormat.of().formatHex(copy)).isEqualTo(HexFormat.of().formatHex(record));
        }
      }
      assertThat(reader.corruption()).isNull();
    }
    assertThat(decoder.skipped()).isEmpty();
    assertThat(decoder.unusableHistograms()).isZero();
    return seen;
  }

  private void assertSnapshotSame(Path data) throws IOException {
    SnapshotDirectory theirs = new SnapshotDirectory(Disk.SYSTEM, data, SnapshotKind.CHUNKS);
    SnapshotDirectory.Snapshot snapshot = Objects.requireNonNull(theirs.last());
    Path copy = Files.createDirectories(folder.resolve("copy"));
    int[] entries = new int[4];
    try (SnapshotWriter writer =
        SnapshotWriter.create(
            Disk.SYSTEM,
            clock,
            copy,
            SnapshotKind.CHUNKS,
            snapshot.place(),
            WalCompression.SNAPPY)) {
      theirs.read(
          snapshot,
          new SnapshotHandler() {
            @Override
            public void series(SnapshotSeries series) {
              entries[0]++;
              entries[series.lastHistogram() == null ? 1 : 2]++;
              writer.series(series);
            }

            @Override
            public void tombstone(long ref, long minTime, long maxTime) {
              writer.tombstone(ref, minTime, maxTime);
            }

            @Override
            public void exemplar(
                long ref, long timestamp, double value, byte[] bytes, int from, int length) {
              entries[3]++;
              writer.exemplar(ref, timestamp, value, bytes, from, length);
            }
          });
      writer.finish();
    }
    assertThat(entries[0]).isGreaterThan(300);
    assertThat(entries[2]).as("series of histograms").isGreaterThanOrEqualTo(4);
    assertThat(entries[3]).as("exemplars").isPositive();
    SnapshotDirectory ours = new SnapshotDirectory(Disk.SYSTEM, copy, SnapshotKind.CHUNKS);
    assertThat(records(Objects.requireNonNull(ours.last()).directory()))
        .isEqualTo(records(snapshot.directory()));
  }

  private static List<String> records(Path directory) {
    List<String> records = new ArrayList<>();
    try (WalReader reader =
        new WalReader(Disk.SYSTEM, new WalDirectory(Disk.SYSTEM, directory).segments())) {
      while (reader.next()) {
        int from = reader.from();
        records.add(HexFormat.of().formatHex(reader.bytes(), from, from + reader.length()));
      }
    }
    return records;
  }

  @ParameterizedTest
  @ValueSource(strings = {"NONE", "SNAPPY", "ZSTD"})
  void itReadsWhatWeWrote(WalCompression compression) throws Exception {
    long now = System.currentTimeMillis() / 1000 * 1000;
    try (Wal wal = Wal.open(Disk.SYSTEM, clock, folder.resolve("wal"), compression)) {
      WalBatch batch = new WalBatch();
      List<String> names = List.of("whole", "floats", "custom", "customfloats", "plain");
      for (int i = 0; i < names.size(); i++) {
        batch.series(i + 1, Labels.of("__name__", names.get(i)));
      }
      batch.histogram(3, now, SomeHistograms.custom(false));
      batch.histogram(1, now, SomeHistograms.exponential());
      batch.histogram(2, now, SomeHistograms.gauge());
      batch.histogram(4, now, SomeHistograms.custom(true));
      batch.samples(new long[] {5, 5}, new long[] {now - 1000, now}, new double[] {1, 2}, 0, 2);
      wal.append(batch);
      // A record of many pages, and a checkpoint with a record that it does not know.
      wal.cut();
      Checkpoint.Result checkpoint = Checkpoint.write(wal, 0, ref -> true, 0);
      assertThat(checkpoint.samples().kept()).isEqualTo(6);
      wal.truncate(1);
      batch.clear();
      int n = 20_000;
      long[] times = new long[n];
      double[] values = new double[n];
      long[] refs = new long[n];
      for (int i = 0; i < n; i++) {
        refs[i] = 100 + i;
        times[i] = now;
        values[i] = i;
        batch.series(refs[i], Labels.of("__name__", "many", "i", "" + i));
      }
      batch.samples(refs, times, values, 0, n);
      wal.append(batch);
    }
    try (Wal wal = Wal.open(Disk.SYSTEM, clock, folder.resolve("wbl"), compression)) {
      WalBatch batch = new WalBatch();
      batch.samples(new long[] {5, 5}, new long[] {now - 3000, now - 5000}, new double[2], 0, 2);
      wal.append(batch);
    }
    String config = "storage: {tsdb: {out_of_order_time_window: 1h}}\n";
    try (Server server = new Server(config, folder, FEATURES)) {
      assertThat(server.query("histogram_count(whole)", now)).contains(",\"5\"]");
      assertThat(server.query("histogram_sum(whole)", now)).contains(",\"18.4\"]");
      assertThat(server.query("histogram_count(floats)", now)).contains(",\"2.75\"]");
      assertThat(server.query("histogram_count(custom)", now)).contains(",\"8\"]");
      assertThat(server.query("histogram_fraction(0, 2.5, customfloats)", now))
          .contains(",\"0.375\"]");
      assertThat(server.query("count_over_time(plain[1m])", now)).contains(",\"4\"]");
      assertThat(server.query("count(many)", now)).contains(",\"20000\"]");
      assertThat(server.query("sum(many)", now)).contains(",\"199990000\"]");
    }
  }

  @Test
  void itReadsAMendedLog() throws Exception {
    long now = System.currentTimeMillis() / 1000 * 1000;
    Path log = folder.resolve("wal");
    for (int segment = 0; segment < 4; segment++) {
      try (Wal wal = Wal.open(Disk.SYSTEM, clock, log, WalCompression.SNAPPY)) {
        for (int i = 0; i < 10; i++) {
          long ref = 10L * segment + i + 1;
          WalBatch batch = new WalBatch();
          batch.series(ref, Labels.of("__name__", "m", "ref", "" + ref));
          batch.samples(new long[] {ref}, new long[] {now}, new double[] {1}, 0, 1);
          wal.append(batch);
        }
      }
    }
    Path first = log.resolve("00000000");
    byte[] bytes = Files.readAllBytes(first);
    bytes[Wal.HEADER + 3] ^= 1; // The first series; its sample becomes one of an unknown series.
    Files.write(first, bytes);
    Files.delete(log.resolve("00000002"));
    WalDirectory directory = new WalDirectory(Disk.SYSTEM, log);
    assertThat(directory.fillGaps()).containsExactly(2);
    assertThat(directory.mend(WalContent.readSound(log).corruptions)).hasSize(1);
    try (Server server = new Server("global: {}\n", folder)) {
      assertThat(server.query("count(m)", now)).contains(",\"29\"]");
      assertThat(server.query("prometheus_tsdb_wal_corruptions_total", now)).contains("[]");
    }
  }

  @Test
  void itReadsOurSnapshots() throws Exception {
    long now = System.currentTimeMillis() / 1000 * 1000;
    Labels labels = Labels.of("__name__", "snapped");
    Wal.Place place;
    try (Wal wal = Wal.open(Disk.SYSTEM, clock, folder.resolve("wal"), WalCompression.SNAPPY)) {
      WalBatch batch = new WalBatch();
      batch.series(4, labels);
      batch.samples(new long[] {4}, new long[] {now - 1000}, new double[] {1}, 0, 1);
      wal.append(batch);
      place = wal.place();
      batch.clear();
      batch.samples(new long[] {4}, new long[] {now}, new double[] {2}, 0, 1);
      wal.append(batch);
    }
    // One sample, another than in the log, so that it shows which of them was read.
    byte[] chunk = new byte[20];
    chunk[1] = 1;
    int length = Varint.putSigned(chunk, 2, now - 1000);
    byte[] value = HexFormat.of().parseHex("4053400000000000");
    System.arraycopy(value, 0, chunk, length, 8);
    length += 8;
    try (SnapshotWriter writer =
        SnapshotWriter.create(
            Disk.SYSTEM, clock, folder, SnapshotKind.CHUNKS, place, WalCompression.ZSTD)) {
      byte[] packed = labels.packed();
      writer.series(
          new SnapshotSeries()
              .series(4, packed, 0, packed.length)
              .chunk(now - 1000, now - 1000, 1, chunk, 0, length, 77));
      writer.finish();
    }
    try (Server server = new Server("global: {}\n", folder, FEATURES)) {
      assertThat(server.query("snapped[1m]", now)).contains("\"77\"").contains("\"2\"");
      assertThat(server.query("count_over_time(snapped[1m])", now)).contains(",\"2\"]");
    }
  }

  /** Writes what it is given into a batch. */
  private static final class Copier implements WalHandler {
    final WalBatch batch = new WalBatch();
    boolean second;

    @Override
    public boolean wants(int type) {
      return true;
    }

    @Override
    public void series(long ref, byte[] bytes, int from, int length) {
      batch.series(ref, bytes, from, length);
    }

    @Override
    public void samples(long[] refs, long[] timestamps, double[] values, int n) {
      batch.samples(refs, timestamps, values, 0, n);
    }

    @Override
    public void tombstone(long ref, long minTime, long maxTime) {
      batch.tombstone(ref, minTime, maxTime);
    }

    @Override
    public void histogram(long ref, long start, long timestamp, SpanHistogram histogram) {
      assertThat(second).isFalse();
      batch.histogram(ref, timestamp, histogram);
    }

    @Override
    public void exemplar(
        long ref, long timestamp, double value, byte[] bytes, int from, int length) {
      batch.exemplar(ref, timestamp, value, bytes, from, length);
    }

    @Override
    public void metadata(
        long ref,
        int type,
        byte[] bytes,
        int unitFrom,
        int unitLength,
        int helpFrom,
        int helpLength) {
      batch.metadata(
          ref,
          WalDecoder.metricType(type),
          Utf8.text(bytes, unitFrom, unitLength),
          Utf8.text(bytes, helpFrom, helpLength));
    }

    @Override
    public void mmapMarker(long ref, long chunkRef) {
      batch.mmapMarker(ref, chunkRef);
    }
  }

  private static RemoteWrite round(long millis) {
    RemoteWrite exemplar =
        new RemoteWrite()
            .bytes(1, RemoteWrite.label("trace_id", "5b8efff798038103d269b633813fc60c"))
            .f64(2, 1.5)
            .varint(3, millis);
    RemoteWrite all = new RemoteWrite();
    all.bytes(1, series("custom", millis, SomeHistograms.custom(false)));
    all.bytes(1, series("whole", millis, SomeHistograms.exponential().count(7)).bytes(3, exemplar));
    all.bytes(1, series("floats", millis, SomeHistograms.gauge()));
    all.bytes(1, series("customfloats", millis, SomeHistograms.custom(true)));
    all.bytes(1, RemoteWrite.series("level").bytes(2, RemoteWrite.sample(0.5, millis)));
    return all;
  }

  private static RemoteWrite series(String name, long millis, SpanHistogram histogram) {
    return RemoteWrite.series(name).bytes(4, RemoteWrite.histogram(histogram, millis));
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
      Files.writeString(file, config.replace("PORT", Integer.toString(port)));
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

    private boolean isReady() throws InterruptedException {
      try {
        return send(request("/-/ready").build()).statusCode() == 200;
      } catch (IOException e) {
        return false;
      }
    }

    private HttpRequest.Builder request(String path) {
      return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    private HttpResponse<String> send(HttpRequest request)
        throws IOException, InterruptedException {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
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
      return send(request("/api/v1/query?query=" + encoded + "&time=" + millis / 1000).build())
          .body();
    }

    @Override
    public void close() {
      process.destroy();
      process.onExit().orTimeout(30, TimeUnit.SECONDS).exceptionally(late -> process).join();
      process.destroyForcibly().onExit().join();
    }
  }
}
