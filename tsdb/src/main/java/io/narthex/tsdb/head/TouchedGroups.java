package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.tsdb.chunk.XorAppender;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The groups whose series a producer's commit writes, nearly always its own alone: their locks, and
 * what the commit does to each of them. Belongs to one producer.
 *
 * <p>Series of a producer that is gone become those of the next one that writes them, if no reader
 * can tell the difference.
 */
final class TouchedGroups {

  /** What the commit does to one group. */
  static final class Touched {
    private final Group group;
    private long newest; // before the commit
    private long minTime;
    private long maxTime;
    private Commit.Exceptions exceptions = Commit.Exceptions.NONE;
    private boolean adopted;

    private Touched(Group group) {
      this.group = group;
    }

    private void reset() {
      newest = group.view.newest();
      minTime = Long.MAX_VALUE;
      maxTime = newest;
      exceptions = Commit.Exceptions.NONE;
      adopted = false;
    }

    /** Notes a sample that readers must not see before the commit is visible. */
    void note(int slot, long row, long time) {
      if (time > newest) {
        minTime = Math.min(minTime, time);
        maxTime = Math.max(maxTime, time);
      } else {
        if (exceptions == Commit.Exceptions.NONE) {
          exceptions = group.exceptions();
        }
        exceptions.put(slot, XorAppender.lastTime(row));
      }
    }
  }

  private final Head head;
  private final Rows rows;
  private final Group group;
  private final Touched own;
  private Touched[] touched;

  TouchedGroups(Head head, Group group) {
    this.head = head;
    this.rows = head.index.rows;
    this.group = group;
    this.own = new Touched(group);
    this.touched = new Touched[] {own};
  }

  /**
   * Locks the groups of all series of a batch.
   *
   * @param foreign whether some may be of other groups than the own one
   */
  void lock(Batch batch, boolean foreign) {
    if (!foreign) {
      group.lock.lock();
      if (touched.length > 1) {
        touched = new Touched[] {own};
      }
      own.reset();
      return;
    }
    while (true) {
      Touched[] found = of(batch);
      if (found == null) {
        continue;
      }
      touched = found;
      for (Touched t : touched) {
        t.group.lock.lock();
      }
      for (Touched t : touched) {
        t.reset();
      }
      if (areStillRight(batch)) {
        chooseAdoptions(batch);
        return;
      }
      unlock();
    }
  }

  void unlock() {
    for (Touched t : touched) {
      t.group.lock.unlock();
    }
  }

  /** Another commit may have adopted one of the series before the locks were taken. */
  private boolean areStillRight(Batch batch) {
    for (int i = 0; i < batch.size; i++) {
      long row = rows.address((int) batch.handles[i]);
      if (ownerOf(row).group.number != Rows.group(row)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Decides whose series become ours: those of a group whose producer is gone. Readers find the
   * limit of a series through its group, so the move must not change what any of them sees: every
   * reader sees all that the old group committed, and all of it is older than what some reader must
   * not see of ours.
   */
  private void chooseAdoptions(Batch batch) {
    long seenByAll = head.isolation.seenByAll();
    long firstHidden = group.firstHidden(seenByAll);
    for (int i = 0; i < batch.size; i++) {
      firstHidden = Math.min(firstHidden, batch.times[i]);
    }
    for (Touched t : touched) {
      t.adopted = t != own && t.group.closed && t.group.allSeen(seenByAll);
    }
    for (int i = 0; i < batch.size; i++) {
      long row = rows.address((int) batch.handles[i]);
      if (XorAppender.lastTime(row) >= firstHidden) {
        ownerOf(row).adopted = false;
      }
    }
  }

  /**
   * The groups of the series of a batch, ascending, the own one among them; null if one of them is
   * gone, as another commit has just adopted its series.
   */
  private Touched @Nullable [] of(Batch batch) {
    int[] numbers = new int[8];
    int n = 1;
    numbers[0] = group.number;
    int previous = group.number;
    for (int i = 0; i < batch.size; i++) {
      int number = Rows.group(rows.address((int) batch.handles[i]));
      if (number == previous) {
        continue;
      }
      previous = number;
      int k = 0;
      while (k < n && numbers[k] != number) {
        k++;
      }
      if (k == n) {
        if (n == numbers.length) {
          numbers = Arrays.copyOf(numbers, n * 2);
        }
        numbers[n++] = number;
      }
    }
    numbers = Arrays.copyOf(numbers, n);
    Arrays.sort(numbers);
    Touched[] groups = new Touched[n];
    for (int i = 0; i < n; i++) {
      Group one = numbers[i] == group.number ? group : head.findGroup(numbers[i]);
      if (one == null) {
        return null;
      }
      groups[i] = one == group ? own : new Touched(one);
    }
    return groups;
  }

  /** The group on whose account the commit writes a row. */
  Touched by(long row) {
    Touched owner = ownerOf(row);
    return owner.adopted ? own : owner;
  }

  private Touched ownerOf(long row) {
    Touched[] groups = touched;
    if (groups.length == 1) {
      return groups[0];
    }
    int number = Rows.group(row);
    int low = 0;
    int high = groups.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (groups[middle].group.number < number) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return groups[low];
  }

  /** Tells the groups of the commit, before any of its samples is written. */
  void begin(Commit commit, long seenByAll) {
    for (Touched t : touched) {
      if (!t.adopted) {
        t.group.begin(new Commit.Part(commit, t.minTime, t.maxTime, t.exceptions), seenByAll);
      }
    }
  }

  /** The group of a row that is about to be written; makes it ours if it is to be adopted. */
  Group take(long row, int slot) {
    Touched owner = ownerOf(row);
    if (owner.adopted) {
      adopt(row, slot, owner.group);
      return group;
    }
    return owner.group;
  }

  private void adopt(long row, int slot, Group from) {
    SeriesWriter.begin(row);
    OffHeap.putInt(row + Rows.GROUP, group.number);
    SeriesWriter.end(row);
    from.series.decrementAndGet();
    group.series.incrementAndGet();
    group.full.add(slot); // it may be in the old group's list
  }
}
