package io.narthex.scrape;

import io.narthex.base.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * When a target is scraped. The first tick comes at the target's offset within the interval, which
 * depends only on the target and the seed, so that a restart finds the same ticks, give or take
 * {@link #GRAIN}. Ticks that were missed are not made up for. One thread at a time.
 */
final class Ticks {

  /** In place of the time of a tick, when there has not been one. */
  private static final long NOT_YET = Long.MIN_VALUE;

  /**
   * First ticks are multiples of this on the clock's stopwatch, in nanoseconds, or of a thousandth
   * of the interval if that is less: those that would be a millisecond apart come at once, and one
   * wake of each thread does for all of them. Thousands of small targets cost a sixth less CPU that
   * way, and nobody is scraped late, as it is the tick that moves, by less than this, and not the
   * scrape.
   */
  static final long GRAIN = 10_000_000;

  private final Target target;
  private final ScrapeOptions options;
  private final Clock clock;
  private final long interval;

  /** How late a scrape may be that bears the time of its tick, in nanoseconds. */
  private final long tolerance;

  /** The next one, as the clock's nanoseconds. */
  private long next;

  /** The time of the last one in milliseconds. */
  private long aligned = NOT_YET;

  private boolean begun;

  Ticks(Target target, ScrapeOptions options, Clock clock) {
    this.target = target;
    this.options = options;
    this.clock = clock;
    this.interval = target.interval().toNanos();
    this.tolerance = Math.min(interval / 100, options.timestampTolerance().toNanos());
  }

  /**
   * Goes on where others have ended, or else with the first of the target's own.
   *
   * @param before of the loop that is replaced, if any; of no use if the interval was another
   */
  void begin(@Nullable Ticks before) {
    if (before != null && before.begun && before.interval == interval) {
      aligned = before.aligned;
      next = before.next;
      skipMissed();
    } else {
      long grain = Math.clamp(interval / 1000, 1, GRAIN);
      next = Math.ceilDiv(clock.nanos() + offset(), grain) * grain;
    }
    begun = true;
  }

  /** The next one, on the clock's stopwatch. */
  long next() {
    return next;
  }

  /** Goes on to the tick behind this one. */
  void advance() {
    next += interval;
    skipMissed();
  }

  private void skipMissed() {
    long late = clock.nanos() - next;
    if (late >= interval) {
      next += late / interval * interval;
    }
  }

  /**
   * The time that a scrape that begins now bears, in milliseconds: the tick's if it is late by no
   * more than the tolerance, which makes the storage smaller, or else now.
   */
  long time() {
    long now = clock.millis();
    long late = Math.max(0, clock.nanos() - next);
    aligned = aligned(now - late / 1_000_000);
    return options.adjustTimestamps() && late <= tolerance ? aligned : now;
  }

  /**
   * Whole intervals from the time of the last tick, unless the clock says that the tick was at
   * another time: it was set, or has drifted.
   */
  private long aligned(long tick) {
    if (aligned == NOT_YET) {
      return tick;
    }
    long millis = Math.max(1, target.interval().toMillis());
    long expected = aligned + Math.floorDiv(tick - aligned + millis / 2, millis) * millis;
    return Math.abs(tick - expected) * 1_000_000 <= tolerance ? expected : tick;
  }

  /** Nanoseconds until the target's first tick, which depend on nothing but target and seed. */
  private long offset() {
    long now = clock.millis() * 1_000_000;
    long base = interval - now % interval;
    long offset = Long.remainderUnsigned(target.hash() ^ options.offsetSeed(), interval);
    long until = base + offset;
    return until > interval ? until - interval : until;
  }
}
