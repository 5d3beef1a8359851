package io.narthex.tsdb.outoforder;

import io.narthex.base.memory.SlabAllocator;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.chunk.SampleForms;
import io.narthex.tsdb.headchunks.HeadChunks;
import io.narthex.tsdb.wal.WalBatch;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The late samples of a head, by the slots of its series.
 *
 * <p><b>The idea.</b> A sample that the head cannot append goes into a small sorted array of its
 * series; an array that is full becomes a chunk, whose samples may lie before those of other
 * chunks. Nothing is ever put into a chunk that is there. Queries merge; a compaction makes all of
 * it into blocks, which are then merged with the blocks they overlap.
 *
 * <p><b>Who sees what.</b> Late samples cannot be hidden by a limit in time, as the head hides
 * those in order, so each carries its commit, as long as there may be a reader that must not see
 * it; a chunk keeps a list of those that it had when it was made.
 *
 * <p><b>What is safe.</b> The samples are in the log of late samples (the WBL) before their commit
 * ends. Only what lies in a chunk file has a marker there; a chunk that could not be written (a
 * full disk) stays in memory, and its samples in the log count. Chunks and log are dropped only
 * when the blocks that hold them are listed.
 *
 * <p><b>Threads.</b> Writers of a series hold the lock of its group in the head. Readers take the
 * monitor of the series for the moment of a copy. Locks are taken in this order: group, series (not
 * while a file is written), the files' turn.
 */
public final class OutOfOrder {

  /** How many samples are kept in order in memory before they become a chunk, as in Prometheus. */
  public static final int CAPACITY = 32;

  private static final Logger LOG = LoggerFactory.getLogger(OutOfOrder.class);
  private static final int PAGE_SHIFT = 10;
  private static final int PAGE_SERIES = 1 << PAGE_SHIFT;
  private static final Page[] NO_PAGES = {};

  /** The series of neighbouring slots. */
  private static final class Page {
    // What a reader may see of it was written before it was opened.
    final @Nullable LateSeries[] series = new @Nullable LateSeries[PAGE_SERIES];
  }

  final SlabAllocator allocator;
  final LongSupplier seenByAll;
  private final OutOfOrderCounters counters = new OutOfOrderCounters();
  private final LongAdder chunks;
  private final LongAdder chunksCreated;
  private final LongAdder chunksRemoved;

  private volatile long windowMillis;
  private volatile @Nullable Consumer<WalBatch> log;
  private volatile @Nullable HeadChunks files;
  private volatile Page[] pages = NO_PAGES;
  private final Object bounds = new Object();
  private volatile long minTime = Long.MAX_VALUE;
  private volatile long maxTime = Long.MIN_VALUE;
  private volatile boolean warned;
  private volatile SampleForms forms = SampleForms.DEFAULT;

  /**
   * @param allocator for the moment in which a chunk is made
   * @param seenByAll the number of the last commit that every reader sees
   * @param chunks counts the head's chunks
   */
  public OutOfOrder(
      SlabAllocator allocator,
      LongSupplier seenByAll,
      LongAdder chunks,
      LongAdder chunksCreated,
      LongAdder chunksRemoved) {
    this.allocator = allocator;
    this.seenByAll = seenByAll;
    this.chunks = chunks;
    this.chunksCreated = chunksCreated;
    this.chunksRemoved = chunksRemoved;
  }

  /** How far behind the head's newest sample a late one may be, milliseconds; 0 for not at all. */
  public long windowMillis() {
    return windowMillis;
  }

  /** Changes the window; what is there stays. */
  public void windowMillis(long millis) {
    if (millis < 0) {
      throw new IllegalArgumentException("negative out-of-order window " + millis + "ms");
    }
    windowMillis = millis;
  }

  /** Sets where late samples are logged; without a log they are only in memory. */
  public void log(Consumer<WalBatch> to) {
    log = to;
  }

  /** Sets how samples are logged, and new chunks encoded. */
  public void forms(SampleForms ofSamples) {
    forms = ofSamples;
  }

  /** How samples are logged now, and new chunks encoded. */
  public SampleForms forms() {
    return forms;
  }

  /** Sets the files for full chunks. */
  public void files(HeadChunks to) {
    files = to;
  }

  public OutOfOrderCounters counters() {
    return counters;
  }

  @Nullable Consumer<WalBatch> log() {
    return log;
  }

  /** Whether a series has late samples. */
  public boolean has(int slot) {
    return of(slot) != null;
  }

  /** Whether there is any late sample. */
  public boolean isEmpty() {
    return minTime == Long.MAX_VALUE;
  }

  /** The time of the oldest late sample, milliseconds; the greatest number if there is none. */
  public long minTime() {
    return minTime;
  }

  /** The time of the newest late sample; the least number if there is none. */
  public long maxTime() {
    return maxTime;
  }

  /** Whether a reader may see late samples of a series in a range of time. */
  public boolean mayHave(int slot, long from, long to, long reader) {
    LateSeries series = of(slot);
    return series != null && series.mayHave(from, to, reader);
  }

  @Nullable LateSeries of(int slot) {
    Page[] all = pages;
    int page = slot >>> PAGE_SHIFT;
    return page < all.length ? all[page].series[slot & (PAGE_SERIES - 1)] : null;
  }

  /** The late samples of a slot's series, made if it has none; for its writer. */
  LateSeries open(int slot) {
    LateSeries series = of(slot);
    return series != null && !series.isGone() ? series : create(slot);
  }

  private synchronized LateSeries create(int slot) {
    int page = slot >>> PAGE_SHIFT;
    Page[] all = pages;
    if (page >= all.length) {
      int before = all.length;
      all = Arrays.copyOf(all, page + 1);
      for (int i = before; i <= page; i++) {
        all[i] = new Page();
      }
      pages = all;
    }
    LateSeries series = new LateSeries();
    all[page].series[slot & (PAGE_SERIES - 1)] = series;
    return series;
  }

  /** Lets go of a slot's series if it has nothing left. */
  synchronized void removeIfEmpty(int slot) {
    LateSeries series = of(slot);
    if (series != null && series.goIfEmpty()) {
      pages[slot >>> PAGE_SHIFT].series[slot & (PAGE_SERIES - 1)] = null;
    }
  }

  /** The slots that have late samples, ascending. */
  public int[] slots() {
    int[] slots = new int[16];
    int n = 0;
    Page[] all = pages;
    for (int page = 0; page < all.length; page++) {
      for (int i = 0; i < PAGE_SERIES; i++) {
        if (all[page].series[i] != null) {
          if (n == slots.length) {
            slots = Arrays.copyOf(slots, n * 2);
          }
          slots[n++] = page << PAGE_SHIFT | i;
        }
      }
    }
    return Arrays.copyOf(slots, n);
  }

  /** How many chunks there are, those that are still arrays among them. */
  public int chunkCount() {
    int count = 0;
    for (int slot : slots()) {
      LateSeries series = of(slot);
      if (series != null) {
        count += series.chunks().size() + (series.size() > 0 ? 1 : 0);
      }
    }
    return count;
  }

  /** The number of the first head chunk file that is still needed; the greatest if none is. */
  public int firstFile() {
    int first = Integer.MAX_VALUE;
    for (int slot : slots()) {
      LateSeries series = of(slot);
      if (series != null) {
        first = Math.min(first, series.firstFile());
      }
    }
    return first;
  }

  void widen(long from, long to) {
    synchronized (bounds) {
      minTime = Math.min(minTime, from);
      maxTime = Math.max(maxTime, to);
    }
  }

  /** Finds the oldest and the newest sample anew, after some were dropped. */
  void narrow() {
    synchronized (bounds) {
      long min = Long.MAX_VALUE;
      long max = Long.MIN_VALUE;
      // Writers insert, then widen: what is not found here widens later.
      for (int slot : slots()) {
        LateSeries series = of(slot);
        if (series != null) {
          min = Math.min(min, series.minTime());
          max = Math.max(max, series.maxTime());
        }
      }
      minTime = min;
      maxTime = max;
    }
  }

  void chunkBegun() {
    chunks.increment();
    chunksCreated.increment();
  }

  /** An open chunk became several. */
  void chunksSplit(int into) {
    chunks.add(into - 1);
    chunksCreated.add(into - 1);
  }

  void chunksDropped(int count) {
    chunks.add(-count);
    chunksRemoved.add(count);
  }

  /**
   * Makes chunks of a series' array and moves them to a file.
   *
   * @return the place of the last one; 0 if they could not be written and stay in memory
   */
  long seal(LateSeries series, long ref) {
    chunksSplit(series.encode(allocator, forms, seenByAll.getAsLong()));
    HeadChunks to = files;
    if (to == null) {
      return 0;
    }
    try {
      long place = series.store(ref, to);
      counters.chunksStored.increment();
      warned = false;
      return place;
    } catch (StorageException e) {
      counters.failedStores.increment();
      if (!warned) {
        warned = true;
        LOG.error("out-of-order chunks stay in memory and in the log: {}", e.getMessage());
      }
      return 0;
    }
  }

  // For the replay.

  /** Notes a chunk that a file has. */
  public void restoreChunk(int slot, long place, long from, long to) {
    open(slot).addStored(place, from, to);
    chunkBegun();
    widen(from, to);
  }

  /** Gives one slot all that another has. */
  public synchronized void move(int from, int to) {
    LateSeries series = of(from);
    if (series != null) {
      open(to).takeAll(series);
      pages[from >>> PAGE_SHIFT].series[from & (PAGE_SERIES - 1)] = null;
    }
  }

  /** Forgets what a slot has. */
  public synchronized void forget(int slot) {
    LateSeries series = of(slot);
    if (series != null) {
      chunksDropped(series.chunks().size() + (series.size() > 0 ? 1 : 0));
      pages[slot >>> PAGE_SHIFT].series[slot & (PAGE_SERIES - 1)] = null;
    }
  }

  /** Forgets the chunks before a place in the files. */
  void dropStored(long before) {
    for (int slot : slots()) {
      LateSeries series = of(slot);
      if (series != null) {
        chunksDropped(series.dropStored(before));
        removeIfEmpty(slot);
      }
    }
  }

  /** Takes over all that was restored: from now on it may be read. */
  public void restored() {
    narrow();
  }
}
