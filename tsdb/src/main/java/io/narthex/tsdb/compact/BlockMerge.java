package io.narthex.tsdb.compact;

import io.narthex.model.labels.Labels;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.BlockScan;
import io.narthex.tsdb.chunk.SampleForms;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The series of several blocks as one sequence in the order of their labels. In memory are a few
 * chunks of one series of each block, whatever the blocks' size.
 */
final class BlockMerge implements AutoCloseable {

  /** Where the series go. */
  interface Sink {
    void symbol(byte[] bytes, int length);

    void series(Labels labels);

    /** A chunk of the series; it is lent for the call. */
    void chunk(Chunk chunk);
  }

  private final Chunk.Pool pool = new Chunk.Pool();
  private final ChunkEncoder encoder;
  private final ChunkMerge chunks;
  private final List<BlockScan> scans;
  private final BlockMeta meta;
  private final BooleanSupplier cancelled;

  /**
   * @param scans the blocks; the caller closes them
   * @param meta what is known of the new block: its samples are within its time
   * @param forms which encodings new chunks have
   * @param cancelled is asked for each series whether to stop
   */
  BlockMerge(List<BlockScan> scans, BlockMeta meta, SampleForms forms, BooleanSupplier cancelled) {
    this.encoder = new ChunkEncoder(pool, forms);
    this.chunks = new ChunkMerge(pool, encoder);
    this.scans = scans;
    this.meta = meta;
    this.cancelled = cancelled;
  }

  /**
   * Hands over all symbols, then all series.
   *
   * @throws CompactionCancelledException if told to stop
   */
  void run(Sink sink) {
    for (BlockScan scan : scans) {
      scan.symbols(sink::symbol);
    }
    Heap<BlockSeries> waiting = new Heap<>(Comparator.comparing(BlockSeries::labels));
    List<BlockSeries> current = new ArrayList<>();
    for (BlockScan scan : scans) {
      current.add(new BlockSeries(scan, meta.minTime(), meta.maxTime() - 1, pool, encoder));
    }
    while (true) {
      if (cancelled.getAsBoolean()) {
        throw new CompactionCancelledException();
      }
      for (BlockSeries block : current) {
        if (block.nextSeries()) {
          waiting.add(block);
        }
      }
      current.clear();
      if (waiting.isEmpty()) {
        return;
      }
      Labels labels = waiting.first().labels();
      while (!waiting.isEmpty() && waiting.first().labels().equals(labels)) {
        current.add(waiting.removeFirst());
      }
      sink.series(labels);
      if (current.size() == 1) {
        copy(current.getFirst(), sink);
      } else {
        chunks.merge(current, sink::chunk);
      }
    }
  }

  private void copy(BlockSeries block, Sink sink) {
    while (block.next()) {
      Chunk chunk = block.chunk();
      sink.chunk(chunk);
      pool.give(chunk);
    }
  }

  @Override
  public void close() {
    encoder.close();
  }
}
