package io.narthex.discovery.azure;

import io.narthex.base.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Network interfaces that are known from before, because Azure wants a question for each: the 5,000
 * that were used last, each for ten to thirteen refresh intervals, not all equally long, so that
 * they do not have to be asked for at once. Thread-safe.
 */
final class InterfaceCache {

  private static final int MOST = 5_000;

  private record Entry(NetworkInterface value, long end) {}

  private final Clock clock;
  private final Duration interval;

  /** Guarded by itself; in the order of use. */
  private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  InterfaceCache(Clock clock, Duration interval) {
    this.clock = clock;
    this.interval = interval;
  }

  /** One that is known, or null. */
  @Nullable NetworkInterface get(String id) {
    synchronized (entries) {
      Entry entry = entries.get(id);
      return entry == null || clock.nanos() - entry.end >= 0 ? null : entry.value;
    }
  }

  /** Notes one. */
  void put(String id, NetworkInterface value) {
    long more = ThreadLocalRandom.current().nextLong(Math.max(1, interval.toNanos() * 3));
    long end = clock.nanos() + interval.toNanos() * 10 + more;
    synchronized (entries) {
      entries.put(id, new Entry(value, end));
      if (entries.size() > MOST) {
        entries.remove(entries.keySet().iterator().next());
      }
    }
  }
}
