package io.narthex.remote.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.compress.CompressionException;
import io.narthex.base.compress.Snappy;
import io.narthex.base.log.Logging;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.storage.Appendable;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.MemoryStorage;
import io.narthex.tsdb.Database;
import io.narthex.tsdb.DatabaseOptions;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever the bytes of a request are, it is stored as it reads or refused whole: compared with
 * {@link PlainRequest}.
 */
final class EveryRequestTest {

  private static final long NOW = 1_700_000_000_000L;
  private static final long LATEST = NOW + 600_000;

  /** Each refused sample is worth a line, and here they are thousands. */
  @BeforeAll
  @BeforeContainer
  static void beQuiet() {
    Logging.configure(
        Logging.Threshold.ERROR,
        Logging.Format.LOGFMT,
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
  }

  @AfterAll
  @AfterContainer
  static void speakAgain() {
    Logging.configure(Logging.Threshold.INFO, Logging.Format.LOGFMT, System.err);
  }

  private static WriteReceiver receiver(Appendable storage) {
    return new WriteReceiver(
        storage,
        new FakeClock(NOW),
        new WriteReceiver.Options(List.of(MessageType.V1), 1, 64 << 20, 100_000),
        new PrometheusRegistry());
  }

  private static int status(WriteReceiver receiver, byte[] body) {
    try {
      receiver.store("sender", body, body.length);
      return 204;
    } catch (WriteException e) {
      return e.status();
    }
  }

  private static int expected(MemoryStorage storage, byte[] request) {
    try {
      return new PlainRequest(request).store(storage, LATEST) ? 204 : 400;
    } catch (PlainRequest.Malformed e) {
      return 400;
    }
  }

  @Property(tries = 2000)
  void whatProtobufAllowsIsStoredAsItReads(@ForAll long seed) {
    Random random = new Random(seed);
    RandomRequest requests = new RandomRequest(random, NOW);
    MemoryStorage actual = new MemoryStorage();
    MemoryStorage plain = new MemoryStorage();
    try (WriteReceiver receiver = receiver(actual)) {
      for (int i = 0; i < 6; i++) {
        byte[] request = requests.next();
        assertThat(status(receiver, Proto.compressed(request))).isEqualTo(expected(plain, request));
        assertThat(Stored.in(actual)).isEqualTo(Stored.in(plain));
      }
    }
  }

  private static SpanHistogram histogram(boolean floats) {
    SpanHistogram h = new SpanHistogram().reset(floats).schema(2).sum(5);
    h.count(floats ? Double.doubleToRawLongBits(3) : 3).hint(ResetHint.NO_RESET);
    h.positive().addSpan(1, 1);
    h.positive().addBucket(floats ? Double.doubleToRawLongBits(2) : 2);
    h.negative().addSpan(0, 1);
    h.negative().addBucket(floats ? Double.doubleToRawLongBits(1) : 1);
    return h;
  }

  private static byte[] sound() {
    byte[] exemplar =
        new Proto().bytes(1, Proto.label("trace", "1")).fixed(2, 1).number(3, NOW).bytes();
    return new Proto()
        .bytes(1, Proto.series(NOW, 1.5, "__name__", "a", "instance", "localhost:9090"))
        .bytes(1, Proto.series(NOW, 2.5, "__name__", "b", "instance", "localhost:9090"))
        .bytes(
            1,
            Proto.labels("__name__", "c")
                .bytes(2, Proto.sample(NOW, 3))
                .bytes(2, Proto.sample(NOW + 7, 4))
                .bytes(3, exemplar)
                .bytes())
        .bytes(
            1,
            Proto.labels("__name__", "d")
                .bytes(4, Proto.histogram(histogram(false), NOW))
                .bytes(4, Proto.histogram(histogram(true), NOW + 7))
                .bytes())
        .bytes(3, new Proto().number(1, 1).text(2, "a").text(4, "help").bytes())
        .bytes();
  }

  /**
   * Sends bytes to a receiver that has seen the sound request or not, and looks what came of it.
   */
  private static void check(byte[] body, byte[] request, int unpacked) {
    for (boolean before : new boolean[] {false, true}) {
      MemoryStorage actual = new MemoryStorage();
      MemoryStorage plain = new MemoryStorage();
      try (WriteReceiver receiver = receiver(actual)) {
        if (before) {
          assertThat(status(receiver, Proto.compressed(sound()))).isEqualTo(204);
          assertThat(expected(plain, sound())).isEqualTo(204);
        }
        int wanted = unpacked == 204 ? expected(plain, request) : unpacked;
        assertThat(status(receiver, body))
            .as("status of %s", HexFormat.of().formatHex(request))
            .isEqualTo(wanted);
        assertThat(Stored.in(actual)).isEqualTo(Stored.in(plain));
      }
    }
  }

  private static void checkCompressed(byte[] body) {
    Snappy snappy = new Snappy();
    byte[] request;
    try {
      int length = snappy.uncompressedLength(body, 0, body.length);
      if (length > 1 << 20) {
        check(body, body, 400);
        return;
      }
      request = new byte[length];
      int written = snappy.decompress(body, 0, body.length, request, 0);
      request = Arrays.copyOf(request, written);
    } catch (CompressionException e) {
      check(body, body, 400);
      return;
    }
    check(body, request, 204);
  }

  @Test
  void everyTruncation() {
    byte[] sound = sound();
    for (int length = 0; length <= sound.length; length++) {
      byte[] cut = Arrays.copyOf(sound, length);
      check(Proto.compressed(cut), cut, 204);
    }
    byte[] compressed = Proto.compressed(sound);
    for (int length = 0; length <= compressed.length; length++) {
      checkCompressed(Arrays.copyOf(compressed, length));
    }
  }

  @Test
  void everyFlippedBit() {
    byte[] sound = sound();
    for (int bit = 0; bit < sound.length * 8; bit++) {
      byte[] flipped = sound.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      check(Proto.compressed(flipped), flipped, 204);
    }
    byte[] compressed = Proto.compressed(sound);
    for (int bit = 0; bit < compressed.length * 8; bit++) {
      byte[] flipped = compressed.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      checkCompressed(flipped);
    }
  }

  @Test
  void randomDamage() {
    Random random = new Random(20_261_121);
    byte[] sound = sound();
    byte[] compressed = Proto.compressed(sound);
    for (int i = 0; i < 10_000; i++) {
      byte[] damaged = damaged(sound, random);
      check(Proto.compressed(damaged), damaged, 204);
      checkCompressed(damaged(compressed, random));
    }
  }

  private static byte[] damaged(byte[] sound, Random random) {
    byte[] damaged = sound.clone();
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      int at = random.nextInt(damaged.length);
      switch (random.nextInt(3)) {
        case 0 -> damaged[at] = (byte) random.nextInt();
        case 1 -> {
          // A piece is said twice, or left out.
          int to = random.nextInt(damaged.length);
          int length = random.nextInt(damaged.length - Math.max(at, to));
          System.arraycopy(damaged, at, damaged, to, length);
        }
        default -> damaged = Arrays.copyOf(damaged, 1 + random.nextInt(damaged.length));
      }
    }
    return damaged;
  }

  @Test
  void theDatabaseTakesItToo(@TempDir Path folder) {
    Random random = new Random(7);
    try (Database database =
            Database.openAndReplay(folder, DatabaseOptions.DEFAULT, new PrometheusRegistry());
        WriteReceiver receiver = receiver(database)) {
      int stored = 0;
      byte[] sound = sound();
      for (int i = 0; i < 5_000; i++) {
        if (status(receiver, Proto.compressed(damaged(sound, random))) == 204) {
          stored++;
        }
      }
      assertThat(stored).isPositive();
      byte[] labels = new byte[1 << 20];
      Arrays.fill(labels, (byte) 'x');
      Proto long1 = Proto.labels("__name__", "long");
      long1.bytes(1, new Proto().text(1, "text").bytes(2, labels).bytes());
      long1.bytes(2, Proto.sample(NOW, 1));
      assertThat(status(receiver, Proto.compressed(Proto.request(long1.bytes())))).isEqualTo(204);
      Proto many = Proto.labels("__name__", "many");
      for (int i = 20_000; i > 0; i--) {
        many.bytes(1, Proto.label("label_" + i, "x"));
      }
      many.bytes(2, Proto.sample(NOW, 1));
      assertThat(status(receiver, Proto.compressed(Proto.request(many.bytes())))).isEqualTo(204);
      assertThat(Stored.in(database).keySet())
          .anyMatch(labelsText -> labelsText.startsWith("{__name__=\"long\""))
          .anyMatch(labelsText -> labelsText.startsWith("{__name__=\"many\""));
    }
  }
}
