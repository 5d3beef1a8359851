package io.narthex.tsdb.head;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The groups of a head by their numbers, which are used again when no reader can know them any
 * more. Looking one up takes no lock; they come and go under the index' lock.
 */
final class Groups {

  private volatile @Nullable Group[] groups = new Group[16];
  private int count;
  private final SlotList freed = new SlotList();

  /** Makes a group. */
  Group create(SeriesIndex index) {
    long stamp = index.lock.writeLock();
    try {
      index.freeRemoved();
      int number = freed.size() > 0 ? freed.removeLast() : count++;
      @Nullable Group[] all = groups;
      if (number == all.length) {
        all = Arrays.copyOf(all, number * 2);
      }
      Group group = new Group(number);
      all[number] = group;
      groups = all; // publishes the element
      return group;
    } finally {
      index.lock.unlockWrite(stamp);
    }
  }

  /** Notes that a group's producer is gone. */
  void close(Group group, SeriesIndex index) {
    long stamp = index.lock.writeLock();
    try {
      group.closed = true;
      dropIfEmpty(group, index);
    } finally {
      index.lock.unlockWrite(stamp);
    }
  }

  /** Called by the index when no reader can know the group any more. */
  void free(int number) {
    groups[number] = null;
    freed.add(number);
  }

  /** All groups. */
  List<Group> all() {
    List<Group> list = new ArrayList<>();
    for (Group group : groups) {
      if (group != null) {
        list.add(group);
      }
    }
    return list;
  }

  Group get(int number) {
    Group group = find(number);
    if (group == null) {
      throw new IllegalStateException("no group " + number);
    }
    return group;
  }

  /** The group that has a number, or null if none has. */
  @Nullable Group find(int number) {
    return groups[number];
  }

  /** Lets go of the groups whose producers are gone and whose series are all others' by now. */
  void dropEmpty(SeriesIndex index) {
    long stamp = index.lock.writeLock();
    try {
      for (Group group : groups) {
        if (group != null) {
          dropIfEmpty(group, index);
        }
      }
      index.freeRemoved();
    } finally {
      index.lock.unlockWrite(stamp);
    }
  }

  private static void dropIfEmpty(Group group, SeriesIndex index) {
    if (group.closed && group.series.get() == 0 && !group.leaving) {
      group.leaving = true;
      index.removeGroup(group.number);
    }
  }

  /** Waits until no batch is open; false if one still is after so many milliseconds. */
  boolean awaitNoBatches(long millis) {
    for (Group group : all()) {
      for (long waited = 0; (group.batches.get() & 1) != 0; waited += 10) {
        if (waited >= millis) {
          return false;
        }
        LockSupport.parkNanos(10_000_000);
      }
    }
    return true;
  }
}
