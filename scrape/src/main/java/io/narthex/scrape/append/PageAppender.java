package io.narthex.scrape.append;

import io.narthex.base.hash.KeyedHash;
import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.model.exposition.ExpositionTokenizer;
import io.narthex.model.exposition.ExpositionTokenizer.Entry;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.value.StaleMarker;
import io.narthex.scrape.cache.MetadataCache;
import io.narthex.scrape.cache.MetricMetadata;
import io.narthex.scrape.cache.SeriesCache;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appender;
import io.narthex.storage.ExemplarResult;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
 */
public final class PageAppender {

  /** How far in the future a timestamp may lie, in milliseconds. */
  private static final long MAX_AHEAD = 10 * 60 * 1000L;

  /** Contexts of the hash that no type has. */
  private static final int METADATA_CONTEXT = -1;

  private final ExpositionTokenizer tokenizer = new ExpositionTokenizer();
  private final KeyedHash hash = new KeyedHash();
  private final SampleLabels labels = new SampleLabels();
  private final LabelsBuilder builder = new LabelsBuilder();
  private final LabelsBuilder exemplarLabels = new LabelsBuilder();
  private final PageCounts counts = new PageCounts();
  private final boolean describes;

  // Of the page that is being read.
  private byte[] page = new byte[0];
  private PageCache cache = new PageCache();
  private SampleRules rules = SampleRules.DEFAULT;
  private Labels target = Labels.EMPTY;
  private @Nullable Appender appender;
  private long time;
  private int context;
  private long samples;
  private boolean limitReached;
  private boolean exemplarsWanted;

  /** One that does not tell the storage what the comments say. */
  public PageAppender() {
    this(false);
  }

  /**
   * @param describes whether the storage is told what the comments say of the series, for new
   *     series and when it changes
   */
  public PageAppender(boolean describes) {
    this.describes = describes;
  }

  /** What became of the samples of the last page, also of one that failed. */
  public PageCounts counts() {
    return counts;
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
    counts.clear();
    if (from == to) {
      // Prometheus takes an empty page of any kind for a good one without series.
      cache.series.allGone(handle -> appender.appendInOrder(handle, time, StaleMarker.VALUE));
      return;
    }
    if (cache.format != format) {
      cache.invalidate();
      cache.format = format;
    }
    this.page = page;
    this.cache = cache;
    this.rules = rules;
    this.target = target;
    this.appender = appender;
    this.time = time;
    this.context = 0;
    this.samples = 0;
    this.limitReached = false;
    this.exemplarsWanted = true;
    tokenizer.reset(page, from, to, format);
    cache.series.begin();
    cache.metadata.begin();
    boolean whole = false;
    try {
      read(cache.series, appender);
      if (limitReached) {
        throw new PageException(PageException.Rule.SAMPLE_LIMIT, "sample limit exceeded");
      }
      whole = true;
    } finally {
      if (!whole) {
        flushForced = cache.series.fail();
        cache.metadata.fail();
        cache.undescribed = true;
      }
      this.appender = null;
    }
    cache.metadata.commit();
    cache.undescribed = false;
    cache.series.commit(handle -> appender.appendInOrder(handle, time, StaleMarker.VALUE));
  }

  private boolean flushForced;

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

  private void read(SeriesCache series, Appender appender) {
    MetadataCache metadata = cache.metadata;
    while (true) {
      int expected = series.expected();
      if (expected >= 0 && tokenizer.mayBeSeries(series.length(expected))) {
        int length = series.length(expected);
        hash.hash(page, tokenizer.at(), tokenizer.at() + length, context);
        if (series.is(expected, hash) && tokenizer.takeSeries(length)) {
          series.met(expected);
          knownLine(series, expected, appender);
          continue;
        }
      } else if (tokenizer.mayBeComment(metadata.expectedLength())) {
        int length = metadata.expectedLength();
        hash.hash(page, tokenizer.at(), tokenizer.at() + length, METADATA_CONTEXT);
        if (metadata.isExpected(hash) && knownComment(metadata)) {
          tokenizer.takeComment(length);
          continue;
        }
      }
      Entry entry = tokenizer.nextQuick();
      if (entry == Entry.SERIES) {
        hash.hash(page, tokenizer.from(), tokenizer.to(), context);
        int line = series.find(hash);
        if (line < 0) {
          line = unknownLine(series);
        }
        if (line >= 0) {
          knownLine(series, line, appender);
        }
      } else if (entry == Entry.EOF) {
        return;
      } else if (entry != Entry.COMMENT) {
        metadata(entry);
      }
    }
  }

  private void knownLine(SeriesCache series, int line, Appender appender) {
    counts.scraped++;
    long handle = series.handle(line);
    if (handle == 0) {
      series.mark(line, false);
      return;
    }
    counts.kept++;
    boolean explicit = tokenizer.hasTimestamp() && rules.honorTimestamps();
    if (series.isMarked(line) && !explicit) {
      counts.duplicates++;
      return;
    }
    if (!withinLimit()) {
      return;
    }
    AppendResult result = append(handle, explicit, appender);
    if (result == AppendResult.NO_SERIES) {
      handle = buildAgain(appender);
      series.handle(line, handle);
      result = handle == 0 ? result : append(handle, explicit, appender);
      if (describes && result == AppendResult.OK) {
        describe(handle, appender);
      }
    }
    boolean ok = result == AppendResult.OK;
    if (ok) {
      if (series.isBack(line)) {
        counts.added++;
      }
      if (tokenizer.hasExemplar()) {
        exemplar(handle, explicit, appender);
      }
      if (describes && (cache.metadata.currentChanged() || cache.undescribed)) {
        describeKnown(handle, appender);
      }
    } else {
      count(result);
    }
    series.mark(line, ok && tracked(explicit));
  }

  private boolean tracked(boolean explicit) {
    return !explicit || rules.trackTimestampsStaleness();
  }

  /** Counts a sample against the limit; beyond it a page is only counted. */
  private boolean withinLimit() {
    samples++;
    if (rules.sampleLimit() > 0 && samples > rules.sampleLimit()) {
      limitReached = true;
    }
    return !limitReached;
  }

  /** Appends the exemplar behind a sample that was appended. */
  private void exemplar(long handle, boolean explicit, Appender appender) {
    if (!exemplarsWanted) {
      return;
    }
    tokenizer.lenientExemplarLabels(exemplarLabels);
    boolean own = tokenizer.hasExemplarTimestamp();
    long sampleTime = explicit ? tokenizer.timestamp() : time;
    ExemplarResult result =
        appender.exemplar(
            handle,
            own ? tokenizer.exemplarTimestamp() : sampleTime,
            own,
            tokenizer.exemplarValue(),
            exemplarLabels.build());
    switch (result) {
      case OK, DUPLICATE -> {}
      case OUT_OF_ORDER -> counts.exemplarsOutOfOrder++;
      case TOO_LONG, NO_SERIES -> counts.exemplarsRefused++;
      case DISABLED -> exemplarsWanted = false;
    }
  }

  /** Says what the comments say of the series whose labels the builder holds. */
  private void describe(long handle, Appender appender) {
    MetricMetadata family = cache.metadata.current();
    String name = builder.get(Labels.METRIC_NAME);
    if (family != null
        && name != null
        && FamilyNames.covers(family.family(), family.type(), name)) {
      appender.metadata(handle, family.type(), family.unit(), family.help());
    }
  }

  /** The same for a line that is known, whose labels have to be read for it. */
  private void describeKnown(long handle, Appender appender) {
    tokenizer.confirm();
    tokenizer.labels(builder);
    if (labels.finish(builder, target, rules)) {
      describe(handle, appender);
    }
  }

  private AppendResult append(long handle, boolean explicit, Appender appender) {
    long t = time;
    if (explicit) {
      t = tokenizer.timestamp();
      if (t > time + MAX_AHEAD) {
        return AppendResult.OUT_OF_BOUNDS;
      }
    }
    return appender.append(handle, t, tokenizer.value());
  }

  private void count(AppendResult result) {
    switch (result) {
      case OK -> {}
      case NO_SERIES -> counts.refused++;
      case OUT_OF_ORDER -> counts.outOfOrder++;
      case OUT_OF_BOUNDS, TOO_OLD -> counts.outOfBounds++;
      case DUPLICATE -> counts.duplicates++;
      case INVALID_HISTOGRAM -> throw new IllegalStateException("no histogram was appended");
    }
  }

  /**
   * Reads the line with care. It returns its number if it turns out to be known, and otherwise
   * takes it in, appends its sample and returns -1.
   */
  private int unknownLine(SeriesCache series) {
    int from = tokenizer.from();
    int to = tokenizer.to();
    tokenizer.confirm();
    if (tokenizer.from() != from || tokenizer.to() != to) {
      hash.hash(page, tokenizer.from(), tokenizer.to(), context);
      int line = series.find(hash);
      if (line >= 0) {
        return line;
      }
    }
    counts.scraped++;
    tokenizer.labels(builder);
    if (!labels.finish(builder, target, rules)) {
      series.add(hash, 0, false);
      return -1;
    }
    counts.kept++;
    boolean explicit = tokenizer.hasTimestamp() && rules.honorTimestamps();
    if (!withinLimit()) {
      return -1;
    }
    Appender appender = Objects.requireNonNull(this.appender);
    long handle = appender.series(builder.build());
    AppendResult result = handle == 0 ? AppendResult.NO_SERIES : append(handle, explicit, appender);
    if (result == AppendResult.OK) {
      // A line without a sample of its own is not remembered: there is nothing to end for it.
      series.add(hash, handle, tracked(explicit));
      counts.added++;
      if (tokenizer.hasExemplar()) {
        exemplar(handle, explicit, appender);
      }
      if (describes) {
        describe(handle, appender);
      }
    } else {
      count(result);
    }
    return -1;
  }

  /** The handle of a known line whose series the storage has forgotten. */
  private long buildAgain(Appender appender) {
    tokenizer.confirm();
    tokenizer.labels(builder);
    return labels.finish(builder, target, rules) ? appender.series(builder.build()) : 0;
  }

  private void metadata(Entry entry) {
    MetadataCache metadata = cache.metadata;
    hash.hash(page, tokenizer.from(), tokenizer.to(), METADATA_CONTEXT);
    if (knownComment(metadata)) {
      return;
    }
    tokenizer.confirm();
    String name = tokenizer.name();
    if (entry == Entry.TYPE) {
      metadata.put(hash, MetadataCache.Kind.TYPE, name, tokenizer.type(), "");
      context = context(tokenizer.type());
    } else {
      MetadataCache.Kind kind =
          entry == Entry.HELP ? MetadataCache.Kind.HELP : MetadataCache.Kind.UNIT;
      metadata.put(hash, kind, name, MetricType.UNKNOWN, tokenizer.text());
    }
  }

  private boolean knownComment(MetadataCache metadata) {
    if (!metadata.find(hash)) {
      return false;
    }
    if (metadata.foundType()) {
      tokenizer.type(metadata.type());
      context = context(metadata.type());
    }
    return true;
  }

  /** Types that decide how a line's labels are written are part of what a line is known by. */
  private static int context(MetricType type) {
    return switch (type) {
      case HISTOGRAM -> 1;
      case SUMMARY -> 2;
      case UNKNOWN, COUNTER, GAUGE, GAUGEHISTOGRAM, INFO, STATESET -> 0;
    };
  }
}
