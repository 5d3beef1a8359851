package io.narthex.tsdb.head;

import io.narthex.base.bytes.Varint;
import io.narthex.base.memory.OffHeap;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.labels.Labels;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.locks.StampedLock;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import org.roaringbitmap.RoaringBitmap;

/**
 * Finds series: by their labels for writers, by label pairs for readers; and makes and removes
 * them. Its lock is held for reading while postings are combined, for writing while a series is
 * made or removed, and never while samples are read or written.
 *
 * <p>The table of series by labels is off the heap, open addressing with linear probing: the low
 * half of the labels' hash above the slot plus one.
 */
final class SeriesIndex {

  private static final int[] NONE = {};

  /** How many series are put into the lists before others get the lock. */
  private static final int LISTED_AT_ONCE = 1 << 13;

  final StampedLock lock = new StampedLock();
  final Rows rows;
  final LabelPairs pairs;
  final Postings postings;
  final RoaringBitmap all = new RoaringBitmap();

  private final SlabAllocator allocator;
  private final Isolation isolation;
  private final HeadCounters counters;
  private final int maxSeries;
  private final IntConsumer freeGroup;

  private long table;
  private int tableSize = 1024;
  private int slots; // ever used
  private volatile boolean listsLater; // changed under the lock, but before anything is there
  private int listed; // while lists wait: slots below are in them if they have labels
  private int series;
  private long lastRef;
  private boolean refsFollowSlots = true;
  private long newestSlotRef;
  private final LabelPairs.Run run = new LabelPairs.Run();
  private byte[] runBytes = new byte[256];

  // The labels of the series that was made last: where each ends in the bytes, and its number.
  private byte[] lastBytes = {};
  private int[] lastEnds = new int[16];
  private int[] lastPairs = new int[16];
  private int lastCount;

  /** What waits for the last reader that may know it. */
  private static final class Removed {
    final long removal;
    final int[] slots;
    final int[] pairs;
    final int group; // or -1

    Removed(long removal, int[] slots, int[] pairs, int group) {
      this.removal = removal;
      this.slots = slots;
      this.pairs = pairs;
      this.group = group;
    }
  }

  private final ArrayDeque<Removed> removed = new ArrayDeque<>();
  private final SlotList freeSlots = new SlotList();

  SeriesIndex(
      SlabAllocator allocator,
      Isolation isolation,
      HeadCounters counters,
      int maxSeries,
      IntConsumer freeGroup) {
    this.freeGroup = freeGroup;
    this.allocator = allocator;
    this.isolation = isolation;
    this.counters = counters;
    this.maxSeries = maxSeries;
    rows = new Rows(allocator);
    pairs = new LabelPairs(allocator);
    postings = new Postings(allocator);
    table = allocator.allocateLarge(8L * tableSize);
  }

  private static int hash(Labels labels) {
    long h = labels.hash64();
    return (int) (h ^ h >>> 32);
  }

  /** The handle of a series, made if it is new; 0 if there may be no more. */
  long findOrCreate(Labels labels, Group group) {
    int hash = hash(labels);
    long stamp = lock.readLock();
    try {
      int slot = find(hash, labels, new LabelPairs.Run());
      if (slot >= 0) {
        long row = rows.address(slot);
        if (OffHeap.getByte(row + Rows.DYING) == 0) {
          return Rows.handle(slot, row);
        }
      } else if (isFull()) {
        counters.seriesRefused.increment(); // without keeping everybody else waiting
        return 0;
      }
    } finally {
      lock.unlockRead(stamp);
    }
    stamp = lock.writeLock();
    try {
      int slot = find(hash, labels, run);
      if (slot >= 0) {
        OffHeap.putByte(rows.address(slot) + Rows.DYING, 0);
      } else {
        if (isFull()) {
          counters.seriesRefused.increment();
          return 0;
        }
        slot = create(labels, hash, group, ++lastRef);
      }
      return Rows.handle(slot, rows.address(slot));
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Whether the limit is reached; what the log tells of is taken in all the same. */
  private boolean isFull() {
    return maxSeries > 0 && series >= maxSeries;
  }

  /**
   * Makes a series that the log tells of, or finds the one that has its labels.
   *
   * @param unnamed a slot that was made for the reference before its labels were known, or -1
   * @return the slot
   */
  int restore(long ref, Labels labels, Group group, int unnamed) {
    int hash = hash(labels);
    long stamp = lock.writeLock();
    try {
      lastRef = Math.max(lastRef, ref);
      int slot = find(hash, labels, run);
      if (slot < 0) {
        // A reference that has labels already is used twice: the later labels get their own row.
        if (unnamed >= 0 && !isNamed(unnamed)) {
          slot = unnamed;
          name(slot, labels, hash, group);
        } else {
          slot = newSlot(ref, group, labels, hash, true);
        }
      }
      return slot;
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Makes a row for a reference whose labels are not known yet. */
  int createUnnamed(long ref, Group group) {
    long stamp = lock.writeLock();
    try {
      lastRef = Math.max(lastRef, ref);
      int slot = nextSlot(ref);
      rows.init(slot, ref, group.number, 0, 0, 0, false);
      return slot;
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Gives a series another reference. */
  void rename(int slot, long ref) {
    Rows.ref(rows.address(slot), ref);
    refsFollowSlots = false;
  }

  boolean isNamed(int slot) {
    return OffHeap.getLong(rows.address(slot) + Rows.LABELS) != 0;
  }

  /** Frees the slots that got no labels; nobody else uses the index yet. */
  void dropUnnamed(IntConsumer clear) {
    long stamp = lock.writeLock();
    try {
      if (series == slots) {
        return; // as almost always
      }
      for (int slot = 0; slot < slots; slot++) {
        if (!isNamed(slot)) {
          clear.accept(slot);
          freeSlots.add(slot);
        }
      }
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Makes sure that new series get references above this one. */
  void reserveRefs(long ref) {
    long stamp = lock.writeLock();
    lastRef = Math.max(lastRef, ref);
    lock.unlockWrite(stamp);
  }

  /** Leaves the next references to whoever had them. */
  void skipRefs(int count) {
    long stamp = lock.writeLock();
    lastRef += count;
    lock.unlockWrite(stamp);
  }

  private int find(int hash, Labels labels, LabelPairs.Run run) {
    int mask = tableSize - 1;
    for (int at = hash & mask; ; at = (at + 1) & mask) {
      long entry = OffHeap.getLong(table + 8L * at);
      if (entry == 0) {
        return -1;
      }
      if ((int) (entry >>> 32) == hash) {
        int slot = (int) entry - 1;
        if (pairs.hasLabels(rows.address(slot), labels, run)) {
          return slot;
        }
      }
    }
  }

  private int create(Labels labels, int hash, Group group, long ref) {
    freeRemoved();
    int slot = newSlot(ref, group, labels, hash, false);
    counters.seriesCreated.increment();
    return slot;
  }

  private int nextSlot(long ref) {
    boolean reused = freeSlots.size() > 0;
    refsFollowSlots &= !reused && ref > newestSlotRef;
    newestSlotRef = ref;
    if (reused) {
      return freeSlots.removeLast();
    }
    rows.reserve(slots + 1);
    return slots++;
  }

  private int newSlot(long ref, Group group, Labels labels, int hash, boolean logged) {
    int length = pairNumbers(labels);
    long labelRun = keepRun(length);
    int slot = nextSlot(ref);
    rows.init(slot, ref, group.number, labelRun, length, hash, logged);
    enter(slot, hash, group);
    return slot;
  }

  /** Gives a row its labels, which the log knows. */
  private void name(int slot, Labels labels, int hash, Group group) {
    int length = pairNumbers(labels);
    long row = rows.address(slot);
    Rows.labels(row, keepRun(length), length, hash);
    OffHeap.putByte(row + Rows.LOGGED, 1);
    enter(slot, hash, group);
  }

  /**
   * Writes the numbers of the labels' pairs. Series that are made one after the other share most of
   * their labels, whose numbers are then known without a search.
   *
   * @return how many bytes they take
   */
  private int pairNumbers(Labels labels) {
    byte[] bytes = labels.packed();
    int known = lastCount;
    lastCount = 0; // should this fail halfway
    int length = 0;
    int label = 0;
    int from = 0;
    int lastFrom = 0;
    for (Labels.Cursor c = labels.cursor(); c.next(); label++) {
      if (label == lastPairs.length) {
        lastPairs = Arrays.copyOf(lastPairs, label * 2);
        lastEnds = Arrays.copyOf(lastEnds, label * 2);
      }
      int end = c.valueFrom() + c.valueLength();
      boolean same = false;
      if (label < known) {
        same = Arrays.equals(bytes, from, end, lastBytes, lastFrom, lastEnds[label]);
        lastFrom = lastEnds[label];
      }
      if (!same) {
        lastPairs[label] =
            pairs.intern(bytes, c.nameFrom(), c.nameLength(), c.valueFrom(), c.valueLength());
      }
      lastEnds[label] = end;
      from = end;
      if (length + Varint.MAX_BYTES > runBytes.length) {
        runBytes = Arrays.copyOf(runBytes, runBytes.length * 2);
      }
      length = Varint.putUnsigned(runBytes, length, lastPairs[label]);
    }
    lastBytes = bytes;
    lastCount = label;
    return length;
  }

  private long keepRun(int length) {
    // A series without labels has no run; a byte stands in for its address.
    long labelRun = allocator.allocate(Math.max(1, length));
    OffHeap.copy(runBytes, 0, labelRun, length);
    return labelRun;
  }

  /** Makes a series that has labels one that is found. */
  private void enter(int slot, int hash, Group group) {
    if (!listsLater || slot < listed) {
      list(slot);
    }
    series++;
    group.series.incrementAndGet();
    if (series * 2 > tableSize) {
      growTable();
    }
    put(hash, slot);
  }

  /** Puts a series into the lists that readers search. */
  private void list(int slot) {
    run.of(rows.address(slot));
    while (run.hasNext()) {
      postings.add(pairs.address(run.next()), slot);
    }
    all.add(slot);
  }

  /**
   * Lets the lists wait: writers need none of them, and a replay's first pass, for which writers
   * wait, is shorter without. No series may have been removed so far.
   */
  void listLater() {
    listsLater = true;
  }

  /** Brings the lists up to date, from now on for good. */
  void listAll() {
    while (listsLater) {
      long stamp = lock.writeLock();
      try {
        int end = Math.min(slots, listed + LISTED_AT_ONCE);
        for (; listed < end; listed++) {
          if (isNamed(listed)) {
            list(listed);
          }
        }
        listsLater &= listed < slots;
      } finally {
        lock.unlockWrite(stamp);
      }
    }
  }

  /** Takes the lock for reading what readers search. */
  long readLock() {
    if (listsLater) {
      listAll();
    }
    return lock.readLock();
  }

  private void put(int hash, int slot) {
    int mask = tableSize - 1;
    int at = hash & mask;
    while (OffHeap.getLong(table + 8L * at) != 0) {
      at = (at + 1) & mask;
    }
    OffHeap.putLong(table + 8L * at, (long) hash << 32 | (slot + 1));
  }

  private void growTable() {
    long old = table;
    int oldSize = tableSize;
    tableSize *= 2;
    table = allocator.allocateLarge(8L * tableSize);
    for (int i = 0; i < oldSize; i++) {
      long entry = OffHeap.getLong(old + 8L * i);
      if (entry != 0) {
        put((int) (entry >>> 32), (int) entry - 1);
      }
    }
    allocator.freeLarge(old);
  }

  private void removeFromTable(int hash, int slot) {
    int mask = tableSize - 1;
    int gap = hash & mask;
    while ((int) OffHeap.getLong(table + 8L * gap) - 1 != slot) {
      gap = (gap + 1) & mask;
    }
    for (int next = (gap + 1) & mask; ; next = (next + 1) & mask) {
      long entry = OffHeap.getLong(table + 8L * next);
      if (entry == 0) {
        break;
      }
      int home = (int) (entry >>> 32) & mask;
      if (((next - home) & mask) >= ((next - gap) & mask)) {
        OffHeap.putLong(table + 8L * gap, entry);
        gap = next;
      }
    }
    OffHeap.putLong(table + 8L * gap, 0);
  }

  /**
   * Takes series out of the index; their rows, labels and pairs stay readable for readers that are
   * open. The caller holds the lock for writing, and the rows hold no samples.
   */
  void remove(int[] dying, int n, IntFunction<Group> groups) {
    SlotList emptied = new SlotList();
    for (int i = 0; i < n; i++) {
      int slot = dying[i];
      long row = rows.address(slot);
      Rows.retire(row);
      removeFromTable(OffHeap.getInt(row + Rows.HASH), slot);
      run.of(row);
      while (run.hasNext()) {
        int pair = run.next();
        long pairRow = pairs.address(pair);
        postings.remove(pairRow, slot);
        if (Postings.count(pairRow) == 0) {
          emptied.add(pair);
        }
      }
      all.remove(slot);
      groups.apply(Rows.group(row)).series.decrementAndGet();
    }
    series -= n;
    lastCount = 0;
    int[] emptyPairs = emptied.take();
    pairs.remove(emptyPairs, emptyPairs.length);
    removed.add(new Removed(isolation.removal(), Arrays.copyOf(dying, n), emptyPairs, -1));
    counters.seriesRemoved.add(n);
  }

  /** Frees a group's number once no reader can know it; the caller holds the lock for writing. */
  void removeGroup(int number) {
    removed.add(new Removed(isolation.removal(), NONE, NONE, number));
  }

  /** Frees what was removed and can no longer be known; the caller holds the lock for writing. */
  void freeRemoved() {
    while (!removed.isEmpty() && isolation.isFree(removed.getFirst().removal)) {
      Removed r = removed.removeFirst();
      for (int slot : r.slots) {
        long row = rows.address(slot);
        allocator.free(
            OffHeap.getLong(row + Rows.LABELS),
            Math.max(1, OffHeap.getInt(row + Rows.LABEL_BYTES)));
        Rows.labels(row, 0, 0, 0);
        freeSlots.add(slot);
      }
      for (int pair : r.pairs) {
        pairs.release(pair);
      }
      if (r.group >= 0) {
        freeGroup.accept(r.group);
      }
    }
  }

  /** The number of living series; under the lock or as a guess. */
  int series() {
    return series;
  }

  /** Slots are below this number. */
  int slots() {
    return slots;
  }

  /** Whether ascending slots are ascending references. */
  boolean refsFollowSlots() {
    return refsFollowSlots;
  }
}
