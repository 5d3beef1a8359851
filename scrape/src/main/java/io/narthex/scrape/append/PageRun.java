package io.narthex.scrape.append;

import io.narthex.base.hash.KeyedHash;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.HistogramRules;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.scrape.append.ExemplarBatch.PageExemplar;
import io.narthex.scrape.cache.MetricMetadata;
import io.narthex.scrape.cache.OriginJournal;
import io.narthex.scrape.cache.Origins;
import io.narthex.scrape.cache.SeriesCache;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appender;
import io.narthex.storage.ExemplarResult;
import org.jspecify.annotations.Nullable;

/**
 * What happens to the samples of one page, whatever format they come in: limits, staleness marks,
 * relabelling of what is new, where the counting began, exemplars and metadata. Set anew for each
 * page; not thread-safe.
 */
final class PageRun {

  /** How far in the future a timestamp may lie, in milliseconds. */
  private static final long MAX_AHEAD = 10 * 60 * 1000L;

  private static final String TYPE = "__type__";
  private static final String UNIT = "__unit__";

  final PageCounts counts = new PageCounts();

  private final boolean describes;
  private final SampleLabels labels = new SampleLabels();
  private final LabelsBuilder builder = new LabelsBuilder();
  private final ExemplarBatch exemplars = new ExemplarBatch();
  private final SpanHistogram zero = new SpanHistogram();
  private final OriginJournal journal = new OriginJournal();

  private PageCache cache = new PageCache();
  private SampleRules rules = SampleRules.DEFAULT;
  private Labels target = Labels.EMPTY;
  private @Nullable Appender appender;
  private long time;
  private long samples;
  private long sampleLimit;
  private boolean zeros;
  private boolean sampleLimitReached;
  private boolean bucketLimitReached;
  private boolean exemplarsWanted;

  /** Where counting began that the page does not tell of; null where nobody asks. */
  private @Nullable Origins origins;

  /** How many changes there were to the origins before the current sample. */
  private int originChanges;

  /** Whether the series whose labels were finished last counts. */
  private boolean isCumulative;

  PageRun(boolean describes) {
    this.describes = describes;
  }

  void begin(PageCache cache, SampleRules rules, Labels target, Appender appender, long time) {
    this.cache = cache;
    this.rules = rules;
    this.target = target;
    this.appender = appender;
    this.time = time;
    this.samples = 0;
    this.sampleLimit = rules.limits().samples();
    this.zeros = rules.starts().zeros();
    this.sampleLimitReached = false;
    this.bucketLimitReached = false;
    this.exemplarsWanted = true;
    this.origins = rules.starts().synthesize() ? cache.series.origins(journal) : null;
  }

  SampleRules rules() {
    return rules;
  }

  PageCache cache() {
    return cache;
  }

  /**
   * Says at the end of a page what was only counted on the way.
   *
   * @throws PageException if a limit was reached
   */
  void checkLimits() {
    if (sampleLimitReached) {
      throw new PageException(PageException.Rule.SAMPLE_LIMIT, "sample limit exceeded");
    }
    if (bucketLimitReached) {
      throw new PageException(PageException.Rule.BUCKET_LIMIT, "histogram bucket limit exceeded");
    }
  }

  void end() {
    appender = null;
  }

  private Appender appender() {
    Appender current = appender;
    if (current == null) {
      throw new IllegalStateException("no page is being read");
    }
    return current;
  }

  /** Appends a sample whose line is known. */
  void known(int line, PageSample sample) {
    counts.scraped++;
    SeriesCache series = cache.series;
    long handle = series.handle(line);
    if (handle == 0) {
      counts.dropped(series.group(line));
      series.mark(line, false);
      return;
    }
    counts.kept++;
    boolean explicit = sample.hasTimestamp && rules.times().honor();
    if (series.isMarked(line) && !explicit) {
      counts.duplicates++;
      return;
    }
    if (!fits(sample) || !withinLimit()) {
      return;
    }
    if (origins != null && !countsOn(origins, line, explicit, sample)) {
      return;
    }
    boolean starts =
        zeros && sample.start != 0 && (series.start(line) != sample.start || series.isBack(line));
    AppendResult result = append(handle, explicit, starts, sample);
    if (result == AppendResult.NO_SERIES && finishedLabels(sample)) {
      long again = appender().series(builder.build());
      // Where it is refused the old handle stays, and the next page asks again.
      if (again != 0) {
        handle = again;
        series.handle(line, handle);
        result = append(handle, explicit, zeros, sample);
        if (describes && result == AppendResult.OK) {
          describe(handle);
        }
      }
    }
    boolean ok = result == AppendResult.OK;
    if (ok) {
      if (starts) {
        series.start(line, sample.start);
      }
      if (series.isBack(line)) {
        counts.added++;
      }
      exemplars(handle, explicit, sample);
      if (describes
          && (cache.metadata.currentChanged() || cache.undescribed || series.isFirst(line))
          && finishedLabels(sample)) {
        describe(handle);
      }
    } else {
      refused(result, sample);
    }
    series.mark(line, ok && tracked(explicit));
  }

  /**
   * Takes in the line of a sample that is seen for the first time, and appends the sample.
   *
   * @param hash what the line will be known by
   * @return the line's number, or -1 if it is not remembered
   */
  int unknown(KeyedHash hash, PageSample sample) {
    counts.scraped++;
    SeriesCache series = cache.series;
    int rule = finishLabels(sample);
    if (rule != SampleLabels.KEPT) {
      return dropped(series.add(hash, 0, false), rule);
    }
    counts.kept++;
    boolean explicit = sample.hasTimestamp && rules.times().honor();
    if (!fits(sample) || !withinLimit()) {
      return -1;
    }
    long handle = appender().series(builder.build());
    int line = -1;
    if (origins != null) {
      originChanges = origins.changes();
      if (isCumulative && handle != 0) {
        line = series.add(hash, handle, false);
        origins.add(line, handle);
        if (!countsOn(origins, line, explicit, sample)) {
          counts.added++;
          return line;
        }
      }
    }
    AppendResult result =
        handle == 0 ? AppendResult.NO_SERIES : append(handle, explicit, zeros, sample);
    if (result != AppendResult.OK) {
      refused(result, sample);
      return line;
    }
    if (line < 0) {
      // Without a sample of its own it is not remembered: there is nothing to end for it.
      line = series.add(hash, handle, tracked(explicit));
    } else {
      series.mark(line, tracked(explicit));
    }
    if (zeros) {
      series.start(line, sample.start);
    }
    counts.added++;
    exemplars(handle, explicit, sample);
    if (describes) {
      describe(handle);
    }
    return line;
  }

  /**
   * Makes a sample one that counts from where the counting of its series began, unless the page
   * tells that itself.
   *
   * @return whether the sample is to be stored
   */
  private boolean countsOn(Origins from, int line, boolean explicit, PageSample sample) {
    originChanges = from.changes();
    if (!from.counts(line)) {
      return true;
    }
    if (sample.start != 0) {
      from.given(line);
      return true;
    }
    long t = explicit ? sample.timestamp : time;
    if (isAhead(explicit, t)) {
      return true;
    }
    SpanHistogram histogram = sample.histogram;
    Origins.Step step =
        histogram == null
            ? from.next(line, sample.value, t, explicit)
            : from.next(line, histogram, t, explicit);
    return switch (step) {
      case PLAIN -> true;
      case COUNTED -> {
        sample.start = from.start(line);
        if (histogram == null) {
          sample.value -= from.reference(line);
        }
        yield true;
      }
      case FIRST -> {
        if (cache.series.isBack(line)) {
          counts.added++;
        }
        cache.series.markFirst(line);
        yield false;
      }
      case LATE -> {
        counts.outOfOrder++;
        cache.series.mark(line, false);
        yield false;
      }
    };
  }

  /** Counts a sample that was not stored, which its series has not come to then. */
  private void refused(AppendResult result, PageSample sample) {
    if (origins != null) {
      origins.undo(originChanges);
    }
    count(result, sample);
  }

  /** Counts a sample that is dropped; its line remembers why, for the next pages. */
  private int dropped(int line, int rule) {
    int mark = PageCounts.mark(rule);
    counts.dropped(mark);
    cache.series.group(line, mark);
    return line;
  }

  private boolean finishedLabels(PageSample sample) {
    return finishLabels(sample) == SampleLabels.KEPT;
  }

  private int finishLabels(PageSample sample) {
    sample.labels(builder);
    if (origins != null || rules.typeAndUnit()) {
      MetricMetadata family = covering(cache.metadata.currentOfPage());
      isCumulative = isCumulative(family);
      if (rules.typeAndUnit()) {
        addTypeAndUnit(family);
      }
    }
    return labels.finish(builder, target, rules);
  }

  /** What the comments say wins over what the page has in labels of these names. */
  private void addTypeAndUnit(@Nullable MetricMetadata family) {
    if (family == null) {
      return;
    }
    if (family.type() != MetricType.UNKNOWN) {
      builder.set(TYPE, family.type().text());
    }
    if (!family.unit().isEmpty()) {
      builder.set(UNIT, family.unit());
    }
  }

  /** Whether the series of a family that the builder names counts what has happened so far. */
  private boolean isCumulative(@Nullable MetricMetadata family) {
    return family != null
        && switch (family.type()) {
          case COUNTER, HISTOGRAM -> true;
          // Quantiles bear the family's name.
          case SUMMARY -> !family.family().equals(builder.get(Labels.METRIC_NAME));
          case UNKNOWN, GAUGE, GAUGEHISTOGRAM, INFO, STATESET -> false;
        };
  }

  /** The family, if the labels in the builder are of it. */
  private @Nullable MetricMetadata covering(@Nullable MetricMetadata family) {
    String name = builder.get(Labels.METRIC_NAME);
    return family != null
            && name != null
            && FamilyNames.covers(family.family(), family.type(), name)
        ? family
        : null;
  }

  private boolean tracked(boolean explicit) {
    return !explicit || rules.times().trackStaleness();
  }

  /** Counts a sample against the limit; beyond it a page is only counted. */
  private boolean withinLimit() {
    samples++;
    if (sampleLimit > 0 && samples > sampleLimit) {
      sampleLimitReached = true;
    }
    return !sampleLimitReached;
  }

  /** Brings a native histogram within the limits; false if it cannot be. */
  private boolean fits(PageSample sample) {
    SpanHistogram histogram = sample.histogram;
    if (histogram == null) {
      return true;
    }
    HistogramScraping limits = rules.histograms();
    boolean exponential =
        histogram.schema() >= HistogramRules.MIN_SCHEMA
            && histogram.schema() <= HistogramRules.MAX_RESERVED_SCHEMA;
    if (exponential && histogram.schema() > limits.finest() && HistogramRules.isSound(histogram)) {
      histogram.reduceTo(limits.finest());
    }
    long most = limits.bucketLimit();
    while (most > 0 && buckets(histogram) > most) {
      if (!exponential
          || histogram.schema() <= HistogramRules.MIN_SCHEMA
          || !HistogramRules.isSound(histogram)) {
        bucketLimitReached = true;
        return false;
      }
      histogram.reduceTo(histogram.schema() - 1);
    }
    return true;
  }

  private static int buckets(SpanHistogram histogram) {
    return histogram.positive().buckets() + histogram.negative().buckets();
  }

  private AppendResult append(long handle, boolean explicit, boolean starts, PageSample sample) {
    long t = explicit ? sample.timestamp : time;
    if (isAhead(explicit, t)) {
      return AppendResult.OUT_OF_BOUNDS;
    }
    if (starts && sample.start != 0 && sample.start < t) {
      zero(handle, sample);
    }
    return store(handle, t, sample);
  }

  private boolean isAhead(boolean explicit, long timestamp) {
    return explicit && timestamp > time + MAX_AHEAD;
  }

  /** The one place where a sample meets the storage: it knows when the counting began, too. */
  private AppendResult store(long handle, long timestamp, PageSample sample) {
    SpanHistogram histogram = sample.histogram;
    if (sample.start != 0 && rules.starts().keep()) {
      return histogram == null
          ? appender().appendStarted(handle, sample.start, timestamp, sample.value)
          : appender().appendStarted(handle, sample.start, timestamp, histogram);
    }
    return histogram == null
        ? appender().append(handle, timestamp, sample.value)
        : appender().append(handle, timestamp, histogram);
  }

  /**
   * Appends a zero where the counting began. Mostly there is something younger already: then the
   * storage does not take it, and that is right.
   */
  private void zero(long handle, PageSample sample) {
    SpanHistogram histogram = sample.histogram;
    if (histogram == null) {
      appender().appendInOrder(handle, sample.start, 0.0);
      return;
    }
    zero.reset(histogram.floats())
        .hint(histogram.hint() == ResetHint.GAUGE ? ResetHint.GAUGE : ResetHint.RESET)
        .schema(histogram.schema())
        .zero(histogram.zeroThreshold(), 0);
    for (int i = 0; i < histogram.bounds(); i++) {
      zero.addBound(histogram.bound(i));
    }
    appender().appendInOrder(handle, sample.start, zero);
  }

  private void exemplars(long handle, boolean explicit, PageSample sample) {
    if (!exemplarsWanted || !sample.hasExemplars()) {
      return;
    }
    exemplars.clear();
    sample.exemplars(exemplars);
    if (sample.histogram != null) {
      exemplars.keepExplicit();
    }
    long sampleTime = explicit ? sample.timestamp : time;
    int tooOld = 0;
    int all = 0;
    for (PageExemplar exemplar : exemplars.sorted()) {
      all++;
      ExemplarResult result =
          appender()
              .exemplar(
                  handle,
                  exemplar.explicit() ? exemplar.timestamp() : sampleTime,
                  exemplar.explicit(),
                  exemplar.value(),
                  exemplar.labels());
      switch (result) {
        case OK, DUPLICATE -> {}
        case OUT_OF_ORDER -> tooOld++;
        case TOO_LONG, NO_SERIES -> counts.exemplarsRefused++;
        case DISABLED -> {
          exemplarsWanted = false;
          return;
        }
      }
    }
    // Where only some are too old, the others are what is new of a set that was seen before.
    if (tooOld == all) {
      counts.exemplarsOutOfOrder += tooOld;
    }
  }

  /** Says what the comments say of the series whose labels the builder holds. */
  private void describe(long handle) {
    MetricMetadata family = covering(cache.metadata.current());
    if (family != null) {
      appender().metadata(handle, family.type(), family.unit(), family.help());
    }
  }

  private void count(AppendResult result, PageSample sample) {
    switch (result) {
      case OK -> {}
      case NO_SERIES -> counts.refused++;
      case OUT_OF_ORDER -> counts.outOfOrder++;
      case OUT_OF_BOUNDS, TOO_OLD -> counts.outOfBounds++;
      case DUPLICATE -> counts.duplicates++;
      case INVALID_HISTOGRAM -> {
        SpanHistogram histogram = sample.histogram;
        String why = histogram == null ? null : HistogramRules.violation(histogram);
        throw new PageException(PageException.Rule.HISTOGRAM, why == null ? result.message() : why);
      }
    }
  }
}
