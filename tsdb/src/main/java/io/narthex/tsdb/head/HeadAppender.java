package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.histogram.HistogramRules;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.storage.ExemplarResult;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.wal.WalBatch;
import java.lang.invoke.VarHandle;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A producer's way into the head: its group and its only batch, in arrays that are kept.
 *
 * <p>A commit takes the locks of the groups it touches, in the order of their numbers (nearly
 * always it is one, its own), writes the log, then the rows, and then becomes visible. A series is
 * put into the log by the first commit that has samples for it, whoever created it; so no sample
 * can stand in the log before its series, and a batch that is rolled back leaves no trace there.
 *
 * <p>While the head is being filled from disk, a commit writes the log alone (see {@link StartUp}).
 * Whether a sample is in order is not known then; the replay finds out, and treats one that is not
 * as late or passes it over.
 */
final class HeadAppender implements AppendGroup, Appender {

  private static final Batch NONE = new Batch(); // stays empty
  private static final int CLOSED = -1;
  private static final int IDLE = 0;
  private static final int OPEN = 1;

  private final Head head;
  private final Rows rows;
  private final SeriesWriter writer;
  private final Group group;
  private final TouchedGroups touched;

  private int state = IDLE;
  private long minValidTime;
  private boolean headWasEmpty;

  private Batch batch = NONE;
  private boolean foreign;
  private @Nullable StartUp starting;

  private final SlotList newlyLogged = new SlotList();
  private @Nullable MixedLog mixedLog; // once it is needed
  private final LateWriter late;
  private final boolean starts;

  HeadAppender(Head head, Group group) {
    this.head = head;
    this.rows = head.index.rows;
    this.writer = new SeriesWriter(head.allocator, head.counters, head.options, head.histograms);
    this.group = group;
    this.touched = new TouchedGroups(head, group);
    this.late = new LateWriter(head);
    this.starts = head.options.forms().starts();
  }

  @Override
  public Appender appender() {
    if (state != IDLE) {
      throw new IllegalStateException(state == OPEN ? "a batch is open" : "the group is closed");
    }
    starting = head.startUp();
    if (starting != null) {
      starting.awaitSeries();
    }
    state = OPEN;
    beginBatch();
    VarHandle.fullFence(); // before any row is looked at
    try {
      head.ensureOpen();
    } catch (StorageException e) {
      state = IDLE;
      starting = null;
      endBatch();
      throw e;
    }
    batch = head.batches.take();
    headWasEmpty = starting == null && head.isEmpty();
    minValidTime = head.appendableFrom();
    late.begin();
    head.counters.appendersCreated.increment();
    head.counters.activeAppenders.increment();
    return this;
  }

  // Only the producer's thread counts batches; others look.
  private void beginBatch() {
    group.batches.incrementAndGet();
  }

  private void endBatch() {
    group.batches.incrementAndGet();
  }

  @Override
  public void close() {
    if (state == OPEN) {
      rollback();
    }
    if (state != CLOSED) {
      state = CLOSED;
      head.closeGroup(group);
    }
  }

  @Override
  public long series(Labels labels) {
    ensureBatch();
    return head.index.findOrCreate(labels, group);
  }

  @Override
  public AppendResult append(long handle, long timestamp, double value) {
    ensureBatch();
    long row = rows.addressOfHandle(handle);
    if (row == 0 || OffHeap.getByte(row + Rows.DYING) != 0) {
      head.counters.seriesNotFound.increment();
      return AppendResult.NO_SERIES;
    }
    if (headWasEmpty) {
      headWasEmpty = false;
      minValidTime = Math.max(minValidTime, head.halfRangeBefore(timestamp));
      late.first(timestamp);
    }
    if (timestamp < minValidTime) {
      return appendLate(handle, row, timestamp, value, null, true);
    }
    long last = starting == null ? XorAppender.lastTime(row) : Long.MIN_VALUE;
    if (timestamp <= last) {
      if (timestamp < last) {
        return appendLate(handle, row, timestamp, value, null, false);
      }
      if (OffHeap.getByte(row + Rows.KIND) != 0) {
        return repeated(row, () -> writer.histograms().repeats(row, value));
      }
      if (XorAppender.lastValueBits(row) != Double.doubleToRawLongBits(value)) {
        return AppendResult.DUPLICATE;
      }
      return AppendResult.OK; // the very sample is there
    }
    foreign |= Rows.group(row) != group.number;
    batch.add(handle, Rows.ref(row), timestamp, value);
    return AppendResult.OK;
  }

  @Override
  public AppendResult appendStarted(long handle, long start, long timestamp, double value) {
    int before = batch.size;
    AppendResult result = append(handle, timestamp, value);
    noteStart(start, before);
    return result;
  }

  @Override
  public AppendResult appendStarted(
      long handle, long start, long timestamp, SpanHistogram histogram) {
    int before = batch.size;
    AppendResult result = append(handle, timestamp, histogram);
    noteStart(start, before);
    return result;
  }

  private void noteStart(long start, int sizeBefore) {
    if (starts && batch.size > sizeBefore) {
      batch.startedAt(start);
    }
  }

  @Override
  public AppendResult appendInOrder(long handle, long timestamp, double value) {
    late.refuse(true);
    try {
      return append(handle, timestamp, value);
    } finally {
      late.refuse(false);
    }
  }

  @Override
  public AppendResult appendInOrder(long handle, long timestamp, SpanHistogram histogram) {
    late.refuse(true);
    try {
      return append(handle, timestamp, histogram);
    } finally {
      late.refuse(false);
    }
  }

  /**
   * Adds a sample that cannot be appended in order, if the out-of-order window has it.
   *
   * @param histogram null for a float
   */
  private AppendResult appendLate(
      long handle,
      long row,
      long timestamp,
      double value,
      @Nullable SpanHistogram histogram,
      boolean outOfBounds) {
    AppendResult result = late.judge(timestamp, outOfBounds, histogram != null);
    if (result == AppendResult.OK) {
      foreign |= Rows.group(row) != group.number;
      if (histogram == null) {
        batch.add(handle, Rows.ref(row), timestamp, value);
      } else {
        batch.add(handle, Rows.ref(row), timestamp, histogram);
      }
    }
    return result;
  }

  @Override
  public ExemplarResult exemplar(
      long handle, long timestamp, boolean explicit, double value, Labels labels) {
    ensureBatch();
    if (!head.exemplars.isEnabled()) {
      return ExemplarResult.DISABLED;
    }
    long row = rows.addressOfHandle(handle);
    if (row == 0 || OffHeap.getByte(row + Rows.DYING) != 0) {
      return ExemplarResult.NO_SERIES;
    }
    ExemplarResult result = head.exemplars.check(Rows.ref(row), timestamp, explicit, value, labels);
    if (result == ExemplarResult.OK) {
      batch.extras.exemplar(row, timestamp, explicit, value, labels);
    }
    return result;
  }

  @Override
  public void metadata(long handle, MetricType type, String unit, String help) {
    ensureBatch();
    long row = rows.addressOfHandle(handle);
    if (row == 0 || OffHeap.getByte(row + Rows.DYING) != 0) {
      return;
    }
    SeriesMetadata.Entry entry = new SeriesMetadata.Entry(type, unit, help);
    if (!entry.equals(head.metadata.get(Rows.ref(row)))) {
      batch.extras.metadata(row, entry);
    }
  }

  @Override
  public AppendResult append(long handle, long timestamp, SpanHistogram histogram) {
    ensureBatch();
    long row = rows.addressOfHandle(handle);
    if (row == 0 || OffHeap.getByte(row + Rows.DYING) != 0) {
      head.counters.seriesNotFound.increment();
      return AppendResult.NO_SERIES;
    }
    if (HistogramRules.violation(histogram) != null) {
      return AppendResult.INVALID_HISTOGRAM;
    }
    if (headWasEmpty) {
      headWasEmpty = false;
      minValidTime = Math.max(minValidTime, head.halfRangeBefore(timestamp));
      late.first(timestamp);
    }
    if (timestamp < minValidTime) {
      return appendLate(handle, row, timestamp, 0, histogram, true);
    }
    long last = starting == null ? XorAppender.lastTime(row) : Long.MIN_VALUE;
    if (timestamp < last) {
      return appendLate(handle, row, timestamp, 0, histogram, false);
    }
    if (timestamp == last) {
      return repeated(row, () -> writer.histograms().repeats(row, histogram));
    }
    foreign |= Rows.group(row) != group.number;
    batch.add(handle, Rows.ref(row), timestamp, histogram);
    return AppendResult.OK;
  }

  /** Asks about the newest histogram of a row, which another producer may be writing. */
  private AppendResult repeated(long row, BooleanSupplier question) {
    while (true) {
      Group owner = head.ownerOf(row);
      owner.lock.lock();
      try {
        if (Rows.group(row) == owner.number) {
          return question.getAsBoolean() ? AppendResult.OK : AppendResult.DUPLICATE;
        }
      } finally {
        owner.lock.unlock();
      }
    }
  }

  @Override
  public void rollback() {
    end();
  }

  private void ensureBatch() {
    if (state != OPEN) {
      throw new IllegalStateException("no batch is open");
    }
  }

  private void end() {
    ensureBatch();
    state = IDLE;
    foreign = false;
    starting = null;
    head.batches.giveBack(batch);
    batch = NONE;
    endBatch();
    head.counters.activeAppenders.decrement();
  }

  @Override
  public void commit() {
    ensureBatch();
    if (batch.size == 0 && batch.extras.isEmpty()) {
      end();
      return;
    }
    try {
      if (isLoggedBehindReplay()) {
        return;
      }
      touched.lock(batch, foreign);
      try {
        log(true);
        apply();
      } finally {
        touched.unlock();
      }
    } finally {
      end();
    }
  }

  /** Writes a batch to the log alone, if the head is still being filled. */
  private boolean isLoggedBehindReplay() {
    StartUp start = starting;
    if (start == null) {
      return false;
    }
    if (!start.enter()) {
      late.started();
      return false;
    }
    try {
      log(false);
      head.counters.samplesAppended.add(batch.size - batch.histogramCount);
      head.counters.histogramsAppended.add(batch.histogramCount);
      return true;
    } finally {
      start.leave();
    }
  }

  /**
   * Writes the batch to the log, and with it the series that the log does not know.
   *
   * @param rowsTell whether rows have all samples: what readers must not see yet is noted then
   */
  private void log(boolean rowsTell) {
    WalBatch records = batch.records;
    records.clear();
    boolean mixed = batch.histogramCount > 0;
    for (int i = 0; i < batch.size; i++) {
      int slot = (int) batch.handles[i];
      long row = rows.address(slot);
      if (OffHeap.getInt(row + Rows.LOGGED) != Rows.PLAIN) {
        mixed |= rowsTell && Rows.kind(row) != 0;
        logSeries(i, slot, row);
      }
      if (rowsTell) {
        touched.by(row).note(slot, row, batch.times[i]);
      }
    }
    batch.extras.logMetadata(records);
    if (mixed) {
      MixedLog log = mixedLog == null ? new MixedLog(starts) : mixedLog;
      mixedLog = log;
      log.write(batch, rowsTell ? rows : null, records);
    } else if (starts) {
      records.samplesWithStarts(
          batch.refs, batch.starts(), batch.times, batch.values, 0, batch.size);
    } else {
      records.samples(batch.refs, batch.times, batch.values, 0, batch.size);
    }
    batch.extras.logExemplars(records);
    try {
      head.log.write(records);
    } catch (RuntimeException e) {
      for (int slot : newlyLogged.take()) {
        OffHeap.putByte(rows.address(slot) + Rows.LOGGED, 0);
      }
      throw e instanceof StorageException known
          ? known
          : new StorageException("write to the log: " + e.getMessage(), e);
    }
    newlyLogged.take();
  }

  private void logSeries(int sample, int slot, long row) {
    if (OffHeap.getByte(row + Rows.LOGGED) == 0) {
      OffHeap.putByte(row + Rows.LOGGED, 1);
      newlyLogged.add(slot);
      batch.records.series(batch.refs[sample], head.index.pairs.labels(row));
    }
  }

  /** Writes the rows and makes the commit visible. */
  private void apply() {
    Commit commit = new Commit();
    late.insertKnown(batch, commit, minValidTime); // may throw, so it comes first
    long seenByAll = head.isolation.seenByAll();
    touched.begin(commit, seenByAll);
    int appended = 0;
    int appendedHistograms = 0;
    boolean mixed = batch.histogramCount > 0;
    boolean started = batch.hasStarts();
    long minTime = Long.MAX_VALUE;
    long maxTime = Long.MIN_VALUE;
    for (int i = 0; i < batch.size; i++) {
      int slot = (int) batch.handles[i];
      long row = rows.address(slot);
      long time = batch.times[i];
      long bits = Double.doubleToRawLongBits(batch.values[i]);
      long last = XorAppender.lastTime(row);
      SpanHistogram histogram = mixed ? batch.histogram(i) : null;
      if (time <= last || time < minValidTime) {
        // It was late, or another writer, or this batch itself, has been faster.
        boolean atNewest = time == last && time >= minValidTime;
        if (!atNewest || !isNewest(row, bits, histogram)) {
          late.insert(batch, i, atNewest);
        }
        continue;
      }
      SlotList full = touched.take(row, slot).full;
      long start = started ? batch.starts()[i] : 0;
      if (histogram == null) {
        writer.append(row, slot, start, time, bits, full);
        appended++;
      } else {
        writer.append(row, slot, start, time, histogram, full);
        appendedHistograms++;
      }
      minTime = Math.min(minTime, time);
      maxTime = Math.max(maxTime, time);
    }
    if (appended + appendedHistograms > 0) {
      head.widen(minTime, maxTime);
    }
    late.end();
    head.isolation.publish(commit);
    batch.extras.apply(head);
    head.counters.samplesAppended.add(appended);
    if (mixed) {
      head.counters.histogramsAppended.add(appendedHistograms);
    }
  }

  /** Whether a sample of the time of a row's newest one is the same. */
  private boolean isNewest(long row, long bits, @Nullable SpanHistogram histogram) {
    if (histogram != null) {
      return writer.histograms().repeats(row, histogram);
    }
    return Rows.kind(row) == 0
        ? XorAppender.lastValueBits(row) == bits
        : writer.histograms().repeats(row, Double.longBitsToDouble(bits));
  }
}
