package io.narthex.tsdb.head;

import io.narthex.base.memory.SlabAllocator;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.chunk.XorAppender;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Puts the samples of a replay into rows, on as many threads as there are cores. The thread that
 * reads the log hands samples over in pieces; each worker takes of every piece the samples of its
 * own slots, so that a row has one writer and gets its samples in order. There are few pieces, and
 * the reader waits for a free one: the memory is bounded.
 *
 * <p>While samples are under way no other thread may touch rows; {@link #drain} waits until none
 * are. Belongs to the reading thread.
 */
final class SampleAppliers implements AutoCloseable {

  private static final int PIECE = 1 << 14;
  private static final int PIECES = 6;
  private static final int MOST_WORKERS = 16;

  /** How many rows, one after the other, are of the same worker: their lines are read ahead. */
  private static final int RUN_SHIFT = 6;

  private static final class Piece {
    final int[] slots = new int[PIECE];
    final long[] times = new long[PIECE];
    final long[] bits = new long[PIECE];
    long @Nullable [] starts; // once there was one
    boolean started;
    int size;
    final AtomicInteger pending = new AtomicInteger();

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

  private static final Piece END = new Piece();

  private final class Worker implements Runnable {
    final int number;
    final BlockingQueue<Piece> queue = new ArrayBlockingQueue<>(PIECES + 1);
    final SeriesWriter writer;
    final SlotList full = new SlotList();
    final Thread thread;
    volatile int fullCount;
    final LateArrivals.Samples late = new LateArrivals.Samples();
    volatile int lateCount;
    long samples;
    long known;
    long minTime = Long.MAX_VALUE;
    long maxTime = Long.MIN_VALUE;

    Worker(int number, SlabAllocator allocator, HeadCounters counters, HeadOptions options) {
      this.number = number;
      this.writer = new SeriesWriter(allocator, counters, options, head.histograms);
      this.thread = Thread.ofPlatform().daemon().name("replay-" + number).unstarted(this);
    }

    @Override
    public void run() {
      try {
        while (true) {
          Piece piece = queue.take();
          if (piece == END) {
            return;
          }
          try {
            if (failure == null) {
              apply(piece);
            }
          } catch (RuntimeException | Error e) {
            failure = e; // the reader throws it
          }
          if (piece.pending.decrementAndGet() == 0) {
            free.put(piece);
          }
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts this thread", e);
      }
    }

    private void apply(Piece piece) {
      Rows rows = head.index.rows;
      int[] slots = piece.slots;
      int size = piece.size;
      long @Nullable [] starts = piece.started ? piece.starts : null;
      long applied = 0;
      long least = minTime;
      long most = maxTime;
      long mine = 0;
      for (int i = 0; i < size; i++) {
        int slot = slots[i];
        if (((slot >>> RUN_SHIFT) & mask) != number) {
          continue;
        }
        mine++;
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
      known += mine - applied;
      minTime = least;
      maxTime = most;
      fullCount = full.size();
      lateCount = late.size();
    }
  }

  private final Head head;
  private final int mask;
  private final List<Worker> workers = new ArrayList<>();
  private final BlockingQueue<Piece> free = new ArrayBlockingQueue<>(PIECES);
  private volatile @Nullable Throwable failure;
  private Piece piece;
  private boolean busy; // whether anything was added since it was drained
  private boolean keepLate; // changed only while nothing is under way

  SampleAppliers(Head head, int cores) {
    this.head = head;
    int count = Integer.highestOneBit(Math.clamp(cores, 1, MOST_WORKERS));
    mask = count - 1;
    piece = new Piece();
    for (int i = 1; i < PIECES; i++) {
      free.add(new Piece());
    }
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
    busy = true;
    Piece into = piece;
    int at = into.size;
    into.slots[at] = slot;
    into.times[at] = time;
    into.bits[at] = valueBits;
    if (start != 0) {
      into.start(at, start);
    }
    into.size = at + 1;
    if (into.size == PIECE) {
      dispatch();
    }
  }

  private void dispatch() {
    Piece full = piece;
    full.pending.set(workers.size());
    for (Worker worker : workers) {
      worker.queue.add(full);
    }
    piece = take();
    piece.clear();
    rethrow();
  }

  private Piece take() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return free.take();
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
    if (!busy) {
      return;
    }
    if (piece.size > 0) {
      dispatch();
    }
    Piece[] all = new Piece[PIECES - 1];
    for (int i = 0; i < all.length; i++) {
      all[i] = take();
    }
    for (Piece one : all) {
      free.add(one);
    }
    busy = false;
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
    boolean interrupted = false;
    for (Worker worker : workers) {
      while (worker.thread.isAlive()) {
        try {
          if (worker.queue.peek() != END) {
            worker.queue.put(END);
          }
          worker.thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
