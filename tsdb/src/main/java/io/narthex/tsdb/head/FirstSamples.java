package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.tsdb.wal.RecordType;

/**
 * The first samples of the log that no block has, to be compared with the chunks of the files:
 * these must reach back as far. A series of which the log has samples from before its first chunk
 * has lost a chunk, and with it the samples, since what is older than a row's newest is passed over
 * for known.
 *
 * <p>One sample proves nothing: those that came late while a process was starting stand in the log
 * like others, and so do those that only their own batch made late. So it takes a part of the
 * samples that were looked at. In a file that is lost were the first chunks of most series; one in
 * which there were those of few may go unnoticed.
 */
final class FirstSamples {

  private static final int MOST = 1 << 16;

  /** The part of the samples that must be older than their series' chunks. */
  private static final int PART = 4;

  private final long minValidTime;
  private final RefMap slots;
  private final int[] of = new int[MOST];
  private final long[] times = new long[MOST];
  private int size;

  /**
   * @param minValidTime what is older is in blocks, milliseconds
   * @param slots by the references of the log
   */
  FirstSamples(long minValidTime, RefMap slots) {
    this.minValidTime = minValidTime;
    this.slots = slots;
  }

  boolean isFull() {
    return size == MOST;
  }

  /** Whether records of a type are of use; histograms are passed over. */
  static boolean wants(int type) {
    return type == RecordType.SAMPLES || type == RecordType.SAMPLES_V2;
  }

  void add(long[] refs, long[] timestamps, int n) {
    for (int i = 0; i < n && size < MOST; i++) {
      int slot = timestamps[i] < minValidTime ? RefMap.ABSENT : slots.get(refs[i]);
      if (slot != RefMap.ABSENT) {
        of[size] = slot;
        times[size++] = timestamps[i];
      }
    }
  }

  /** Whether rows lack their first chunks; to be asked when they have those of the files alone. */
  boolean areBeforeChunks(Rows rows) {
    int compared = 0;
    int before = 0;
    for (int i = 0; i < size; i++) {
      long row = rows.address(of[i]);
      if (OffHeap.getInt(row + Rows.LIST_COUNT) > 0) {
        compared++;
        before += times[i] < OffHeap.getLong(ChunkList.entry(row, 0)) ? 1 : 0;
      }
    }
    return before > 0 && before >= compared / PART;
  }
}
