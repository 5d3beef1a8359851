package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.time.Clock;
import io.narthex.model.labels.Matcher;
import io.narthex.storage.Appendable;
import io.narthex.storage.DatabaseAdmin;
import io.narthex.storage.ExemplarQuerier;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.compact.Retention;
import io.narthex.tsdb.head.Head;
import io.narthex.tsdb.head.HeadOptions;
import io.narthex.tsdb.head.HeadReplay;
import io.narthex.tsdb.headchunks.HeadChunks;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalDirectory;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A time series database in a directory of Prometheus' layout: young samples in the head, secured
 * by the write-ahead log; older ones in blocks.
 *
 * <p><b>Life.</b> {@link #open} takes the directory's lock and opens the blocks. {@link #replay}
 * then reads head chunks and log, on the caller's thread, and starts maintenance; until it has
 * ended, reading is refused with {@link #NOT_READY}, but by {@link #partial}, while {@link
 * #replayProgress} tells how far it is. Groups may be opened and batches committed at once: the
 * first batches wait a while, until the log's series are known, and are in the log when their
 * commit returns. {@link #close} makes everything durable.
 *
 * <p><b>What it promises.</b> A commit that has returned survives the death of the process. It
 * survives the death of the machine once its segment of the log is full or the database closed. A
 * deletion that has returned survives both.
 *
 * <p><b>What goes wrong.</b> A broken block is set aside and named in the log; a broken record is
 * taken out of the write-ahead log; a broken head chunk file is cut and its samples come from the
 * log. The rest goes on. A failed round of maintenance is counted and tried again a minute later.
 * All of it is in docs/faults.md.
 *
 * <p>Thread-safe.
 */
public final class Database implements Appendable, Queryable, DatabaseAdmin, AutoCloseable {

  /** The message of the exception that is thrown before the replay has ended. */
  public static final String NOT_READY = "TSDB not ready";

  private static final Logger LOG = LoggerFactory.getLogger(Database.class);
  private static final Duration ROUND = Duration.ofMinutes(1);

  /** How often to look whether an image of the head is due, which may be several times a round. */
  private static final Duration IMAGE_ROUND = Duration.ofSeconds(1);

  /**
   * Made when a first number is wanted: the JDK looks for it for longer than a start should wait.
   */
  private static final class Randomness {
    static final SecureRandom SOURCE = new SecureRandom();

    static void prepare() {
      // The class is initialized now.
    }
  }

  private enum State {
    OPEN,
    READY,
    CLOSED
  }

  private final Path path;
  private final DatabaseOptions options;
  private final Disk disk;
  private final Clock clock;
  private final RandomGenerator random = () -> Randomness.SOURCE.nextLong();
  private final @Nullable DirectoryLock lock;
  private final BlockSet blocks;
  private final Wal wal;
  private final WriteBehindLog lateLog;
  private final Head head;
  private final Filling filling;
  private final MaintenanceCounters counters = new MaintenanceCounters();
  private volatile State state = State.OPEN;
  private volatile boolean stopping;
  private volatile double staleThreshold;
  private volatile boolean snapshots;
  private volatile HeadImages.Rule imageRule = HeadImages.Rule.DEFAULT;
  private volatile @Nullable HeadImages images; // once the replay has ended
  private final ReentrantLock replaying = new ReentrantLock();

  // Set by the replay.
  private volatile @Nullable Compaction compaction;
  private volatile @Nullable Retention nextRetention;
  private @Nullable Thread maintenance;

  private volatile @Nullable FutureTask<?> seriesPass;
  private volatile @Nullable Thread seriesThread;

  private Database(
      Path path,
      DatabaseOptions options,
      Disk disk,
      Clock clock,
      @Nullable DirectoryLock lock,
      BlockSet blocks,
      Wal wal,
      WriteBehindLog lateLog) {
    this.path = path;
    this.options = options;
    this.disk = disk;
    this.clock = clock;
    this.lock = lock;
    this.blocks = blocks;
    this.wal = wal;
    this.lateLog = lateLog;
    HeadOptions headOptions =
        new HeadOptions(
            options.minBlockMillis(),
            options.samplesPerChunk(),
            options.maxSeries(),
            options.checkMemory(),
            options.forms());
    this.head = new Head(headOptions, wal::append, null);
    if (lateLog.wal() != null) {
      head.outOfOrder().log(lateLog::append);
    }
    this.head.awaitReplay();
    this.filling =
        new Filling(disk, clock, path, head, blocks, wal, lateLog, counters, () -> stopping);
  }

  /**
   * Makes ready, on a thread of its own, what {@link #open} needs of the system: for a caller that
   * has other things to do before. Not needed.
   */
  public static void prepare() {
    Thread.ofPlatform()
        .daemon()
        .name("tsdb-prepare")
        .start(() -> {
          Libc.prepare();
          Randomness.prepare();
        });
  }

  /**
   * Opens the database in a directory, which is made if it is missing. {@link #replay} must follow.
   *
   * @param registry gets the {@code prometheus_tsdb_*} metrics
   * @throws StorageException if another process has the directory, or it cannot be used; one line
   */
  public static Database open(
      Path path, DatabaseOptions options, Disk disk, Clock clock, PrometheusRegistry registry) {
    DirectoryLock lock = null;
    BlockSet blocks = null;
    boolean done = false;
    try {
      disk.createDirectories(path);
      NetworkDisk.warn(disk, path);
      lock = options.lockFile() ? DirectoryLock.acquire(path) : null;
      Strays.moveAway(disk, path);
      blocks = new BlockSet(disk, clock, path);
      blocks.removeTemporary();
      boolean whole = blocks.reload();
      List<Integer> missing = new WalDirectory(disk, path.resolve("wal")).fillGaps();
      if (!missing.isEmpty()) {
        LOG.error("segments of the write-ahead log are missing, and so is their data: {}", missing);
      }
      Wal wal =
          Wal.open(
              disk,
              clock,
              path.resolve("wal"),
              options.walSegmentBytes(),
              options.walCompression());
      WriteBehindLog lateLog = new WriteBehindLog(disk, clock, path, options);
      List<Integer> missingLate = lateLog.openIfThere();
      if (!missingLate.isEmpty()) {
        LOG.error("segments of the log of late samples are missing: {}", missingLate);
      }
      Database database = new Database(path, options, disk, clock, lock, blocks, wal, lateLog);
      database.counters.walCorruptions.add(missing.size() + missingLate.size());
      database.counters.reloads.increment();
      database.counters.failedReloads.add(whole ? 0 : 1);
      new DatabaseMetrics(database).register(registry);
      new OutOfOrderMetrics(registry, database.head.outOfOrder().counters(), lateLog).register();
      done = true;
      return database;
    } catch (DiskException e) {
      throw new StorageException("open the database: " + e.getMessage(), e);
    } finally {
      if (!done) {
        if (blocks != null) {
          blocks.close();
        }
        if (lock != null) {
          lock.close();
        }
      }
    }
  }

  /** Opens a database on the machine's disk and clock, and replays it. */
  public static Database openAndReplay(
      Path path, DatabaseOptions options, PrometheusRegistry registry) {
    Database database = open(path, options, Disk.SYSTEM, Clock.SYSTEM, registry);
    boolean done = false;
    try {
      database.replay();
      done = true;
      return database;
    } finally {
      if (!done) {
        database.close();
      }
    }
  }

  /**
   * Lets a clean stop write a chunk snapshot, and the replay begin with one that is there. To be
   * called before {@link #replay}.
   */
  public void useChunkSnapshots() {
    snapshots = true;
  }

  /**
   * Sets when images of the head are written, from which the next start goes on: not before it
   * would have to read 32 samples of each series. To be called before {@link #replay}.
   *
   * @param samples nor before it would have to read so many in all; 0 for never
   */
  public void imagesAfter(long samples) {
    imagesAfter(samples, HeadImages.Rule.DEFAULT.samplesPerSeries());
  }

  /** With another number than 32. */
  void imagesAfter(long samples, int samplesPerSeries) {
    imageRule = new HeadImages.Rule(samples == 0 ? Long.MAX_VALUE : samples, samplesPerSeries);
  }

  /**
   * Begins to read the series of the log on a thread of its own, for a caller that has other things
   * to do before {@link #replay}, which goes on where this ends: writers wait for the series.
   */
  public void beginReplay() {
    FutureTask<?> pass = new FutureTask<>(filling::begin, null);
    seriesPass = pass;
    seriesThread = Thread.ofPlatform().daemon().name("replay-series").start(pass);
  }

  /** Waits for what {@link #beginReplay} began. */
  private void awaitSeriesPass() {
    Thread thread = seriesThread;
    if (thread != null) {
      joinUninterruptibly(thread);
    }
  }

  /**
   * Fills the head from disk, and starts maintenance. To be called once.
   *
   * @throws StorageException if the directory cannot be read
   */
  public void replay() {
    awaitSeriesPass();
    replaying.lock();
    try {
      if (stopping) {
        throw new StorageException("the database is closed");
      }
      FutureTask<?> pass = seriesPass;
      if (pass != null && pass.state() == Future.State.FAILED) {
        Throwable why = pass.exceptionNow();
        throw why instanceof RuntimeException e ? e : new StorageException("replay: " + why, why);
      }
      HeadReplay.Result result = filling.run(snapshots);
      HeadImages ofHead =
          new HeadImages(
              new HeadSnapshots(disk, clock, path), head, wal, imageRule, result.samples());
      images = ofHead;
      Compaction work =
          new Compaction(
              disk,
              clock,
              random,
              path,
              options,
              head,
              Objects.requireNonNull(filling.chunks()),
              wal,
              blocks,
              counters,
              () -> stopping,
              lateLog,
              ofHead);
      work.log().keepRefs(result.aliases(), wal.segment());
      work.staleSeriesThreshold(staleThreshold);
      begin(work);
    } catch (DiskException e) {
      throw new StorageException("replay: " + e.getMessage(), e);
    } finally {
      if (state != State.READY) {
        head.abandonReplay();
      }
      replaying.unlock();
    }
  }

  private void begin(Compaction work) {
    compaction = work;
    Retention next = nextRetention;
    if (next != null) {
      work.retention(next);
    }
    state = State.READY;
    maintenance = Thread.ofPlatform().daemon().name("tsdb-maintenance").start(this::rounds);
  }

  private void rounds() {
    try {
      head.listSeries();
      long next = clock.nanos() + ROUND.toNanos();
      while (state == State.READY) {
        clock.sleep(IMAGE_ROUND);
        if (clock.nanos() - next >= 0) {
          maintain();
          next = clock.nanos() + ROUND.toNanos();
        } else {
          maintain(Compaction::image);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // told to stop
    }
  }

  /**
   * Does at once what maintenance does each minute: moves full chunks to files, cuts blocks that
   * are due, makes several blocks into one, deletes old ones.
   */
  public void maintain() {
    maintain(Compaction::run);
  }

  private synchronized void maintain(Consumer<Compaction> part) {
    Compaction work = compaction;
    if (state == State.READY && work != null) {
      try {
        part.accept(work);
      } catch (RuntimeException e) {
        // A defect, not a state of the disk; the next round may still do the rest.
        counters.failures.increment();
        LOG.error("maintenance failed", e);
      }
    }
  }

  /** Whether the replay has ended. */
  public boolean isReady() {
    return state == State.READY;
  }

  private void ensureReady() {
    switch (state) {
      case OPEN -> throw new StorageException(NOT_READY);
      case CLOSED -> throw new StorageException("the database is closed");
      case READY -> {}
    }
  }

  @Override
  public AppendGroup group() {
    if (state == State.CLOSED) {
      throw new StorageException("the database is closed");
    }
    return head.group();
  }

  @Override
  public Querier querier(long minTime, long maxTime) {
    ensureReady();
    // The head first: what leaves it afterwards is in a block that is listed already.
    return blocks.with(head.querier(minTime, maxTime), minTime, maxTime);
  }

  @Override
  public Queryable partial() {
    return (minTime, maxTime) ->
        state == State.OPEN
            ? blocks.with(filling.querier(minTime, maxTime), minTime, maxTime)
            : querier(minTime, maxTime);
  }

  /** The exemplars of the series. */
  public ExemplarQuerier exemplars() {
    return head.exemplars();
  }

  /**
   * Sets how many exemplars are kept: none, until this is called. Before the replay it also decides
   * whether those of the log are read. Of what is there, those that came last are kept.
   */
  public void maxExemplars(int most) {
    int before = head.exemplars().capacity();
    int kept = head.exemplars().resize(most);
    if (before != head.exemplars().capacity()) {
      LOG.info("exemplar storage resized from {} to {}, {} kept", before, most, kept);
    }
  }

  /**
   * Sets when series that have ended leave the head before all others: when they are this part of
   * all its series. 0, as at first, is never.
   */
  public synchronized void staleSeriesThreshold(double ratio) {
    staleThreshold = ratio;
    Compaction work = compaction;
    if (work != null) {
      work.staleSeriesThreshold(ratio);
    }
  }

  @Override
  public HeadStats headStats() {
    return new HeadStats(
        head.series(),
        head.labelPairs(),
        head.counters().chunks.sum(),
        head.minTime(),
        head.maxTime());
  }

  @Override
  public Cardinality cardinality(int limit) {
    return head.cardinality(limit);
  }

  @Override
  public ReplayProgress replayProgress() {
    return filling.progress();
  }

  @Override
  public List<String> blockMetas() {
    return blocks.blocks().stream().map(block -> block.meta().toJson()).toList();
  }

  @Override
  public synchronized Path snapshot(boolean skipHead) {
    ensureReady();
    Compaction work = compaction;
    return new Snapshots(disk, path)
        .write(
            clock.millis(),
            random,
            blocks.blocks(),
            into -> {
              if (!skipHead && work != null) {
                work.copyHead(into);
              }
            });
  }

  /** How much is kept; before the replay has ended, what the options say. */
  public Retention retention() {
    Compaction work = compaction;
    Retention next = nextRetention;
    if (work == null && next != null) {
      return next;
    }
    return work == null
        ? new Retention(
            options.retentionMillis(),
            options.blocks().retentionBytes(),
            options.blocks().retentionPercentage())
        : work.retention();
  }

  /** Changes how much is kept; it is in force from the next round of maintenance on. */
  public void retention(Retention next) {
    nextRetention = next;
    Compaction work = compaction;
    if (work != null) {
      work.retention(next);
    }
  }

  /** How far behind the newest sample a late one may be, milliseconds; 0 if none is taken. */
  public long outOfOrderWindow() {
    return head.outOfOrder().windowMillis();
  }

  /**
   * Sets the encoding of the chunks of floats that are begun from now on.
   *
   * @param xor2 whether it is XOR2 rather than XOR
   * @throws IllegalArgumentException if start timestamps are kept, which XOR cannot hold
   */
  public void floatChunks(boolean xor2) {
    head.floatChunks(xor2);
  }

  /**
   * Changes how far behind the newest sample a late one may be; new batches go by it. What was
   * taken before stays, and finds its way into blocks, also when no more is taken.
   *
   * @param millis 0 to take none
   * @throws StorageException if the log of late samples cannot be begun
   */
  public synchronized void outOfOrderWindow(long millis) {
    if (millis > 0) {
      try {
        lateLog.open();
      } catch (DiskException e) {
        throw new StorageException("the log of late samples: " + e.getMessage(), e);
      }
      head.outOfOrder().log(lateLog::append);
      filling.lateMayCome();
    }
    head.outOfOrder().windowMillis(millis);
  }

  @Override
  public synchronized void delete(long minTime, long maxTime, List<Matcher> matchers) {
    ensureReady();
    if (matchers.isEmpty()) {
      return;
    }
    Compaction work = compaction;
    boolean late = head.outOfOrder().minTime() <= maxTime && head.outOfOrder().maxTime() >= minTime;
    try {
      if (late && work != null) {
        // Deletions of the head are about what came in order. In blocks the late samples can be
        // told from those that come after the deletion.
        work.compactOutOfOrder();
      }
      for (Block block : blocks.blocks()) {
        if (block.meta().overlaps(minTime, maxTime)) {
          block.delete(minTime, maxTime, matchers);
        }
      }
      head.delete(minTime, maxTime, matchers);
      wal.sync(); // the samples may be durable already: they must not come back
    } catch (DiskException e) {
      throw new StorageException("delete: " + e.getMessage(), e);
    }
  }

  @Override
  public synchronized void cleanTombstones() {
    ensureReady();
    Compaction work = compaction;
    try {
      if (work != null) {
        work.cleanTombstones();
      }
    } catch (DiskException e) {
      throw new StorageException("clean tombstones: " + e.getMessage(), e);
    }
  }

  /**
   * Ends maintenance, makes everything durable and closes the database. Waits a while for open
   * queriers and batches.
   *
   * @throws StorageException if something could not be made durable; everything is closed all the
   *     same
   */
  @Override
  public void close() {
    stopping = true; // what is under way ends early, and lets go of the locks below
    head.abandonReplay();
    awaitSeriesPass();
    replaying.lock();
    try {
      filling.close();
      closeNow();
    } finally {
      replaying.unlock();
    }
  }

  private void closeNow() {
    Thread thread;
    boolean wasReady;
    synchronized (this) {
      if (state == State.CLOSED) {
        return;
      }
      wasReady = state == State.READY;
      state = State.CLOSED;
      thread = maintenance;
    }
    if (thread != null) {
      thread.interrupt();
      joinUninterruptibly(thread);
    }
    List<RuntimeException> failures = new ArrayList<>();
    HeadChunks chunks = filling.chunks();
    if (wasReady) {
      boolean quiet = head.stopWriting();
      attempt(head::storeChunks, failures);
      HeadImages ofHead = images;
      if (snapshots && quiet && failures.isEmpty()) {
        new HeadSnapshots(disk, clock, path).write(head, wal);
      } else if (ofHead != null && quiet && failures.isEmpty()) {
        ofHead.writeAtStop();
      }
    }
    attempt(head::close, failures);
    if (chunks != null) {
      attempt(chunks::close, failures);
    }
    attempt(wal::close, failures);
    attempt(lateLog::close, failures);
    attempt(blocks::close, failures);
    if (lock != null) {
      attempt(lock::close, failures);
    }
    if (!failures.isEmpty()) {
      RuntimeException first = failures.getFirst();
      failures.subList(1, failures.size()).forEach(first::addSuppressed);
      throw new StorageException("close the database: " + first.getMessage(), first);
    }
  }

  private static void attempt(Runnable work, List<RuntimeException> failures) {
    try {
      work.run();
    } catch (StorageException | DiskException e) {
      failures.add(e);
    }
  }

  private static void joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // For the metrics.

  Head head() {
    return head;
  }

  Wal wal() {
    return wal;
  }

  List<Block> loadedBlocks() {
    return blocks.blocks();
  }

  BlockSet blockSet() {
    return blocks;
  }

  MaintenanceCounters counters() {
    return counters;
  }

  DatabaseOptions options() {
    return options;
  }

  /** -1 without a lock file, 0 if one was left by an earlier run, else 1. */
  int cleanStart() {
    return lock == null ? -1 : lock.replaced() ? 0 : 1;
  }

  /** The bytes of the head chunk files. */
  long headChunkBytes() {
    HeadChunks chunks = filling.chunks();
    return chunks == null ? 0 : chunks.size();
  }
}
