package io.narthex.scrape.append;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.hash.KeyedHash;
import io.narthex.model.exposition.ExpositionTokenizer;
import io.narthex.model.histogram.ClassicBuckets;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.scrape.cache.ClassicLines;
import io.narthex.scrape.cache.ClassicLines.Role;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the lines of a classic histogram and appends the native one that they make. If they make
 * none, because they contradict each other, nothing is appended for them, as upstream has it.
 */
final class HistogramLines {

  /** The context of the hash of gathered histograms, which no line has. */
  private static final int CONTEXT = -2;

  private final PageRun run;
  private final ExpositionTokenizer tokenizer;
  private final KeyedHash hash = new KeyedHash();
  private final ClassicBuckets buckets = new ClassicBuckets();
  private final SpanHistogram histogram = new SpanHistogram();
  private final GatheredSample sample = new GatheredSample();
  private boolean starts;
  private String family = "";
  private int metric;

  HistogramLines(PageRun run, ExpositionTokenizer tokenizer) {
    this.run = run;
    this.tokenizer = tokenizer;
  }

  void begin(boolean starts) {
    this.starts = starts;
    this.metric = 0;
    this.family = "";
  }

  /** Says which family the last comment gave a type. */
  void family(String name) {
    family = name;
  }

  /** Takes in a line of a family of histograms that is seen for the first time. */
  int add(ClassicLines lines, KeyedHash line, LabelsBuilder labels) {
    String name = labels.get(Labels.METRIC_NAME);
    if (name == null || !name.startsWith(family)) {
      return lines.add(line, 0, Role.OTHER, 0);
    }
    double bound = 0;
    Role role =
        switch (name.substring(family.length())) {
          case "_bucket" -> Role.BUCKET;
          case "_count" -> Role.COUNT;
          case "_sum" -> Role.SUM;
          default -> Role.OTHER;
        };
    if (role == Role.BUCKET) {
      bound = bound(labels.get("le"));
      role = Double.isNaN(bound) ? Role.OTHER : role;
    }
    if (role == Role.OTHER) {
      return lines.add(line, 0, role, 0);
    }
    labels.set(Labels.METRIC_NAME, family);
    labels.remove("le");
    return lines.add(line, lines.number(labels.build()), role, bound);
  }

  private static double bound(@Nullable String le) {
    return le == null ? Double.NaN : ExpositionTokenizer.number(Utf8.bytes(le));
  }

  /**
   * Adds the line that the tokenizer stands at, and appends what was gathered of another metric.
   */
  void gather(ClassicLines lines, int line) {
    int of = lines.metric(line);
    if (of != metric) {
      flush();
      metric = of;
      buckets.clear();
      sample.exemplars.clear();
    }
    double value = tokenizer.value();
    switch (lines.role(line)) {
      case BUCKET -> buckets.bucket(lines.bound(line), value);
      case COUNT -> buckets.count(value);
      case SUM -> buckets.sum(value);
      case CREATED, OTHER -> throw new IllegalStateException("not a line of a histogram");
    }
    sample.hasTimestamp = tokenizer.hasTimestamp();
    sample.timestamp = tokenizer.timestamp();
    if (tokenizer.hasExemplar()) {
      LineReader.exemplar(tokenizer, sample.exemplars);
    }
  }

  /** Appends what was gathered before a known line, unless that line may still be one of it. */
  void flushBefore(boolean gathers) {
    if (metric != 0 && !gathers) {
      flush();
    }
  }

  /** Appends what was gathered, if anything was. */
  void flush() {
    if (metric == 0) {
      return;
    }
    PageCache cache = run.cache();
    Labels labels = cache.histograms.labels(metric);
    metric = 0;
    if (!buckets.convert(histogram)) {
      return;
    }
    sample.labels = labels;
    sample.histogram = histogram;
    sample.start = starts ? cache.created.created(cache.created.number(labels)) : 0;
    byte[] packed = labels.packed();
    hash.hash(packed, 0, packed.length, CONTEXT);
    int line = cache.series.find(hash);
    if (line >= 0) {
      run.known(line, sample);
    } else {
      run.unknown(hash, sample);
    }
  }

  /** The histogram that was gathered. */
  private static final class GatheredSample extends PageSample {
    private final ExemplarBatch exemplars = new ExemplarBatch();
    private Labels labels = Labels.EMPTY;

    @Override
    void labels(LabelsBuilder into) {
      into.from(labels);
    }

    @Override
    boolean hasExemplars() {
      return !exemplars.isEmpty();
    }

    @Override
    void exemplars(ExemplarBatch into) {
      into.addAll(exemplars);
    }
  }
}
