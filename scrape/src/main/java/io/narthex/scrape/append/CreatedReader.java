package io.narthex.scrape.append;

import io.narthex.base.hash.KeyedHash;
import io.narthex.model.exposition.ExpositionException;
import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.model.exposition.ExpositionTokenizer;
import io.narthex.model.exposition.ExpositionTokenizer.Entry;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.scrape.cache.ClassicLines;
import io.narthex.scrape.cache.ClassicLines.Role;

/**
 * Reads the lines of an OpenMetrics page that say when counters, histograms and summaries were
 * created, before the samples are read.
 */
final class CreatedReader {

  private static final String CREATED = "_created";
  private static final byte[] SUFFIX = {'_', 'c', 'r', 'e', 'a', 't', 'e', 'd'};

  private final ExpositionTokenizer tokenizer = new ExpositionTokenizer();
  private final KeyedHash hash = new KeyedHash();
  private final LabelsBuilder builder = new LabelsBuilder();

  /**
   * Reads a page as far as it can be read; what is wrong with it is for the reader of its samples
   * to say.
   */
  void read(byte[] page, int from, int to, ClassicLines into) {
    tokenizer.reset(page, from, to, ExpositionFormat.OPENMETRICS);
    try {
      readAll(page, into);
    } catch (ExpositionException e) {
      // The page is refused at this very line when its samples are read.
      return;
    }
  }

  private void readAll(byte[] page, ClassicLines into) {
    for (Entry entry = tokenizer.nextQuick(); entry != Entry.EOF; entry = tokenizer.nextQuick()) {
      if (entry == Entry.TYPE) {
        tokenizer.confirm();
      } else if (entry == Entry.SERIES && mayBeCreated(page)) {
        hash.hash(page, tokenizer.from(), tokenizer.to(), tokenizer.type().ordinal());
        int line = into.find(hash);
        if (line < 0) {
          line = unknown(into);
        }
        if (into.role(line) == Role.CREATED) {
          into.created(into.metric(line), (long) (tokenizer.value() * 1000));
        }
      }
    }
  }

  private int unknown(ClassicLines into) {
    tokenizer.confirm();
    tokenizer.labels(builder);
    MetricType type = tokenizer.type();
    if (!isCreated(builder, type)) {
      return into.add(hash, 0, Role.OTHER, 0);
    }
    toMetric(builder, type);
    return into.add(hash, into.number(builder.build()), Role.CREATED, 0);
  }

  /** Whether the suffix stands somewhere in the series' text; the labels tell it for certain. */
  private boolean mayBeCreated(byte[] page) {
    int last = tokenizer.to() - SUFFIX.length;
    for (int i = tokenizer.from(); i <= last; i++) {
      if (page[i] == '_' && page[i + 2] == 'r' && matches(page, i)) {
        return true;
      }
    }
    return false;
  }

  private static boolean matches(byte[] page, int at) {
    for (int i = 0; i < SUFFIX.length; i++) {
      if (page[at + i] != SUFFIX[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether the labels are those of a line that says when a metric was created. */
  static boolean isCreated(LabelsBuilder labels, MetricType type) {
    String name = labels.get(Labels.METRIC_NAME);
    return name != null && name.endsWith(CREATED) && hasCreated(type);
  }

  private static boolean hasCreated(MetricType type) {
    return switch (type) {
      case COUNTER, HISTOGRAM, SUMMARY -> true;
      case UNKNOWN, GAUGE, GAUGEHISTOGRAM, INFO, STATESET -> false;
    };
  }

  /**
   * Makes the labels of a series those of its metric: the family's name, and what all series of the
   * metric have in common.
   *
   * @return false if such a metric is not created but just there
   */
  static boolean toMetric(LabelsBuilder labels, MetricType type) {
    String name = labels.get(Labels.METRIC_NAME);
    if (name == null || !hasCreated(type)) {
      return false;
    }
    String family =
        switch (type) {
          case COUNTER -> FamilyNames.without(name, "_total", CREATED);
          case HISTOGRAM -> FamilyNames.without(name, "_bucket", "_sum", "_count", CREATED);
          case SUMMARY -> FamilyNames.without(name, "_sum", "_count", CREATED);
          case UNKNOWN, GAUGE, GAUGEHISTOGRAM, INFO, STATESET -> name;
        };
    labels.set(Labels.METRIC_NAME, family);
    if (type == MetricType.HISTOGRAM) {
      labels.remove("le");
    } else if (type == MetricType.SUMMARY) {
      labels.remove("quantile");
    }
    return true;
  }
}
