package io.narthex.tsdb.chunk;

import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Builds the histogram chunks of one series, one after the other, bit for bit as Prometheus does
 * (encodings 2 and 3; 5 and 6 are the same with start timestamps).
 *
 * <pre>
 *   2, 3:  count u16 | reset hint 2 bits, 6 zeros
 *   5, 6:  reset hint 2 bits, count 14 bits | start timestamps' header u8
 *
 *   then                     the first sample                  all others
 *     layout                 HistogramLayout                   -
 *     time                   signed varbit                     dod, signed varbit
 *     count, zero count      2, 5: unsigned varbits            dods, signed varbits
 *                            3, 6: 64 bits each                XOR
 *     sum                    64 bits                           XOR
 *     positive and           2, 5: difference to the bucket    dod of that difference,
 *     negative buckets       before, signed varbits            signed varbits
 *                            3, 6: 64 bits each                XOR, each with its own window
 *     5, 6: start            StartTimestamps
 *
 *   reset hint: 00 unknown, 01 no reset, 10 reset, 11 gauge
 * </pre>
 *
 * A dod is the change of the change since the sample before; the second sample's has the first
 * change. A stale marker has no buckets, counts of 0 with dods of 0, and no layout where it is the
 * first. {@link BitWriter} draws varbits and XOR.
 *
 * <p><b>All samples of a chunk have one layout</b>, and of a counter no count falls within a chunk.
 * So a histogram may open a new chunk: because its schema, its zero threshold or its custom bounds
 * differ, because it is a gauge and the others are not, because the counting began anew (as it says
 * or as its counts do), or because it comes behind a stale marker. If it has buckets that the chunk
 * has not, the chunk is written anew with them, empty in all samples so far. If it lacks buckets
 * that are empty in the newest sample (or any, of gauges), it is widened. Upstream decides this in
 * {@code histogram.go} and {@code float_histogram.go} ({@code AppendHistogram}, {@code
 * appendable}), with small differences between whole and float counts, which are kept.
 *
 * <p><b>The first sample's reset hint</b> compares it with the chunk before. That is the newest
 * state of this appender, so use one for all chunks of a series, and {@link #forget} when other
 * samples came between. Upstream puts different hints where the chunk refused the histogram and
 * where the caller ended the chunk for its own reasons, such as its length; hence the order of
 * calls:
 *
 * <pre>
 *   if (appender.count() > 0 &amp;&amp; full) { store(appender.finish()); }
 *   if (appender.append(start, time, histogram) == Result.NEW_CHUNK) {
 *     store(appender.finish());
 *     appender.append(start, time, histogram);
 *   }
 * </pre>
 *
 * Not thread-safe, but {@link #copyTo} may run beside a writer.
 */
public final class HistogramAppender {

  /** What became of a histogram. */
  public enum Result {
    /** It is in the open chunk. */
    ADDED,
    /** It is in the open chunk, which was written anew, with more buckets: all its bytes differ. */
    RECODED,
    /** Nothing yet: the open chunk must be finished first. */
    NEW_CHUNK
  }

  private static final long[] NO_CHANGES = {};
  private static final int[] NO_WINDOWS = {};

  private final ChunkEncoding encoding;
  private final boolean floats;
  private final BitWriter out = new BitWriter();
  private final StartTimestamps starts = new StartTimestamps();
  private final LayoutMatch match = new LayoutMatch();

  // The newest sample, in the layout of its chunk; of a stale one the sum and the counts.
  private final SpanHistogram last = new SpanHistogram();
  private @Nullable SpanHistogram widened;
  private ResetHint header = ResetHint.UNKNOWN;
  private boolean hasLast;
  private int count;
  // What takesCounter() and takesGauge() found out.
  private ResetHint hint = ResetHint.UNKNOWN;
  // The hint of the chunk that a refused histogram is to open.
  private @Nullable ResetHint refused;

  private long lastTime;
  private long timeDelta;
  private long countDelta;
  private long zeroDelta;
  private int countWindow;
  private int zeroWindow;
  private int sumWindow;
  // As in HistogramDecoder.
  private long[] changes = NO_CHANGES;
  private int[] windows = NO_WINDOWS;

  /**
   * @param encoding one of histograms
   */
  public HistogramAppender(ChunkEncoding encoding) {
    if (!encoding.histograms()) {
      throw new IllegalArgumentException("not an encoding of histograms: " + encoding);
    }
    this.encoding = encoding;
    this.floats = encoding.floatCounts();
  }

  /** How its chunks are encoded. */
  public ChunkEncoding encoding() {
    return encoding;
  }

  /** The number of samples of the open chunk, 0 where there is none. */
  public int count() {
    return count;
  }

  /** The length of the open chunk, in bytes. */
  public int length() {
    return count == 0 ? 0 : out.length();
  }

  /** The time of the newest sample. */
  public long lastTime() {
    return lastTime;
  }

  /** Whether the newest sample is a stale marker. */
  public boolean lastIsStale() {
    return hasLast && last.isStale();
  }

  /**
   * How many buckets the newest sample has in its chunk, none if it is a stale marker. May run
   * beside a writer, and tells then of the sample before or of the next.
   */
  public int lastBuckets() {
    return lastIsStale() ? 0 : last.positive().buckets() + last.negative().buckets();
  }

  /** What the newest chunk's header says of its first sample. */
  public ResetHint header() {
    return header;
  }

  /**
   * Whether a histogram is the newest sample once more, rather than another of the same time. One
   * that was widened counts as the same only in its wider form, as upstream has it.
   */
  public boolean repeats(SpanHistogram histogram) {
    if (!hasLast || histogram.floats() != floats) {
      return false;
    }
    return last.isStale() ? histogram.isStale() : last.sameAs(histogram);
  }

  /**
   * Adds a histogram that is newer than the one before, if the open chunk can take it. It is left
   * as it is, and is not kept.
   *
   * @param start when the counting began that led to it, milliseconds since the epoch, 0 for
   *     unknown; ignored by encodings without start timestamps
   * @param histogram with counts of the encoding's kind, as many as its spans say
   */
  public Result append(long start, long time, SpanHistogram histogram) {
    if (histogram.floats() != floats) {
      throw new IllegalArgumentException("counts of the wrong kind for " + encoding.text());
    }
    if (count == 0) {
      header = headerOfFirst(histogram);
      begin();
      write(start, time, histogram);
      refused = null;
      return Result.ADDED;
    }
    if (count == encoding.maxSamples()) {
      refused = null;
      return Result.NEW_CHUNK;
    }
    boolean gauge = histogram.hint() == ResetHint.GAUGE;
    if (!(gauge ? takesGauge(histogram) : takesCounter(histogram))) {
      refused = floats && hint == ResetHint.NO_RESET ? ResetHint.UNKNOWN : hint;
      return Result.NEW_CHUNK;
    }
    refused = null;
    if (match.chunkLacks()) {
      recode(start, time, histogram, gauge);
      return Result.RECODED;
    }
    write(start, time, match.sampleLacks() ? widen(histogram, last) : histogram);
    return Result.ADDED;
  }

  private ResetHint headerOfFirst(SpanHistogram histogram) {
    if (histogram.hint() == ResetHint.GAUGE) {
      return ResetHint.GAUGE;
    }
    if (refused != null) {
      return refused;
    }
    if (histogram.hint() == ResetHint.RESET) {
      return ResetHint.RESET;
    }
    if (!hasLast) {
      return ResetHint.UNKNOWN;
    }
    takesCounter(histogram);
    return floats && hint == ResetHint.UNKNOWN ? ResetHint.NO_RESET : hint;
  }

  /**
   * Whether a counter can follow the newest sample in its chunk. Sets the hint that it gets if it
   * begins another, and compares the buckets.
   */
  private boolean takesCounter(SpanHistogram histogram) {
    match.none();
    hint = ResetHint.NO_RESET;
    if (header == ResetHint.GAUGE) {
      return false;
    }
    if (histogram.hint() == ResetHint.RESET) {
      hint = ResetHint.RESET;
      return false;
    }
    if (histogram.isStale()) {
      return true;
    }
    if (last.isStale()) {
      hint = ResetHint.UNKNOWN;
      return false;
    }
    if (less(histogram.count(), last.count())) {
      hint = ResetHint.RESET;
      return false;
    }
    if (!sameScale(histogram)) {
      // Whether it was a reset too would take much to find out.
      hint = ResetHint.UNKNOWN;
      return false;
    }
    if (!sameBounds(histogram)
        || less(histogram.zeroCount(), last.zeroCount())
        || !match.compare(last, histogram, true)) {
      match.none();
      hint = ResetHint.RESET;
      return false;
    }
    return true;
  }

  /** The same for a gauge. */
  private boolean takesGauge(SpanHistogram histogram) {
    match.none();
    hint = ResetHint.GAUGE;
    if (header != ResetHint.GAUGE) {
      return false;
    }
    if (histogram.isStale()) {
      return true;
    }
    if (last.isStale() || !sameScale(histogram) || !sameBounds(histogram)) {
      return false;
    }
    return match.compare(last, histogram, false);
  }

  private boolean sameScale(SpanHistogram histogram) {
    return histogram.schema() == last.schema() && histogram.zeroThreshold() == last.zeroThreshold();
  }

  private boolean sameBounds(SpanHistogram histogram) {
    return !histogram.usesCustomBuckets() || histogram.sameBounds(last);
  }

  private boolean less(long count, long than) {
    return floats
        ? Double.longBitsToDouble(count) < Double.longBitsToDouble(than)
        : Long.compareUnsigned(count, than) < 0;
  }

  /**
   * The histogram with empty buckets where it lacks those of a layout. Lent until the next call.
   */
  private SpanHistogram widen(SpanHistogram histogram, SpanHistogram layout) {
    if (widened == null) {
      widened = new SpanHistogram();
    }
    match.spread(histogram, layout, widened);
    return widened;
  }

  private void recode(long start, long time, SpanHistogram histogram, boolean gauge) {
    SpanHistogram layout = new SpanHistogram();
    match.target(last, histogram, gauge, layout);
    byte[] old = out.toArray(ChunkDecoder.PADDING);
    HistogramDecoder decoder = new HistogramDecoder(encoding);
    decoder.open(old, 0, out.length());
    begin();
    while (decoder.next()) {
      write(decoder.startTimestamp(), decoder.time(), widen(decoder.histogram(), layout));
    }
    write(start, time, widen(histogram, layout));
  }

  private void begin() {
    out.reset(encoding.headerBytes());
    starts.reset();
    count = 0;
  }

  private void write(long start, long time, SpanHistogram histogram) {
    long previous = lastTime;
    if (count == 0) {
      writeFirst(time, histogram.isStale() ? stale(histogram) : histogram);
    } else {
      writeNext(time, histogram);
    }
    lastTime = time;
    hasLast = true;
    if (encoding.startTimestamps()) {
      starts.write(out, count, time, previous, start);
    }
    count++;
    writeHeader();
  }

  private void writeHeader() {
    int bits = ChunkEncoding.headerBits(header) << 6;
    boolean withStarts = encoding.startTimestamps();
    out.header(0, withStarts ? bits | count >>> 8 : count >>> 8);
    out.header(1, count);
    out.header(2, withStarts ? starts.header() : bits);
  }

  /** What is kept of a stale marker. */
  private SpanHistogram stale(SpanHistogram histogram) {
    return new SpanHistogram().reset(floats).sum(histogram.sum());
  }

  private void writeFirst(long time, SpanHistogram histogram) {
    last.copyFrom(histogram);
    timeDelta = 0;
    countDelta = 0;
    zeroDelta = 0;
    countWindow = BitWriter.NO_WINDOW;
    zeroWindow = BitWriter.NO_WINDOW;
    sumWindow = BitWriter.NO_WINDOW;
    HistogramLayout.write(out, histogram);
    out.signedVarbit(time);
    int buckets = histogram.positive().buckets() + histogram.negative().buckets();
    if (floats) {
      windows = windows.length < buckets ? new int[buckets] : windows;
      Arrays.fill(windows, 0, buckets, BitWriter.NO_WINDOW);
      out.write(histogram.count(), 64);
      out.write(histogram.zeroCount(), 64);
    } else {
      changes = changes.length < buckets ? new long[buckets] : changes;
      Arrays.fill(changes, 0, buckets, 0);
      out.unsignedVarbit(histogram.count());
      out.unsignedVarbit(histogram.zeroCount());
    }
    out.write(Double.doubleToRawLongBits(histogram.sum()), 64);
    writeFirst(histogram.positive());
    writeFirst(histogram.negative());
  }

  private void writeFirst(SpanHistogram.Side side) {
    long before = 0;
    for (int i = 0; i < side.buckets(); i++) {
      long bucket = side.bucket(i);
      if (floats) {
        out.write(bucket, 64);
      } else {
        out.signedVarbit(bucket - before);
        before = bucket;
      }
    }
  }

  private void writeNext(long time, SpanHistogram histogram) {
    boolean stale = histogram.isStale();
    long observations = stale ? 0 : histogram.count();
    long zeros = stale ? 0 : histogram.zeroCount();
    long step = time - lastTime;
    out.signedVarbit(step - timeDelta);
    timeDelta = step;
    if (floats) {
      countWindow = out.xor(observations ^ last.count(), countWindow);
      zeroWindow = out.xor(zeros ^ last.zeroCount(), zeroWindow);
    } else {
      long change = observations - last.count();
      long zeroChange = zeros - last.zeroCount();
      out.signedVarbit(stale ? 0 : change - countDelta);
      out.signedVarbit(stale ? 0 : zeroChange - zeroDelta);
      countDelta = change;
      zeroDelta = zeroChange;
    }
    long sum = Double.doubleToRawLongBits(histogram.sum());
    sumWindow = out.xor(sum ^ Double.doubleToRawLongBits(last.sum()), sumWindow);
    last.count(observations).zero(last.zeroThreshold(), zeros).sum(histogram.sum());
    if (!stale) {
      writeNext(histogram.positive(), last.positive(), 0);
      writeNext(histogram.negative(), last.negative(), last.positive().buckets());
    }
  }

  private void writeNext(SpanHistogram.Side side, SpanHistogram.Side before, int first) {
    long changeBefore = 0;
    for (int i = 0; i < before.buckets(); i++) {
      long bucket = side.bucket(i);
      int at = first + i;
      if (floats) {
        windows[at] = out.xor(bucket ^ before.bucket(i), windows[at]);
      } else {
        // How the difference to the bucket before changes is how both buckets' changes differ.
        long change = bucket - before.bucket(i);
        long difference = change - changeBefore;
        out.signedVarbit(difference - changes[at]);
        changes[at] = difference;
        changeBefore = change;
      }
      before.bucket(i, bucket);
    }
  }

  /**
   * Copies the open chunk's first bytes, for a reader beside the writer. What is copied while the
   * writer appends is no chunk: the caller must find out that it did.
   *
   * @param length at most what {@link #length} said
   */
  public void copyTo(byte[] into, int at, int length) {
    out.copyTo(into, at, length);
  }

  /**
   * Ends the open chunk.
   *
   * @return its bytes, with {@link ChunkDecoder#PADDING} bytes behind them
   */
  public byte[] finish() {
    if (count == 0) {
      throw new IllegalStateException("a chunk without samples");
    }
    count = 0;
    return out.toArray(ChunkDecoder.PADDING);
  }

  /**
   * Forgets the samples before: the next chunk's first has nothing to be compared with, since there
   * was none or it was one of another encoding.
   */
  public void forget() {
    if (count > 0) {
      throw new IllegalStateException("the open chunk has not been finished");
    }
    hasLast = false;
    refused = null;
    header = ResetHint.UNKNOWN;
  }

  /**
   * Opens a chunk that was written before, to go on with it.
   *
   * @param bytes holds the chunk, and {@link ChunkDecoder#PADDING} bytes behind it
   * @throws io.narthex.storage.StorageException if the bytes are not a chunk; the appender is empty
   *     then
   */
  public void resume(byte[] bytes, int from, int length) {
    if (count > 0) {
      throw new IllegalStateException("the open chunk has not been finished");
    }
    forget();
    HistogramDecoder decoder = new HistogramDecoder(encoding);
    decoder.open(bytes, from, length);
    ResetHint written = encoding.header(bytes, from);
    boolean whole = false;
    begin();
    try {
      header = written;
      while (decoder.next()) {
        write(decoder.startTimestamp(), decoder.time(), decoder.histogram());
      }
      whole = true;
    } finally {
      if (!whole) {
        count = 0;
        forget();
      }
    }
  }
}
