package io.narthex.tsdb.chunk;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.sample.SampleBuffer;
import java.util.Arrays;

/** Decodes the four encodings of histogram chunks, drawn at {@link HistogramAppender}. */
final class HistogramDecoder implements ChunkDecoder {

  private static final long[] NO_CHANGES = {};
  private static final int[] NO_WINDOWS = {};

  private final ChunkEncoding encoding;
  private final boolean floats;
  private final BitReader in;
  private final StartTimestamps starts = new StartTimestamps();
  private final SpanHistogram current = new SpanHistogram();
  private final SpanHistogram stale = new SpanHistogram();

  private int count;
  private int number;
  private ResetHint header = ResetHint.UNKNOWN;
  private long time;
  private long timeDelta;
  private long countDelta;
  private long zeroDelta;
  private int countWindow;
  private int zeroWindow;
  private int sumWindow;
  // Of all positive buckets and then all negative ones: the last change of the difference to the
  // bucket before, of whole counts; the windows, of float counts.
  private long[] changes = NO_CHANGES;
  private int[] windows = NO_WINDOWS;

  HistogramDecoder(ChunkEncoding encoding) {
    this.encoding = encoding;
    this.floats = encoding.floatCounts();
    this.in = new BitReader(encoding);
  }

  @Override
  public ChunkEncoding encoding() {
    return encoding;
  }

  @Override
  public void decode(
      byte[] bytes, int from, int length, long minTime, long maxTime, SampleBuffer into) {
    open(bytes, from, length);
    while (next() && time <= maxTime) {
      if (time >= minTime) {
        FloatHistogram histogram = histogram().toFloat();
        into.add(time, histogram.reduceTo(HistogramLayout.MAX_SCHEMA));
        into.startedAt(starts.start());
      }
    }
  }

  @Override
  public void open(byte[] bytes, int from, int length) {
    in.open(bytes, from, length, encoding.headerBytes());
    count = encoding.count(bytes, from);
    header = encoding.header(bytes, from);
    starts.header(encoding.startTimestamps() ? bytes[from + 2] : 0);
    // Every sample takes four bits at least: time, count, zero count and sum.
    if (count > in.left() / 4) {
      throw in.ended();
    }
    number = -1;
  }

  @Override
  public boolean next() {
    if (number + 1 >= count) {
      return false;
    }
    number++;
    long previous = time;
    if (number == 0) {
      readFirst();
    } else {
      long dod = in.signedVarbit();
      timeDelta += dod;
      time += timeDelta;
      if (floats) {
        readFloats();
      } else {
        readWhole();
      }
    }
    starts.read(in, number, time, previous);
    if (current.isStale()) {
      stale.reset(floats).sum(current.sum());
    } else {
      current.hint(hint());
    }
    return true;
  }

  private ResetHint hint() {
    if (header == ResetHint.GAUGE) {
      return ResetHint.GAUGE;
    }
    return number > 0 ? ResetHint.NO_RESET : ResetHint.UNKNOWN;
  }

  private void readFirst() {
    HistogramLayout.read(in, current.reset(floats));
    int buckets = buckets(current.positive()) + buckets(current.negative());
    timeDelta = 0;
    countDelta = 0;
    zeroDelta = 0;
    countWindow = BitWriter.NO_WINDOW;
    zeroWindow = BitWriter.NO_WINDOW;
    sumWindow = BitWriter.NO_WINDOW;
    if (floats) {
      windows = windows.length < buckets ? new int[buckets] : windows;
      Arrays.fill(windows, 0, buckets, BitWriter.NO_WINDOW);
    } else {
      changes = changes.length < buckets ? new long[buckets] : changes;
      Arrays.fill(changes, 0, buckets, 0);
    }
    time = in.signedVarbit();
    current.count(floats ? in.bits(64) : in.unsignedVarbit());
    current.zero(current.zeroThreshold(), floats ? in.bits(64) : in.unsignedVarbit());
    current.sum(Double.longBitsToDouble(in.bits(64)));
    readFirst(current.positive());
    readFirst(current.negative());
  }

  private static int buckets(SpanHistogram.Side side) {
    int buckets = 0;
    for (int i = 0; i < side.spans(); i++) {
      buckets += side.spanLength(i);
    }
    return buckets;
  }

  private void readFirst(SpanHistogram.Side side) {
    long before = 0;
    for (int left = buckets(side); left > 0; left--) {
      if (floats) {
        side.addBucket(in.bits(64));
      } else {
        before += in.signedVarbit();
        side.addBucket(before);
      }
    }
  }

  private void readWhole() {
    countDelta += in.signedVarbit();
    zeroDelta += in.signedVarbit();
    current.count(current.count() + countDelta);
    current.zero(current.zeroThreshold(), current.zeroCount() + zeroDelta);
    readSum();
    if (!current.isStale()) {
      readWhole(current.positive(), 0);
      readWhole(current.negative(), current.positive().buckets());
    }
  }

  private void readWhole(SpanHistogram.Side side, int firstChange) {
    // A bucket changes by what the one before it changed by, and by its own change.
    long change = 0;
    for (int i = 0; i < side.buckets(); i++) {
      changes[firstChange + i] += in.signedVarbit();
      change += changes[firstChange + i];
      side.bucket(i, side.bucket(i) + change);
    }
  }

  private void readFloats() {
    countWindow = window(countWindow);
    current.count(current.count() ^ change(countWindow));
    zeroWindow = window(zeroWindow);
    current.zero(current.zeroThreshold(), current.zeroCount() ^ change(zeroWindow));
    readSum();
    if (!current.isStale()) {
      readFloats(current.positive(), 0);
      readFloats(current.negative(), current.positive().buckets());
    }
  }

  private void readFloats(SpanHistogram.Side side, int firstWindow) {
    for (int i = 0; i < side.buckets(); i++) {
      int window = window(windows[firstWindow + i]);
      windows[firstWindow + i] = window;
      side.bucket(i, side.bucket(i) ^ change(window));
    }
  }

  private void readSum() {
    sumWindow = window(sumWindow);
    long bits = Double.doubleToRawLongBits(current.sum()) ^ change(sumWindow);
    current.sum(Double.longBitsToDouble(bits));
  }

  // Whether the value that is being read changes at all.
  private boolean changed;

  /** Reads the code of a value, and its new window if there is one; the change follows. */
  private int window(int window) {
    int ones = in.ones(2);
    changed = ones > 0;
    return ones == 2 ? in.newWindow() : window;
  }

  private long change(int window) {
    return changed ? in.changed(window) : 0;
  }

  @Override
  public long time() {
    return time;
  }

  @Override
  public long startTimestamp() {
    return starts.start();
  }

  @Override
  public double value() {
    throw new IllegalStateException("a histogram is no float");
  }

  @Override
  public SpanHistogram histogram() {
    return current.isStale() ? stale : current;
  }
}
