package io.narthex.tsdb.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.StorageException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class XorChunkTest {

  private static byte[] encode(long[] times, long[] valueBits) {
    try (SlabAllocator allocator = new SlabAllocator(true)) {
      byte[] bytes;
      try (XorBuilder builder = new XorBuilder(allocator)) {
        for (int i = 0; i < times.length; i++) {
          builder.append(times[i], Double.longBitsToDouble(valueBits[i]));
          assertThat(builder.count()).isEqualTo(i + 1);
        }
        int length = builder.length();
        bytes = builder.finish();
        assertThat(bytes).hasSize(length + XorDecoder.PADDING);
      }
      assertThat(allocator.usedBytes()).isZero();
      return bytes;
    }
  }

  private static SampleBuffer decode(byte[] padded, long minTime, long maxTime) {
    SampleBuffer buffer = new SampleBuffer();
    XorDecoder.decode(padded, 0, padded.length - XorDecoder.PADDING, minTime, maxTime, buffer);
    return buffer;
  }

  private static void roundTrip(long[] times, long[] valueBits) {
    byte[] bytes = encode(times, valueBits);
    SampleBuffer back = decode(bytes, Long.MIN_VALUE, Long.MAX_VALUE);
    assertThat(back.size()).isEqualTo(times.length);
    for (int i = 0; i < times.length; i++) {
      assertThat(back.timestamps()[i]).isEqualTo(times[i]);
      assertThat(Double.doubleToRawLongBits(back.values()[i])).isEqualTo(valueBits[i]);
    }
  }

  /** Worked out by hand from the drawing of the format. */
  @Test
  void theBitsAreThoseOfTheFormat() {
    // count 3; t0 = 1000 (varint d0 0f); 1.0; delta 15000 (uvarint 98 75); same value (0);
    // dod -1 (10 11111111111111), value 2.0: xor 7ff0.. leading 1, 11 bits (11 00001 001011 then
    // the 11 ones).
    byte[] bytes = encode(new long[] {1000, 16000, 30999}, new long[] {bits(1), bits(1), bits(2)});
    String data = "0003" + "d00f" + "3ff0000000000000" + "9875";
    String tail = "0" + "10" + "11111111111111" + "11" + "00001" + "001011" + "11111111111";
    assertThat(tail).hasSize(41);
    assertThat(HexFormat.of().formatHex(bytes, 0, bytes.length - XorDecoder.PADDING))
        .isEqualTo(data + hex(tail));
  }

  private static long bits(double value) {
    return Double.doubleToRawLongBits(value);
  }

  private static String hex(String binary) {
    StringBuilder out = new StringBuilder();
    String padded = binary + "0".repeat((8 - binary.length() % 8) % 8);
    for (int i = 0; i < padded.length(); i += 8) {
      out.append(String.format("%02x", Integer.parseInt(padded.substring(i, i + 8), 2)));
    }
    return out.toString();
  }

  @Test
  void everyEdgeOfEveryTimeBucketComesBack() {
    long[] edges = new long[3 * 3 * 2 + 6];
    int n = 0;
    for (int width : new int[] {14, 17, 20}) {
      long half = 1L << (width - 1);
      for (long near : new long[] {half - 1, half, half + 1}) {
        edges[n++] = near;
        edges[n++] = -near;
      }
    }
    for (long rest : new long[] {0, 1, -1, 1L << 40, -(1L << 40), 2}) {
      edges[n++] = rest;
    }
    for (long first : edges) {
      for (long second : edges) {
        long step = 1L << 42;
        long[] times = new long[5];
        times[0] = -step;
        times[1] = 0;
        times[2] = times[1] + step + first;
        times[3] = times[2] + (times[2] - times[1]) + second;
        times[4] = times[3] + (times[3] - times[2]);
        roundTrip(times, new long[] {bits(1), bits(1), bits(2), bits(2), bits(-3.5)});
      }
    }
  }

  @Test
  void bucketsAreTheSmallestThatFit() {
    // Header 2, t0 1, v0 8, delta uvarint(1000) 2 bytes, value bit 1, then the dod and a value bit.
    int before = (2 + 1 + 8 + 2) * 8 + 1;
    long[][] cases = {
      {0, 1},
      {1, 16},
      {-8191, 16},
      {8192, 16},
      {-8192, 20},
      {8193, 20},
      {65536, 20},
      {-65535, 20},
      {65537, 24},
      {-65536, 24},
      {524288, 24},
      {-524287, 24},
      {524289, 68},
      {-524288, 68}
    };
    for (long[] c : cases) {
      long delta = 1_000_000;
      int deltaBytes = 3;
      byte[] bytes =
          encode(new long[] {0, delta, 2 * delta + c[0]}, new long[] {bits(7), bits(7), bits(7)});
      int expectedBits = before + 8 * (deltaBytes - 2) + (int) c[1] + 1;
      assertThat(bytes.length - XorDecoder.PADDING)
          .describedAs("dod %d", c[0])
          .isEqualTo((expectedBits + 7) / 8);
    }
  }

  @Test
  void notANumberKeepsItsPayload() {
    long[] odd = {
      StaleMarker.BITS,
      StaleMarker.NORMAL_NAN_BITS,
      bits(Double.POSITIVE_INFINITY),
      bits(Double.NEGATIVE_INFINITY),
      bits(-0.0),
      bits(0.0),
      0x7ff0000000000001L,
      0xffffffffffffffffL,
      1L,
      bits(Double.MAX_VALUE),
      Long.MIN_VALUE | 1
    };
    long[] times = new long[odd.length * odd.length];
    long[] values = new long[times.length];
    for (int i = 0; i < times.length; i++) {
      times[i] = i * 15_000L;
      values[i] = odd[i % 2 == 0 ? i / odd.length : i % odd.length];
    }
    roundTrip(times, values);
  }

  @Test
  void constantSeriesOfEveryLength() {
    for (int n = 1; n <= 400; n++) {
      long[] times = new long[n];
      long[] values = new long[n];
      for (int i = 0; i < n; i++) {
        times[i] = 1_700_000_000_000L + i * 1000L;
        values[i] = bits(42);
      }
      roundTrip(times, values);
    }
  }

  @Test
  void aRangeOfTimeIsCutOut() {
    long[] times = new long[100];
    long[] values = new long[100];
    for (int i = 0; i < 100; i++) {
      times[i] = i * 10L;
      values[i] = bits(i);
    }
    byte[] bytes = encode(times, values);
    assertThat(decode(bytes, 101, 200).size()).isEqualTo(10);
    assertThat(decode(bytes, 101, 200).timestamps()[0]).isEqualTo(110);
    assertThat(decode(bytes, 110, 110).values()[0]).isEqualTo(11);
    assertThat(decode(bytes, 111, 119).size()).isZero();
    assertThat(decode(bytes, 1000, 2000).size()).isZero();
    assertThat(decode(bytes, -5, -1).size()).isZero();
    SampleBuffer buffer = new SampleBuffer();
    buffer.add(-7, 3);
    XorDecoder.decode(bytes, 0, bytes.length - XorDecoder.PADDING, 980, 2000, buffer);
    assertThat(buffer.size()).isEqualTo(3);
    assertThat(buffer.timestamps()).startsWith(-7, 980, 990);
    assertThat(buffer.values()).startsWith(3, 98, 99);
  }

  @Test
  void brokenChunksAreRefusedAndNeverReadPastTheirArray() {
    long[] times = new long[50];
    long[] values = new long[50];
    Random random = new Random(1);
    for (int i = 0; i < 50; i++) {
      times[i] = i * 15_000L + random.nextInt(9000);
      values[i] = random.nextLong();
    }
    byte[] bytes = encode(times, values);
    int length = bytes.length - XorDecoder.PADDING;
    for (int shorter = 0; shorter < length; shorter++) {
      byte[] cut = Arrays.copyOf(bytes, shorter + XorDecoder.PADDING);
      assertThatThrownBy(() -> decode(cut, 0, Long.MAX_VALUE)).isInstanceOf(StorageException.class);
    }
    for (int round = 0; round < 20_000; round++) {
      byte[] noise = bytes.clone();
      noise[random.nextInt(length)] ^= (byte) (1 + random.nextInt(255));
      try {
        decode(noise, Long.MIN_VALUE, Long.MAX_VALUE);
      } catch (StorageException expected) {
        assertThat(expected).hasMessageContaining("XOR chunk");
      }
    }
  }

  @Property
  void anySeriesComesBack(@ForAll("series") long[][] series) {
    roundTrip(series[0], series[1]);
  }

  @Provide
  Arbitrary<long[][]> series() {
    Arbitrary<Long> step =
        Arbitraries.oneOf(
            Arbitraries.of(15_000L, 15_000L, 15_000L, 1L, 15_001L),
            Arbitraries.longs().between(1, 1L << 21),
            Arbitraries.longs().between(1, 1L << 50));
    Arbitrary<Long> change =
        Arbitraries.oneOf(
            Arbitraries.just(0L),
            Arbitraries.longs().between(-1000, 1000),
            Arbitraries.longs(),
            Arbitraries.of(StaleMarker.BITS, 1L << 63, 1L, 0x00000001_00000000L));
    return Arbitraries.integers()
        .between(1, 300)
        .flatMap(n ->
            step.list()
                .ofSize(n)
                .flatMap(steps ->
                    change
                        .list()
                        .ofSize(n)
                        .map(changes -> {
                          long[] times = new long[n];
                          long[] values = new long[n];
                          long t = -(1L << 40);
                          long v = bits(1.5);
                          for (int i = 0; i < n; i++) {
                            t += steps.get(i);
                            v ^= changes.get(i);
                            times[i] = t;
                            values[i] = v;
                          }
                          return new long[][] {times, values};
                        })));
  }
}
