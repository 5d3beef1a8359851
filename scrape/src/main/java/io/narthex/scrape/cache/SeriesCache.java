package io.narthex.scrape.cache;

import io.narthex.base.hash.KeyedHash;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Which line of a target's page is which series, and which series were there last time. A structure
 * of arrays: per line 16 bytes of hash, 2 for its length, 4 for its successor, 8 for the handle and
 * one for marks; nothing is allocated for a line that is known.
 *
 * <p><b>Pages.</b> {@link #begin} starts one. Each line is looked up by {@link #find}, added by
 * {@link #add} if it is new, and marked by {@link #mark}. {@link #commit} ends a page that was read
 * whole, and names the series that are gone; {@link #fail} forgets what a broken page has marked. A
 * failed scrape of any kind is followed by {@link #allGone}.
 *
 * <p><b>Marks.</b> A line is dead (0), or of the last good page, or of the current one; the two
 * take turns at being 1 and 2, so that a good page needs no sweep. A sweep happens only if fewer
 * lines of the last page were met again than there were. A line is <i>tracked</i> if its series
 * shall get a stale marker when it vanishes: one with a timestamp of its own is not, unless
 * configured.
 *
 * <p><b>Series against lines.</b> Two lines may mean one series (after relabelling, or when a
 * target changes the order of its labels). So a vanished line only ends its series if no other
 * tracked line of the page carries it; that is looked at when something vanished, and only then.
 *
 * <p>Dead lines are kept for a while, in case they come back, and swept out when they are many. Not
 * thread-safe.
 */
public final class SeriesCache {

  private static final int STATE = 3;
  private static final int TRACKED = 4;

  /** Was dead before the current page. */
  private static final int BACK = 8;

  /** Its sample is not stored, as it is the first of a series that counts. */
  private static final int FIRST = 16;

  private static final long[] NO_HANDLES = new long[0];

  private final LineIndex index = new LineIndex();
  private long[] handles = NO_HANDLES;
  private byte[] marks = new byte[0];
  // Only as long as somebody has said something; what is behind the end is 0.
  private long[] starts = NO_HANDLES;
  private long[] groups = NO_HANDLES;

  private @Nullable Origins origins;

  private int previous = 2;
  private int current = 1;
  private int live;
  private boolean goneSaid = true;
  private int sizeAtBegin;
  private int metAgain;
  private int others;

  // Tracked series of lines that are no longer lines here, or no longer tracked.
  private long[] released = NO_HANDLES;
  private int releasedCount;

  /** Starts a page. */
  public void begin() {
    index.rewind();
    sizeAtBegin = index.size();
    if (handles.length > sizeAtBegin && index.isSettled()) {
      handles = Arrays.copyOf(handles, sizeAtBegin);
      marks = Arrays.copyOf(marks, sizeAtBegin);
    }
    metAgain = 0;
    others = 0;
  }

  /** The line that followed the last one in the last page, or -1. */
  public int expected() {
    return index.expected();
  }

  /** The length of a line in bytes, or 0 if it is longer than can be remembered. */
  public int length(int line) {
    return index.length(line);
  }

  /** Whether the line has this hash. */
  public boolean is(int line, KeyedHash hash) {
    return index.is(line, hash.high(), hash.low());
  }

  /** Says that the expected line was met, instead of {@link #find}. */
  public void met(int expected) {
    index.met(expected);
  }

  /** The number of the line with this hash, or -1 if it is unknown. */
  public int find(KeyedHash hash) {
    return index.find(hash.high(), hash.low());
  }

  /**
   * Adds a line that {@link #find} did not know, behind the line found or added last, and marks it.
   *
   * @param handle the series it stands for, or 0 for a line that relabelling drops
   * @return its number
   */
  public int add(KeyedHash hash, long handle, boolean tracked) {
    int line = index.add(hash.high(), hash.low(), hash.length());
    if (line == handles.length) {
      int length = Math.max(64, line * 2);
      handles = Arrays.copyOf(handles, length);
      marks = Arrays.copyOf(marks, length);
    }
    handles[line] = handle;
    marks[line] = (byte) (current | (tracked ? TRACKED : 0));
    others++;
    return line;
  }

  /** The handle of a line's series, or 0 if the line is dropped. */
  public long handle(int line) {
    return handles[line];
  }

  /** Gives a line another handle, after its series had been garbage collected. */
  public void handle(int line, long handle) {
    handles[line] = handle;
  }

  /** When the counting of a line's series began, as it was said last; 0 if nobody said it. */
  public long start(int line) {
    return line < starts.length ? starts[line] : 0;
  }

  /** Remembers when the counting of a line's series began. */
  public void start(int line, long millis) {
    starts = withRoom(starts, line, millis);
  }

  /** The number that was given to the line beside its handle, or 0. */
  public int group(int line) {
    return line < groups.length ? (int) groups[line] : 0;
  }

  /**
   * Gives a line a number beside its handle, for whatever its series has in common with others, or
   * why it has none.
   */
  public void group(int line, int number) {
    groups = withRoom(groups, line, number);
  }

  private long[] withRoom(long[] numbers, int line, long number) {
    if (line < numbers.length) {
      numbers[line] = number;
      return numbers;
    }
    if (number == 0) {
      return numbers;
    }
    long[] larger = Arrays.copyOf(numbers, Math.max(line + 1, handles.length));
    larger[line] = number;
    return larger;
  }

  /**
   * Where the counting of the lines' series began, for a page that is about to be begun; kept from
   * then on.
   *
   * @param journal of nobody else until the page has ended
   */
  public Origins origins(OriginJournal journal) {
    Origins known = origins;
    if (known == null) {
      known = new Origins();
      origins = known;
    }
    known.begin(journal);
    return known;
  }

  /** Whether the line has already been marked in this page. */
  public boolean isMarked(int line) {
    return (marks[line] & STATE) == current;
  }

  /** Whether the line was not in the last good page; asked before it is marked. */
  public boolean isBack(int line) {
    return (marks[line] & STATE) == 0;
  }

  /**
   * Marks a line as met in this page.
   *
   * @param tracked whether its series shall be ended when the line vanishes
   */
  public void mark(int line, boolean tracked) {
    int mark = marks[line];
    int state = mark & STATE;
    int next = current | (tracked ? TRACKED : 0);
    if (state == previous) {
      metAgain++;
      if ((mark & TRACKED) != 0 && !tracked && !goneSaid) {
        release(handles[line]);
      }
    } else if (state == 0) {
      others++;
      next |= BACK;
    } else {
      next |= mark & BACK;
    }
    marks[line] = (byte) next;
  }

  /** Marks a line as met whose sample only says where the counting of its series begins. */
  public void markFirst(int line) {
    mark(line, false);
    marks[line] |= FIRST;
  }

  /** Whether the sample in the page before was the first of a series that counts. */
  public boolean isFirst(int line) {
    return (marks[line] & FIRST) != 0;
  }

  private void release(long handle) {
    if (releasedCount == released.length) {
      released = Arrays.copyOf(released, Math.max(16, releasedCount * 2));
    }
    released[releasedCount++] = handle;
  }

  /**
   * Ends a page that was read whole.
   *
   * @param gone called with the handle of each tracked series that was there last time and is not
   *     now
   */
  public void commit(LongConsumer gone) {
    if (metAgain < live) {
      bury();
    }
    if (goneSaid) {
      releasedCount = 0;
    }
    if (releasedCount > 0) {
      sayGone(gone);
    }
    if (origins != null) {
      origins.commit(line -> line < index.size() && marks[line] == 0);
    }
    goneSaid = false;
    live = metAgain + others;
    int last = previous;
    previous = current;
    current = last;
    int dead = index.size() - live;
    if (dead > 64 && dead > live / 4) {
      sweep();
    }
  }

  private void bury() {
    for (int line = 0; line < sizeAtBegin; line++) {
      int mark = marks[line];
      if ((mark & STATE) == previous) {
        marks[line] = 0;
        if ((mark & TRACKED) != 0) {
          release(handles[line]);
        }
        if (origins != null) {
          origins.gone(line);
        }
      }
    }
  }

  /** Reports what was released, less what another line of the page still carries. */
  private void sayGone(LongConsumer gone) {
    Arrays.sort(released, 0, releasedCount);
    int distinct = 1;
    for (int i = 1; i < releasedCount; i++) {
      if (released[i] != released[distinct - 1]) {
        released[distinct++] = released[i];
      }
    }
    boolean[] carried = new boolean[distinct];
    for (int line = 0; line < index.size(); line++) {
      if ((marks[line] & (STATE | TRACKED)) == (current | TRACKED)) {
        int at = Arrays.binarySearch(released, 0, distinct, handles[line]);
        if (at >= 0) {
          carried[at] = true;
        }
      }
    }
    for (int i = 0; i < distinct; i++) {
      if (!carried[i]) {
        gone.accept(released[i]);
      }
    }
    releasedCount = 0;
    released = NO_HANDLES;
  }

  /**
   * Forgets what a page has marked that could not be read to its end. Lines that it added stay
   * known, as dead.
   *
   * @return whether dead lines had become so many that they were swept out
   */
  public boolean fail() {
    if (origins != null) {
      origins.fail();
    }
    for (int line = 0; line < index.size(); line++) {
      int mark = marks[line];
      if ((mark & STATE) == current) {
        boolean wasDead = line >= sizeAtBegin || (mark & BACK) != 0;
        marks[line] = wasDead ? 0 : (byte) (previous | mark & TRACKED);
      }
    }
    if (index.size() - live > live + 1000) {
      sweep();
      return true;
    }
    return false;
  }

  /**
   * Says that a scrape failed, or that there will be none any more.
   *
   * @param gone called with the handle of each tracked series of the last good page, unless that
   *     was done before
   */
  public void allGone(LongConsumer gone) {
    if (goneSaid) {
      return;
    }
    goneSaid = true;
    for (int i = 0; i < releasedCount; i++) {
      gone.accept(released[i]);
    }
    releasedCount = 0;
    for (int line = 0; line < index.size(); line++) {
      int mark = marks[line];
      if ((mark & STATE) == previous && (mark & TRACKED) != 0) {
        gone.accept(handles[line]);
      }
    }
  }

  /**
   * Forgets all lines, because they would mean something else now (another protocol, other rules).
   * The series of the last page stay known until the next one has said which of them remain.
   */
  public void invalidate() {
    if (!goneSaid) {
      for (int line = 0; line < index.size(); line++) {
        int mark = marks[line];
        if ((mark & STATE) == previous && (mark & TRACKED) != 0) {
          release(handles[line]);
        }
      }
    }
    if (origins != null) {
      origins.clear(handles, index.size(), line -> (marks[line] & STATE) == previous);
    }
    index.clear();
    handles = NO_HANDLES;
    starts = NO_HANDLES;
    groups = NO_HANDLES;
    marks = new byte[0];
    live = 0;
  }

  private void sweep() {
    int[] renumbered = index.keep(line -> marks[line] != 0);
    starts = starts.length == 0 ? starts : moved(starts, renumbered);
    groups = groups.length == 0 ? groups : moved(groups, renumbered);
    if (origins != null) {
      origins.move(renumbered, index.size());
    }
    handles = LineIndex.moved(handles, renumbered, index.size());
    marks = LineIndex.moved(marks, renumbered, index.size());
  }

  private long[] moved(long[] numbers, int[] renumbered) {
    long[] all = Arrays.copyOf(numbers, Math.max(numbers.length, renumbered.length));
    return LineIndex.moved(all, renumbered, index.size());
  }

  /** The lines of the last good page. */
  public int size() {
    return live;
  }

  /** Bytes on the heap, headers not counted. */
  public long bytes() {
    return index.bytes()
        + handles.length * 8L
        + marks.length
        + (released.length + starts.length + groups.length) * 8L
        + (origins == null ? 0 : origins.bytes());
  }
}
