package io.narthex.tsdb.head;

import io.narthex.model.sample.SampleBuffer;
import io.narthex.tsdb.block.Tombstones;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.XorBuilder;
import io.narthex.tsdb.chunk.XorDecoder;
import io.narthex.tsdb.index.IntSort;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Hands out the head's series and chunks as a block holds them: series by labels, chunks as they
 * are. A chunk that reaches out of the range, or is deleted in part, is cut and encoded anew.
 *
 * <p>Series are put in order without making their labels: pairs are ranked once, and series
 * compared by the ranks of their pairs.
 */
final class HeadExport {

  private final Head head;
  private final HeadReader reader;
  private final long minTime;
  private final long maxTime;
  private final SampleBuffer samples = new SampleBuffer();
  private final @Nullable BitSet wanted;
  private final PartialChunk partial = new PartialChunk();

  /**
   * @param wanted the slots of the series to hand out, or null for all
   */
  HeadExport(Head head, HeadReader reader, long minTime, long maxTime, @Nullable BitSet wanted) {
    this.head = head;
    this.reader = reader;
    this.minTime = minTime;
    this.maxTime = maxTime;
    this.wanted = wanted;
  }

  void run(ChunkSink sink) {
    int[] slots = sorted();
    try (XorBuilder builder = new XorBuilder(head.allocator)) {
      for (int slot : slots) {
        export(slot, sink, builder);
      }
    }
  }

  private int[] sorted() {
    SeriesIndex index = head.index;
    int[] slots;
    int[] ranks;
    long stamp = index.readLock();
    try {
      slots = index.all.toArray();
      ranks = ranks(index.pairs);
    } finally {
      index.lock.unlockRead(stamp);
    }
    int n = 0;
    for (int slot : slots) {
      if ((wanted == null || wanted.get(slot)) && reader.mayHave(slot, minTime, maxTime)) {
        slots[n++] = slot;
      }
    }
    sort(index, ranks, slots, n);
    return Arrays.copyOf(slots, n);
  }

  /** Puts slots in the order of their labels. */
  static void sort(SeriesIndex index, int[] ranks, int[] slots, int n) {
    LabelPairs.Run a = new LabelPairs.Run();
    LabelPairs.Run b = new LabelPairs.Run();
    IntSort.sort(
        slots,
        n,
        (x, y) -> {
          a.of(index.rows.address(x));
          b.of(index.rows.address(y));
          while (a.hasNext() && b.hasNext()) {
            int order = Integer.compare(ranks[a.next()], ranks[b.next()]);
            if (order != 0) {
              return order;
            }
          }
          return Boolean.compare(a.hasNext(), b.hasNext());
        });
  }

  /** For each pair its place among all pairs, by name, then by value. */
  static int[] ranks(LabelPairs pairs) {
    int[] names = new int[pairs.names()];
    Arrays.setAll(names, i -> i);
    IntSort.sort(
        names,
        names.length,
        (x, y) -> Arrays.compareUnsigned(pairs.name(x).bytes, pairs.name(y).bytes));
    int[] ranks = new int[pairs.numbers()];
    int rank = 0;
    for (int number : names) {
      for (int pair : pairs.sortedByValue(pairs.name(number).pairs())) {
        ranks[pair] = rank++;
      }
    }
    return ranks;
  }

  private boolean touches(long[] deleted, int piece) {
    return Tombstones.touch(deleted, reader.pieceMinTime(piece), reader.pieceMaxTime(piece));
  }

  private void export(int slot, ChunkSink sink, XorBuilder builder) {
    long limit = Math.min(maxTime, reader.copyPieces(slot, minTime, maxTime));
    long[] deleted = reader.deleted(slot);
    boolean begun = false;
    for (int i = 0; i < reader.pieces(); i++) {
      reader.load(i);
      boolean whole = reader.pieceMinTime(i) >= minTime && reader.pieceMaxTime(i) <= limit;
      whole &= deleted == null || !touches(deleted, i);
      byte[] bytes = reader.pieceBytes();
      int from = reader.pieceFrom();
      int length = reader.pieceLength();
      long first = reader.pieceMinTime(i);
      long last = reader.pieceMaxTime(i);
      ChunkEncoding encoding = reader.pieceEncoding();
      int count = encoding.count(bytes, from);
      if (!whole && encoding != ChunkEncoding.XOR) {
        begun |= exportPart(slot, limit, deleted, begun, sink);
        continue;
      }
      if (!whole) {
        samples.clear();
        XorDecoder.decode(bytes, from, length, minTime, limit, samples);
        if (deleted != null) {
          Tombstones.apply(deleted, samples, 0);
        }
        count = samples.size();
        if (count == 0) {
          continue;
        }
        for (int k = 0; k < count; k++) {
          builder.append(samples.timestamps()[k], samples.values()[k]);
        }
        first = samples.timestamps()[0];
        last = samples.timestamps()[count - 1];
        length = builder.length();
        bytes = builder.finish();
        from = 0;
      }
      if (!begun) {
        sink.series(head.index.pairs.labels(head.index.rows.address(slot)));
        begun = true;
      }
      sink.chunk(first, last, encoding.code(), count, bytes, from, length);
    }
  }

  /** Exports what is left of the chunk at hand; true if that is anything. */
  private boolean exportPart(
      int slot, long limit, long @Nullable [] deleted, boolean begun, ChunkSink sink) {
    ChunkEncoding encoding = reader.pieceEncoding();
    boolean[] any = {false};
    partial.encode(
        encoding,
        reader.pieceBytes(),
        reader.pieceFrom(),
        reader.pieceLength(),
        minTime,
        limit,
        deleted,
        (first, last, count, bytes, length) -> {
          if (!begun && !any[0]) {
            sink.series(head.index.pairs.labels(head.index.rows.address(slot)));
          }
          any[0] = true;
          sink.chunk(first, last, encoding.code(), count, bytes, 0, length);
        });
    return any[0];
  }
}
