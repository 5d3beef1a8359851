package io.narthex.remote.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.net.http.HttpServer;
import io.narthex.net.http.Router;
import io.narthex.storage.AppendResult;
import io.narthex.storage.ExemplarResult;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.MemoryStorage;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The receiver through its door: every row of what upstream answers. */
final class WriteReceiverTest {

  private static final long NOW = 1_700_000_000_000L;
  private static final String PROTOBUF = "application/x-protobuf";

  private final FakeClock clock = new FakeClock(NOW);
  private final MemoryStorage memory = new MemoryStorage();
  private final ScriptedStorage storage = new ScriptedStorage(memory);
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final WriteReceiver receiver =
      new WriteReceiver(
          storage,
          clock,
          new WriteReceiver.Options(
              List.of(MessageType.V1, MessageType.V2), 2, 128L << 20, 100_000),
          registry);
  private final HttpServer server =
      HttpServer.open(
          new HttpServer.Options(List.of("127.0.0.1:0"), Duration.ofMinutes(1), 100),
          new Router().on("POST", "/api/v1/write", receiver));
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void close() {
    client.close();
    server.close();
    receiver.close();
  }

  private HttpResponse<String> post(HttpRequest.BodyPublisher body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:"
                        + server.addresses().getFirst().getPort()
                        + "/api/v1/write"))
            .POST(body);
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Sends a request as Prometheus does. */
  private HttpResponse<String> write(byte[] request) {
    return post(
        BodyPublishers.ofByteArray(Proto.compressed(request)),
        "Content-Type",
        PROTOBUF,
        "Content-Encoding",
        "snappy",
        "X-Prometheus-Remote-Write-Version",
        "0.1.0");
  }

  private static void assertError(HttpResponse<String> answer, int status, String text) {
    assertThat(answer.body()).isEqualTo(text + "\n");
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/plain; charset=utf-8");
    assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
  }

  private void assertStored(HttpResponse<String> answer) {
    assertThat(answer.body()).isEmpty();
    assertThat(answer.statusCode()).isEqualTo(204);
  }

  private double metric(String name) {
    return registry.scrape(name::equals).stream()
        .flatMap(metric -> ((CounterSnapshot) metric).getDataPoints().stream())
        .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
        .sum();
  }

  @Test
  void samplesAreStoredWhenItAnswers() {
    assertStored(
        write(
            Proto.request(
                Proto.series(NOW, 1.5, "__name__", "a", "job", "x"),
                Proto.labels("__name__", "b")
                    .bytes(2, Proto.sample(NOW, Double.NaN))
                    .bytes(2, Proto.sample(NOW + 1000, -0.0))
                    .bytes())));
    assertThat(Stored.in(memory))
        .containsEntry("{__name__=\"a\", job=\"x\"}", List.of("1.5@" + NOW))
        .containsEntry(
            "{__name__=\"b\"}", List.of("7ff8000000000000@" + NOW, "-0.0@" + (NOW + 1000)));
    assertThat(metric("prometheus_api_remote_write_without_metadata_appended_samples"))
        .isEqualTo(3);
  }

  @Test
  void anEmptyRequestAndEmptySeriesAreFineAndStoreNothing() {
    assertStored(write(Proto.request()));
    assertStored(write(Proto.request(Proto.labels("__name__", "a").bytes())));
    assertThat(storage.seriesAsked).hasValue(0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "none | snappy",
        "application/x-protobuf | snappy",
        "application/x-protobuf | none",
        "application/x-protobuf;proto=prometheus.WriteRequest | snappy",
        "application/x-protobuf;a=b;proto=prometheus.WriteRequest | snappy",
        // A name behind a space is another name, so this is protocol 1.0.
        "application/x-protobuf; proto=io.prometheus.write.v2.Request | snappy"
      })
  void takesWhatUpstreamTakes(@Nullable String type, @Nullable String encoding) {
    byte[] body = Proto.compressed(Proto.request(Proto.series(NOW, 1, "__name__", "a")));
    HttpRequest.BodyPublisher publisher = BodyPublishers.ofByteArray(body);
    List<String> headers = new ArrayList<>();
    if (type != null) {
      headers.addAll(List.of("Content-Type", type));
    }
    if (encoding != null) {
      headers.addAll(List.of("Content-Encoding", encoding));
    }
    assertStored(post(publisher, headers.toArray(new String[0])));
    assertThat(Stored.in(memory)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/json | snappy | expected application/x-protobuf as the first (media) part, got"
            + " application/json content-type",
        "application/x-protobuf;x | snappy | as per"
            + " https://www.rfc-editor.org/rfc/rfc9110#parameter expected parameters to be"
            + " key-values, got x in application/x-protobuf;x content-type",
        "application/x-protobuf;proto=yolo | snappy | got application/x-protobuf;proto=yolo content"
            + " type; unknown type for remote write protobuf message yolo, supported:"
            + " prometheus.WriteRequest, io.prometheus.write.v2.Request",
        "application/x-protobuf;proto=io.prometheus.write.v2.Request | snappy |"
            + " io.prometheus.write.v2.Request protobuf message is not accepted by this server;"
            + " only accepts prometheus.WriteRequest",
        "application/x-protobuf | zstd | zstd encoding (compression) is not accepted by this"
            + " server; only snappy is acceptable",
        "application/json | gzip | gzip encoding (compression) is not accepted by this server; only"
            + " snappy is acceptable"
      })
  void refusesOtherTypesAndEncodings(String type, String encoding, String message) {
    byte[] body = Proto.compressed(Proto.request(Proto.series(NOW, 1, "__name__", "a")));
    assertError(
        post(BodyPublishers.ofByteArray(body), "Content-Type", type, "Content-Encoding", encoding),
        415,
        message);
    assertThat(Stored.in(memory)).isEmpty();
  }

  @Test
  void aServerThatShallTakeOnlyWhatItCannotReadTakesNothing() {
    WriteReceiver other =
        new WriteReceiver(
            storage,
            clock,
            new WriteReceiver.Options(List.of(MessageType.V2), 1, 64 << 20, 100),
            new PrometheusRegistry());
    try (HttpServer second =
        HttpServer.open(
            new HttpServer.Options(List.of("127.0.0.1:0"), Duration.ofMinutes(1), 100),
            new Router().on("POST", "/write", other))) {
      URI uri =
          URI.create("http://127.0.0.1:" + second.addresses().getFirst().getPort() + "/write");
      HttpRequest request =
          HttpRequest.newBuilder(uri).POST(BodyPublishers.ofByteArray(new byte[] {0})).build();
      assertError(
          client.send(request, HttpResponse.BodyHandlers.ofString()),
          415,
          "prometheus.WriteRequest protobuf message is not accepted by this server; only accepts ");
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void limitsWhatComesInAndWhatItBecomes() {
    byte[] large = new byte[(32 << 20) + 1];
    assertError(
        post(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large))),
        413,
        "request body exceeds the 33554432 bytes limit");
    // It says that 2 GiB less one byte follow.
    byte[] boastful = {-1, -1, -1, -1, 7, 0, 0, 0};
    assertError(
        post(BodyPublishers.ofByteArray(boastful)),
        400,
        "decoded size exceeds the 33554432 bytes limit");
    // It says that 32 MiB follow, which no block of this length can hold.
    byte[] liar = {-128, -128, -128, 16, 0, 0, 0};
    assertError(post(BodyPublishers.ofByteArray(liar)), 400, "snappy: corrupt input");
    // As long as may be, and densely packed: an unknown field with nothing but zeros.
    byte[] content = new byte[(32 << 20) - 16];
    assertStored(write(new Proto().bytes(9, content).bytes()));
  }

  @Test
  void limitsWhatIsWrittenDensely() {
    Proto samples = Proto.labels("__name__", "a");
    for (int i = 0; i <= RequestReader.MOST_SAMPLES; i++) {
      samples.raw((byte) 0x12, (byte) 0);
    }
    assertError(
        write(Proto.request(samples.bytes())), 400, "more than 2097152 samples in one request");
    Proto labels = Proto.labels("__name__", "a");
    for (int i = 0; i < SeriesLabels.MOST; i++) {
      labels.bytes(1, Proto.label("l" + i, "x"));
    }
    labels.bytes(2, Proto.sample(NOW, 1));
    assertError(write(Proto.request(labels.bytes())), 400, "a series with more than 65536 labels");
    assertThat(Stored.in(memory)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | snappy: corrupt input",
        "FFFFFFFFFFFF | snappy: corrupt input",
        "0A04 | snappy: corrupt input"
      })
  void refusesWhatIsNoSnappyBlock(String hex, String message) {
    assertError(post(BodyPublishers.ofByteArray(HexFormat.of().parseHex(hex))), 400, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0A | unexpected EOF",
        "0A05 | unexpected EOF",
        "08 | proto: wrong wireType = 0 for field Timeseries",
        "00 | proto: WriteRequest: illegal tag 0 (wire type 0)",
        "0C | proto: WriteRequest: wiretype end group for non-group",
        "0F | proto: wrong wireType = 7 for field Timeseries",
        "4F | proto: illegal wireType 7",
        "4B | unexpected EOF",
        "0AFFFFFFFFFFFFFFFFFF01 | proto: negative length found during unmarshaling",
        "0AFFFFFFFFFFFFFFFFFFFF01 | proto: integer overflow",
        "0A020801 | proto: wrong wireType = 0 for field Labels",
        "0A021001 | proto: wrong wireType = 0 for field Samples",
        "0A0412020801 | proto: wrong wireType = 0 for field Value",
        "0A0412031200 | unexpected EOF",
        "0A0412021200 | proto: wrong wireType = 2 for field Timestamp",
        "0A040A020801 | proto: wrong wireType = 0 for field Name",
        "0A041A020A05 | unexpected EOF",
        "1A021001 | proto: wrong wireType = 0 for field MetricFamilyName"
      })
  void refusesMalformedProtobuf(String hex, String message) {
    assertError(write(HexFormat.of().parseHex(hex)), 400, message);
    assertThat(Stored.in(memory)).isEmpty();
  }

  @Test
  void unknownFieldsGroupsAndEveryOrderAreRead() {
    byte[] sample =
        new Proto().number(2, 5).number(7, 1).number(2, NOW).fixed(1, 0).fixed(1, 2.5).bytes();
    byte[] series =
        new Proto()
            .bytes(2, sample)
            .bytes(1, Proto.label("job", "x"))
            .tag(12, 3) // a group, with a group in it
            .number(1, 7)
            .tag(13, 3)
            .tag(13, 4)
            .tag(12, 4)
            .raw((byte) 0x8a, (byte) 0) // the tag of a label, longer than need be
            .varint(Proto.label("__name__", "a").length)
            .raw(Proto.label("__name__", "a"))
            .raw((byte) 0x92, (byte) 0) // and of a sample
            .varint(Proto.sample(NOW + 1, 3).length)
            .raw(Proto.sample(NOW + 1, 3))
            .tag(11, 5)
            .raw(new byte[4])
            .bytes();
    assertStored(write(new Proto().number(2, 5).bytes(1, series).bytes()));
    assertThat(Stored.in(memory))
        .containsOnlyKeys("{__name__=\"a\", job=\"x\"}")
        .containsValue(List.of("2.5@" + NOW, "3.0@" + (NOW + 1)));
  }

  @Test
  void labelsAreSortedAndEmptyOnesLeftOut() {
    assertStored(
        write(
            Proto.request(Proto.series(NOW, 1, "z", "1", "empty", "", "__name__", "a", "b", "2"))));
    assertThat(Stored.in(memory)).containsOnlyKeys("{__name__=\"a\", b=\"2\", z=\"1\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a=b", // no metric name
        "__name__=", // an empty one
        "=x,__name__=a",
        "job=x,job=x,__name__=a",
        "job=x,__name__=a,job="
      })
  void seriesWithInvalidLabelsAreLeftOutAndCounted(String labels) {
    Proto bad = new Proto();
    for (String label : labels.split(",", -1)) {
      String[] pair = label.split("=", -1);
      bad.bytes(1, Proto.label(pair[0], pair[1]));
    }
    bad.bytes(2, Proto.sample(NOW, 1)).bytes(2, Proto.sample(NOW + 1, 1));
    assertStored(write(Proto.request(bad.bytes(), Proto.series(NOW, 1, "__name__", "good"))));
    assertThat(Stored.in(memory)).containsOnlyKeys("{__name__=\"good\"}");
    // Upstream counts the series, whatever the name says.
    assertThat(metric("prometheus_api_remote_write_invalid_labels_samples")).isEqualTo(1);
  }

  @Test
  void bytesThatAreNoUtf8AreInvalid() {
    byte[] label = new Proto().text(1, "job").bytes(2, new byte[] {'a', (byte) 0xff}).bytes();
    assertStored(
        write(
            Proto.request(
                Proto.labels("__name__", "a")
                    .bytes(1, label)
                    .bytes(2, Proto.sample(NOW, 1))
                    .bytes())));
    assertThat(Stored.in(memory)).isEmpty();
    assertThat(metric("prometheus_api_remote_write_invalid_labels_samples")).isEqualTo(1);
  }

  @Test
  void oneSampleThatIsTooLateRefusesTheWholeRequest() {
    memory.add(Labels.of("__name__", "b"), NOW, 1);
    assertError(
        write(
            Proto.request(
                Proto.series(NOW, 1, "__name__", "a"), Proto.series(NOW - 1, 1, "__name__", "b"))),
        400,
        "out of order sample");
    assertThat(Stored.in(memory)).containsOnlyKeys("{__name__=\"b\"}");
    assertError(
        write(Proto.request(Proto.series(NOW, 2, "__name__", "b"))),
        400,
        "duplicate sample for timestamp");
    assertStored(write(Proto.request(Proto.series(NOW, 1, "__name__", "b"))));
  }

  @ParameterizedTest
  @EnumSource(
      value = AppendResult.class,
      names = {"OUT_OF_ORDER", "OUT_OF_BOUNDS", "TOO_OLD", "DUPLICATE"})
  void everyKindOfLatenessIsABadRequest(AppendResult result) {
    storage.answer = result;
    assertError(write(Proto.request(Proto.series(NOW, 1, "__name__", "a"))), 400, result.message());
    storage.answer = null;
    assertStored(write(Proto.request(Proto.series(NOW, 1, "__name__", "a"))));
  }

  @Test
  void theFutureIsTenMinutesLong() {
    long edge = NOW + 600_000;
    assertStored(write(Proto.request(Proto.series(edge, 1, "__name__", "a"))));
    assertError(
        write(
            Proto.request(
                Proto.series(NOW, 1, "__name__", "b"), Proto.series(edge + 1, 1, "__name__", "a"))),
        400,
        "out of bounds: timestamp is too far in the future");
    assertThat(Stored.in(memory)).containsOnlyKeys("{__name__=\"a\"}");
    clock.advance(Duration.ofMillis(1));
    assertStored(write(Proto.request(Proto.series(edge + 1, 1, "__name__", "a"))));
  }

  /** Two buckets and a zero bucket. */
  private static SpanHistogram histogram(boolean floats, long count) {
    SpanHistogram h = new SpanHistogram().reset(floats).schema(1).sum(5.5);
    h.count(floats ? Double.doubleToRawLongBits(count) : count);
    h.zero(0.5, floats ? Double.doubleToRawLongBits(1) : 1);
    h.positive().addSpan(0, 1);
    h.positive().addSpan(1, 1);
    h.positive().addBucket(floats ? Double.doubleToRawLongBits(2) : 2);
    h.positive().addBucket(floats ? Double.doubleToRawLongBits(1) : 1);
    return h;
  }

  private static byte[] histograms(String name, byte[]... messages) {
    Proto series = Proto.labels("__name__", name);
    for (byte[] message : messages) {
      series.bytes(4, message);
    }
    return series.bytes();
  }

  @Test
  void histogramsOfAllKindsAreStored() {
    SpanHistogram custom =
        new SpanHistogram().reset(false).schema(FloatHistogram.CUSTOM_BUCKETS).count(3).sum(7);
    custom.addBound(0.5);
    custom.positive().addSpan(0, 2);
    custom.positive().addBucket(1);
    custom.positive().addBucket(2);
    SpanHistogram gauge = histogram(true, 4).hint(ResetHint.GAUGE);
    assertStored(
        write(
            Proto.request(
                histograms(
                    "whole",
                    Proto.histogram(histogram(false, 4), NOW),
                    Proto.histogram(histogram(false, 4), NOW + 5)),
                histograms("floats", Proto.histogram(gauge, NOW)),
                histograms("custom", Proto.histogram(custom, NOW)),
                Proto.series(NOW, 1, "__name__", "a"))));
    String whole = "{count:4, sum:5.5, [-0.5,0.5]:1, (0.7071067811865476,1]:2, (1.414213562373095";
    assertThat(Stored.in(memory).get("{__name__=\"whole\"}"))
        .hasSize(2)
        .first()
        .asString()
        .startsWith(whole);
    assertThat(Stored.in(memory).get("{__name__=\"floats\"}"))
        .first()
        .asString()
        .startsWith("gauge" + whole);
    assertThat(Stored.in(memory).get("{__name__=\"custom\"}"))
        .containsExactly("{count:3, sum:7, [-Inf,0.5]:1, (0.5,+Inf]:2}@" + NOW);
    assertThat(Stored.in(memory)).hasSize(4);
    assertThat(metric("prometheus_api_remote_write_without_metadata_appended_samples"))
        .isEqualTo(5);
    // The series are known now, and one has died meanwhile.
    storage.collectAllSeries();
    assertStored(
        write(Proto.request(histograms("whole", Proto.histogram(histogram(false, 4), NOW + 10)))));
    assertThat(Stored.in(memory).get("{__name__=\"whole\"}")).hasSize(3);
  }

  @Test
  void aFinerHistogramThanCanBeComputedWithIsBroughtDown() {
    SpanHistogram fine = new SpanHistogram().reset(false).schema(9).count(3).sum(1);
    fine.positive().addSpan(1, 3);
    for (int i = 0; i < 3; i++) {
      fine.positive().addBucket(1);
    }
    assertStored(write(Proto.request(histograms("h", Proto.histogram(fine, NOW)))));
    assertThat(Stored.in(memory).get("{__name__=\"h\"}"))
        .first()
        .asString()
        .containsPattern("]:2, .*]:1}");
  }

  @Test
  void aHistogramThatBreaksARuleRefusesTheRequest() {
    byte[] sound = Proto.series(NOW, 1, "__name__", "a");
    assertError(
        write(Proto.request(sound, histograms("h", Proto.histogram(histogram(false, 5), NOW)))),
        400,
        "4 observations found in buckets, but the Count field is 5: histogram's observation count"
            + " should equal the number of observations found in the buckets (in absence of NaN)");
    assertError(
        write(
            Proto.request(
                sound, histograms("h", Proto.histogram(histogram(false, 4).schema(60), NOW)))),
        400,
        "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets,"
            + " or -53 for custom buckets, got schema 60");
    assertError(
        write(
            Proto.request(
                sound, histograms("h", Proto.histogram(histogram(false, 4), NOW + 600_001)))),
        400,
        "out of bounds: timestamp is too far in the future");
    assertThat(Stored.in(memory)).isEmpty();
    byte[] first = histograms("h", Proto.histogram(histogram(true, 4), NOW));
    assertStored(write(Proto.request(first)));
    assertStored(write(Proto.request(first)));
    assertError(
        write(Proto.request(sound, histograms("h", Proto.histogram(histogram(true, 4), NOW - 1)))),
        400,
        "out of order sample");
    assertError(
        write(
            Proto.request(sound, histograms("h", Proto.histogram(histogram(true, 4).sum(6), NOW)))),
        400,
        "duplicate sample for timestamp");
    assertError(
        write(Proto.request(sound, histograms("h", new Proto().fixed(1, 1).bytes()))),
        400,
        "proto: wrong wireType = 1 for field CountInt");
    assertThat(Stored.in(memory)).hasSize(1);
  }

  @Test
  void aRequestThatWouldFillTheMemoryWithHistogramsIsRefused() {
    byte[] tiny = new Proto().number(15, NOW).bytes();
    Proto series = Proto.labels("__name__", "h");
    for (int i = 0; i < 600_000; i++) {
      series.bytes(4, tiny);
    }
    assertError(
        write(Proto.request(series.bytes())),
        400,
        "more than 134217728 bytes of histograms in one request");
    assertThat(Stored.in(memory)).isEmpty();
  }

  @Test
  void exemplarsAndMetadataAreCheckedAndCounted() {
    byte[] exemplar =
        new Proto().bytes(1, Proto.label("trace", "1")).fixed(2, 1).number(3, NOW).bytes();
    byte[] series =
        Proto.labels("__name__", "a")
            .bytes(2, Proto.sample(NOW, 1))
            .bytes(3, exemplar)
            .bytes(3, exemplar)
            .bytes();
    byte[] metadata = new Proto().number(1, 2).text(2, "a").text(4, "help").text(5, "").bytes();
    assertStored(write(new Proto().bytes(1, series).bytes(3, metadata).bytes()));
    assertThat(metric("narthex_remote_write_exemplars_not_kept")).isEqualTo(2);
    assertThat(metric("narthex_remote_write_metadata_not_kept")).isEqualTo(1);
    assertThat(Stored.in(memory)).hasSize(1);
  }

  private static byte[] exemplar(double value, long time, String... labels) {
    Proto exemplar = Proto.labels(labels).fixed(2, value);
    return (time == 0 ? exemplar : exemplar.number(3, time)).bytes();
  }

  @Test
  void exemplarsAreStoredWithTheirSeries() {
    storage.exemplarAnswer = ExemplarResult.OK;
    byte[] both =
        Proto.labels("__name__", "a")
            .bytes(3, exemplar(1, NOW, "trace", "1", "b", "2", "empty", ""))
            .bytes(2, Proto.sample(NOW, 1))
            .bytes(3, exemplar(2, 0))
            .bytes();
    assertStored(write(Proto.request(both)));
    // As Prometheus sends them: behind their samples, in a request of their own or not.
    byte[] alone = Proto.labels("__name__", "a").bytes(3, exemplar(3, NOW + 1, "x", "y")).bytes();
    assertStored(write(Proto.request(alone)));
    assertThat(storage.exemplars)
        .containsExactly(
            "1 {b=\"2\", trace=\"1\"} 1.0 " + NOW + " true",
            "1 {} 2.0 0 false",
            "1 {x=\"y\"} 3.0 " + (NOW + 1) + " true");
    assertThat(metric("narthex_remote_write_exemplars_not_kept")).isZero();
    assertThat(Stored.in(memory)).hasSize(1);
  }

  @Test
  void anExemplarThatIsNotTakenFailsNothing() {
    byte[] series =
        Proto.labels("__name__", "a")
            .bytes(2, Proto.sample(NOW, 1))
            .bytes(3, exemplar(1, NOW, "trace", "1"))
            .bytes();
    for (ExemplarResult result : ExemplarResult.values()) {
      storage.exemplarAnswer = result;
      assertStored(write(Proto.request(series)));
    }
    assertThat(metric("narthex_remote_write_exemplars_not_kept")).isEqualTo(4);
    storage.exemplarAnswer = ExemplarResult.OK;
    storage.exemplars.clear();
    byte[] bad =
        Proto.labels("__name__", "a")
            .bytes(3, exemplar(1, NOW + 600_001, "trace", "1"))
            .bytes(3, new Proto().bytes(1, new Proto().bytes(1, new byte[] {-1}).bytes()).bytes())
            .bytes();
    assertStored(write(Proto.request(bad)));
    storage.full = true;
    byte[] unknown = Proto.labels("__name__", "b").bytes(3, exemplar(1, NOW)).bytes();
    assertStored(write(Proto.request(unknown)));
    byte[] nameless = Proto.labels("c", "d").bytes(3, exemplar(1, NOW)).bytes();
    assertStored(write(Proto.request(nameless)));
    assertThat(storage.exemplars).isEmpty();
    assertThat(metric("narthex_remote_write_exemplars_not_kept")).isEqualTo(8);
    byte[] malformed = Proto.labels("__name__", "a").bytes(3, new byte[] {0x11, 1}).bytes();
    assertError(write(Proto.request(malformed)), 400, "unexpected EOF");
  }

  @Test
  void aStorageThatFailsIsTheServersFault() {
    storage.commitFailure = "write to the log: no space left on device";
    byte[] request = Proto.request(Proto.series(NOW, 1, "__name__", "a"));
    assertError(write(request), 500, "write to the log: no space left on device");
    storage.commitFailure = "";
    assertStored(write(request));
    assertThat(Stored.in(memory)).hasSize(1);
  }

  @Test
  void seriesThatAreTooManyAreNamedAndTheOthersStored() {
    assertStored(write(Proto.request(Proto.series(NOW, 1, "__name__", "old"))));
    storage.full = true;
    byte[] both =
        Proto.request(
            Proto.series(NOW + 1, 1, "__name__", "new"),
            Proto.series(NOW + 1, 1, "__name__", "old"));
    assertError(
        write(both),
        400,
        "the storage takes no more series, and 1 of the request are new, the first of them"
            + " {__name__=\"new\"}; their samples were dropped, all others stored");
    assertThat(Stored.in(memory))
        .containsOnlyKeys("{__name__=\"old\"}")
        .containsValue(List.of("1.0@" + NOW, "1.0@" + (NOW + 1)));
    storage.full = false;
    assertStored(write(both));
    assertThat(Stored.in(memory)).hasSize(2);
  }

  @Test
  void aKnownSeriesIsNotAskedForAgainUntilItHasDied() {
    for (int i = 0; i < 5; i++) {
      assertStored(
          write(
              Proto.request(
                  Proto.series(NOW + i, 1, "__name__", "a"),
                  Proto.series(NOW + i, 1, "__name__", "b"))));
    }
    assertThat(storage.seriesAsked).hasValue(2);
    storage.collectAllSeries();
    storage.full = true;
    byte[] request =
        Proto.request(
            Proto.labels("__name__", "a")
                .bytes(2, Proto.sample(NOW + 6, 1))
                .bytes(2, Proto.sample(NOW + 7, 1))
                .bytes());
    assertThat(write(request).statusCode()).isEqualTo(400);
    assertThat(write(request).body()).contains("takes no more series", "{__name__=\"a\"}");
    storage.full = false;
    assertStored(write(request));
    assertStored(write(Proto.request(Proto.series(NOW + 8, 1, "__name__", "b"))));
    assertThat(Stored.in(memory).get("{__name__=\"a\"}")).hasSize(7);
    assertThat(Stored.in(memory).get("{__name__=\"b\"}")).hasSize(6);
  }

  @Test
  void aBodyThatBreaksOffIsNotStored() throws IOException {
    byte[] body = Proto.compressed(Proto.request(Proto.series(NOW, 1, "__name__", "a")));
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), server.addresses().getFirst().getPort())) {
      OutputStream out = socket.getOutputStream();
      String head =
          "POST /api/v1/write HTTP/1.1\r\nHost: x\r\nContent-Length: " + (body.length + 1);
      out.write((head + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
      out.write(body);
      socket.shutdownOutput();
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
          .startsWith("HTTP/1.1 400 ");
    }
    assertThat(Stored.in(memory)).isEmpty();
  }

  @Test
  void onceClosedItTakesNoMore() {
    receiver.close();
    assertError(
        write(Proto.request(Proto.series(NOW, 1, "__name__", "a"))),
        503,
        "the remote write receiver is stopping");
  }

  @Test
  void manySendersAtOnceLoseNothing() throws Exception {
    int senders = 8;
    int requests = 100;
    try (ExecutorService pool = Executors.newFixedThreadPool(senders)) {
      for (int s = 0; s < senders; s++) {
        int sender = s;
        pool.execute(() -> {
          for (int r = 0; r < requests; r++) {
            byte[] body =
                Proto.compressed(
                    Proto.request(
                        Proto.series(NOW + r, r, "__name__", "a", "sender", "" + sender),
                        Proto.series(NOW + r, r, "__name__", "b", "sender", "" + sender)));
            receiver.store("10.0.0." + sender, body, body.length);
          }
        });
      }
      pool.shutdown();
      assertThat(pool.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }
    assertThat(Stored.in(memory)).hasSize(2 * senders);
    assertThat(Stored.in(memory).values()).allMatch(samples -> samples.size() == requests);
    assertThat(storage.seriesAsked).hasValue(2 * senders);
  }

  @Test
  void theAnswerToProtocolOneHasNoCountsOfProtocolTwo() {
    HttpResponse<String> answer = write(Proto.request(Proto.series(NOW, 1, "__name__", "a")));
    assertThat(answer.headers().firstValue("X-Prometheus-Remote-Write-Samples-Written")).isEmpty();
  }
}
