package io.narthex.bench;

import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.tsdb.chunk.XorBuilder;
import io.narthex.tsdb.chunk.XorDecoder;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Decoding a full XOR chunk into arrays. Figures are for each sample. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ChunkDecode {

  private static final int SAMPLES = 120;

  /** What the samples are like: counted things, the same for ever, anything. */
  @Param({"counter", "constant", "noise"})
  public String kind = "counter";

  private final SampleBuffer buffer = new SampleBuffer();
  private byte[] chunk = new byte[0];

  @Setup(Level.Trial)
  public void build() {
    Random random = new Random(1);
    try (SlabAllocator allocator = new SlabAllocator();
        XorBuilder builder = new XorBuilder(allocator)) {
      double value = 1;
      for (int i = 0; i < SAMPLES; i++) {
        switch (kind) {
          case "counter" -> value += random.nextInt(100);
          case "constant" -> {}
          case "noise" -> value = random.nextGaussian();
          default -> throw new IllegalArgumentException(kind);
        }
        builder.append(1_700_000_000_000L + i * 15_000L, value);
      }
      chunk = builder.finish();
    }
  }

  @Benchmark
  @OperationsPerInvocation(SAMPLES)
  public double decode() {
    buffer.clear();
    XorDecoder.decode(
        chunk, 0, chunk.length - XorDecoder.PADDING, Long.MIN_VALUE, Long.MAX_VALUE, buffer);
    return buffer.values()[SAMPLES - 1];
  }
}
