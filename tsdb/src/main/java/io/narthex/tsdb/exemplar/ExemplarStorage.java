package io.narthex.tsdb.exemplar;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.hash.Hashes;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.Exemplar;
import io.narthex.storage.ExemplarQuerier;
import io.narthex.storage.ExemplarResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of exemplars: when it is reached, the one that came first goes.
 *
 * <p><b>Shape.</b> An exemplar is a number, its place in parallel arrays; these grow up to the
 * capacity and are then written round and round. Its labels lie in {@link LabelBytes}, which are
 * left behind in the same order. Each series links its exemplars in the order of time. There is an
 * object for each series that has some, and none for an exemplar: about 45 bytes and those of the
 * labels.
 *
 * <p><b>What is taken</b> is what Prometheus takes. Targets show an exemplar until they have
 * another one, so that the newest of the series comes again and again: it is a duplicate, by its
 * labels, its value and, if one of the two has one of its own, its timestamp. An older one is out
 * of order, unless it lies in the out-of-order window, where it is put in its place (one of the
 * same time is then taken for the same). Of one time they come in the order of value, then of the
 * labels' hash: native histograms have many, and each scrape begins with the least.
 *
 * <p><b>Series</b> are known by their reference in the head, and told apart by their labels: one
 * that died and came back goes on with its exemplars.
 *
 * <p>Thread-safe, by one lock, which a reader takes for one series at a time.
 */
public final class ExemplarStorage implements ExemplarQuerier {

  /** The most characters of an exemplar's labels, names and values together. */
  public static final int MOST_CHARACTERS = 128;

  private static final int NONE = -1;

  /** A series that has exemplars. */
  private static final class Series {
    final Labels labels;
    long ref;
    int oldest = NONE;
    int newest = NONE;

    Series(Labels labels, long ref) {
      this.labels = labels;
      this.ref = ref;
    }
  }

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final Lock reading = lock.readLock();
  private final Lock writing = lock.writeLock();
  private final LongAdder appended = new LongAdder();
  private final LongAdder outOfOrder = new LongAdder();

  private volatile int capacity;
  private volatile long windowMillis;
  private int size;
  // The number that the next one gets: the size, or the oldest one's once all are taken.
  private int cursor;
  private long[] times = {};
  private double[] values = {};
  private boolean[] explicits = {};
  private long[] places = {};
  private char[] lengths = {};
  private @Nullable Series[] owners = {};
  private int[] next = {};
  private int[] previous = {};
  private final LabelBytes texts = new LabelBytes();
  private final Map<Labels, Series> byLabels = new HashMap<>();
  private final Map<Long, Series> byRef = new HashMap<>();

  /**
   * @param capacity the most exemplars; with 0 none is taken
   */
  public ExemplarStorage(int capacity) {
    this.capacity = Math.max(0, capacity);
  }

  /** Whether any exemplar is taken. */
  public boolean isEnabled() {
    return capacity > 0;
  }

  /**
   * Sets how much older than the newest of its series an exemplar may be.
   *
   * @param millis 0 for not at all
   */
  public void outOfOrderWindow(long millis) {
    windowMillis = Math.max(0, millis);
  }

  /**
   * What would become of an exemplar now. Nothing is counted.
   *
   * @param ref the series' reference
   * @param timestamp milliseconds since the epoch
   * @param explicit whether the timestamp is its own
   */
  public ExemplarResult check(
      long ref, long timestamp, boolean explicit, double value, Labels labels) {
    byte[] packed = labels.packed();
    reading.lock();
    try {
      return check(byRef.get(ref), timestamp, explicit, value, packed, 0, packed.length);
    } finally {
      reading.unlock();
    }
  }

  /**
   * Adds an exemplar.
   *
   * @param ref the series' reference
   * @param series gives the series' labels, if they are not known
   * @param timestamp milliseconds since the epoch
   * @param explicit whether the timestamp is its own
   * @param labels has the exemplar's labels in packed form, from {@code from} on; they are copied
   */
  public ExemplarResult add(
      long ref,
      Supplier<Labels> series,
      long timestamp,
      boolean explicit,
      double value,
      byte[] labels,
      int from,
      int length) {
    writing.lock();
    try {
      if (capacity == 0) {
        return ExemplarResult.DISABLED;
      }
      Series known = byRef.get(ref);
      Labels name = known == null ? series.get() : known.labels;
      if (known == null) {
        known = adopted(ref, name);
      }
      ExemplarResult result = check(known, timestamp, explicit, value, labels, from, length);
      if (result == ExemplarResult.OK && known != null && isTaken(known, timestamp)) {
        result = ExemplarResult.DUPLICATE;
      }
      if (result == ExemplarResult.OUT_OF_ORDER) {
        outOfOrder.increment();
      }
      if (result != ExemplarResult.OK) {
        return result;
      }
      int at = claim();
      // To make room may have taken away the series' only one, and the series with it.
      if (known == null || known.newest == NONE) {
        known = new Series(name, ref);
        byLabels.put(name, known);
        byRef.put(ref, known);
      }
      times[at] = timestamp;
      values[at] = value;
      explicits[at] = explicit;
      places[at] = texts.add(labels, from, length);
      lengths[at] = (char) length;
      owners[at] = known;
      link(known, at);
      appended.increment();
      return result;
    } finally {
      writing.unlock();
    }
  }

  /** The series of these labels, which goes on under another reference. */
  private @Nullable Series adopted(long ref, Labels labels) {
    Series known = byLabels.get(labels);
    if (known != null) {
      byRef.remove(known.ref);
      known.ref = ref;
      byRef.put(ref, known);
    }
    return known;
  }

  private ExemplarResult check(
      @Nullable Series series,
      long time,
      boolean explicit,
      double value,
      byte[] labels,
      int from,
      int length) {
    if (capacity == 0) {
      return ExemplarResult.DISABLED;
    }
    if (isTooLong(labels, from, length)) {
      return ExemplarResult.TOO_LONG;
    }
    if (series == null) {
      return ExemplarResult.OK;
    }
    int newest = series.newest;
    boolean sameLabels = hasLabels(newest, labels, from, length);
    if (sameLabels
        && value == values[newest]
        && (time == times[newest] || !(explicit || explicits[newest]))) {
      return ExemplarResult.DUPLICATE;
    }
    if (time < times[newest]) {
      return time <= times[newest] - windowMillis ? ExemplarResult.OUT_OF_ORDER : ExemplarResult.OK;
    }
    if (time == times[newest]
        && (value < values[newest]
            || (value == values[newest] && hasLowerHash(labels, from, length, newest)))) {
      return ExemplarResult.OUT_OF_ORDER;
    }
    return ExemplarResult.OK;
  }

  private static boolean isTooLong(byte[] labels, int from, int length) {
    if (length <= MOST_CHARACTERS) {
      return false; // no more characters than bytes
    }
    int characters = 0;
    int at = from;
    while (at < from + length) {
      int bytes = labels[at] & 0x7f;
      for (int shift = 7; labels[at++] < 0; shift += 7) {
        bytes |= (labels[at] & 0x7f) << shift;
      }
      for (int end = at + bytes; at < end; at++) {
        characters += (labels[at] & 0xc0) == 0x80 ? 0 : 1;
      }
    }
    return characters > MOST_CHARACTERS;
  }

  private boolean hasLabels(int number, byte[] labels, int from, int length) {
    long place = places[number];
    return Utf8.equal(
        texts.page(place), LabelBytes.offset(place), lengths[number], labels, from, length);
  }

  private boolean hasLowerHash(byte[] labels, int from, int length, int number) {
    long place = places[number];
    return Long.compareUnsigned(
            Hashes.xxHash64(labels, from, length),
            Hashes.xxHash64(texts.page(place), LabelBytes.offset(place), lengths[number]))
        < 0;
  }

  /** Whether an exemplar that is out of order would come to one of its time. */
  private boolean isTaken(Series series, long time) {
    return time < times[series.newest]
        && time >= times[series.oldest]
        && times[lastUpTo(series, time)] == time;
  }

  /** The last exemplar of a series up to a time, or none. */
  private int lastUpTo(Series series, long time) {
    int number = series.newest;
    while (number != NONE && times[number] > time) {
      number = previous[number];
    }
    return number;
  }

  private void link(Series series, int at) {
    int before = lastUpTo(series, times[at]);
    int after = before == NONE ? series.oldest : next[before];
    previous[at] = before;
    next[at] = after;
    if (before == NONE) {
      series.oldest = at;
    } else {
      next[before] = at;
    }
    if (after == NONE) {
      series.newest = at;
    } else {
      previous[after] = at;
    }
  }

  /** A number for one more; the oldest one goes if there is no other. */
  private int claim() {
    int at = cursor;
    if (size == capacity) {
      remove(at);
      int oldest = at + 1 == capacity ? 0 : at + 1;
      texts.dropBefore(size > 0 ? places[oldest] : texts.end());
    } else if (at == times.length) {
      resizeArrays((int) Math.min(capacity, Math.max(64, at * 2L)));
    }
    size++;
    cursor = at + 1 == capacity ? 0 : at + 1;
    return at;
  }

  private void remove(int number) {
    Series series = owner(number);
    int before = previous[number];
    int after = next[number];
    if (before == NONE) {
      series.oldest = after;
    } else {
      next[before] = after;
    }
    if (after == NONE) {
      series.newest = before;
    } else {
      previous[after] = before;
    }
    if (series.newest == NONE) {
      byLabels.remove(series.labels);
      byRef.remove(series.ref);
    }
    owners[number] = null;
    size--;
  }

  private Series owner(int number) {
    Series series = owners[number];
    if (series == null) {
      throw new IllegalStateException("exemplar " + number + " is of no series");
    }
    return series;
  }

  private void resizeArrays(int length) {
    times = Arrays.copyOf(times, length);
    values = Arrays.copyOf(values, length);
    explicits = Arrays.copyOf(explicits, length);
    places = Arrays.copyOf(places, length);
    lengths = Arrays.copyOf(lengths, length);
    owners = Arrays.copyOf(owners, length);
    next = Arrays.copyOf(next, length);
    previous = Arrays.copyOf(previous, length);
  }

  /**
   * Changes the capacity. If there are more, those that came last are kept.
   *
   * @return how many are kept
   */
  public int resize(int most) {
    int to = Math.max(0, most);
    writing.lock();
    try {
      if (to == capacity) {
        return size;
      }
      int first = size == capacity ? cursor : 0;
      int all = size;
      for (int i = 0; i < all - to; i++) {
        remove((first + i) % all);
      }
      straighten(all == 0 ? 0 : (first + Math.max(0, all - to)) % all, all);
      capacity = to;
      cursor = size == to ? 0 : size;
      if (size == 0) {
        texts.clear();
      } else {
        texts.dropBefore(places[0]);
      }
      return size;
    } finally {
      writing.unlock();
    }
  }

  /** Gives those that are left the numbers from 0 on, in the order in which they came. */
  private void straighten(int first, int all) {
    long[] oldTimes = times;
    double[] oldValues = values;
    boolean[] oldExplicits = explicits;
    long[] oldPlaces = places;
    char[] oldLengths = lengths;
    @Nullable Series[] oldOwners = owners;
    int[] oldNext = next;
    int[] oldPrevious = previous;
    times = new long[size];
    values = new double[size];
    explicits = new boolean[size];
    places = new long[size];
    lengths = new char[size];
    owners = new @Nullable Series[size];
    next = new int[size];
    previous = new int[size];
    for (int i = 0; i < size; i++) {
      int old = (first + i) % all;
      times[i] = oldTimes[old];
      values[i] = oldValues[old];
      explicits[i] = oldExplicits[old];
      places[i] = oldPlaces[old];
      lengths[i] = oldLengths[old];
      owners[i] = oldOwners[old];
      next[i] = moved(oldNext[old], first, all);
      previous[i] = moved(oldPrevious[old], first, all);
    }
    for (Series series : byLabels.values()) {
      series.oldest = moved(series.oldest, first, all);
      series.newest = moved(series.newest, first, all);
    }
  }

  private static int moved(int number, int first, int all) {
    return number == NONE ? NONE : Math.floorMod(number - first, all);
  }

  @Override
  public List<SeriesExemplars> select(long minTime, long maxTime, List<List<Matcher>> selectors) {
    List<Series> all;
    reading.lock();
    try {
      all = new ArrayList<>(byLabels.values());
    } finally {
      reading.unlock();
    }
    List<SeriesExemplars> found = new ArrayList<>();
    for (Series series : all) {
      if (isSelected(series.labels, selectors)) {
        List<Exemplar> exemplars = exemplars(series, minTime, maxTime);
        if (!exemplars.isEmpty()) {
          found.add(new SeriesExemplars(series.labels, exemplars));
        }
      }
    }
    found.sort(Comparator.comparing(SeriesExemplars::series));
    return found;
  }

  private static boolean isSelected(Labels labels, List<List<Matcher>> selectors) {
    for (List<Matcher> matchers : selectors) {
      boolean all = true;
      for (Matcher matcher : matchers) {
        all = all && matcher.matches(labels.getOrEmpty(matcher.name()));
      }
      if (all) {
        return true;
      }
    }
    return false;
  }

  private List<Exemplar> exemplars(Series series, long minTime, long maxTime) {
    List<Exemplar> found = new ArrayList<>();
    reading.lock();
    try {
      for (int i = series.oldest; i != NONE && times[i] <= maxTime; i = next[i]) {
        if (times[i] >= minTime) {
          found.add(exemplar(i));
        }
      }
    } finally {
      reading.unlock();
    }
    return found;
  }

  private Exemplar exemplar(int number) {
    long place = places[number];
    int from = LabelBytes.offset(place);
    byte[] packed = Arrays.copyOfRange(texts.page(place), from, from + lengths[number]);
    return new Exemplar(Labels.ofPacked(packed), values[number], times[number]);
  }

  /** Takes exemplars in the order in which they came. */
  @FunctionalInterface
  public interface Visitor {
    void exemplar(long ref, Labels series, Exemplar exemplar);
  }

  /** Shows all exemplars in the order in which they came; nobody can add any meanwhile. */
  public void forEach(Visitor visitor) {
    reading.lock();
    try {
      int first = size == capacity ? cursor : 0;
      for (int i = 0; i < size; i++) {
        int number = (first + i) % size;
        Series series = owner(number);
        visitor.exemplar(series.ref, series.labels, exemplar(number));
      }
    } finally {
      reading.unlock();
    }
  }

  // What it tells about itself.

  /** The most exemplars. */
  public int capacity() {
    return capacity;
  }

  /** The number of exemplars. */
  public int size() {
    reading.lock();
    try {
      return size;
    } finally {
      reading.unlock();
    }
  }

  /** The number of series that have some. */
  public int series() {
    reading.lock();
    try {
      return byLabels.size();
    } finally {
      reading.unlock();
    }
  }

  /** The time of the one that came first, in milliseconds since the epoch; 0 if there is none. */
  public long oldestTime() {
    reading.lock();
    try {
      return size == 0 ? 0 : times[size == capacity ? cursor : 0];
    } finally {
      reading.unlock();
    }
  }

  /** The bytes that the exemplars take, those of their series not counted. */
  public long bytes() {
    reading.lock();
    try {
      return times.length * (8L + 8 + 1 + 8 + 2 + 4 + 4 + 4) + texts.bytes();
    } finally {
      reading.unlock();
    }
  }

  /** How many were added since the start. */
  public long appended() {
    return appended.sum();
  }

  /** How many were out of order. */
  public long outOfOrder() {
    return outOfOrder.sum();
  }
}
