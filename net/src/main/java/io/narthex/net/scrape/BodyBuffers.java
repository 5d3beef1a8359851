package io.narthex.net.scrape;

import io.narthex.base.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The memory for bodies, shared by all targets: buffers of a few sizes that are used again, and a
 * limit on what all together may take. Thread-safe.
 *
 * <p>The limit is what saves a process from targets that send without end: a body that would take
 * the last of it fails, with a message, instead of the process. Large bodies fail first: beyond one
 * megabyte a body may only draw on half of the memory, so that the small ones go on.
 *
 * <p>Each size is twice the one before, less what an array has beside its bytes, so that large ones
 * fill regions of the collector and do not spill into the next. Buffers of each size that were idle
 * for a whole {@link #TRIM_EVERY} are given up: where pages come often they find their buffers
 * again, where they come seldom new ones cost nothing, and what a crowd needed does not stay.
 */
public final class BodyBuffers {

  private static final int FIRST = 16 * 1024;
  private static final int BESIDE = 64;
  private static final int SIZES = 17;
  private static final int SMALL = 1024 * 1024;
  private static final int SMALL_SIZE = sizeFor(SMALL - BESIDE);
  private static final int MOST_IDLE_FRAMINGS = 64;

  /** Nanoseconds. */
  private static final long TRIM_EVERY = TimeUnit.SECONDS.toNanos(10);

  private final long limit;
  private final Clock clock;
  private final List<ArrayDeque<byte[]>> idle = new ArrayList<>();

  /** How many of each size were idle at every moment since the last trim. */
  private final int[] leastIdle = new int[SIZES];

  private final ArrayDeque<Framing> idleFramings = new ArrayDeque<>();
  private long idleBytes;
  private long usedBytes;
  private long trimmed;

  /**
   * @param limit the most bytes that bodies may take at one time
   * @param clock says for how long buffers are idle
   */
  public BodyBuffers(long limit, Clock clock) {
    this.limit = limit;
    this.clock = clock;
    this.trimmed = clock.nanos();
    for (int i = 0; i < SIZES; i++) {
      idle.add(new ArrayDeque<>());
    }
  }

  /**
   * Gives out a buffer.
   *
   * @param expected how many bytes came the last time, 0 if it is not known
   */
  synchronized Body take(int expected) throws ScrapeException {
    int size = sizeFor(expected + expected / 8);
    // A little too large is better than a new one; the largest are for those that need them.
    for (int i = size; i <= Math.max(size + 1, SMALL_SIZE) && i < SIZES; i++) {
      if (!idle.get(i).isEmpty()) {
        byte[] bytes = poll(i);
        usedBytes += bytes.length;
        return new Body(this, bytes);
      }
    }
    reserve(0, length(size));
    return new Body(this, new byte[length(size)]);
  }

  /** The smallest size with room for so many bytes, or the largest there is. */
  private static int sizeFor(int bytes) {
    int size = 0;
    while (size < SIZES - 1 && length(size) < bytes) {
      size++;
    }
    return size;
  }

  private static int length(int size) {
    return (int) Math.min(((long) FIRST << size) - BESIDE, Integer.MAX_VALUE - BESIDE);
  }

  private byte[] poll(int size) {
    byte[] bytes = idle.get(size).removeLast();
    leastIdle[size] = Math.min(leastIdle[size], idle.get(size).size());
    idleBytes -= bytes.length;
    return bytes;
  }

  /** A larger buffer with the same bytes, in place of one that goes back. */
  synchronized byte[] larger(byte[] full) throws ScrapeException {
    int size = Math.min(sizeFor(full.length) + 1, SIZES - 1);
    reserve(full.length, length(size));
    byte[] bytes = idle.get(size).isEmpty() ? new byte[length(size)] : poll(size);
    System.arraycopy(full, 0, bytes, 0, full.length);
    keep(full);
    return bytes;
  }

  private void reserve(int from, int to) throws ScrapeException {
    long allowed = to < SMALL ? limit : limit / 2;
    if (to <= from || usedBytes - from + to > allowed) {
      throw new ScrapeException(
          ScrapeException.Kind.BODY_SIZE,
          "response bodies of all targets may take "
              + limit
              + " bytes of memory together, which are used up: set body_size_limit for targets that"
              + " send too much");
    }
    usedBytes += to - from;
    for (int i = SIZES - 1; i >= 0 && usedBytes + idleBytes > limit; i--) {
      while (!idle.get(i).isEmpty() && usedBytes + idleBytes > limit) {
        poll(i);
      }
    }
  }

  synchronized void give(byte[] bytes) {
    usedBytes -= bytes.length;
    keep(bytes);
    long now = clock.nanos();
    if (now - trimmed >= TRIM_EVERY) {
      trimmed = now;
      trim();
    }
  }

  private void keep(byte[] bytes) {
    if (usedBytes + idleBytes + bytes.length <= limit / 2) {
      idle.get(sizeFor(bytes.length)).addLast(bytes);
      idleBytes += bytes.length;
    }
  }

  /** Gives up the buffers that nobody missed since the last time. */
  private void trim() {
    for (int i = 0; i < SIZES; i++) {
      for (int n = leastIdle[i]; n > 0; n--) {
        idleBytes -= idle.get(i).removeFirst().length;
      }
      leastIdle[i] = idle.get(i).size();
    }
  }

  /** Bytes of buffers that wait for the next body. */
  public synchronized long idleBytes() {
    return idleBytes;
  }

  synchronized Framing framing() {
    Framing framing = idleFramings.pollLast();
    return framing == null ? new Framing() : framing;
  }

  synchronized void give(Framing framing) {
    if (idleFramings.size() < MOST_IDLE_FRAMINGS) {
      idleFramings.addLast(framing);
    } else {
      framing.close();
    }
  }

  /** Bytes of bodies that are being received or read. */
  public synchronized long usedBytes() {
    return usedBytes;
  }
}
