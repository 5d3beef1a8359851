package io.narthex.tsdb.head;

import io.narthex.model.histogram.SpanHistogram;
import io.narthex.storage.AppendResult;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.outoforder.LateCommit;
import io.narthex.tsdb.outoforder.OutOfOrder;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an appender does with samples that cannot be appended in order: judges them when they come,
 * and hands those within the out-of-order window on when the batch is committed.
 *
 * <p>Samples that were known to be late are logged before any row is written, so that a commit
 * whose late samples cannot be logged fails as a whole. A sample that only turns out to be late
 * when its row is written (the batch has a newer one of the same series, or another writer was
 * faster) is logged behind the rows; if that fails it is left out and counted, as it is without a
 * window.
 */
final class LateWriter {

  private static final Logger LOG = LoggerFactory.getLogger(LateWriter.class);

  private final Head head;
  private final OutOfOrder store;
  // Made when it is first needed: most producers never are late.
  private @Nullable LateCommit commit;
  private @Nullable Commit current;
  private boolean begun;
  private final BitSet inserted = new BitSet();

  // Of the open batch.
  private long windowMillis;
  private long headMaxTime;
  private int known;
  private int foundFloats;
  private int foundHistograms;
  private boolean refusing;

  LateWriter(Head head) {
    this.head = head;
    this.store = head.outOfOrder;
  }

  /** Begins with a batch. */
  void begin() {
    windowMillis = store.windowMillis();
    headMaxTime = head.maxTime();
    known = 0;
  }

  /** Judges what is left of a batch by a head that has been filled since the batch began. */
  void started() {
    headMaxTime = head.maxTime();
  }

  /** Tells the time of the first sample of an empty head. */
  void first(long time) {
    headMaxTime = time;
  }

  /**
   * What becomes of a sample that is older than its series' newest, or than what may still be
   * appended.
   *
   * @param outOfBounds whether it is the latter
   * @param histogram whether it is a histogram
   */
  AppendResult judge(long time, boolean outOfBounds, boolean histogram) {
    HeadCounters counters = head.counters;
    if (windowMillis == 0 && outOfBounds) {
      (histogram ? counters.outOfBoundHistograms : counters.outOfBoundSamples).increment();
      return AppendResult.OUT_OF_BOUNDS;
    }
    if (headMaxTime > time) {
      store.counters().lateSeconds.observe((headMaxTime - time) / 1e3);
    }
    if (windowMillis == 0) {
      (histogram ? counters.outOfOrderHistograms : counters.outOfOrderSamples).increment();
      return AppendResult.OUT_OF_ORDER;
    }
    if (!inWindow(time)) {
      tooOld(histogram);
      return AppendResult.TOO_OLD;
    }
    if (refusing) {
      return AppendResult.OUT_OF_ORDER;
    }
    known++;
    return AppendResult.OK;
  }

  private void tooOld(boolean histogram) {
    (histogram ? store.counters().histogramsTooOld : store.counters().floatsTooOld).increment();
  }

  /** Whether what comes late is refused although it is in the window. */
  void refuse(boolean late) {
    refusing = late;
  }

  private boolean inWindow(long time) {
    // While the head is being filled nobody knows; the replay judges.
    return headMaxTime == Long.MIN_VALUE || time >= headMaxTime - windowMillis;
  }

  /**
   * Takes the samples of a batch that are late already, and logs them.
   *
   * @throws StorageException if the log cannot be written; then none of them was taken
   */
  void insertKnown(Batch batch, Commit ofBatch, long minValidTime) {
    current = ofBatch;
    begun = false;
    foundFloats = 0;
    foundHistograms = 0;
    if (known == 0) {
      return;
    }
    inserted.clear();
    LateCommit into = begun(ofBatch);
    Rows rows = head.index.rows;
    for (int i = 0; i < batch.size; i++) {
      long time = batch.times[i];
      int slot = (int) batch.handles[i];
      if (time < minValidTime || time < XorAppender.lastTime(rows.address(slot))) {
        inserted.set(i);
        insert(into, batch, i);
      }
    }
    try {
      into.write();
    } catch (StorageException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new StorageException("write to the log of late samples: " + e.getMessage(), e);
    }
    known = 0;
  }

  private LateCommit begun(Commit ofBatch) {
    LateCommit into = commit;
    if (into == null) {
      into = new LateCommit(store);
      commit = into;
    }
    if (!begun) {
      into.begin(ofBatch);
      begun = true;
    }
    return into;
  }

  private void insert(LateCommit into, Batch batch, int i) {
    int slot = (int) batch.handles[i];
    SpanHistogram histogram = batch.histogram(i);
    if (histogram != null) {
      if (into.insert(slot, batch.refs[i], batch.start(i), batch.times[i], histogram)) {
        head.counters.histogramsAppended.increment();
      }
    } else if (into.insert(slot, batch.refs[i], batch.start(i), batch.times[i], batch.values[i])) {
      head.counters.samplesAppended.increment();
    }
  }

  /**
   * Takes a sample that turned out to be late, unless it was taken before.
   *
   * @param duplicate whether it has the time of the newest sample in order, which stays
   */
  void insert(Batch batch, int i, boolean duplicate) {
    if (begun && inserted.get(i)) {
      return;
    }
    Commit ofBatch = current;
    boolean histogram = batch.histogram(i) != null;
    if (ofBatch == null || duplicate || windowMillis == 0) {
      leftOut(histogram ? 0 : 1, histogram ? 1 : 0);
    } else if (!inWindow(batch.times[i])) {
      tooOld(histogram);
    } else {
      if (!begun) {
        inserted.clear();
      }
      foundFloats += histogram ? 0 : 1;
      foundHistograms += histogram ? 1 : 0;
      insert(begun(ofBatch), batch, i);
    }
  }

  private void leftOut(int floats, int histograms) {
    head.counters.outOfOrderSamples.add(floats);
    head.counters.outOfOrderHistograms.add(histograms);
  }

  /** Logs what turned out to be late. */
  void end() {
    LateCommit into = commit;
    current = null;
    int found = foundFloats + foundHistograms;
    if (found == 0 || into == null) {
      return;
    }
    try {
      into.write();
    } catch (RuntimeException e) {
      leftOut(foundFloats, foundHistograms);
      LOG.error("{} late samples are left out: {}", found, e.getMessage());
    }
  }
}
