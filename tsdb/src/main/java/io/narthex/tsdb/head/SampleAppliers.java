package io.narthex.tsdb.head;

import io.narthex.base.memory.SlabAllocator;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.chunk.OpenChunk;
import io.narthex.tsdb.chunk.XorAppender;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Puts the samples of a replay into rows, on as many threads as there are cores. The log has
 * samples in the order of time, scrape after scrape, so that neighbours in it are of different
 * series, and with many series a row has left the processor's caches before its next sample comes.
 * So the thread that reads the log sorts them roughly: it gathers the samples of each range of rows
 * in a piece, some for every row, and hands it over when it is full. A range belongs to one worker,
 * so that a row has one writer and gets its samples in order. There is a piece for each range, and
 * a few that are under way, for which the reader waits: the memory is bounded.
 *
 * <p>While samples are under way no other thread may touch rows; {@link #drain} waits until none
 * are. Belongs to the reading thread.
 */
final class SampleAppliers implements AutoCloseable {

  private static final int PIECE = 1 << 12;

  /** The most pieces that wait for workers, or are being written. */
  private static final int UNDER_WAY = 64;

  private static final int MOST_WORKERS = 16;

  /** The rows of a range: with their open blocks they fit into a core's cache. */
  private static final int RANGE_SHIFT = 10;

  /** From so many ranges on there is one piece for several. A power of two. */
  private static final int MOST_PIECES = 1 << 12;

  /** By how much a range's first piece is shorter than that of the range before it. */
  private static final int SHORTER = 1021;

  private static final class Piece {
    final int[] slots = new int[PIECE];
    final long[] times = new long[PIECE];
    final long[] bits = new long[PIECE];
    long @Nullable [] starts; // once there was one
    boolean started;
    int size;
    int limit = PIECE;

    void start(int at, long start) {
      long[] all = starts;
      if (all == null) {
        all = new long[PIECE];
        starts = all;
      }
      all[at] = start;
      started = true;
    }

    void clear() {
      if (started && starts != null) {
        Arrays.fill(starts, 0, size, 0);
        started = false;
      }
      size = 0;
    }
  }

  /** What a worker is given to do beside: with rows that nobody else writes meanwhile. */
  interface Work {
    void run(Worker by);
  }

  final class Worker implements Runnable {
    final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private final SeriesWriter writer;
    final SlotList full = new SlotList();
    final Thread thread;
    volatile int fullCount;
    final LateArrivals.Samples late = new LateArrivals.Samples();
    volatile int lateCount;
    long samples;
    long opened;
    long known;
    long minTime = Long.MAX_VALUE;
    long maxTime = Long.MIN_VALUE;
    boolean over;

    Worker(int number, SlabAllocator allocator, HeadCounters counters, HeadOptions options) {
      this.writer = new SeriesWriter(allocator, counters, options, head.histograms);
      this.thread = Thread.ofPlatform().daemon().name("replay-" + number).unstarted(this);
    }

    @Override
    public void run() {
      try {
        while (!over) {
          queue.take().run();
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts this thread", e);
      }
    }

    void take(Piece piece) {
      take(by -> {
        try {
          if (failure == null) {
            apply(piece);
          }
        } finally {
          free.add(piece);
        }
      });
    }

    void take(Work work) {
      queue.add(() -> {
        try {
          work.run(this);
        } catch (RuntimeException | Error e) {
          failure = e; // the reader throws it
        }
      });
    }

    /** Adds a sample to a row, unless the row has one as young. */
    void append(int slot, long time, long valueBits) {
      long row = head.index.rows.address(slot);
      if (time <= XorAppender.lastTime(row)) {
        known++;
        return;
      }
      writer.append(row, slot, 0, time, valueBits, full);
      samples++;
      minTime = Math.min(minTime, time);
      maxTime = Math.max(maxTime, time);
      fullCount = full.size();
    }

    /**
     * Opens a chunk that was copied, if its row has none, and nothing as young.
     *
     * @return false if its samples must be looked at one by one
     */
    boolean open(int slot, long chunkMinTime, long nextCut, OpenChunk copy) {
      long row = head.index.rows.address(slot);
      if (Rows.hasOpen(row)
          || chunkMinTime <= XorAppender.lastTime(row)
          || !writer.mayEnd(chunkMinTime, nextCut)
          || !writer.open(row, chunkMinTime, nextCut, copy)) {
        return false;
      }
      opened += copy.samples();
      minTime = Math.min(minTime, chunkMinTime);
      maxTime = Math.max(maxTime, copy.lastTime());
      return true;
    }

    private void apply(Piece piece) {
      Rows rows = head.index.rows;
      int[] slots = piece.slots;
      int size = piece.size;
      long @Nullable [] starts = piece.started ? piece.starts : null;
      long applied = 0;
      long least = minTime;
      long most = maxTime;
      for (int i = 0; i < size; i++) {
        int slot = slots[i];
        long time = piece.times[i];
        long start = starts == null ? 0 : starts[i];
        long row = rows.address(slot);
        long last = XorAppender.lastTime(row);
        if (time <= last) {
          if (keepLate && time < last) {
            late.add(slot, start, time, piece.bits[i]);
          }
          continue;
        }
        writer.append(row, slot, start, time, piece.bits[i], full);
        applied++;
        least = Math.min(least, time);
        most = Math.max(most, time);
      }
      samples += applied;
      known += size - applied;
      minTime = least;
      maxTime = most;
      fullCount = full.size();
      lateCount = late.size();
    }
  }

  private final Head head;
  private final int mask;
  private final List<Worker> workers = new ArrayList<>();
  private final BlockingQueue<Piece> free = new LinkedBlockingQueue<>();
  private volatile @Nullable Throwable failure;
  private @Nullable Piece[] pieces = new Piece[16]; // of the ranges, null without samples
  private final SlotList used = new SlotList(); // the places of those that are not null
  private int made;
  private int given;
  private boolean isDrained = true; // nothing was added or given since
  private boolean keepLate; // changed only while nothing is under way

  SampleAppliers(Head head, int cores) {
    this.head = head;
    int count = Integer.highestOneBit(Math.clamp(cores, 1, MOST_WORKERS));
    mask = count - 1;
    for (int i = 0; i < count; i++) {
      workers.add(new Worker(i, head.allocator, head.counters, head.options));
    }
    workers.forEach(worker -> worker.thread.start());
  }

  /**
   * Adds a sample to a row, unless the row has one as young.
   *
   * @param start its start timestamp, 0 for unknown
   */
  void add(int slot, long start, long time, long valueBits) {
    int range = (slot >>> RANGE_SHIFT) & (MOST_PIECES - 1);
    Piece into = range < pieces.length ? pieces[range] : null;
    if (into == null) {
      into = begin(range);
    }
    int at = into.size;
    into.slots[at] = slot;
    into.times[at] = time;
    into.bits[at] = valueBits;
    if (start != 0) {
      into.start(at, start);
    }
    into.size = at + 1;
    if (into.size == into.limit) {
      workers.get(range & mask).take(into);
      pieces[range] = next();
      rethrow();
    }
  }

  private Piece begin(int range) {
    if (range >= pieces.length) {
      pieces = Arrays.copyOf(pieces, Math.max(range + 1, 2 * pieces.length));
    }
    Piece piece = next();
    // A scrape fills all pieces alike; so that they do not become full together, some begin short.
    piece.limit = PIECE - range * SHORTER % PIECE;
    pieces[range] = piece;
    used.add(range);
    isDrained = false;
    return piece;
  }

  /** An empty piece: a new one, if too few are under way yet. */
  private Piece next() {
    Piece piece = free.poll();
    if (piece == null && made < used.size() + UNDER_WAY) {
      made++;
      return new Piece();
    }
    if (piece == null) {
      piece = uninterrupted(free::take);
    }
    piece.clear();
    piece.limit = PIECE;
    return piece;
  }

  /** Gives one of the workers something else to do. */
  void give(Work work) {
    isDrained = false;
    workers.get(given++ & mask).take(work);
    rethrow();
  }

  interface Waiting<T> {
    T await() throws InterruptedException;
  }

  static <T> T uninterrupted(Waiting<T> waiting) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return waiting.await();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void rethrow() {
    Throwable broken = failure;
    if (broken != null) {
      throw new StorageException("replay of samples: " + broken, broken);
    }
  }

  /** Waits until all that was added is in rows. */
  void drain() {
    if (isDrained) {
      return;
    }
    for (int range : used.take()) {
      Piece piece = pieces[range];
      pieces[range] = null;
      if (piece != null) {
        workers.get(range & mask).take(piece);
      }
    }
    CountDownLatch done = new CountDownLatch(workers.size());
    workers.forEach(worker -> worker.queue.add(done::countDown));
    uninterrupted(() -> {
      done.await();
      return done;
    });
    isDrained = true;
    rethrow();
  }

  /** From now on samples older than their row's newest are kept; nothing may be under way. */
  void keepLate() {
    keepLate = true;
  }

  /** About how many late samples there are since the last call of {@link #takeLate}. */
  int lateCount() {
    int sum = 0;
    for (Worker worker : workers) {
      sum += worker.lateCount;
    }
    return sum;
  }

  /** Hands over the late samples, those of a series in their order; nothing may be under way. */
  void takeLate(LateArrivals into) {
    for (Worker worker : workers) {
      into.addAll(worker.late);
      worker.late.clear();
      worker.lateCount = 0;
    }
  }

  /** About how many chunks became full since the last call of {@link #takeFull}. */
  int fullChunks() {
    int sum = 0;
    for (Worker worker : workers) {
      sum += worker.fullCount;
    }
    return sum;
  }

  /** Tells groups of their series' full chunks; nothing may be under way. */
  void takeFull() {
    for (Worker worker : workers) {
      for (int slot : worker.full.take()) {
        head.group(Rows.group(head.index.rows.address(slot))).full.add(slot);
      }
      worker.fullCount = 0;
    }
  }

  /** The samples that were put into rows. */
  long samples() {
    return workers.stream().mapToLong(worker -> worker.samples).sum();
  }

  /** The samples of copied chunks that were opened. */
  long opened() {
    return workers.stream().mapToLong(worker -> worker.opened).sum();
  }

  /** The samples that rows had already. */
  long known() {
    return workers.stream().mapToLong(worker -> worker.known).sum();
  }

  /** The time of the oldest sample that was put into a row, or the greatest number. */
  long minTime() {
    return workers.stream().mapToLong(worker -> worker.minTime).min().orElse(Long.MAX_VALUE);
  }

  /** The time of the newest sample that was put into a row, or the least number. */
  long maxTime() {
    return workers.stream().mapToLong(worker -> worker.maxTime).max().orElse(Long.MIN_VALUE);
  }

  /** Ends the threads, when they have done what they were given. */
  @Override
  public void close() {
    for (Worker worker : workers) {
      worker.queue.add(() -> worker.over = true);
    }
    for (Worker worker : workers) {
      uninterrupted(() -> {
        worker.thread.join();
        return worker;
      });
    }
  }
}
