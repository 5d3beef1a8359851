package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a server owes to somebody who sends it batches, each with one sample of every series at a
 * time of its own, and deletes some again. What had no answer is settled by what is found first:
 * found once it is owed, missing once it must never come.
 */
final class Ledger {

  private static final class Batch {
    boolean owed;
    // Bits of series.
    int deleted;
    int perhapsDeleted;

    Batch(boolean owed) {
      this.owed = owed;
    }
  }

  private final int all;
  private final TreeMap<Long, Batch> batches = new TreeMap<>();

  /**
   * @param series how many, at most 31
   */
  Ledger(int series) {
    all = (1 << series) - 1;
  }

  boolean isEmpty() {
    return batches.isEmpty();
  }

  /** A batch was sent, and taken or without an answer. */
  void wrote(long time, boolean acknowledged) {
    batches.put(time, new Batch(acknowledged));
  }

  /** A request to delete series (as bits) was sent, both ends included. */
  void deleted(int series, long from, long to, boolean acknowledged) {
    for (Batch batch : batches.subMap(from, true, to, true).values()) {
      if (acknowledged) {
        batch.deleted |= series;
        batch.perhapsDeleted &= ~series;
      } else {
        batch.perhapsDeleted |= series & ~batch.deleted;
      }
    }
  }

  /**
   * Compares, and settles what was open.
   *
   * @param found the series (as bits) that have a sample, by time
   * @param after what is not younger is passed over, and forgotten
   */
  void compare(String when, Map<Long, Integer> found, long after) {
    batches.headMap(after, true).clear();
    List<String> lost = new ArrayList<>();
    List<String> torn = new ArrayList<>();
    List<String> invented = new ArrayList<>();
    List<String> back = new ArrayList<>();
    List<Long> never = new ArrayList<>();
    batches.forEach((time, batch) -> {
      int there = found.getOrDefault(time, 0);
      int certain = all & ~batch.deleted & ~batch.perhapsDeleted;
      if ((there & batch.deleted) != 0) {
        back.add(text(time, there & batch.deleted));
      }
      if ((there & certain) != certain) {
        if (batch.owed) {
          lost.add(text(time, certain & ~there));
        } else if (there != 0) {
          torn.add(text(time, there));
        }
      }
      if (there == 0 && !batch.owed) {
        never.add(time);
      }
      batch.owed = true;
      batch.deleted |= batch.perhapsDeleted & ~there;
      batch.perhapsDeleted = 0;
    });
    found.forEach((time, series) -> {
      if (!batches.containsKey(time)) {
        invented.add(text(time, series));
      }
    });
    never.forEach(batches::remove);
    assertThat(lost).as("%s: samples that were acknowledged and are lost", when).isEmpty();
    assertThat(invented).as("%s: samples that nobody sent", when).isEmpty();
    assertThat(torn).as("%s: batches without an answer of which a part is there", when).isEmpty();
    assertThat(back).as("%s: samples that were deleted and are back", when).isEmpty();
  }

  private static String text(long time, int series) {
    return time + " of series " + Integer.toBinaryString(series);
  }
}
