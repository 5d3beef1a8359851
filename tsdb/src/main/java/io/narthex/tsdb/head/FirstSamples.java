package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.tsdb.block.Tombstones;
import io.narthex.tsdb.wal.RecordType;
import java.util.BitSet;

/**
 * The first samples of the log that no block has, one of each series, to be compared with the
 * chunks of the files: these must reach back as far. A series of which the log has a sample from
 * before its first chunk has lost a chunk, and with it the samples, since what is older than a
 * row's newest is passed over for known.
 *
 * <p>One series proves nothing. Samples that came late while a process was starting stand in the
 * log like others, and so do those that only their own batch made late (these follow younger ones,
 * as a rule, which is why only the first of each series counts); and what was deleted may have left
 * the head without a block. So it takes a part of the series. In a file that is lost were the first
 * chunks of most of them; one in which there were those of few may go unnoticed.
 */
final class FirstSamples {

  private static final int MOST_SERIES = 1 << 16;

  /** The most samples that are looked at: a small server's log is long, too. */
  private static final int MOST_SAMPLES = 1 << 18;

  /** The part of the series that must have a sample before their chunks. */
  private static final int PART = 4;

  private final long minValidTime;
  private final RefMap slots;
  private final BitSet seen = new BitSet();
  private final int[] of = new int[MOST_SERIES];
  private final long[] times = new long[MOST_SERIES];
  private int size;
  private int samples;

  /**
   * @param minValidTime what is older is in blocks, milliseconds
   * @param slots by the references of the log
   */
  FirstSamples(long minValidTime, RefMap slots) {
    this.minValidTime = minValidTime;
    this.slots = slots;
  }

  boolean isFull() {
    return size == MOST_SERIES || samples >= MOST_SAMPLES;
  }

  /** Whether records of a type are of use; histograms are passed over. */
  static boolean wants(int type) {
    return type == RecordType.SAMPLES || type == RecordType.SAMPLES_V2;
  }

  void add(long[] refs, long[] timestamps, int n) {
    for (int i = 0; i < n && !isFull(); i++) {
      if (timestamps[i] < minValidTime) {
        continue;
      }
      samples++;
      int slot = slots.get(refs[i]);
      if (slot != RefMap.ABSENT && !seen.get(slot)) {
        seen.set(slot);
        of[size] = slot;
        times[size++] = timestamps[i];
      }
    }
  }

  /**
   * Whether rows lack their first chunks; to be asked when they have those of the files alone.
   *
   * @param deleted of what nobody expects chunks
   */
  boolean areBeforeChunks(Rows rows, Tombstones deleted) {
    int compared = 0;
    int before = 0;
    for (int i = 0; i < size; i++) {
      long row = rows.address(of[i]);
      if (OffHeap.getInt(row + Rows.LIST_COUNT) == 0) {
        continue;
      }
      compared++;
      long[] gone = deleted.of(Rows.ref(row));
      if (times[i] < OffHeap.getLong(ChunkList.entry(row, 0))
          && (gone == null || !Tombstones.cover(gone, times[i], times[i]))) {
        before++;
      }
    }
    return before > 0 && before >= compared / PART;
  }
}
