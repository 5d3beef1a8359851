package io.narthex.tsdb.head;

import io.narthex.model.exposition.MetricType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the metrics of series, so that the log gets it only when it changes. Equal texts
 * are one object, and a series costs the 24 to 48 bytes of its entry in a table; nothing while
 * nobody says anything. It is asked for changes only, and by the replay. Thread-safe.
 */
final class SeriesMetadata {

  /** What is known of one metric. */
  record Entry(MetricType type, String unit, String help) {}

  private Map<Entry, Integer> numbers = new HashMap<>();
  private List<Entry> entries = new ArrayList<>();
  private @Nullable RefMap byRef;

  /** What is known of a series' metric, or null. */
  synchronized @Nullable Entry get(long ref) {
    int number = byRef == null ? RefMap.ABSENT : byRef.get(ref);
    return number == RefMap.ABSENT ? null : entries.get(number);
  }

  synchronized void put(long ref, Entry entry) {
    if (byRef == null) {
      byRef = new RefMap();
    }
    byRef.put(ref, number(entry));
  }

  private int number(Entry entry) {
    Integer known = numbers.putIfAbsent(entry, entries.size());
    if (known != null) {
      return known;
    }
    entries.add(entry);
    return entries.size() - 1;
  }

  /** Forgets all series but these. */
  synchronized void keep(long[] refs) {
    RefMap old = byRef;
    if (old == null) {
      return;
    }
    List<Entry> oldEntries = entries;
    numbers = new HashMap<>();
    entries = new ArrayList<>();
    byRef = new RefMap();
    for (long ref : refs) {
      int number = old.get(ref);
      if (number != RefMap.ABSENT) {
        byRef.put(ref, number(oldEntries.get(number)));
      }
    }
  }
}
