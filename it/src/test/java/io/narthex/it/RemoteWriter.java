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

/** A sender of remote write 1.0: one sample for each of its series in every request. */
final class RemoteWriter {

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final URI target;
  private final Snappy snappy = new Snappy();

  RemoteWriter(int port) {
    target = URI.create("http://127.0.0.1:" + port + "/api/v1/write");
  }

  /** A sample of one series; labels sorted by name. */
  record Sample(Map<String, String> labels, long time, double value) {}

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
    ByteArrayOutputStream point = new ByteArrayOutputStream();
    point.write(1 << 3 | 1);
    long bits = Double.doubleToRawLongBits(sample.value());
    for (int i = 0; i < 8; i++) {
      point.write((int) (bits >>> (8 * i)));
    }
    point.write(2 << 3);
    varint(point, sample.time());
    field(series, 2, point.toByteArray());
    return series.toByteArray();
  }

  private static void field(ByteArrayOutputStream into, int number, byte[] bytes) {
    into.write(number << 3 | 2);
    varint(into, bytes.length);
    into.writeBytes(bytes);
  }

  private static void varint(ByteArrayOutputStream into, long value) {
    byte[] bytes = new byte[Varint.MAX_BYTES];
    into.writeBytes(Arrays.copyOf(bytes, Varint.putUnsigned(bytes, 0, value)));
  }
}
