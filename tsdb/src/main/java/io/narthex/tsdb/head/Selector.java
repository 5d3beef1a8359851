package io.narthex.tsdb.head;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.storage.StopSignal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.RoaringBitmap;

/**
 * Finds the slots that satisfy matchers. Exact matchers are intersected, smallest first. Of the
 * others each value of the label is judged once: either all values ahead, to combine the postings
 * of those that match (or, if the absent label matches too, of those that do not), or, where fewer
 * series are left than the label has values, the values of these series only.
 *
 * <p>Runs under the index's lock for reading.
 */
final class Selector {

  private final SeriesIndex index;
  private final LabelPairs pairs;
  private final Postings postings;

  // The series found so far: a bitmap, or a short array, or all if both are null.
  private @Nullable RoaringBitmap many;
  private boolean owned;
  private int @Nullable [] few;

  Selector(SeriesIndex index) {
    this.index = index;
    this.pairs = index.pairs;
    this.postings = index.postings;
  }

  /** The slots of the series that satisfy all matchers, ascending. */
  int[] select(List<Matcher> matchers) {
    if (!exact(matchers)) {
      return new int[0];
    }
    for (Matcher m : matchers) {
      if (!isExact(m) && !narrow(m)) {
        return new int[0];
      }
    }
    int[] found = few;
    if (found != null) {
      return found;
    }
    return many == null ? index.all.toArray() : many.toArray();
  }

  private static boolean isExact(Matcher m) {
    return m.type() == Matcher.Type.EQUAL && !m.value().isEmpty();
  }

  /** Starts with the exact matchers; false if nothing can be found. */
  private boolean exact(List<Matcher> matchers) {
    List<Long> rows = new ArrayList<>();
    for (Matcher m : matchers) {
      if (!isExact(m)) {
        continue;
      }
      int name = name(m);
      byte[] value = Utf8.bytes(m.value());
      int pair = name < 0 ? -1 : pairs.find(name, value, 0, value.length);
      if (pair < 0) {
        return false;
      }
      rows.add(pairs.address(pair));
    }
    rows.sort(Comparator.comparingInt(Postings::count));
    for (long row : rows) {
      RoaringBitmap bitmap = postings.bitmap(row);
      if (few == null && many == null) {
        many = bitmap;
        few = bitmap == null ? postings.toArray(row) : null;
      } else if (bitmap != null) {
        and(bitmap);
      } else {
        RoaringBitmap short_ = new RoaringBitmap();
        postings.addTo(row, short_);
        and(short_);
      }
    }
    return true;
  }

  private int name(Matcher m) {
    byte[] name = Utf8.bytes(m.name());
    return pairs.findName(name, 0, name.length);
  }

  private void and(RoaringBitmap other) {
    int[] array = few;
    if (array != null) {
      int n = 0;
      for (int slot : array) {
        if (other.contains(slot)) {
          array[n++] = slot;
        }
      }
      few = Arrays.copyOf(array, n);
    } else if (many == null) {
      many = other;
      owned = false;
    } else {
      own().and(other);
    }
  }

  private void andNot(RoaringBitmap other) {
    int[] array = few;
    if (array != null) {
      int n = 0;
      for (int slot : array) {
        if (!other.contains(slot)) {
          array[n++] = slot;
        }
      }
      few = Arrays.copyOf(array, n);
    } else {
      own().andNot(other);
    }
  }

  private RoaringBitmap own() {
    RoaringBitmap bitmap = many == null ? index.all : many;
    if (!owned) {
      bitmap = bitmap.clone();
      owned = true;
    }
    many = bitmap;
    return bitmap;
  }

  private int candidates() {
    int[] array = few;
    if (array != null) {
      return array.length;
    }
    return many == null ? index.series() : many.getCardinality();
  }

  /** Applies a matcher that is not exact; false if nothing is left. */
  private boolean narrow(Matcher m) {
    boolean absentMatches = m.matchesEmpty();
    int number = name(m);
    if (number < 0) {
      return absentMatches;
    }
    LabelPairs.Name name = pairs.name(number);
    int left = candidates();
    if (left == 0) {
      return false;
    }
    if (left < name.size() || few != null) {
      filter(m, number, absentMatches);
      return true;
    }
    // Of values that match where absence does not, or of those that do not where it does.
    List<Long> rows = new ArrayList<>();
    long series = 0;
    for (int i = 0; i < name.size(); i++) {
      StopSignal.every(i);
      long row = pairs.address(name.pair(i));
      if (m.matches(pairs.value(row)) != absentMatches) {
        rows.add(row);
        series += Postings.count(row);
      }
    }
    if (absentMatches) {
      if (!rows.isEmpty()) {
        andNot(union(rows));
      }
    } else if (series == 0) {
      return false;
    } else if (series < index.series()) { // else every series has the label, and matches
      and(union(rows));
    }
    return true;
  }

  private RoaringBitmap union(List<Long> rows) {
    RoaringBitmap only = rows.size() == 1 ? postings.bitmap(rows.getFirst()) : null;
    if (only != null) {
      return only;
    }
    RoaringBitmap union = new RoaringBitmap();
    SlotList loose = new SlotList();
    for (long row : rows) {
      RoaringBitmap bitmap = postings.bitmap(row);
      if (bitmap != null) {
        union.or(bitmap);
      } else {
        for (int slot : postings.toArray(row)) {
          loose.add(slot);
        }
      }
    }
    int[] slots = loose.toArray();
    Arrays.sort(slots);
    union.addN(slots, 0, slots.length);
    return union;
  }

  /** Asks for the value of each series that is left, and judges each value once. */
  private void filter(Matcher m, int name, boolean absentMatches) {
    int[] array = few;
    if (array == null) {
      array = many == null ? index.all.toArray() : many.toArray();
    }
    BitSet judged = new BitSet();
    BitSet matched = new BitSet();
    LabelPairs.Run run = new LabelPairs.Run();
    int n = 0;
    for (int i = 0; i < array.length; i++) {
      StopSignal.every(i);
      int slot = array[i];
      int pair = pairs.pairNumberOf(index.rows.address(slot), name, run);
      boolean matches = absentMatches;
      if (pair >= 0) {
        if (!judged.get(pair)) {
          judged.set(pair);
          matched.set(pair, m.matches(pairs.value(pairs.address(pair))));
        }
        matches = matched.get(pair);
      }
      if (matches) {
        array[n++] = slot;
      }
    }
    few = Arrays.copyOf(array, n);
    many = null;
  }

  /** The values of a label over the series that satisfy the matchers, sorted, at most a limit. */
  List<String> values(String label, List<Matcher> matchers, int limit) {
    byte[] bytes = Utf8.bytes(label);
    int number = pairs.findName(bytes, 0, bytes.length);
    if (number < 0) {
      return List.of();
    }
    LabelPairs.Name name = pairs.name(number);
    int[] order =
        matchers.isEmpty()
            ? pairs.byValue(name)
            : pairs.sortedByValue(pairsOf(number, select(matchers)));
    int size = limit > 0 ? Math.min(limit, order.length) : order.length;
    List<String> values = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      StopSignal.every(i);
      values.add(pairs.value(pairs.address(order[i])));
    }
    return values;
  }

  /** The pairs that some series have for a name, each once. */
  private int[] pairsOf(int name, int[] slots) {
    BitSet seen = new BitSet();
    LabelPairs.Run run = new LabelPairs.Run();
    for (int i = 0; i < slots.length; i++) {
      StopSignal.every(i);
      int pair = pairs.pairNumberOf(index.rows.address(slots[i]), name, run);
      if (pair >= 0) {
        seen.set(pair);
      }
    }
    return seen.stream().toArray();
  }

  /** The label names of the series that satisfy the matchers, sorted, at most a limit. */
  List<String> names(List<Matcher> matchers, int limit) {
    BitSet seen = new BitSet();
    if (matchers.isEmpty()) {
      for (int i = 0; i < pairs.names(); i++) {
        seen.set(i, pairs.name(i).size() > 0);
      }
    } else {
      LabelPairs.Run run = new LabelPairs.Run();
      int[] slots = select(matchers);
      for (int i = 0; i < slots.length; i++) {
        StopSignal.every(i);
        run.of(index.rows.address(slots[i]));
        while (run.hasNext()) {
          seen.set(pairs.nameOf(pairs.address(run.next())));
        }
      }
    }
    List<String> names = new ArrayList<>();
    seen.stream().forEach(number -> names.add(pairs.name(number).text));
    return limited(names, limit);
  }

  private static List<String> limited(List<String> all, int limit) {
    all.sort(StopSignal.asking(Utf8.order(all)));
    return limit > 0 && all.size() > limit ? List.copyOf(all.subList(0, limit)) : all;
  }

  /** Puts slots into the order of their references, which is that in which series were made. */
  int[] byRef(int[] slots) {
    if (index.refsFollowSlots()) {
      return slots;
    }
    // References fit in 32 bits but for heads of great age; the slot goes below.
    long[] keys = new long[slots.length];
    for (int i = 0; i < slots.length; i++) {
      long ref = Rows.ref(index.rows.address(slots[i]));
      if (ref >>> 31 != 0) {
        return byLargeRef(slots);
      }
      keys[i] = ref << 32 | slots[i];
    }
    Arrays.sort(keys);
    for (int i = 0; i < slots.length; i++) {
      slots[i] = (int) keys[i];
    }
    return slots;
  }

  private int[] byLargeRef(int[] slots) {
    return Arrays.stream(slots)
        .boxed()
        .sorted(Comparator.comparingLong(slot -> Rows.ref(index.rows.address(slot))))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** The labels of a series. */
  Labels labels(int slot) {
    return pairs.labels(index.rows.address(slot));
  }
}
