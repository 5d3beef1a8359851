package io.narthex.tsdb.outoforder;

import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.HistogramAppender;
import io.narthex.tsdb.chunk.SampleForms;
import io.narthex.tsdb.chunk.Xor2Appender;
import io.narthex.tsdb.chunk.XorBuilder;
import io.narthex.tsdb.headchunks.HeadChunks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The late samples of one series: a sorted array of the newest, each with its commit, and chunks of
 * those before, in the order in which they were made. One writer at a time (it holds the lock of
 * the series' group); its own monitor guards it against readers.
 */
final class LateSeries {

  private static final int FIRST_ROOM = 4;

  /** A chunk of histograms takes no more when it is this long, so that a file can hold it. */
  private static final int MOST_BYTES = 4 << 20;

  private long[] times = new long[FIRST_ROOM];
  private double[] values = new double[FIRST_ROOM];
  // Null where every reader sees the sample.
  private @Nullable Visibility[] commits = new @Nullable Visibility[FIRST_ROOM];
  // Null as long as all samples are floats.
  private @Nullable SpanHistogram @Nullable [] histograms;
  // Null as long as no sample has a start timestamp.
  private long @Nullable [] starts;
  private int size;
  private final List<LateChunk> chunks = new ArrayList<>(2);
  private boolean gone;
  // The writer's own: with what its newest sample was gathered for the log.
  private @Nullable Object round;

  /** The number of samples that are in no chunk yet. */
  synchronized int size() {
    return size;
  }

  /** Notes with what the newest sample goes to the log. */
  void gathered(Object with) {
    round = with;
  }

  /** Whether a sample goes to the log with that. */
  boolean isGathered(Object with) {
    return round == with;
  }

  /** Whether the store has let go of it, so that another one has to be asked for. */
  synchronized boolean isGone() {
    return gone;
  }

  /** Lets go of it if there is nothing left in it. */
  synchronized boolean goIfEmpty() {
    gone |= size == 0 && chunks.isEmpty();
    return gone;
  }

  /**
   * Adds a sample.
   *
   * @param start its start timestamp, 0 for unknown
   * @param histogram kept, not copied; null for a float
   * @param commit null if everybody sees it
   * @return false if the array has one of that time
   */
  synchronized boolean insert(
      long start,
      long time,
      double value,
      @Nullable SpanHistogram histogram,
      @Nullable Visibility commit) {
    int at = size;
    if (size > 0 && time <= times[size - 1]) {
      int found = Arrays.binarySearch(times, 0, size, time);
      if (found >= 0) {
        return false;
      }
      at = -found - 1;
    }
    makeRoom(histogram != null, start != 0);
    System.arraycopy(times, at, times, at + 1, size - at);
    System.arraycopy(values, at, values, at + 1, size - at);
    System.arraycopy(commits, at, commits, at + 1, size - at);
    times[at] = time;
    values[at] = value;
    commits[at] = commit;
    @Nullable SpanHistogram[] all = histograms;
    if (all != null) {
      System.arraycopy(all, at, all, at + 1, size - at);
      all[at] = histogram;
    }
    long[] allStarts = starts;
    if (allStarts != null) {
      System.arraycopy(allStarts, at, allStarts, at + 1, size - at);
      allStarts[at] = start;
    }
    size++;
    return true;
  }

  private void makeRoom(boolean forHistogram, boolean forStart) {
    if (size == times.length) {
      times = Arrays.copyOf(times, size * 2);
      values = Arrays.copyOf(values, size * 2);
      commits = Arrays.copyOf(commits, size * 2);
    }
    @Nullable SpanHistogram[] all = histograms;
    if (all == null && forHistogram) {
      histograms = new @Nullable SpanHistogram[times.length];
    } else if (all != null && all.length < times.length) {
      histograms = Arrays.copyOf(all, times.length);
    }
    long[] allStarts = starts;
    if (allStarts == null && forStart) {
      starts = new long[times.length];
    } else if (allStarts != null && allStarts.length < times.length) {
      starts = Arrays.copyOf(allStarts, times.length);
    }
  }

  private long start(int sample) {
    return starts == null ? 0 : starts[sample];
  }

  /** Takes the samples of a commit out of the array; those in chunks stay hidden for ever. */
  synchronized void abort(Visibility commit) {
    int kept = 0;
    @Nullable SpanHistogram[] all = histograms;
    for (int i = 0; i < size; i++) {
      if (commits[i] != commit) {
        times[kept] = times[i];
        values[kept] = values[i];
        commits[kept] = commits[i];
        if (all != null) {
          all[kept] = all[i];
        }
        if (starts != null) {
          starts[kept] = starts[i];
        }
        kept++;
      }
    }
    Arrays.fill(commits, kept, size, null);
    if (all != null) {
      Arrays.fill(all, kept, size, null);
    }
    size = kept;
  }

  /** Empties the array: its samples are in a chunk. */
  synchronized void forgetArray() {
    size = 0;
    histograms = null;
    starts = null;
    times = new long[FIRST_ROOM];
    values = new double[FIRST_ROOM];
    commits = new @Nullable Visibility[FIRST_ROOM];
  }

  /** Forgets what is in no file, and says how many chunks that were. */
  synchronized int forgetUnstored() {
    int before = chunks.size() + (size > 0 ? 1 : 0);
    chunks.removeIf(chunk -> chunk.bytes() != null);
    forgetArray();
    return before - chunks.size();
  }

  /** Adds a chunk that a file has. */
  synchronized void addStored(long place, long minTime, long maxTime) {
    chunks.add(new LateChunk(minTime, maxTime, place, 0, null, null));
  }

  /** Whether one of the chunks lies at a place in the files. */
  synchronized boolean hasStored(long place) {
    return chunks.stream().anyMatch(chunk -> chunk.bytes() == null && chunk.place() == place);
  }

  /** Takes over all that another one has; nobody reads either yet. */
  synchronized void takeAll(LateSeries other) {
    chunks.addAll(other.chunks);
    for (int i = 0; i < other.size; i++) {
      insert(
          other.start(i),
          other.times[i],
          other.values[i],
          other.histograms == null ? null : other.histograms[i],
          null);
    }
  }

  /**
   * Makes chunks of the array, in memory: one, or several where floats and histograms mix.
   *
   * @param forms which encodings they have
   * @param seenByAll every reader sees the commits up to this number
   * @return how many
   */
  synchronized int encode(SlabAllocator allocator, SampleForms forms, long seenByAll) {
    int before = chunks.size();
    int from = 0;
    while (from < size) {
      int to = from + 1;
      ChunkEncoding encoding = encoding(from, forms);
      while (to < size && encoding(to, forms) == encoding) {
        to++;
      }
      switch (encoding) {
        case XOR -> encodeFloats(allocator, from, to, seenByAll);
        case XOR2 -> encodeStarted(from, to, seenByAll);
        case HISTOGRAM, FLOAT_HISTOGRAM, HISTOGRAM_ST, FLOAT_HISTOGRAM_ST ->
            encodeHistograms(encoding, from, to, seenByAll);
      }
      from = to;
    }
    forgetArray();
    return chunks.size() - before;
  }

  private ChunkEncoding encoding(int sample, SampleForms forms) {
    SpanHistogram histogram = histograms == null ? null : histograms[sample];
    return histogram == null ? forms.ofFloats() : forms.ofHistograms(histogram.floats());
  }

  private void encodeStarted(int from, int to, long seenByAll) {
    Xor2Appender appender = new Xor2Appender();
    for (int i = from; i < to; i++) {
      appender.append(start(i), times[i], values[i]);
    }
    add(from, to, ChunkEncoding.XOR2, appender.finish(), seenByAll);
  }

  private void encodeFloats(SlabAllocator allocator, int from, int to, long seenByAll) {
    try (XorBuilder builder = new XorBuilder(allocator)) {
      for (int i = from; i < to; i++) {
        builder.append(times[i], values[i]);
      }
      add(from, to, ChunkEncoding.XOR, builder.finish(), seenByAll);
    }
  }

  private void encodeHistograms(ChunkEncoding encoding, int from, int to, long seenByAll) {
    @Nullable SpanHistogram[] all = histograms;
    HistogramAppender appender = new HistogramAppender(encoding);
    int first = from;
    for (int i = from; i < to; i++) {
      SpanHistogram histogram = all == null ? null : all[i];
      if (histogram == null) {
        throw new IllegalStateException("a float among histograms");
      }
      if (appender.length() >= MOST_BYTES
          || appender.append(start(i), times[i], histogram) == HistogramAppender.Result.NEW_CHUNK) {
        add(first, i, encoding, appender.finish(), seenByAll);
        first = i;
        appender.append(start(i), times[i], histogram);
      }
    }
    add(first, to, encoding, appender.finish(), seenByAll);
  }

  private void add(int from, int to, ChunkEncoding encoding, byte[] bytes, long seenByAll) {
    long[] hidden = new long[to - from];
    Visibility[] by = new Visibility[to - from];
    int n = 0;
    for (int i = from; i < to; i++) {
      Visibility commit = commits[i];
      if (commit != null && !commit.visibleTo(seenByAll)) {
        hidden[n] = times[i];
        by[n++] = commit;
      }
    }
    LateChunk.Hidden some =
        n == 0 ? null : new LateChunk.Hidden(Arrays.copyOf(hidden, n), Arrays.copyOf(by, n));
    chunks.add(new LateChunk(times[from], times[to - 1], 0, encoding.code(), bytes, some));
  }

  /**
   * Moves the chunks that lie in memory to the files.
   *
   * @return the place of the last one
   * @throws io.narthex.tsdb.headchunks.HeadChunkException if they cannot be written; then they stay
   */
  long store(long ref, HeadChunks files) {
    List<LateChunk> all;
    synchronized (this) {
      all = List.copyOf(chunks);
    }
    // Only the one writer changes the list, so that it is the same below; readers do not wait.
    long[] places = new long[all.size()];
    long last = 0;
    files.turn().lock();
    try {
      for (int i = 0; i < places.length; i++) {
        LateChunk chunk = all.get(i);
        byte[] bytes = chunk.bytes();
        if (bytes != null) {
          int length = bytes.length - ChunkDecoder.PADDING;
          last =
              files.append(
                  ref, chunk.minTime(), chunk.maxTime(), chunk.encoding(), true, bytes, 0, length);
          places[i] = last;
        }
      }
      files.flush();
    } finally {
      files.turn().unlock();
    }
    synchronized (this) {
      for (int i = 0; i < places.length; i++) {
        if (places[i] != 0) {
          chunks.set(i, all.get(i).at(places[i]));
        }
      }
    }
    return last;
  }

  /** The chunks that are there, in the order in which they were made. */
  synchronized List<LateChunk> chunks() {
    return List.copyOf(chunks);
  }

  /** Drops the chunks before a place in the files, and says how many. */
  synchronized int dropStored(long before) {
    int count = chunks.size();
    chunks.removeIf(chunk -> chunk.bytes() == null && chunk.place() < before);
    return count - chunks.size();
  }

  /** Drops the oldest chunks. */
  synchronized void drop(int count) {
    chunks.subList(0, count).clear();
  }

  /**
   * Copies what a reader sees of a range of time.
   *
   * @param into gets the chunks that overlap the range
   * @param newest gets the samples of the array
   */
  synchronized void copy(
      long minTime, long maxTime, long reader, List<LateChunk> into, SampleBuffer newest) {
    for (LateChunk chunk : chunks) {
      if (chunk.overlaps(minTime, maxTime)) {
        into.add(chunk);
      }
    }
    for (int i = 0; i < size; i++) {
      if (times[i] < minTime || times[i] > maxTime || !isVisible(i, reader)) {
        continue;
      }
      SpanHistogram histogram = histograms == null ? null : histograms[i];
      if (histogram == null) {
        newest.add(times[i], values[i]);
      } else {
        newest.add(times[i], histogram.toFloat().withoutResetHint());
      }
      newest.startedAt(start(i));
    }
  }

  private boolean isVisible(int sample, long reader) {
    Visibility commit = commits[sample];
    return commit == null || commit.visibleTo(reader);
  }

  /** Whether a reader may see something in a range of time. */
  synchronized boolean mayHave(long minTime, long maxTime, long reader) {
    for (LateChunk chunk : chunks) {
      if (chunk.overlaps(minTime, maxTime)) {
        return true;
      }
    }
    for (int i = 0; i < size; i++) {
      if (times[i] >= minTime && times[i] <= maxTime && isVisible(i, reader)) {
        return true;
      }
    }
    return false;
  }

  synchronized long minTime() {
    long min = size == 0 ? Long.MAX_VALUE : times[0];
    for (LateChunk chunk : chunks) {
      min = Math.min(min, chunk.minTime());
    }
    return min;
  }

  synchronized long maxTime() {
    long max = size == 0 ? Long.MIN_VALUE : times[size - 1];
    for (LateChunk chunk : chunks) {
      max = Math.max(max, chunk.maxTime());
    }
    return max;
  }

  /** The number of the first file that has one of the chunks. */
  synchronized int firstFile() {
    int first = Integer.MAX_VALUE;
    for (LateChunk chunk : chunks) {
      if (chunk.bytes() == null) {
        first = Math.min(first, (int) (chunk.place() >>> 32));
      }
    }
    return first;
  }
}
