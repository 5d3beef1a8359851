package io.narthex.net.scrape;

import java.util.ArrayDeque;

/**
 * The memory for bodies, shared by all targets: a few buffers that are used again, and a limit on
 * what all together may take. Thread-safe.
 *
 * <p>The limit is what saves a process from targets that send without end: a body that would take
 * the last of it fails, with a message, instead of the process. Large bodies fail first: beyond one
 * megabyte a body may only draw on half of the memory, so that the small ones go on.
 */
public final class BodyBuffers {

  private static final int FIRST = 16 * 1024;
  private static final int SMALL = 1024 * 1024;
  private static final int MOST_IDLE = 64;

  /** After so many bodies, the buffers that were idle all the while are given up. */
  private static final int TRIM_EVERY = 512;

  private final long limit;
  private final ArrayDeque<byte[]> idle = new ArrayDeque<>();
  private final ArrayDeque<Framing> idleFramings = new ArrayDeque<>();
  private long idleBytes;
  private long usedBytes;
  private int leastIdle;
  private int untilTrim = TRIM_EVERY;

  /**
   * @param limit the most bytes that bodies may take at one time
   */
  public BodyBuffers(long limit) {
    this.limit = limit;
  }

  synchronized Body take(int expected) throws ScrapeException {
    byte[] bytes = idle.isEmpty() ? null : fitting(expected);
    leastIdle = Math.min(leastIdle, idle.size());
    if (bytes == null) {
      bytes = new byte[reserve(0, Math.clamp(expected + expected / 8, FIRST, SMALL))];
    } else {
      idleBytes -= bytes.length;
      usedBytes += bytes.length;
    }
    return new Body(this, bytes);
  }

  /** The smallest buffer that is large enough, or else the one that came back last. */
  private byte[] fitting(int expected) {
    byte[] best = idle.getLast();
    for (byte[] bytes : idle) {
      if (bytes.length >= expected && (best.length < expected || bytes.length <= best.length)) {
        best = bytes;
      }
    }
    idle.removeLastOccurrence(best);
    return best;
  }

  /** Reserves what a buffer needs to double, and returns its new length. */
  synchronized int larger(int length) throws ScrapeException {
    return reserve(length, (int) Math.min(Integer.MAX_VALUE - 64, length * 2L));
  }

  private int reserve(int from, int to) throws ScrapeException {
    long allowed = to <= SMALL ? limit : limit / 2;
    if (to <= from || usedBytes - from + to > allowed) {
      throw new ScrapeException(
          ScrapeException.Kind.BODY_SIZE,
          "response bodies of all targets may take "
              + limit
              + " bytes of memory together, which are used up: set body_size_limit for targets that"
              + " send too much");
    }
    usedBytes += to - from;
    while (idleBytes > 0 && usedBytes + idleBytes > limit) {
      idleBytes -= idle.removeFirst().length;
      leastIdle = Math.min(leastIdle, idle.size());
    }
    return to;
  }

  synchronized void give(byte[] bytes) {
    usedBytes -= bytes.length;
    if (idle.size() < MOST_IDLE && usedBytes + idleBytes + bytes.length <= limit / 2) {
      idle.addLast(bytes);
      idleBytes += bytes.length;
    }
    if (--untilTrim == 0) {
      trim();
    }
  }

  /**
   * Gives up as many buffers as were idle at every moment since the last time: nobody misses them.
   */
  private void trim() {
    for (int i = 0; i < leastIdle; i++) {
      idleBytes -= idle.removeFirst().length;
    }
    leastIdle = idle.size();
    untilTrim = TRIM_EVERY;
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
    if (idleFramings.size() < MOST_IDLE) {
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
