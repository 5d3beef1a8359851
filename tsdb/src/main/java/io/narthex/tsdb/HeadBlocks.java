package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.BlockWriter;
import io.narthex.tsdb.block.Ulid;
import io.narthex.tsdb.head.ChunkSink;
import io.narthex.tsdb.head.Head;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what the head has as blocks: all of a range, its late samples, or series that ended. */
final class HeadBlocks {

  private static final Logger LOG = LoggerFactory.getLogger(HeadBlocks.class);

  private final Disk disk;
  private final Clock clock;
  private final RandomGenerator random;
  private final long chunkFileBytes;
  private final MaintenanceCounters counters;

  HeadBlocks(
      Disk disk,
      Clock clock,
      RandomGenerator random,
      long chunkFileBytes,
      MaintenanceCounters counters) {
    this.disk = disk;
    this.clock = clock;
    this.random = random;
    this.chunkFileBytes = chunkFileBytes;
    this.counters = counters;
  }

  /**
   * Writes all of a range of time.
   *
   * @param into the directory that the block's own is going to be in
   * @param to the first millisecond that the block is not about any more
   * @return what it says of itself, or nothing if there was no sample, and so no block
   */
  Optional<BlockMeta> write(Path into, Head head, long from, long to) {
    return write(into, from, to, List.of(), sink -> head.export(from, to - 1, sink));
  }

  /**
   * Writes a block.
   *
   * @param hints what is special about it
   * @param content hands over series and chunks
   * @return what it says of itself, or nothing if there was no sample, and so no block
   */
  Optional<BlockMeta> write(
      Path into, long from, long to, List<String> hints, Consumer<ChunkSink> content) {
    Ulid ulid = Ulid.next(clock.millis(), random);
    BlockMeta.Compaction origin =
        new BlockMeta.Compaction(1, List.of(ulid), false, List.of(), false, hints);
    BlockMeta meta = new BlockMeta(ulid, from, to, BlockMeta.Stats.NONE, origin, Map.of());
    long start = clock.nanos();
    BlockMeta written;
    try (BlockWriter writer = new BlockWriter(disk, into, meta, chunkFileBytes)) {
      content.accept(sink(writer));
      written = writer.finish();
    }
    if (written != null) {
      LOG.info(
          "block {} written: {} series, {} samples, [{}, {}) in {} ms",
          ulid,
          written.stats().series(),
          written.stats().samples(),
          from,
          to,
          (clock.nanos() - start) / 1_000_000);
    }
    return Optional.ofNullable(written);
  }

  /** Runs what makes a block, as a compaction of its own in the metrics. */
  Optional<BlockMeta> counted(Supplier<Optional<BlockMeta>> compaction) {
    long start = clock.nanos();
    counters.populating = true;
    try {
      return compaction.get();
    } finally {
      counters.populating = false;
      counters.compactions.increment();
      counters.compactionSeconds.observe((clock.nanos() - start) / 1e9);
    }
  }

  /** Takes a block back. */
  void delete(Path directory, BlockMeta meta) {
    disk.deleteTree(directory.resolve(meta.ulid().toString()));
  }

  private ChunkSink sink(BlockWriter writer) {
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
        counters.chunkBytes.observe(length);
        counters.chunkSamples.observe(samples);
        // Upstream's name says seconds, its values are milliseconds.
        counters.chunkRange.observe(maxTime - minTime);
      }
    };
  }
}
