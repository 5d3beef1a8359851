package io.narthex.scrape.append;

import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.model.labels.Labels;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.Appender;

/**
 * Appends pages. It holds what is needed while a page is read (tokenizer, builders), so one per
 * concurrent reader is enough for any number of targets; what is remembered between the pages of a
 * target is in its {@link PageCache}. Not thread-safe.
 *
 * <p>A line that is where it was last time costs: hashing as many bytes as the expected line has,
 * comparing, reading the value behind them, and one append. A known line somewhere else costs the
 * search for its end and one look into a table more. Labels, relabelling and limits are for lines
 * seen for the first time; that a known line would pass them again is why the cache is invalidated
 * when they change.
 *
 * <p>How lines are read is in {@link LineReader}, how protobuf is in {@link ProtobufReader}; what
 * happens to the samples of both is in {@link PageRun}.
 */
public final class PageAppender {

  /** The context of the hash of comments, which no type has. */
  private static final int METADATA_CONTEXT = -1;

  private final PageRun run;
  private final LineReader lines;
  private final ProtobufReader protobuf;
  private boolean flushForced;

  /** One that does not tell the storage what the comments say. */
  public PageAppender() {
    this(false);
  }

  /**
   * @param describes whether the storage is told what the comments say of the series, for new
   *     series and when it changes
   */
  public PageAppender(boolean describes) {
    this.run = new PageRun(describes);
    this.lines = new LineReader(run, METADATA_CONTEXT);
    this.protobuf = new ProtobufReader(run, METADATA_CONTEXT);
  }

  /** What became of the samples of the last page, also of one that failed. */
  public PageCounts counts() {
    return run.counts;
  }

  /**
   * Appends all samples of a page, and stale markers for the series that it no longer has. Without
   * an exception the caller commits; with one it rolls the batch back and calls {@link #allStale}
   * on a new one.
   *
   * @param page the bytes, from {@code from} to {@code to}, of which nothing is kept
   * @param cache what is remembered of the target
   * @param rules those of the last call for this cache, unless it was invalidated since
   * @param target the labels to add to each sample
   * @param time the time of the scrape in milliseconds since the epoch
   * @throws io.narthex.model.exposition.ExpositionException if the page does not follow its format
   * @throws PageException if it breaks a rule
   */
  public void append(
      byte[] page,
      int from,
      int to,
      ExpositionFormat format,
      PageCache cache,
      SampleRules rules,
      Labels target,
      Appender appender,
      long time) {
    run.counts.clear();
    if (from == to) {
      // Prometheus takes an empty page of any kind for a good one without series.
      allStale(cache, appender, time);
      return;
    }
    if (cache.format != format || cache.hasTooManyContexts()) {
      cache.invalidate();
      cache.format = format;
    }
    run.begin(cache, rules, target, appender, time);
    cache.series.begin();
    cache.metadata.begin();
    boolean whole = false;
    try {
      switch (format) {
        case TEXT, OPENMETRICS -> lines.read(page, from, to, format);
        case PROTOBUF -> protobuf.read(page, from, to);
      }
      run.checkLimits();
      whole = true;
    } finally {
      if (!whole) {
        flushForced = cache.series.fail();
        cache.metadata.fail();
        cache.undescribed = true;
      }
      run.end();
    }
    cache.metadata.commit();
    cache.undescribed = false;
    cache.series.commit(handle -> appender.appendInOrder(handle, time, StaleMarker.VALUE));
  }

  /**
   * Whether the page that failed last made the cache so big that it was flushed; asking forgets it.
   */
  public boolean takeFlushForced() {
    boolean forced = flushForced;
    flushForced = false;
    return forced;
  }

  /** Ends all series of the last good page, unless that has been done. */
  public static void allStale(PageCache cache, Appender appender, long time) {
    cache.series.allGone(handle -> appender.appendInOrder(handle, time, StaleMarker.VALUE));
  }
}
