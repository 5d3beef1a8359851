package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What a server owes to somebody who sends it batches, each with one sample of every series at a
 * time of its own, and deletes some again. What had no answer is settled by what is found first:
 * found once it is owed, missing once it must never come.
 *
 * <p>The log has a batch's floats in one record and its histograms in others, as Prometheus', and
 * says nowhere that they belong together. So of a batch without an answer each kind of samples is
 * there as a whole or not.
 */
final class Ledger {

  private static final class Batch {
    final boolean late;
    boolean owed;
    // Bits of series.
    int all;
    int deleted;
    int perhapsDeleted;

    Batch(int all, boolean owed, boolean late) {
      this.all = all;
      this.owed = owed;
      this.late = late;
    }
  }

  private final int[] wholes;
  private final TreeMap<Long, Batch> batches = new TreeMap<>();

  /**
   * @param wholes the series (as bits, at most 31) of each kind
   */
  Ledger(int... wholes) {
    this.wholes = wholes.clone();
  }

  /** Whether a batch of that time was sent and may be there. */
  boolean has(long time) {
    return batches.containsKey(time);
  }

  boolean isEmpty() {
    return batches.isEmpty();
  }

  /** A batch was sent, and taken or without an answer. */
  void wrote(long time, boolean acknowledged) {
    batches.put(time, new Batch(IntStream.of(wholes).sum(), acknowledged, false));
  }

  /** A batch was sent that came later than younger ones. */
  void wroteLate(long time, boolean acknowledged) {
    batches.put(time, new Batch(IntStream.of(wholes).sum(), acknowledged, true));
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
      int certain = batch.all & ~batch.deleted & ~batch.perhapsDeleted;
      if ((there & batch.deleted) != 0) {
        back.add(text(time, there & batch.deleted));
      }
      if (batch.owed && (there & certain) != certain) {
        lost.add(text(time, certain & ~there));
      }
      if ((there & ~batch.all) != 0) {
        invented.add(text(time, there & ~batch.all));
      }
      if (!batch.owed) {
        for (int whole : wholes) {
          int of = whole & certain;
          if ((there & of) == 0) {
            batch.all &= ~whole;
          } else if ((there & of) != of) {
            torn.add(text(time, there));
          }
        }
        if (batch.all == 0) {
          never.add(time);
        }
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

  /**
   * Compares what Prometheus has of a directory in which what is owed was found already.
   *
   * <p>It knows less of late samples than we do. Those that are in a block it may take once more
   * from a chunk file, and so bring back what was deleted; and it does not read their log if the
   * other log has to be repaired.
   *
   * @param lateLogRead whether it has read the log of late samples
   */
  void compareByPeer(String when, Map<Long, Integer> found, long after, boolean lateLogRead) {
    List<String> wrong = new ArrayList<>();
    batches
        .tailMap(after, false)
        .forEach((time, batch) -> {
          int there = found.getOrDefault(time, 0);
          int certain = batch.all & ~batch.deleted & ~batch.perhapsDeleted;
          if ((there & certain) != certain && (lateLogRead || !batch.late)) {
            wrong.add("lost: " + text(time, certain & ~there));
          }
          if ((there & batch.deleted) != 0 && !batch.late) {
            wrong.add("back: " + text(time, there & batch.deleted));
          }
        });
    found.forEach((time, series) -> {
      Batch batch = batches.get(time);
      int known = batch == null ? 0 : batch.all;
      if ((series & ~known) != 0) {
        wrong.add("invented: " + text(time, series & ~known));
      }
    });
    assertThat(wrong).as(when).isEmpty();
  }

  private static String text(long time, int series) {
    return time + " of series " + Integer.toBinaryString(series);
  }
}
