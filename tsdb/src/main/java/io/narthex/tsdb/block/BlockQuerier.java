package io.narthex.tsdb.block;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.storage.StopSignal;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.index.ChunkMetas;
import io.narthex.tsdb.index.IndexReader;
import io.narthex.tsdb.index.PostingsSelection;
import io.narthex.tsdb.index.SeriesEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.PeekableIntIterator;
import org.roaringbitmap.RoaringBitmap;

/** A view of one block. Its sets are always sorted: a block's series lie in that order. */
final class BlockQuerier implements Querier {

  private final Block block;
  private final IndexReader index;
  private final Tombstones tombstones;
  private final long minTime;
  private final long maxTime;
  private final AtomicBoolean closed = new AtomicBoolean();

  BlockQuerier(Block block, Tombstones tombstones, long minTime, long maxTime) {
    this.block = block;
    this.index = block.index();
    this.tombstones = tombstones;
    this.minTime = minTime;
    this.maxTime = maxTime;
  }

  @Override
  public SeriesSet select(boolean sorted, SelectHints hints, List<Matcher> matchers) {
    if (!block.meta().overlaps(minTime, maxTime)) {
      return SeriesSet.EMPTY;
    }
    int[] series = inRange(PostingsSelection.select(index, matchers).toArray());
    return series.length == 0 ? SeriesSet.EMPTY : new Found(series);
  }

  /** Leaves out series without a chunk in range; all have one if the range spans the block. */
  private int[] inRange(int[] series) {
    if (minTime <= block.meta().minTime() && block.meta().maxTime() - 1 <= maxTime) {
      return series;
    }
    SeriesEntry entry = index.entry();
    int kept = 0;
    for (int i = 0; i < series.length; i++) {
      StopSignal.every(i);
      if (entry.read(series[i]).overlaps(minTime, maxTime)) {
        series[kept++] = series[i];
      }
    }
    return kept == series.length ? series : Arrays.copyOf(series, kept);
  }

  @Override
  public List<String> labelValues(String name, List<Matcher> matchers, int limit) {
    if (matchers.isEmpty()) {
      return limited(index.labelValues(name), limit);
    }
    RoaringBitmap among = PostingsSelection.select(index, matchers);
    if (among.getLongCardinality() >= index.labelValueCount(name)) {
      return limited(index.labelValues(name, among), limit);
    }
    // Few series: ask them, not every value.
    TreeSet<String> found = new TreeSet<>(Utf8::compare);
    SeriesEntry entry = index.entry();
    PeekableIntIterator each = among.getIntIterator();
    for (int i = 0; each.hasNext(); i++) {
      StopSignal.every(i);
      String value = entry.read(each.next()).labels().get(name);
      if (value != null) {
        found.add(value);
      }
    }
    return limited(new ArrayList<>(found), limit);
  }

  @Override
  public List<String> labelNames(List<Matcher> matchers, int limit) {
    if (matchers.isEmpty()) {
      return limited(index.labelNames(), limit);
    }
    return limited(index.labelNames(PostingsSelection.select(index, matchers)), limit);
  }

  private static List<String> limited(List<String> all, int limit) {
    return limit > 0 && limit < all.size() ? all.subList(0, limit) : all;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      block.release();
    }
  }

  private final class Found implements SeriesSet {
    private final int[] series;
    // One is lent to whoever asks for labels; who comes meanwhile makes another.
    private final AtomicReference<@Nullable SeriesEntry> spare = new AtomicReference<>();

    Found(int[] series) {
      this.series = series;
    }

    @Override
    public int size() {
      return series.length;
    }

    @Override
    public Labels labels(int number) {
      SeriesEntry lent = spare.getAndSet(null);
      SeriesEntry entry = lent == null ? index.entry() : lent;
      Labels labels = entry.read(series[number]).labels();
      spare.set(entry);
      return labels;
    }

    @Override
    public Reader reader() {
      return new ChunkReader(series);
    }
  }

  private final class ChunkReader implements SeriesSet.Reader {
    private final int[] series;
    private final SeriesEntry entry = index.entry();
    private final ChunkMetas metas = new ChunkMetas();
    private final ChunkFiles.Chunk chunk = new ChunkFiles.Chunk();
    // By encoding, once it is met.
    private final @Nullable ChunkDecoder[] decoders =
        new @Nullable ChunkDecoder[ChunkEncoding.values().length];

    ChunkReader(int[] series) {
      this.series = series;
    }

    @Override
    public void read(int number, long from, long to, SampleBuffer into) {
      into.clear();
      int ref = series[number];
      entry.read(ref).chunks(metas);
      long[] deleted = tombstones.of(ref);
      for (int i = 0; i < metas.size(); i++) {
        StopSignal.every(i);
        if (metas.minTime(i) > to) {
          break;
        }
        boolean gone =
            deleted != null && Tombstones.cover(deleted, metas.minTime(i), metas.maxTime(i));
        if (metas.maxTime(i) >= from && !gone) {
          add(metas.ref(i), from, to, into);
        }
      }
      if (deleted != null) {
        Tombstones.apply(deleted, into, 0);
      }
    }

    private void add(long ref, long from, long to, SampleBuffer into) {
      block.chunks().read(ref, chunk);
      if (!ChunkEncoding.isKnown(chunk.encoding())) {
        block.skipped();
        return;
      }
      int before = into.size();
      try {
        decoder(ChunkEncoding.of(chunk.encoding()))
            .decode(chunk.bytes(), 1, chunk.length(), from, to, into);
      } catch (StorageException e) {
        throw new BlockException(
            "block "
                + block.directory()
                + ": chunk "
                + Long.toHexString(ref)
                + ": "
                + e.getMessage(),
            e);
      }
      boolean overlaps =
          before > 0
              && into.size() > before
              && into.timestamps()[before] <= into.timestamps()[before - 1];
      if (overlaps) {
        merge(into, before);
      }
    }

    private ChunkDecoder decoder(ChunkEncoding encoding) {
      ChunkDecoder decoder = decoders[encoding.ordinal()];
      if (decoder == null) {
        decoder = ChunkDecoder.of(encoding);
        decoders[encoding.ordinal()] = decoder;
      }
      return decoder;
    }

    /** Puts two sorted runs in one order; of equal times the first run's sample stays. */
    private static void merge(SampleBuffer into, int second) {
      SampleBuffer tail = new SampleBuffer();
      tail.addFrom(into, second);
      into.truncate(second);
      SampleBuffer merged = new SampleBuffer();
      merged.addMerged(into, tail);
      into.clear();
      into.addFrom(merged, 0);
    }
  }
}
