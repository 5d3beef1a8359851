package io.narthex.scrape.cache;

import io.narthex.model.histogram.HistogramRules;
import io.narthex.model.histogram.SpanHistogram;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Where the counting of a target's series began, as far as its pages do not say it: made up from
 * what was seen of them. Beside the lines of a {@link SeriesCache}, by whose numbers they are known
 * here.
 *
 * <p><b>The rule</b> (Prometheus' {@code st-synthesis}, OpenTelemetry's "subtract initial point").
 * The first sample of a line is not stored: its time becomes the start, its value the reference,
 * which is taken from all later ones. A value that falls has begun anew from zero: the start is
 * then a millisecond before it, as nobody knows better, and there is no reference any more. A line
 * that was missing in a good page is new when it comes back; one that was only out of reach goes
 * on.
 *
 * <p><b>What is kept</b> per line are start, reference and last value (24 bytes), and the time of
 * lines with timestamps of their own; for native histograms, copies of reference and last. Arrays
 * grow with the lines, and nothing is allocated for a sample of a known line.
 *
 * <p><b>Pages that fail</b> have not been: what they changed is in an {@link OriginJournal}, and
 * taken back. <b>Lines that are forgotten</b> because they would mean something else now (after a
 * reload, in another format) leave what is known of them to those of the next page that stand for
 * the same series.
 *
 * <p>Not thread-safe.
 */
public final class Origins {

  /** What has become of a sample. */
  public enum Step {
    /** It says nothing of the counting, and is stored as it is. */
    PLAIN,
    /** It counts from {@link Origins#start} on, and is stored. */
    COUNTED,
    /** It is where the counting begins, and not stored. */
    FIRST,
    /** It is older than the one before, and not stored. */
    LATE
  }

  /** In place of a start: the next sample of the line is its first. */
  private static final long AWAITED = Long.MIN_VALUE;

  /** The histograms of a line; the last one's place is taken by a spare one each time. */
  private static final class Counted {
    SpanHistogram last = new SpanHistogram();
    @Nullable SpanHistogram reference;
    @Nullable SpanHistogram spare;

    static Counted from(SpanHistogram first) {
      Counted counted = new Counted();
      counted.last.copyFrom(first);
      counted.reference = copy(first);
      return counted;
    }

    Counted copy() {
      Counted copy = new Counted();
      copy.last.copyFrom(last);
      copy.reference = reference == null ? null : copy(reference);
      return copy;
    }

    private static SpanHistogram copy(SpanHistogram of) {
      SpanHistogram copy = new SpanHistogram();
      copy.copyFrom(of);
      return copy;
    }
  }

  /** What was known of lines that are forgotten, by the handles of their series. */
  private record Forgotten(
      long[] handles,
      int[] lines,
      long[] starts,
      double[] references,
      double[] lasts,
      long[] times,
      @Nullable Counted[] histograms) {}

  // 0 for lines that do not count.
  private long[] starts = {};
  private double[] references = {};
  private double[] lasts = {};
  // Only as long as somebody has said something.
  private long[] times = {};
  private @Nullable Counted[] histograms = {};

  private @Nullable Forgotten forgotten;
  private final OriginJournal none = new OriginJournal();
  private OriginJournal journal = none;

  /** Goes on with a journal that nobody else uses until the page has ended. */
  void begin(OriginJournal pageJournal) {
    journal = pageJournal;
    clearJournal();
  }

  /** Says that a new line's series counts, and under which handle it was known before. */
  public void add(int line, long handle) {
    if (line >= starts.length) {
      int length = Math.max(64, line + line / 2);
      starts = Arrays.copyOf(starts, length);
      references = Arrays.copyOf(references, length);
      lasts = Arrays.copyOf(lasts, length);
    }
    starts[line] = AWAITED;
    Forgotten before = forgotten;
    int at = before == null ? -1 : Arrays.binarySearch(before.handles, handle);
    if (before != null && at >= 0) {
      remember(line, before, before.lines[at]);
    }
  }

  private void remember(int line, Forgotten before, int old) {
    starts[line] = before.starts[old];
    references[line] = before.references[old];
    lasts[line] = before.lasts[old];
    if (old < before.times.length) {
      time(line, before.times[old]);
    }
    Counted counted = old < before.histograms.length ? before.histograms[old] : null;
    if (counted != null) {
      histogram(line, counted.copy());
    }
  }

  /** Whether the line's series counts. */
  public boolean counts(int line) {
    return line < starts.length && starts[line] != 0;
  }

  /** When the counting of a line's series began that is under way. */
  public long start(int line) {
    return starts[line];
  }

  /** What is to be taken from the line's value. */
  public double reference(int line) {
    return references[line];
  }

  /**
   * Takes in the value of a line that counts.
   *
   * @param time of the sample, in milliseconds since the epoch
   * @param explicit whether the time is the sample's own
   */
  public Step next(int line, double value, long time, boolean explicit) {
    if (Double.isNaN(value)) {
      return Step.PLAIN;
    }
    long start = starts[line];
    if (start == AWAITED || histogram(line) != null) {
      note(line);
      anchor(line, time, explicit);
      dropHistogram(line);
      references[line] = value;
      lasts[line] = value;
      return Step.FIRST;
    }
    if (time <= start || (explicit && time < time(line))) {
      return time <= start ? Step.FIRST : Step.LATE;
    }
    note(line);
    if (value < lasts[line]) {
      starts[line] = time - 1;
      references[line] = 0;
    }
    lasts[line] = value;
    if (explicit) {
      time(line, time);
    }
    return Step.COUNTED;
  }

  /**
   * The same for a native histogram; one that is to be stored has its reference taken away.
   *
   * @param histogram changed, unless it breaks a rule, which is for the storage to say
   */
  public Step next(int line, SpanHistogram histogram, long time, boolean explicit) {
    if (HistogramRules.violation(histogram) != null) {
      return Step.PLAIN;
    }
    long start = starts[line];
    Counted counted = histogram(line);
    if (start == AWAITED || counted == null) {
      note(line);
      anchor(line, time, explicit);
      histogram(line, Counted.from(histogram));
      return Step.FIRST;
    }
    if (time <= start || (explicit && time < time(line))) {
      return time <= start ? Step.FIRST : Step.LATE;
    }
    note(line);
    if (!histogram.hasGrownFrom(counted.last)) {
      starts[line] = time - 1;
      counted.reference = null;
    }
    SpanHistogram last = Objects.requireNonNullElseGet(counted.spare, SpanHistogram::new);
    counted.spare = null;
    last.copyFrom(histogram);
    counted.last = last;
    if (explicit) {
      time(line, time);
    }
    if (counted.reference != null) {
      histogram.subtract(counted.reference);
    }
    return Step.COUNTED;
  }

  private void anchor(int line, long time, boolean explicit) {
    // At the epoch there is no start: the line waits for the next one.
    starts[line] = time == 0 ? AWAITED : time;
    if (explicit) {
      time(line, time);
    }
  }

  /** Forgets where a line's counting began, because the page says it better. */
  public void given(int line) {
    if (starts[line] != AWAITED) {
      note(line);
      forget(line);
    }
  }

  /** Forgets the line of a series that is gone. */
  void gone(int line) {
    if (counts(line)) {
      forget(line);
    }
  }

  private void forget(int line) {
    starts[line] = AWAITED;
    dropHistogram(line);
  }

  private long time(int line) {
    return line < times.length ? times[line] : Long.MIN_VALUE;
  }

  private void time(int line, long time) {
    if (line >= times.length) {
      int length = times.length;
      times = Arrays.copyOf(times, starts.length);
      Arrays.fill(times, length, times.length, Long.MIN_VALUE);
    }
    times[line] = time;
  }

  private @Nullable Counted histogram(int line) {
    return line < histograms.length ? histograms[line] : null;
  }

  private void histogram(int line, Counted counted) {
    if (line >= histograms.length) {
      histograms = Arrays.copyOf(histograms, starts.length);
    }
    histograms[line] = counted;
  }

  private void dropHistogram(int line) {
    if (line < histograms.length) {
      histograms[line] = null;
    }
  }

  // --- What a page changed ---

  /** How many changes the page has made, for {@link #undo}. */
  public int changes() {
    return journal.size;
  }

  private void note(int line) {
    int at = journal.next();
    journal.lines[at] = line;
    journal.starts[at] = starts[line];
    journal.references[at] = references[line];
    journal.lasts[at] = lasts[line];
    journal.times[at] = time(line);
    Counted counted = histogram(line);
    if (counted != null) {
      journal.lastHistograms[at] = counted.last;
      journal.referenceHistograms[at] = counted.reference;
    }
  }

  /** Takes the changes of the page back, the last first, until so many are left. */
  public void undo(int changes) {
    while (journal.size > changes) {
      int at = --journal.size;
      int line = journal.lines[at];
      starts[line] = journal.starts[at];
      references[line] = journal.references[at];
      lasts[line] = journal.lasts[at];
      if (journal.times[at] != time(line)) {
        time(line, journal.times[at]);
      }
      SpanHistogram last = journal.lastHistograms[at];
      if (last == null) {
        dropHistogram(line);
        continue;
      }
      Counted counted = Objects.requireNonNullElseGet(histogram(line), Counted::new);
      counted.spare = counted.last == last ? null : counted.last;
      counted.last = last;
      counted.reference = journal.referenceHistograms[at];
      histogram(line, counted);
      journal.lastHistograms[at] = null;
      journal.referenceHistograms[at] = null;
    }
  }

  /**
   * Ends a page that was read whole.
   *
   * @param dead which lines it does not have
   */
  void commit(IntPredicate dead) {
    for (int i = 0; i < journal.size; i++) {
      SpanHistogram before = journal.lastHistograms[i];
      Counted counted = before == null ? null : histogram(journal.lines[i]);
      if (counted != null) {
        counted.spare = before;
      }
    }
    if (forgotten != null) {
      // A line of a page that failed in between may have been left something, too.
      for (int line = 0; line < starts.length; line++) {
        if (starts[line] != 0 && dead.test(line)) {
          forget(line);
        }
      }
      forgotten = null;
    }
    clearJournal();
    journal = none;
  }

  /** Ends a page that could not be read to its end. */
  void fail() {
    undo(0);
    journal = none;
  }

  private void clearJournal() {
    Arrays.fill(journal.lastHistograms, 0, journal.size, null);
    Arrays.fill(journal.referenceHistograms, 0, journal.size, null);
    journal.size = 0;
  }

  // --- Lines that get other numbers ---

  /**
   * Forgets all lines, and keeps what was known of those that are alive for lines that will be
   * added, until a page has ended well.
   *
   * @param handles of the series of the lines
   */
  void clear(long[] handles, int lines, IntPredicate alive) {
    if (forgotten == null) {
      forgotten = forgotten(handles, Math.min(lines, starts.length), alive);
    }
    starts = new long[0];
    references = new double[0];
    lasts = new double[0];
    times = new long[0];
    histograms = new Counted[0];
  }

  private Forgotten forgotten(long[] handles, int lines, IntPredicate alive) {
    IntPredicate kept = line -> starts[line] != 0 && starts[line] != AWAITED && alive.test(line);
    long[] known = new long[lines];
    int size = 0;
    for (int line = 0; line < lines; line++) {
      if (kept.test(line)) {
        known[size++] = handles[line];
      }
    }
    known = Arrays.copyOf(known, size);
    Arrays.sort(known);
    int[] byHandle = new int[size];
    for (int line = 0; line < lines; line++) {
      if (kept.test(line)) {
        // Of equal handles the search always finds the same one.
        byHandle[Arrays.binarySearch(known, handles[line])] = line;
      }
    }
    return new Forgotten(known, byHandle, starts, references, lasts, times, histograms);
  }

  /** Gives lines other numbers, or takes theirs away (-1). */
  void move(int[] renumbered, int kept) {
    int old = renumbered.length;
    starts = LineIndex.moved(padded(starts, old), renumbered, kept);
    references = LineIndex.moved(padded(references, old), renumbered, kept);
    lasts = LineIndex.moved(padded(lasts, old), renumbered, kept);
    if (times.length > 0) {
      int said = times.length;
      times = padded(times, old);
      Arrays.fill(times, Math.min(said, times.length), times.length, Long.MIN_VALUE);
      times = LineIndex.moved(times, renumbered, kept);
    }
    if (histograms.length > 0) {
      @Nullable Counted[] moved = new Counted[kept];
      LineIndex.moved(
          Arrays.copyOf(histograms, Math.max(histograms.length, old)), renumbered, moved);
      histograms = moved;
    }
  }

  private static long[] padded(long[] numbers, int length) {
    return Arrays.copyOf(numbers, Math.max(numbers.length, length));
  }

  private static double[] padded(double[] numbers, int length) {
    return Arrays.copyOf(numbers, Math.max(numbers.length, length));
  }

  /** Bytes on the heap, histograms and headers not counted. */
  long bytes() {
    return 24L * starts.length + 8L * times.length;
  }
}
