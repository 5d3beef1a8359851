package io.narthex.tsdb.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.StorageException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bytes that are no chunk are refused with the reason, whatever they are. */
class BrokenChunkTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static byte[] sound(ChunkEncoding encoding) {
    Random random = new Random(encoding.code());
    int samples = 40;
    return switch (encoding) {
      case XOR -> {
        try (SlabAllocator allocator = new SlabAllocator();
            XorBuilder builder = new XorBuilder(allocator)) {
          for (int i = 0; i < samples; i++) {
            builder.append(i * 15_000L + random.nextInt(99), random.nextDouble());
          }
          yield BitText.bare(builder.finish());
        }
      }
      case XOR2 -> {
        Xor2Appender appender = new Xor2Appender();
        for (int i = 0; i < samples; i++) {
          appender.append(i, i * 15_000L + random.nextInt(99), random.nextDouble());
        }
        yield BitText.bare(appender.finish());
      }
      case HISTOGRAM, FLOAT_HISTOGRAM, HISTOGRAM_ST, FLOAT_HISTOGRAM_ST -> {
        HistogramAppender appender = new HistogramAppender(encoding);
        long total = 0;
        for (int i = 0; i < samples; i++) {
          total += random.nextInt(100);
          SpanHistogram h =
              Samples.simple(encoding.floatCounts(), ResetHint.UNKNOWN, total, 3, total, total);
          Samples.spans(h, h.negative(), -4, 1);
          Samples.buckets(h, h.negative(), 7);
          appender.append(i, i * 15_000L + random.nextInt(99), h);
        }
        assertThat(appender.count()).isEqualTo(samples);
        yield BitText.bare(appender.finish());
      }
    };
  }

  private static void decode(ChunkEncoding encoding, byte[] chunk) {
    byte[] padded = BitText.padded(chunk);
    ChunkDecoder decoder = ChunkDecoder.of(encoding);
    decoder.open(padded, 0, chunk.length);
    int count = encoding.count(chunk, 0);
    int samples = 0;
    while (decoder.next()) {
      samples++;
    }
    assertThat(samples).isEqualTo(count);
    SampleBuffer buffer = new SampleBuffer();
    decoder.decode(padded, 0, chunk.length, Long.MIN_VALUE, Long.MAX_VALUE, buffer);
    assertThat(buffer.size()).isEqualTo(count);
  }

  @ParameterizedTest
  @EnumSource
  void shortenedChunksAreRefused(ChunkEncoding encoding) {
    byte[] chunk = sound(encoding);
    decode(encoding, chunk);
    for (int length = 0; length < chunk.length; length++) {
      byte[] shorter = BitText.padded(Arrays.copyOf(chunk, length));
      int end = length;
      ChunkDecoder decoder = ChunkDecoder.of(encoding);
      SampleBuffer buffer = new SampleBuffer();
      assertThatThrownBy(() -> decoder.decode(shorter, 0, end, 0, Long.MAX_VALUE, buffer))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining(encoding.text() + " chunk of " + length + " bytes");
      // It can be used on.
      buffer.clear();
      decoder.decode(BitText.padded(chunk), 0, chunk.length, 0, Long.MAX_VALUE, buffer);
      assertThat(buffer.size()).isEqualTo(40);
    }
    assertThatThrownBy(() -> ChunkDecoder.of(encoding).open(chunk, 0, chunk.length))
        .as("without room behind it")
        .isInstanceOf(StorageException.class);
  }

  @ParameterizedTest
  @EnumSource
  void noiseIsRefusedOrReadWithinItsBounds(ChunkEncoding encoding) {
    byte[] chunk = sound(encoding);
    Random random = new Random(7);
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] noise;
      if (round % 4 == 0) {
        noise = new byte[3 + random.nextInt(200)];
        random.nextBytes(noise);
      } else {
        noise = chunk.clone();
        for (int flips = round % 4; flips > 0; flips--) {
          noise[random.nextInt(noise.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
      long before = THREADS.getCurrentThreadAllocatedBytes();
      try {
        decodeOnce(encoding, noise);
      } catch (StorageException e) {
        assertThat(e).hasMessageContaining(encoding.text() + " chunk of " + noise.length);
        refused++;
      }
      // At most a histogram of some buckets for each four bits.
      assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
          .as("of %d bytes", noise.length)
          .isLessThan(100_000L + 4000L * noise.length);
    }
    assertThat(refused).isGreaterThan(1000);
  }

  private static void decodeOnce(ChunkEncoding encoding, byte[] chunk) {
    ChunkDecoder.of(encoding)
        .decode(
            BitText.padded(chunk),
            0,
            chunk.length,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            new SampleBuffer());
  }

  @ParameterizedTest
  @EnumSource
  void aGreatCountTakesNoMemory(ChunkEncoding encoding) {
    byte[] chunk = new byte[20];
    chunk[0] = (byte) 0xff;
    chunk[1] = (byte) 0xff;
    long before = THREADS.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(() -> decodeOnce(encoding, chunk)).isInstanceOf(StorageException.class);
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(200_000);
  }
}
