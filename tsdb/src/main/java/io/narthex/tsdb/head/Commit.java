package io.narthex.tsdb.head;

import io.narthex.tsdb.outoforder.Visibility;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A commit, as long as there may be readers that must not see it. Its number is unknown ({@link
 * #APPLYING}) while its samples are being written, about to be known ({@link #PUBLISHING}) for the
 * blink in which it is drawn, and then fixed.
 */
final class Commit implements Visibility {

  static final long APPLYING = Long.MAX_VALUE;
  static final long PUBLISHING = Long.MAX_VALUE - 1;

  /** The number: a reader sees the commits whose numbers are not above its own. */
  volatile long number = APPLYING;

  @Override
  public boolean visibleTo(long reader) {
    long n;
    while ((n = number) == PUBLISHING) {
      Thread.onSpinWait();
    }
    return n <= reader;
  }

  /**
   * What a commit did to one group.
   *
   * @param minTime its first sample among those newer than all that the group had before
   * @param maxTime its last sample, or the group's last one where that is later
   * @param exceptions its other samples
   */
  record Part(Commit commit, long minTime, long maxTime, Exceptions exceptions) {}

  /**
   * Series whose samples a commit put at or before the end of their group: what each had before, so
   * that a reader who must not see the commit knows where to stop. Written before it is published,
   * then only read, until every reader sees the commit and so nobody asks any more: then its group
   * takes it for another commit.
   */
  static final class Exceptions {
    static final Exceptions NONE = new Exceptions();

    private static final int ROOMY = 64;

    private int[] slots = new int[0]; // slot + 1, open addressing
    private long[] lastTimes = new long[0];
    private int size;

    /** The next one that waits to be used again; the group's lock guards it. */
    @Nullable Exceptions next;

    /** Forgets everything and keeps the room; false if there is far more of it than was needed. */
    boolean clear() {
      boolean fits = size * ROOMY >= slots.length;
      Arrays.fill(slots, 0);
      size = 0;
      return fits;
    }

    boolean isEmpty() {
      return size == 0;
    }

    /** Notes the last time of a series before the commit; a second note changes nothing. */
    void put(int slot, long lastTime) {
      if (size * 2 >= slots.length) {
        int[] oldSlots = slots;
        long[] oldTimes = lastTimes;
        slots = new int[Math.max(16, oldSlots.length * 2)];
        lastTimes = new long[slots.length];
        size = 0;
        for (int i = 0; i < oldSlots.length; i++) {
          if (oldSlots[i] != 0) {
            put(oldSlots[i] - 1, oldTimes[i]);
          }
        }
      }
      int at = place(slot);
      if (slots[at] == 0) {
        slots[at] = slot + 1;
        lastTimes[at] = lastTime;
        size++;
      }
    }

    /** The last time of a series before the commit, or the greatest number if it is not noted. */
    long lastTime(int slot) {
      if (size == 0) {
        return Long.MAX_VALUE;
      }
      int at = place(slot);
      return slots[at] == 0 ? Long.MAX_VALUE : lastTimes[at];
    }

    private int place(int slot) {
      int mask = slots.length - 1;
      int at = ((slot * 0x9e3779b9) >>> 7) & mask;
      while (slots[at] != 0 && slots[at] != slot + 1) {
        at = (at + 1) & mask;
      }
      return at;
    }

    @Override
    public String toString() {
      return Arrays.toString(slots);
    }
  }
}
