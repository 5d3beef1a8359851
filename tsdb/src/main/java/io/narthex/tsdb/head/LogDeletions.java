package io.narthex.tsdb.head;

import io.narthex.tsdb.block.Tombstones;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The deletions that the log tells of, by its references. */
final class LogDeletions {

  private final Map<Long, List<long[]>> deleted = new HashMap<>();
  private long count;

  /** Adds one, both ends inclusive. */
  void add(long ref, long from, long to) {
    count++;
    deleted.computeIfAbsent(ref, key -> new ArrayList<>()).add(new long[] {from, to});
  }

  /** How many were added. */
  long count() {
    return count;
  }

  /**
   * Tells the head of them, by the references that its series have by now.
   *
   * @return how many are of series that nobody knows
   */
  int tell(Head head, RefMap slots) {
    Tombstones.Builder all = new Tombstones.Builder();
    int unknown = 0;
    for (Map.Entry<Long, List<long[]>> one : deleted.entrySet()) {
      int slot = slots.get(one.getKey());
      if (slot == RefMap.ABSENT || !head.index.isNamed(slot)) {
        unknown += one.getValue().size();
        continue;
      }
      long ref = Rows.ref(head.index.rows.address(slot));
      one.getValue().forEach(range -> all.add(ref, range[0], range[1]));
    }
    Tombstones known = all.build();
    if (!known.isEmpty()) {
      head.deleted(known);
    }
    return unknown;
  }
}
