package io.narthex.tsdb.head;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The owner of series: what the commits of one producer have in common. Its lock guards the rows of
 * its series against other writers; it is taken once for each commit.
 */
final class Group {

  /** What readers need to know; immutable. */
  static final class View {
    private final long maxTime;
    private final Commit.Part[] parts;

    private View(long maxTime, Commit.Part[] parts) {
      this.maxTime = maxTime;
      this.parts = parts;
    }

    /** The newest sample of the commits that all readers see. */
    long maxTime() {
      return maxTime;
    }

    /** The other commits, oldest first; read only. */
    Commit.Part[] parts() {
      return parts;
    }

    /** The newest sample of all commits, hidden ones too. */
    long newest() {
      return parts.length == 0 ? maxTime : parts[parts.length - 1].maxTime();
    }
  }

  private static final Commit.Part[] NO_PARTS = {};
  private static final int MOST_SPARE = 4;

  final int number;
  final ReentrantLock lock = new ReentrantLock();
  volatile View view = new View(Long.MIN_VALUE, NO_PARTS);

  /** Slots with chunks that are full and still in memory; the lock guards it. */
  final SlotList full = new SlotList();

  /** How many batches were begun and ended: odd while one is open. */
  final AtomicInteger batches = new AtomicInteger();

  /** How many series it owns. */
  final AtomicInteger series = new AtomicInteger();

  /** Whether its producer is gone, so that another may take over its series. */
  volatile boolean closed;

  Group(int number) {
    this.number = number;
  }

  // Exceptions of commits that all readers see, to be used again; the lock guards them.
  private Commit.@Nullable Exceptions spare;
  private int spares;

  /** Whether its number is about to be freed; the index's lock guards it. */
  boolean leaving;

  /** Adds the part of a commit before any of its samples is written; under the lock. */
  void begin(Commit.Part part, long seenByAll) {
    View old = view;
    long maxTime = old.maxTime;
    int kept = 0;
    while (kept < old.parts.length && old.parts[kept].commit().number <= seenByAll) {
      maxTime = old.parts[kept].maxTime();
      // Whoever may still hold the old view finds the commit visible, and asks no further.
      keep(old.parts[kept].exceptions());
      kept++;
    }
    int left = old.parts.length - kept;
    Commit.Part[] parts = new Commit.Part[left + 1];
    System.arraycopy(old.parts, kept, parts, 0, left);
    parts[left] = part;
    view = new View(maxTime, parts);
  }

  /** Empty exceptions for a commit; under the lock. */
  Commit.Exceptions exceptions() {
    Commit.Exceptions taken = spare;
    if (taken == null) {
      return new Commit.Exceptions();
    }
    spare = taken.next;
    spares--;
    taken.next = null;
    return taken;
  }

  private void keep(Commit.Exceptions used) {
    if (!used.isEmpty() && used.clear() && spares < MOST_SPARE) {
      used.next = spare;
      spare = used;
      spares++;
    }
  }

  /** Lets every reader see all that is there already, up to a time. */
  void reveal(long maxTime) {
    view = new View(maxTime, NO_PARTS);
  }

  /** Whether every reader sees all of its commits; under the lock. */
  boolean allSeen(long seenByAll) {
    Commit.Part[] parts = view.parts;
    return parts.length == 0 || parts[parts.length - 1].commit().number <= seenByAll;
  }

  /** The first time that some reader must not see; under the lock. */
  long firstHidden(long seenByAll) {
    long first = Long.MAX_VALUE;
    for (Commit.Part part : view.parts) {
      if (part.commit().number > seenByAll) {
        first = Math.min(first, part.minTime());
      }
    }
    return first;
  }
}
