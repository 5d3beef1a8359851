package io.narthex.tsdb;

import io.narthex.base.time.Clock;
import io.narthex.tsdb.head.Head;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says so when the head has samples of the future: after a clock that had jumped ahead was set
 * right, or from a client whose clock is wrong. Samples of now are refused then, as Prometheus
 * refuses them, until the clock has caught up; whoever sees the errors should not have to guess
 * why.
 */
final class ClockWatch {

  private static final Logger LOG = LoggerFactory.getLogger(ClockWatch.class);

  /** Clocks of clients may be a little fast. */
  private static final long TOLERANCE_MILLIS = Duration.ofMinutes(10).toMillis();

  private final Clock clock;
  private final Head head;
  private boolean said;

  ClockWatch(Clock clock, Head head) {
    this.clock = clock;
    this.head = head;
  }

  void look() {
    long newest = head.maxTime();
    boolean ahead = newest > clock.millis() + TOLERANCE_MILLIS;
    if (ahead && !said) {
      LOG.warn(
          "the newest sample is of {}, which is in the future of this machine's clock; samples that"
              + " are older than that by more than half a block's time are refused",
          Instant.ofEpochMilli(newest));
    }
    said = ahead;
  }
}
