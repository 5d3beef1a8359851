package io.narthex.it;

import io.narthex.base.bytes.Varint;
import io.narthex.base.compress.Snappy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A sender of remote write 1.0: one sample for each of its series in every request. */
final class RemoteWriter {

  private static final int CUSTOM = -53;

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final URI target;
  private final Snappy snappy = new Snappy();

  RemoteWriter(int port) {
    target = URI.create("http://127.0.0.1:" + port + "/api/v1/write");
  }

  /** A sample of one series, a float or a histogram; labels sorted by name. */
  record Sample(
      Map<String, String> labels, long time, double value, @Nullable WireHistogram histogram) {

    Sample(Map<String, String> labels, long time, double value) {
      this(labels, time, value, null);
    }
  }

  /**
   * Sends samples, and returns the status.
   *
   * @throws IOException if there is no answer: the samples may or may not be stored
   */
  int send(Iterable<Sample> samples) throws IOException, InterruptedException {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    for (Sample sample : samples) {
      field(request, 1, series(sample));
    }
    byte[] plain = request.toByteArray();
    byte[] packed = new byte[snappy.maxCompressedLength(plain.length)];
    int length = snappy.compress(plain, 0, plain.length, packed, 0);
    return client
        .send(
            HttpRequest.newBuilder(target)
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/x-protobuf")
                .header("Content-Encoding", "snappy")
                .header("X-Prometheus-Remote-Write-Version", "0.1.0")
                .POST(HttpRequest.BodyPublishers.ofByteArray(packed, 0, length))
                .build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private static byte[] series(Sample sample) {
    ByteArrayOutputStream series = new ByteArrayOutputStream();
    sample
        .labels()
        .forEach((name, value) -> {
          ByteArrayOutputStream label = new ByteArrayOutputStream();
          field(label, 1, name.getBytes(StandardCharsets.UTF_8));
          field(label, 2, value.getBytes(StandardCharsets.UTF_8));
          field(series, 1, label.toByteArray());
        });
    WireHistogram histogram = sample.histogram();
    if (histogram != null) {
      field(series, 4, histogram(histogram, sample.time()));
      return series.toByteArray();
    }
    ByteArrayOutputStream point = new ByteArrayOutputStream();
    number(point, 1, sample.value());
    number(point, 2, sample.time());
    field(series, 2, point.toByteArray());
    return series.toByteArray();
  }

  /** Message Histogram of Prometheus' types.proto, with whole counts. */
  private static byte[] histogram(WireHistogram histogram, long time) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    number(out, 1, histogram.count());
    number(out, 3, histogram.sum());
    number(out, 4, zigzag(histogram.schema()));
    number(out, 5, histogram.schema() == CUSTOM ? 0 : 1e-9);
    number(out, 6, histogram.zeroCount());
    ByteArrayOutputStream span = new ByteArrayOutputStream();
    number(span, 1, zigzag(0));
    number(span, 2, histogram.counts().length);
    field(out, 11, span.toByteArray());
    ByteArrayOutputStream deltas = new ByteArrayOutputStream();
    long before = 0;
    for (long count : histogram.counts()) {
      varint(deltas, zigzag(count - before));
      before = count;
    }
    field(out, 12, deltas.toByteArray());
    number(out, 15, time);
    ByteArrayOutputStream bounds = new ByteArrayOutputStream();
    for (double bound : histogram.bounds()) {
      fixed(bounds, bound);
    }
    if (bounds.size() > 0) {
      field(out, 16, bounds.toByteArray());
    }
    return out.toByteArray();
  }

  private static long zigzag(long value) {
    return value << 1 ^ value >> 63;
  }

  private static void number(ByteArrayOutputStream into, int field, double value) {
    varint(into, field << 3 | 1);
    fixed(into, value);
  }

  private static void number(ByteArrayOutputStream into, int field, long value) {
    varint(into, field << 3);
    varint(into, value);
  }

  private static void fixed(ByteArrayOutputStream into, double value) {
    long bits = Double.doubleToRawLongBits(value);
    for (int i = 0; i < 8; i++) {
      into.write((int) (bits >>> (8 * i)));
    }
  }

  private static void field(ByteArrayOutputStream into, int number, byte[] bytes) {
    varint(into, number << 3 | 2);
    varint(into, bytes.length);
    into.writeBytes(bytes);
  }

  private static void varint(ByteArrayOutputStream into, long value) {
    byte[] bytes = new byte[Varint.MAX_BYTES];
    into.writeBytes(Arrays.copyOf(bytes, Varint.putUnsigned(bytes, 0, value)));
  }
}
