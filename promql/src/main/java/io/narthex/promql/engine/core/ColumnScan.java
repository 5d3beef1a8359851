package io.narthex.promql.engine.core;

import io.narthex.storage.StopSignal;
import org.jspecify.annotations.Nullable;

/**
 * Reads all columns of an operator and hands them on in the order of the series, always: what is
 * added up of them does not depend on the number of threads.
 *
 * <p>With helpers, the series are read in batches by several threads while the query's own thread
 * takes the finished batches in order; whenever the next one is not finished it reads one itself.
 * Batches lie in a ring of slots, so that nobody runs far ahead and memory is bounded. A helper
 * that finds no slot free waits for the query's thread, never the other way round before a helper
 * has begun: however busy the pool is, no query stands still.
 */
public final class ColumnScan {

  /** Fewer series than this are not worth a second thread. */
  private static final int MIN_SERIES = 256;

  /** Nor is less work than this, in steps; reading a series counts as 64 of them. */
  private static final long MIN_WORK = 100_000;

  private static final int SERIES_WORK = 64;
  private static final int BATCH_WORK = 16_384;

  /** A column that is this short is not worth counting, nor looking at the clock for. */
  private static final int FREE_STEPS = 4096;

  private final Operator input;
  private final QueryContext context;
  private final Slot[] slots;
  private final int batch;
  private final int batches;

  // Guarded by this.
  private int claimed;
  private int consumed;
  private int helping;
  private boolean over;
  private @Nullable Throwable failure;

  /** Takes columns. */
  public interface Consumer {

    /**
     * Takes the next column, on the thread that scans.
     *
     * @param column valid during the call only
     */
    void accept(int series, Column column);
  }

  /** The columns of one batch. */
  private static final class Slot {
    private final Column[] columns;
    // The batch that the columns are of, when they are finished; guarded by the scan.
    private int finished = -1;

    Slot(int size, int steps) {
      columns = new Column[size];
      for (int i = 0; i < size; i++) {
        columns[i] = new Column(steps);
      }
    }
  }

  private ColumnScan(Operator input, int threads, QueryContext context) {
    this.input = input;
    this.context = context;
    int steps = input.grid().count();
    batch = Math.clamp(BATCH_WORK / (steps + SERIES_WORK), 8, 256);
    batches = (input.size() + batch - 1) / batch;
    slots = new Slot[threads * 2];
    context.take(Column.bytes(steps) * batch * slots.length);
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new Slot(batch, steps);
    }
  }

  /** Reads everything. */
  public static void run(Operator input, QueryContext context, Consumer consumer) {
    int size = input.size();
    int threads = context.workers().count();
    long work = (long) size * (input.grid().count() + SERIES_WORK);
    if (threads < 2 || size < MIN_SERIES || work < MIN_WORK) {
      sequential(input, context, consumer);
      return;
    }
    ColumnScan scan = new ColumnScan(input, threads, context);
    PlanWatch watch = context.watch();
    if (watch != null) {
      watch.note(
          new PlanNote(
              PlanNote.Kind.PARALLEL,
              "up to %d threads read %d series in batches of %d, folded in order"
                  .formatted(threads, size, scan.batch)));
    }
    for (int i = 1; i < threads; i++) {
      context.workers().executor().execute(scan::help);
    }
    scan.consume(consumer);
  }

  private static void sequential(Operator input, QueryContext context, Consumer consumer) {
    int steps = input.grid().count();
    if (steps > FREE_STEPS) {
      context.take(Column.bytes(steps));
    }
    Operator.Reader reader = input.reader();
    Column column = new Column(steps);
    for (int i = 0; i < input.size(); i++) {
      if (steps > FREE_STEPS || (i & 15) == 0) {
        context.check();
      }
      reader.read(i, column);
      consumer.accept(i, column);
    }
  }

  /** The query's own thread. */
  private void consume(Consumer consumer) {
    try {
      Operator.Reader reader = input.reader();
      for (int b = 0; b < batches; b++) {
        while (!isFinished(b)) {
          int mine = claim(false);
          if (mine >= 0) {
            read(reader, mine);
          }
        }
        Column[] columns = slots[b % slots.length].columns;
        int first = b * batch;
        int count = Math.min(batch, input.size() - first);
        context.check();
        for (int i = 0; i < count; i++) {
          consumer.accept(first + i, columns[i]);
        }
        free(b);
      }
    } finally {
      end();
    }
  }

  private void help() {
    try {
      StopSignal.during(context::check, this::readAll);
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  private void readAll() {
    Operator.Reader reader = null;
    for (int b = claim(true); b >= 0; b = claim(true)) {
      try {
        if (reader == null) {
          reader = input.reader();
        }
        read(reader, b);
      } finally {
        released();
      }
    }
  }

  /** Reads a batch that was claimed. */
  private void read(Operator.Reader reader, int b) {
    Slot slot = slots[b % slots.length];
    int first = b * batch;
    int count = Math.min(batch, input.size() - first);
    for (int i = 0; i < count; i++) {
      reader.read(first + i, slot.columns[i]);
    }
    synchronized (this) {
      slot.finished = b;
      notifyAll();
    }
  }

  /**
   * The next batch to read. A helper waits for a slot; the query's own thread waits for any batch
   * to be finished instead, if there is nothing to claim.
   *
   * @return -1 if there is none for the caller
   */
  private synchronized int claim(boolean helper) {
    while (!over && claimed < batches) {
      if (claimed < consumed + slots.length) {
        if (helper) {
          helping++;
        }
        return claimed++;
      }
      if (!helper) {
        break;
      }
      await();
    }
    if (!helper && !over && slots[consumed % slots.length].finished != consumed) {
      await();
    }
    return -1;
  }

  private synchronized boolean isFinished(int b) {
    Throwable failed = failure;
    if (failed instanceof RuntimeException e) {
      throw e;
    }
    if (failed instanceof Error e) {
      throw e;
    }
    return slots[b % slots.length].finished == b;
  }

  private synchronized void free(int b) {
    consumed = b + 1;
    notifyAll();
  }

  private synchronized void fail(Throwable e) {
    if (failure == null) {
      failure = e;
    }
    over = true;
    notifyAll();
  }

  private synchronized void released() {
    helping--;
    notifyAll();
  }

  /** Stops the helpers. Nobody reads any more when it returns: the storage may be closed then. */
  private synchronized void end() {
    over = true;
    notifyAll();
    boolean interrupted = false;
    while (helping > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void await() {
    try {
      wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QueryException(
          QueryException.Kind.CANCELED, "query was canceled in expression evaluation", e);
    }
  }
}
