package io.narthex.scrape.append;

import io.narthex.base.hash.KeyedHash;
import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.model.exposition.ExpositionTokenizer;
import io.narthex.model.exposition.ExpositionTokenizer.Entry;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.scrape.cache.ClassicLines;
import io.narthex.scrape.cache.ClassicLines.Role;
import io.narthex.scrape.cache.MetadataCache;
import io.narthex.scrape.cache.MetricMetadata;
import io.narthex.scrape.cache.SeriesCache;

/**
 * Reads pages of lines, Prometheus' text and OpenMetrics, into a {@link PageRun}; see {@link
 * PageAppender} for what a known line costs.
 *
 * <p><b>Classic histograms that become native ones.</b> Their lines are known by a cache of their
 * own, which says what each means. They are gathered while they are about one metric, and anything
 * else than another of them makes a histogram of what was gathered.
 *
 * <p><b>Created times.</b> They stand behind the samples that they are about, but matter before
 * them. So where they are wanted they are read first, all of a page.
 */
final class LineReader {

  private final PageRun run;
  private final int metadataContext;
  private final ExpositionTokenizer tokenizer = new ExpositionTokenizer();
  private final KeyedHash hash = new KeyedHash();
  private final LineSample sample = new LineSample(tokenizer);
  private final CreatedReader createdReader;
  private final HistogramLines histograms;
  private final LabelsBuilder builder = new LabelsBuilder();

  // Of the page that is being read.
  private byte[] page = new byte[0];
  private int context;
  private boolean converts;
  private boolean starts;
  private boolean knowsCounters;

  LineReader(PageRun run, int metadataContext) {
    this.run = run;
    this.metadataContext = metadataContext;
    this.createdReader = new CreatedReader();
    this.histograms = new HistogramLines(run, tokenizer);
  }

  /** Appends all samples of a page to the run, which has been begun. */
  void read(byte[] bytes, int from, int to, ExpositionFormat format) {
    page = bytes;
    context = 0;
    converts = run.rules().histograms().toCustomBuckets();
    starts = run.rules().starts().wanted() && format == ExpositionFormat.OPENMETRICS;
    knowsCounters = starts || run.rules().starts().synthesize();
    PageCache cache = run.cache();
    if (starts) {
      if (cache.created.begin(cache.series.size())) {
        // The numbers that its lines have are gone.
        cache.series.invalidate();
        cache.series.begin();
      }
      createdReader.read(bytes, from, to, cache.created);
    }
    if (converts) {
      cache.histograms.begin(cache.series.size());
      histograms.begin(starts);
    }
    tokenizer.reset(bytes, from, to, format);
    read(cache);
  }

  private void read(PageCache cache) {
    SeriesCache series = cache.series;
    MetadataCache metadata = cache.metadata;
    while (true) {
      int expected = series.expected();
      if (expected >= 0 && !gathers() && tokenizer.mayBeSeries(series.length(expected))) {
        int length = series.length(expected);
        hash.hash(page, tokenizer.at(), tokenizer.at() + length, context);
        if (series.is(expected, hash) && tokenizer.takeSeries(length)) {
          series.met(expected);
          known(series, expected);
          continue;
        }
      } else if (tokenizer.mayBeComment(metadata.expectedLength())) {
        int length = metadata.expectedLength();
        hash.hash(page, tokenizer.at(), tokenizer.at() + length, metadataContext);
        if (metadata.isExpected(hash) && knownComment(metadata)) {
          tokenizer.takeComment(length);
          continue;
        }
      } else if (gathers() && expectedOfHistogram(cache.histograms)) {
        continue;
      }
      Entry entry = tokenizer.nextQuick();
      if (entry == Entry.SERIES) {
        line(cache);
      } else if (entry == Entry.EOF) {
        histograms.flush();
        return;
      } else if (entry != Entry.COMMENT) {
        metadata(entry);
      }
    }
  }

  /** Whether the next lines may be those of a classic histogram that becomes a native one. */
  private boolean gathers() {
    return converts && tokenizer.type() == MetricType.HISTOGRAM;
  }

  private boolean expectedOfHistogram(ClassicLines lines) {
    int expected = lines.expected();
    if (run.rules().histograms().alwaysClassic()
        || expected < 0
        || lines.role(expected) == Role.OTHER
        || !tokenizer.mayBeSeries(lines.length(expected))) {
      return false;
    }
    int length = lines.length(expected);
    hash.hash(page, tokenizer.at(), tokenizer.at() + length, context);
    if (!lines.is(expected, hash) || !tokenizer.takeSeries(length)) {
      return false;
    }
    lines.met(expected);
    histograms.gather(lines, expected);
    return true;
  }

  private void line(PageCache cache) {
    if (gathers()) {
      if (ofHistogram(cache.histograms)) {
        return;
      }
    } else {
      histograms.flush();
    }
    hash.hash(page, tokenizer.from(), tokenizer.to(), context);
    int line = cache.series.find(hash);
    if (line < 0 && confirmedElsewhere()) {
      hash.hash(page, tokenizer.from(), tokenizer.to(), context);
      line = cache.series.find(hash);
    }
    if (line >= 0) {
      known(cache.series, line);
    } else {
      unknown(cache);
    }
  }

  /** Reads the line with care; whether its text is another than it seemed. */
  private boolean confirmedElsewhere() {
    int from = tokenizer.from();
    int to = tokenizer.to();
    tokenizer.confirm();
    return tokenizer.from() != from || tokenizer.to() != to;
  }

  /** Whether the line was one of a histogram, and shall not be a series besides. */
  private boolean ofHistogram(ClassicLines lines) {
    hash.hash(page, tokenizer.from(), tokenizer.to(), context);
    int line = lines.find(hash);
    if (line < 0 && confirmedElsewhere()) {
      hash.hash(page, tokenizer.from(), tokenizer.to(), context);
      line = lines.find(hash);
    }
    if (line < 0) {
      tokenizer.labels(builder);
      line = histograms.add(lines, hash, builder);
    }
    if (lines.role(line) == Role.OTHER) {
      histograms.flush();
      return false;
    }
    histograms.gather(lines, line);
    return !run.rules().histograms().alwaysClassic();
  }

  private void known(SeriesCache series, int line) {
    histograms.flushBefore(gathers());
    // The number beside a dropped line means something else.
    boolean timed = starts && series.handle(line) != 0;
    sample.set(timed ? run.cache().created.created(series.group(line)) : 0);
    run.known(line, sample);
  }

  private void unknown(PageCache cache) {
    if (!starts) {
      sample.set(0);
      run.unknown(hash, sample);
      return;
    }
    tokenizer.labels(builder);
    if (CreatedReader.isCreated(builder, tokenizer.type())) {
      return;
    }
    boolean started = CreatedReader.toMetric(builder, tokenizer.type());
    int metric = started ? cache.created.number(builder.build()) : 0;
    sample.set(cache.created.created(metric));
    int line = run.unknown(hash, sample);
    if (line >= 0 && cache.series.handle(line) != 0) {
      cache.series.group(line, metric);
    }
  }

  private void metadata(Entry entry) {
    MetadataCache metadata = run.cache().metadata;
    hash.hash(page, tokenizer.from(), tokenizer.to(), metadataContext);
    if (knownComment(metadata)) {
      return;
    }
    tokenizer.confirm();
    String name = tokenizer.name();
    if (entry == Entry.TYPE) {
      metadata.put(hash, MetadataCache.Kind.TYPE, name, tokenizer.type(), "");
      histograms.family(name);
    } else {
      MetadataCache.Kind kind =
          entry == Entry.HELP ? MetadataCache.Kind.HELP : MetadataCache.Kind.UNIT;
      metadata.put(hash, kind, name, MetricType.UNKNOWN, tokenizer.text());
    }
    context(metadata);
  }

  private boolean knownComment(MetadataCache metadata) {
    // What was gathered belongs to the family before.
    histograms.flush();
    if (!metadata.find(hash)) {
      return false;
    }
    if (metadata.foundType()) {
      tokenizer.type(metadata.type());
      MetricMetadata family = metadata.current();
      histograms.family(family == null ? "" : family.family());
    }
    context(metadata);
    return true;
  }

  /** What comments say that decides what a line means is part of what the line is known by. */
  private void context(MetadataCache metadata) {
    context =
        switch (tokenizer.type()) {
          case HISTOGRAM -> 1;
          case SUMMARY -> 2;
          case COUNTER -> knowsCounters ? 3 : 0;
          case UNKNOWN, GAUGE, GAUGEHISTOGRAM, INFO, STATESET -> 0;
        };
    // The same line may be one of a histogram below one comment and something else below another.
    if (run.rules().typeAndUnit() || gathers()) {
      MetricMetadata family = metadata.currentOfPage();
      context += family == null ? 0 : 4 * run.cache().context(family);
    }
  }

  /** The line that the tokenizer stands at. */
  private static final class LineSample extends PageSample {
    private final ExpositionTokenizer tokenizer;

    LineSample(ExpositionTokenizer tokenizer) {
      this.tokenizer = tokenizer;
    }

    void set(long created) {
      hasTimestamp = tokenizer.hasTimestamp();
      timestamp = tokenizer.timestamp();
      value = tokenizer.value();
      start = created;
    }

    @Override
    void labels(LabelsBuilder into) {
      if (!tokenizer.isConfirmed()) {
        tokenizer.confirm();
      }
      tokenizer.labels(into);
    }

    @Override
    boolean hasExemplars() {
      return tokenizer.hasExemplar();
    }

    @Override
    void exemplars(ExemplarBatch into) {
      exemplar(tokenizer, into);
    }
  }

  /** Adds the exemplar of the line that a tokenizer stands at. */
  static void exemplar(ExpositionTokenizer tokenizer, ExemplarBatch into) {
    tokenizer.lenientExemplarLabels(into.builder());
    into.add(
        tokenizer.hasExemplarTimestamp() ? tokenizer.exemplarTimestamp() : 0,
        tokenizer.hasExemplarTimestamp(),
        tokenizer.exemplarValue());
  }
}
