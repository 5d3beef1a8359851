package io.narthex.tsdb.head;

import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.storage.StopSignal;
import io.narthex.tsdb.headchunks.HeadChunks;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A view of the head as it was when it was opened. */
final class HeadQuerier implements Querier {

  private final Head head;
  private final Isolation.Reader isolation;
  private final HeadChunks.@Nullable View view;
  private final long minTime;
  private final long maxTime;
  private final @Nullable StartLog startLog;

  /**
   * @param startLog what this process has written, for an early reader, else null
   */
  HeadQuerier(
      Head head,
      Isolation.Reader isolation,
      HeadChunks.@Nullable View view,
      long minTime,
      long maxTime,
      @Nullable StartLog startLog) {
    this.startLog = startLog;
    this.view = view;
    this.head = head;
    this.isolation = isolation;
    this.minTime = minTime;
    this.maxTime = maxTime;
  }

  @Override
  public SeriesSet select(boolean sorted, SelectHints hints, List<Matcher> matchers) {
    int[] slots = inIndex(selector -> selector.byRef(selector.select(matchers)));
    SinceStart sinceStart =
        startLog == null ? null : SinceStart.read(startLog, head, slots, minTime, maxTime);
    HeadReader reader = new HeadReader(head, isolation, view, slots, sinceStart);
    int n = 0;
    for (int i = 0; i < slots.length; i++) {
      StopSignal.every(i);
      int slot = slots[i];
      if (reader.mayHave(slot, minTime, maxTime) || mayHaveLate(slot)) {
        slots[n++] = slot;
      }
    }
    int[] found = n == slots.length ? slots : Arrays.copyOf(slots, n);
    return sorted ? sorted(found, sinceStart) : new Found(found, null, sinceStart);
  }

  private boolean mayHaveLate(int slot) {
    return !isolation.isEarly()
        && head.outOfOrder.mayHave(slot, minTime, maxTime, isolation.number());
  }

  private <T> T inIndex(Function<Selector, T> question) {
    long stamp = head.index.readLock();
    try {
      return question.apply(new Selector(head.index));
    } finally {
      head.index.lock.unlockRead(stamp);
    }
  }

  private SeriesSet sorted(int[] slots, @Nullable SinceStart sinceStart) {
    record Named(Labels labels, int slot) {}
    Named[] all = new Named[slots.length];
    for (int i = 0; i < slots.length; i++) {
      StopSignal.every(i);
      all[i] = new Named(head.index.pairs.labels(head.index.rows.address(slots[i])), slots[i]);
    }
    Arrays.sort(all, StopSignal.asking(Comparator.comparing(Named::labels)));
    int[] order = new int[slots.length];
    Labels[] labels = new Labels[slots.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = all[i].slot;
      labels[i] = all[i].labels;
    }
    return new Found(order, labels, sinceStart);
  }

  @Override
  public List<String> labelValues(String name, List<Matcher> matchers, int limit) {
    return outside() ? List.of() : inIndex(selector -> selector.values(name, matchers, limit));
  }

  @Override
  public List<String> labelNames(List<Matcher> matchers, int limit) {
    return outside() ? List.of() : inIndex(selector -> selector.names(matchers, limit));
  }

  /** Whether the head has nothing in the range at all. */
  private boolean outside() {
    return !isolation.isEarly()
        && (head.maxTime() < minTime || head.minTime() > maxTime)
        && (head.outOfOrder.maxTime() < minTime || head.outOfOrder.minTime() > maxTime);
  }

  @Override
  public void close() {
    isolation.close();
    HeadChunks.View files = view;
    if (files != null) {
      files.close();
    }
  }

  private final class Found implements SeriesSet {
    private final int[] slots;
    private final Labels @Nullable [] labels;
    private final @Nullable SinceStart sinceStart;
    // The names that were asked for last; callers ask for the same ones again and again.
    private volatile @Nullable Wanted wanted;

    private record Wanted(List<String> names, int[] numbers) {}

    Found(int[] slots, Labels @Nullable [] labels, @Nullable SinceStart sinceStart) {
      this.sinceStart = sinceStart;
      this.slots = slots;
      this.labels = labels;
    }

    @Override
    public int size() {
      return slots.length;
    }

    @Override
    public Labels labels(int series) {
      return labels != null
          ? labels[series]
          : head.index.pairs.labels(head.index.rows.address(slots[series]));
    }

    @Override
    public Labels labels(int series, List<String> names) {
      if (labels != null) {
        return labels[series];
      }
      Wanted known = wanted;
      if (known == null || known.names != names) {
        known = new Wanted(names, inIndex(selector -> head.index.pairs.numbers(names)));
        wanted = known;
      }
      return head.index.pairs.labels(head.index.rows.address(slots[series]), known.numbers);
    }

    @Override
    public Reader reader() {
      return new HeadReader(head, isolation, view, slots, sinceStart);
    }
  }
}
