package io.narthex.tools.promtool;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.time.Clock;
import io.narthex.model.exposition.ExpositionException;
import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.model.exposition.ExpositionTokenizer;
import io.narthex.model.exposition.ExpositionTokenizer.Entry;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.BlockWriter;
import io.narthex.tsdb.block.Ulid;
import io.narthex.tsdb.head.ChunkSink;
import io.narthex.tsdb.head.CommitLog;
import io.narthex.tsdb.head.Head;
import io.narthex.tsdb.head.HeadOptions;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Makes blocks of a page of OpenMetrics whose samples have timestamps. The page is read once for
 * each range of time that has samples, so that only one range at a time is in memory.
 */
final class OpenMetricsImport {

  private static final long TWO_HOURS = 2 * 60 * 60 * 1000L;
  private static final int RANGES = 10;
  private static final int BATCH = 5000;
  private static final long MOST_BYTES = Integer.MAX_VALUE - 16;

  private final Disk disk = Disk.SYSTEM;
  private final RandomGenerator random = new SecureRandom();
  private final Path output;
  private final long range;
  private final Map<String, String> more;

  /**
   * @param longest the greatest range of a block; the next of 2h, 6h, 18h, ... below it is taken
   * @param more labels that all series get
   */
  OpenMetricsImport(Path output, Duration longest, Map<String, String> more) {
    this.output = output;
    this.range = range(longest.toMillis());
    this.more = more;
  }

  static long range(long longest) {
    long range = TWO_HOURS;
    for (int i = 1; i < RANGES && range * 3 <= longest; i++) {
      range *= 3;
    }
    return range;
  }

  /**
   * @param table is told of the blocks and printed, if it is there
   */
  void run(Path input, @Nullable BlockList table) {
    if (!disk.exists(input)) {
      throw new StorageException("stat " + input + ": no such file or directory");
    }
    if (disk.size(input) > MOST_BYTES) {
      throw new StorageException(
          input + " has more than 2 GiB; cut it into several files, each with # EOF at its end");
    }
    byte[] page = disk.readAll(input);
    try {
      disk.createDirectories(output);
    } catch (DiskException e) {
      throw new StorageException("create output dir: " + e.getMessage(), e);
    }
    long[] ends = ends(page);
    try {
      write(page, ends[0], ends[1], table);
    } catch (StorageException | ExpositionException | DiskException e) {
      throw new StorageException("block creation: process blocks: " + e.getMessage(), e);
    }
  }

  /** The times of the first and of the last sample. */
  private static long[] ends(byte[] page) {
    String when = "getting min and max timestamp: ";
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    ExpositionTokenizer lines = new ExpositionTokenizer();
    lines.reset(page, 0, page.length, ExpositionFormat.OPENMETRICS);
    try {
      for (Entry entry = lines.next(); entry != Entry.EOF; entry = lines.next()) {
        if (entry == Entry.SERIES) {
          if (!lines.hasTimestamp()) {
            throw new StorageException(when + "expected timestamp for series got none");
          }
          min = Math.min(min, lines.timestamp());
          max = Math.max(max, lines.timestamp());
        }
      }
    } catch (ExpositionException e) {
      throw new StorageException(when + "next: " + e.getMessage(), e);
    }
    return min > max ? new long[] {0, 0} : new long[] {min, max};
  }

  private void write(byte[] page, long min, long max, @Nullable BlockList table) {
    boolean first = true;
    // Go's division truncates, ours too: the same borders before 1970.
    long from = min / range * range;
    while (from <= max) {
      Part part = new Part(page, from);
      BlockMeta made = part.write();
      if (made != null && table != null) {
        try (Block block = Block.open(disk, output.resolve(made.ulid().toString()))) {
          table.add(block);
        }
        table.print(first);
        first = false;
      }
      from += range;
      if (part.next == Long.MAX_VALUE) {
        return;
      }
      // Ranges without samples are not worth a reading.
      from += (part.next - from) / range * range;
    }
  }

  /** One range of time. */
  private final class Part {
    private final byte[] page;
    private final long from;
    private long next = Long.MAX_VALUE;

    Part(byte[] page, long from) {
      this.page = page;
      this.from = from;
    }

    @Nullable BlockMeta write() {
      // The head refuses what is older than half its range; so its range is twice the block's.
      HeadOptions defaults = HeadOptions.DEFAULT;
      HeadOptions options =
          new HeadOptions(
              2 * range, defaults.samplesPerChunk(), defaults.maxSeries(), defaults.checking());
      try (Head head = new Head(options, CommitLog.NONE, null)) {
        fill(head);
        return head.minTime() > head.maxTime() ? null : store(head);
      }
    }

    private void fill(Head head) {
      ExpositionTokenizer lines = new ExpositionTokenizer();
      lines.reset(page, 0, page.length, ExpositionFormat.OPENMETRICS);
      LabelsBuilder labels = new LabelsBuilder();
      try (Appendable.AppendGroup group = head.group()) {
        Appender appender = group.appender();
        int batch = 0;
        for (Entry entry = lines.next(); entry != Entry.EOF; entry = lines.next()) {
          if (entry != Entry.SERIES) {
            continue;
          }
          long time = lines.timestamp();
          if (time < from || time >= from + range) {
            next = time < from ? next : Math.min(next, time);
            continue;
          }
          lines.labels(labels);
          more.forEach(labels::set);
          Labels series = labels.build();
          AppendResult result = appender.append(appender.series(series), time, lines.value());
          if (result != AppendResult.OK) {
            appender.rollback();
            throw new StorageException(
                "add sample: " + result.message() + " (" + series + " at " + time + ")");
          }
          if (++batch == BATCH) {
            appender.commit();
            appender = group.appender();
            batch = 0;
          }
        }
        appender.commit();
      }
    }

    private @Nullable BlockMeta store(Head head) {
      Ulid ulid = Ulid.next(Clock.SYSTEM.millis(), random);
      BlockMeta meta =
          new BlockMeta(
              ulid,
              head.minTime(),
              head.maxTime() + 1,
              BlockMeta.Stats.NONE,
              BlockMeta.Compaction.ofHead(ulid),
              Map.of());
      try (BlockWriter writer = new BlockWriter(disk, output, meta)) {
        head.export(head.minTime(), head.maxTime(), sink(writer));
        return writer.finish();
      }
    }
  }

  private static ChunkSink sink(BlockWriter writer) {
    return new ChunkSink() {
      @Override
      public void series(Labels labels) {
        writer.series(labels);
      }

      @Override
      public void chunk(
          long minTime,
          long maxTime,
          int encoding,
          int samples,
          byte[] bytes,
          int from,
          int length) {
        writer.chunk(minTime, maxTime, encoding, samples, bytes, from, length);
      }
    };
  }
}
