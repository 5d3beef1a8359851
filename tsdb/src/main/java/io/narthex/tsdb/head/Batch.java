package io.narthex.tsdb.head;

import io.narthex.tsdb.wal.WalBatch;
import java.util.Arrays;

/**
 * The samples of a batch in parallel arrays, and its records. Producers are many but few have a
 * batch open at a time, so batches are shared: {@link Pool} keeps a few.
 */
final class Batch {

  long[] handles = new long[256];
  long[] refs = new long[256];
  long[] times = new long[256];
  double[] values = new double[256];
  int size;
  final WalBatch records = new WalBatch();
  final Extras extras = new Extras();

  void add(long handle, long ref, long time, double value) {
    int at = size;
    if (at == handles.length) {
      int length = at * 2;
      handles = Arrays.copyOf(handles, length);
      refs = Arrays.copyOf(refs, length);
      times = Arrays.copyOf(times, length);
      values = Arrays.copyOf(values, length);
    }
    handles[at] = handle;
    refs[at] = ref;
    times[at] = time;
    values[at] = value;
    size = at + 1;
  }

  /** The batches that nobody uses, the last one that came back on top. */
  static final class Pool {
    private static final int MOST = 8;

    private final Batch[] batches = new Batch[MOST];
    private int count;

    synchronized Batch take() {
      return count > 0 ? batches[--count] : new Batch();
    }

    synchronized void giveBack(Batch batch) {
      batch.size = 0;
      batch.extras.clear();
      if (count < MOST) {
        batches[count++] = batch;
      }
    }
  }
}
