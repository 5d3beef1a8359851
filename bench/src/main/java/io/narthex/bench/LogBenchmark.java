package io.narthex.bench;

import io.narthex.base.file.Disk;
import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.tsdb.head.CommitLog;
import io.narthex.tsdb.head.Head;
import io.narthex.tsdb.head.HeadOptions;
import io.narthex.tsdb.head.HeadReplay;
import io.narthex.tsdb.wal.RecordType;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalBatch;
import io.narthex.tsdb.wal.WalCompression;
import io.narthex.tsdb.wal.WalDecoder;
import io.narthex.tsdb.wal.WalDirectory;
import io.narthex.tsdb.wal.WalHandler;
import io.narthex.tsdb.wal.WalReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The write-ahead log: writing a scrape of 10,000 series, as it is and with snappy, and replaying a
 * hundred of them into a head. Figures are for each sample.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class LogBenchmark {

  private static final int SERIES = 10_000;
  private static final int SCRAPES = 100;
  private static final long T0 = 1_700_000_000_000L / 7_200_000 * 7_200_000;

  private final Path folder = temporary();
  private final Wal plain = open("plain", WalCompression.NONE);
  private final Wal snappy = open("snappy", WalCompression.SNAPPY);
  private final WalBatch batch = new WalBatch();
  private final long[] refs = new long[SERIES];
  private final long[] times = new long[SERIES];
  private final double[] values = new double[SERIES];
  private final Random random = new Random(1);
  private long time = T0;

  private static Path temporary() {
    try {
      return Files.createTempDirectory("log");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Wal open(String name, WalCompression compression) {
    return Wal.open(Disk.SYSTEM, Clock.SYSTEM, folder.resolve(name), compression);
  }

  @Setup(Level.Trial)
  public void writeWhatIsReplayed() {
    for (int i = 0; i < SERIES; i++) {
      refs[i] = i + 1;
    }
    try (Wal wal = open("replay", WalCompression.SNAPPY)) {
      for (int i = 0; i < SERIES; i++) {
        batch.series(
            refs[i],
            Labels.of("__name__", "metric_" + i / 50, "device", "d" + i % 50, "job", "node"));
      }
      wal.append(batch);
      for (int i = 0; i < SCRAPES; i++) {
        scrape();
        wal.append(batch);
      }
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    plain.close();
    snappy.close();
    Disk.SYSTEM.deleteTree(folder);
  }

  private void scrape() {
    time += 15_000;
    for (int i = 0; i < SERIES; i++) {
      times[i] = time;
      values[i] += i % 10 < 6 ? random.nextInt(100) : 0;
    }
    batch.clear();
    batch.samples(refs, times, values, 0, SERIES);
  }

  private void write(Wal wal) {
    scrape();
    wal.append(batch);
    wal.truncate(wal.segment()); // else the disk would fill
  }

  @Benchmark
  @OperationsPerInvocation(SERIES)
  public void write() {
    write(plain);
  }

  @Benchmark
  @OperationsPerInvocation(SERIES)
  public void writeSnappy() {
    write(snappy);
  }

  /** Reads the log as a start does: its series first, then all of it. */
  @Benchmark
  @OperationsPerInvocation(SERIES * SCRAPES)
  public long replay() {
    try (Head head = new Head(HeadOptions.DEFAULT, CommitLog.NONE, null);
        HeadReplay replay = head.replay(Long.MIN_VALUE)) {
      read(replay.series(), RecordType.SERIES);
      replay.seriesKnown(false);
      read(replay);
      long samples = replay.finish(() -> {}).samples();
      if (samples != (long) SERIES * SCRAPES) {
        throw new IllegalStateException(samples + " samples came back");
      }
      return samples;
    }
  }

  private void read(WalHandler into, int... types) {
    WalDecoder decoder = new WalDecoder();
    try (WalReader reader =
        new WalReader(
            Disk.SYSTEM, new WalDirectory(Disk.SYSTEM, folder.resolve("replay")).segments())) {
      if (types.length > 0) {
        reader.only(types);
      }
      while (reader.next()) {
        reader.decode(decoder, into);
      }
    }
  }
}
