package io.narthex.promql.engine.core;

import io.narthex.base.time.Clock;
import io.narthex.promql.ast.Position;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What accompanies one query: its deadline and the means to call it off, its budget of samples, its
 * annotations and what it cost. Thread-safe; the workers of a query share it, and any thread may
 * cancel.
 */
public final class QueryContext {

  private final Clock clock;
  private final long deadlineNanos;
  private final long maxSamples;
  private final Annotations annotations = new Annotations();
  private final LongAdder samples = new LongAdder();
  private final AtomicLong held = new AtomicLong();
  private final AtomicLong peak = new AtomicLong();
  private final Cancellation cancellation;
  private final Workers workers;
  private final MemoryAccount memory;
  private final String query;
  // What is being evaluated: for the message when memory ends.
  private volatile @Nullable Position part;
  private volatile long sortNanos;
  private volatile LongAdder @Nullable [] perStep;
  private final LongAdder samplesRead = new LongAdder();
  private volatile LongAdder @Nullable [] readPerStep;
  // Who is told when the query is explained; else nobody.
  private @Nullable PlanWatch watch;
  private Optimisations optimisations = Optimisations.ALL;
  // By thread, the samples looked at; only where parts of the query are shared.
  private volatile @Nullable ThreadLocal<long[]> tallies;

  /**
   * @param clock tells when the time is up
   * @param timeoutNanos the longest the query may take from now on; 0 for no limit
   * @param maxSamples the most samples it may hold at once; 0 for no limit
   * @param cancellation calls it off
   * @param workers the threads that help it
   * @param memory what it takes its memory from
   * @param query its text
   */
  public QueryContext(
      Clock clock,
      long timeoutNanos,
      long maxSamples,
      Cancellation cancellation,
      Workers workers,
      MemoryAccount memory,
      String query) {
    this.memory = memory;
    this.query = query;
    this.workers = workers;
    this.clock = clock;
    this.cancellation = cancellation;
    this.deadlineNanos = timeoutNanos <= 0 ? Long.MAX_VALUE : clock.nanos() + timeoutNanos;
    this.maxSamples = maxSamples <= 0 ? Long.MAX_VALUE : maxSamples;
  }

  /** The time left in nanoseconds; not positive when it is up. */
  public long remainingNanos() {
    return deadlineNanos == Long.MAX_VALUE ? Long.MAX_VALUE : deadlineNanos - clock.nanos();
  }

  /** Ends the query if it was called off or its time is up. Readers call it once per series. */
  public void check() {
    check("expression evaluation");
  }

  /** As {@link #check()}, in another stage of the query's life. */
  public void check(String stage) {
    if (cancellation.isCancelled()) {
      throw new QueryException(QueryException.Kind.CANCELED, "query was canceled in " + stage);
    }
    if (remainingNanos() <= 0) {
      throw new QueryException(QueryException.Kind.TIMEOUT, "query timed out in " + stage);
    }
  }

  /** The threads that help it. */
  public Workers workers() {
    return workers;
  }

  /** Where warnings and infos go. */
  public Annotations annotations() {
    return annotations;
  }

  /**
   * Has the query planned in another way, or watched; before it begins.
   *
   * @param watch is told how it is planned and what its parts cost, or null
   */
  public void observe(Optimisations optimisations, @Nullable PlanWatch watch) {
    this.optimisations = optimisations;
    this.watch = watch;
  }

  /** Who is told of the plan; null unless the query is explained. */
  public @Nullable PlanWatch watch() {
    return watch;
  }

  /** What the planner may do. */
  public Optimisations optimisations() {
    return optimisations;
  }

  /** Counts samples by thread from now on, for {@link #tally}. */
  void tallies() {
    if (tallies == null) {
      tallies = ThreadLocal.withInitial(() -> new long[1]);
    }
  }

  /** The samples that the calling thread has looked at since {@link #tallies}. */
  long tally() {
    ThreadLocal<long[]> counters = tallies;
    return counters == null ? 0 : counters.get()[0];
  }

  /** Keeps samples by step from now on. */
  public void countPerStep(int steps) {
    perStep = counters(steps);
    readPerStep = counters(steps);
  }

  private static LongAdder[] counters(int steps) {
    LongAdder[] counters = new LongAdder[steps];
    for (int i = 0; i < steps; i++) {
      counters[i] = new LongAdder();
    }
    return counters;
  }

  /** Whether samples are counted by step. */
  public boolean countsPerStep() {
    return perStep != null;
  }

  /** Adds samples that were looked at, and those of them that had to be read. */
  public void looked(long count, long read) {
    samples.add(count);
    samplesRead.add(read);
    ThreadLocal<long[]> counters = tallies;
    if (counters != null) {
      counters.get()[0] += count;
    }
    if (watch != null) {
      watch.looked(read);
    }
  }

  /** The samples that were looked at so far. */
  public long samples() {
    return samples.sum();
  }

  /** The most samples that were held at once so far. */
  public long peakSamples() {
    return peak.get();
  }

  /** Says how long it took to put the result in order. */
  public void sorted(long nanos) {
    sortNanos = nanos;
  }

  /** What tells the time. */
  public Clock clock() {
    return clock;
  }

  /** Adds samples that were looked at, and read, by one step; if {@link #countsPerStep}. */
  void lookedAt(int step, long count, long read) {
    LongAdder[] counters = perStep;
    LongAdder[] readCounters = readPerStep;
    if (counters != null && readCounters != null) {
      counters[step].add(count);
      readCounters[step].add(read);
    }
  }

  /**
   * Says which part of the query is evaluated from now on, by the query's own thread.
   *
   * @return the part before, to be named again afterwards
   */
  public @Nullable Position enter(@Nullable Position next) {
    Position before = part;
    part = next;
    return before;
  }

  /**
   * Accounts for memory before it is allocated; it is given back when the query's answer is closed.
   *
   * @throws QueryException if the query may not have so much
   */
  public void take(long bytes) {
    memory.take(bytes, this::partText);
    if (watch != null) {
      watch.took(bytes);
    }
  }

  /** Takes memory that the query can do without, if there is any left. */
  boolean offer(long bytes) {
    boolean taken = memory.offer(bytes);
    if (taken && watch != null) {
      watch.took(bytes);
    }
    return taken;
  }

  /** Accounts for a column that is kept. */
  public void take(Column column) {
    take(column.bytes());
  }

  private String partText() {
    Position now = part;
    byte[] text = query.getBytes(StandardCharsets.UTF_8);
    if (now == null || now.start() < 0 || now.end() > text.length || now.end() <= now.start()) {
      return query;
    }
    return new String(text, now.start(), now.end() - now.start(), StandardCharsets.UTF_8);
  }

  /** Accounts for samples that are held from now on (a negative number: no longer). */
  public void hold(long count) {
    touch(held.addAndGet(count));
  }

  /** Accounts for samples that are held for a moment, on top of those that are held for longer. */
  public void holdBriefly(long count) {
    touch(held.get() + count);
  }

  private void touch(long now) {
    if (now > peak.get()) {
      peak.accumulateAndGet(now, Math::max);
      if (now > maxSamples) {
        throw QueryException.tooManySamples();
      }
    }
  }

  /**
   * What it has cost so far; the times are the caller's.
   *
   * @param evaluationNanos putting the result in order included
   */
  public QueryStats stats(long queueNanos, long prepareNanos, long evaluationNanos) {
    return new QueryStats(
        samples.sum(),
        samplesRead.sum(),
        peak.get(),
        sums(perStep),
        sums(readPerStep),
        queueNanos,
        prepareNanos,
        Math.max(0, evaluationNanos - sortNanos),
        sortNanos);
  }

  private static List<Long> sums(LongAdder @Nullable [] counters) {
    return counters == null ? List.of() : Arrays.stream(counters).map(LongAdder::sum).toList();
  }
}
