package io.narthex.tsdb.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

/** The bits are worked out by hand from upstream's xor2.go (3.14). */
class Xor2ChunkTest {

  private static final double STALE = StaleMarker.VALUE;

  private record Point(long start, long time, double value) {}

  private static byte[] encode(List<Point> points) {
    Xor2Appender appender = new Xor2Appender();
    for (Point point : points) {
      appender.append(point.start, point.time, point.value);
      assertThat(appender.lastTime()).isEqualTo(point.time);
    }
    assertThat(appender.count()).isEqualTo(points.size());
    byte[] copied = new byte[appender.length()];
    appender.copyTo(copied, 0, appender.length());
    byte[] chunk = BitText.bare(appender.finish());
    assertThat(chunk).isEqualTo(copied);
    assertThat(appender.count()).isZero();
    return chunk;
  }

  private static void check(List<Point> points, String... bits) {
    BitText expected = new BitText();
    for (String part : bits) {
      expected.bits(part);
    }
    assertThat(encode(points)).isEqualTo(expected.bytes());
    comesBack(points);
  }

  private static void comesBack(List<Point> points) {
    byte[] chunk = BitText.padded(encode(points));
    int length = chunk.length - ChunkDecoder.PADDING;
    ChunkDecoder decoder = ChunkDecoder.of(ChunkEncoding.XOR2);
    decoder.open(chunk, 0, length);
    for (Point point : points) {
      assertThat(decoder.next()).isTrue();
      assertThat(decoder.time()).isEqualTo(point.time);
      assertThat(decoder.startTimestamp()).isEqualTo(point.start);
      assertThat(Double.doubleToRawLongBits(decoder.value()))
          .isEqualTo(Double.doubleToRawLongBits(point.value));
    }
    assertThat(decoder.next()).isFalse();
    long from = points.get(points.size() / 3).time;
    long to = points.get(2 * points.size() / 3).time;
    SampleBuffer buffer = new SampleBuffer();
    decoder.decode(chunk, 0, length, from, to, buffer);
    List<Point> read = new ArrayList<>();
    for (int i = 0; i < buffer.size(); i++) {
      read.add(new Point(buffer.startTimestamp(i), buffer.timestamps()[i], buffer.values()[i]));
    }
    assertThat(read)
        .usingElementComparator((a, b) ->
            a.start == b.start
                    && a.time == b.time
                    && Double.doubleToRawLongBits(a.value) == Double.doubleToRawLongBits(b.value)
                ? 0
                : 1)
        .isEqualTo(points.stream().filter(p -> from <= p.time && p.time <= to).toList());
  }

  private static String real(double value) {
    return new BitText().real(value).toString();
  }

  private static final String T0 = "11010000 00001111"; // 1000, zigzag 2000
  private static final String STEP = "10011000 01110101"; // 15000
  private static final String ONES = "1".repeat(11);

  @Test
  void timesAndValues() {
    check(
        List.of(
            new Point(0, 1000, 1),
            new Point(0, 16000, 1),
            new Point(0, 31000, 2),
            new Point(0, 46001, 2),
            new Point(0, 61002, STALE),
            new Point(0, 76003, 2),
            new Point(0, 76004, 1),
            new Point(0, 1_000_000_000_000L, 1),
            new Point(0, 1_999_999_923_997L, STALE)),
        "0000000000001001 0 0000000",
        T0 + real(1),
        STEP + "0",
        // The same step, a new window: 7ff0 has one leading zero, and 11 bits.
        "10 1 00001 001011" + ONES,
        // One more than before.
        "110 0000000000001" + "0",
        "11111",
        "0",
        // 15000 less; the window in force.
        "1110" + new BitText().number(-15000, 20) + "10" + ONES,
        "11110" + new BitText().number(1_000_000_000_000L - 76004 - 1, 64) + "0",
        // The step is one more than 10^12 - 76004.
        "110 0000000000001" + "111");
  }

  @Test
  void startTimestamps() {
    // 600 before the first; the third 4000 after the second; then 11000 before.
    check(
        List.of(
            new Point(400, 1000, 1),
            new Point(400, 16000, 1),
            new Point(20000, 31000, 1),
            new Point(20000, 46000, 1)),
        "0000000000000100 1 0000010",
        T0 + real(1) + "10110000 00001001",
        STEP + "0",
        "0" + "111110" + new BitText().number(-4000, 18),
        "0" + "111110" + new BitText().number(15000, 18));
    check(
        List.of(new Point(0, 1000, 1), new Point(15000, 16000, STALE), new Point(0, 31000, 1)),
        "0000000000000011 0 0000001",
        T0 + real(1),
        STEP + "111" + "111110" + new BitText().number(-14000, 18),
        // 16000 - 0 is 30000 more than -14000.
        "0" + "111110" + new BitText().number(30000, 18));
  }

  @Test
  void theHeaderTellsOf127SamplesSoThereStartsBegin() {
    List<Point> points = new ArrayList<>();
    BitText expected = new BitText().number(130, 16).bits("0 1111111");
    for (int i = 0; i < 130; i++) {
      points.add(new Point(0, i * 10L, 1));
      switch (i) {
        case 0 -> expected.bits("00000000" + real(1));
        case 1 -> expected.bits("00001010 0");
        case 127 -> expected.bits("0").signed(1260);
        case 128, 129 -> expected.bits("0").signed(10);
        default -> expected.bits("0");
      }
    }
    assertThat(encode(points)).isEqualTo(expected.bytes());
    comesBack(points);
    // Where one is known from the first on, too.
    List<Point> known = points.stream().map(p -> new Point(-5, p.time, p.value)).toList();
    assertThat(encode(known)[2]).isEqualTo((byte) 0xff);
    comesBack(known);
  }

  @Test
  void aStaleMarkerIsNotWhatValuesAreToldBy() {
    comesBack(List.of(new Point(0, 1, STALE), new Point(0, 2, 0), new Point(0, 3, STALE)));
    comesBack(List.of(new Point(0, 1, STALE), new Point(0, 3, STALE), new Point(0, 9, 5)));
    comesBack(
        List.of(
            new Point(0, 1, 7),
            new Point(0, 2, STALE),
            new Point(0, 3, 7),
            new Point(0, 9, STALE),
            new Point(0, 10, Double.NaN),
            new Point(0, 17, 7)));
  }

  @Test
  void everyEdgeOfEveryTimeCode() {
    long[][] cases = {
      {0, 1},
      {1, 17},
      {4095, 17},
      {-4096, 17},
      {4096, 25},
      {-4097, 25},
      {524287, 25},
      {-524288, 25},
      {524288, 70},
      {-524289, 70}
    };
    int before = (3 + 1 + 8 + 3) * 8 + 1;
    for (long[] c : cases) {
      List<Point> points =
          List.of(
              new Point(0, 0, 7), new Point(0, 1_000_000, 7), new Point(0, 2_000_000 + c[0], 7));
      assertThat(encode(points)).as("dod %d", c[0]).hasSize((int) (before + c[1] + 7) / 8);
      comesBack(points);
    }
  }

  @Test
  void aFullChunkTakesNoMore() {
    Xor2Appender appender = new Xor2Appender();
    assertThatThrownBy(appender::finish).isInstanceOf(IllegalStateException.class);
    for (int i = 0; i < 0xffff; i++) {
      appender.append(0, i, i);
    }
    assertThatThrownBy(() -> appender.append(0, 0xffff, 1))
        .isInstanceOf(IllegalStateException.class);
    byte[] chunk = appender.finish();
    assertThat(ChunkEncoding.XOR2.count(chunk, 0)).isEqualTo(0xffff);
  }

  @Property
  void anySeriesComesBack(@ForAll("series") List<Point> points) {
    comesBack(points);
  }

  @Provide
  Arbitrary<List<Point>> series() {
    Arbitrary<Long> step =
        Arbitraries.oneOf(
            Arbitraries.just(15_000L),
            Arbitraries.longs().between(1, 20_000),
            Arbitraries.longs().between(1, 1L << 21),
            Arbitraries.longs().between(1, 1L << 48));
    Arbitrary<Long> change =
        Arbitraries.oneOf(
            Arbitraries.just(0L),
            Arbitraries.just(-1L), // the stale marker
            Arbitraries.longs().between(-1000, 1000),
            Arbitraries.longs(),
            Arbitraries.longs().between(0, 255).map(l -> l << 40));
    Arbitrary<Long> start =
        Arbitraries.frequencyOf(
            Tuple.of(9, Arbitraries.just(Long.MIN_VALUE)), // as before
            Tuple.of(1, Arbitraries.just(0L)),
            Tuple.of(1, Arbitraries.longs().between(-100_000, 100_000)),
            Tuple.of(1, Arbitraries.longs()));
    Arbitrary<long[]> steps =
        Combinators.combine(step, change, start).as((s, c, t) -> new long[] {s, c, t});
    return steps
        .list()
        .ofMinSize(1)
        .ofMaxSize(300)
        .map(all -> {
          List<Point> points = new ArrayList<>();
          long time = -(1L << 40);
          long bits = Double.doubleToRawLongBits(1.5);
          long began = 0;
          for (long[] each : all) {
            time += each[0];
            boolean stale = each[1] == -1;
            bits ^= stale ? 0 : each[1];
            began = each[2] == Long.MIN_VALUE ? began : each[2];
            double value = stale ? STALE : Double.longBitsToDouble(bits);
            points.add(new Point(began, time, value));
          }
          return points;
        });
  }
}
