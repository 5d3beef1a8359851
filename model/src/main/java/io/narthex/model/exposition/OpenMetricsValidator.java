package io.narthex.model.exposition;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.exposition.ExpositionTokenizer.Entry;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks a page against all of OpenMetrics 1.0, for those who write exporters. A scrape is much
 * more lenient: like Prometheus it only wants lines that can be read, for a server that refuses
 * what its users' programs have always said helps nobody.
 *
 * <p>Beyond the grammar it checks the order of metadata, families and groups, which names a type
 * may use, which labels and values its samples may have, that histograms are cumulative and
 * complete, timestamps in order, and exemplars where they may stand.
 */
public final class OpenMetricsValidator {

  private static final int MOST_EXEMPLAR_CHARACTERS = 128;

  private final byte[] page;
  private final ExpositionTokenizer tokenizer = new ExpositionTokenizer();
  private final LabelsBuilder builder = new LabelsBuilder();
  private final Set<String> takenNames = new HashSet<>();

  private @Nullable Family family;

  private OpenMetricsValidator(byte[] page) {
    this.page = page;
    tokenizer.reset(page, 0, page.length, ExpositionFormat.OPENMETRICS);
  }

  /**
   * Checks a page.
   *
   * @throws ExpositionException for the first thing that is wrong
   */
  public static void validate(byte[] page) {
    new OpenMetricsValidator(page).run();
  }

  private void run() {
    for (Entry entry = tokenizer.next(); entry != Entry.EOF; entry = tokenizer.next()) {
      switch (entry) {
        case TYPE, HELP, UNIT -> metadata(entry);
        case SERIES -> sample();
        case COMMENT, EOF -> {}
      }
    }
    endFamily();
  }

  private ExpositionException fail(String expected) {
    return tokenizer.fail(expected);
  }

  private void metadata(Entry entry) {
    String name = tokenizer.name();
    Family current = family;
    if (current == null || !current.name.equals(name)) {
      current = begin(name);
    }
    if (current.hasSamples) {
      throw fail("expected the metadata of " + name + " before its samples");
    }
    if (!current.said.add(entry)) {
      throw fail("expected one " + entry + " line for " + name);
    }
    switch (entry) {
      case TYPE -> current.type = tokenizer.type();
      case UNIT -> current.hasUnit = !tokenizer.text().isEmpty();
      case HELP, SERIES, COMMENT, EOF -> {}
    }
    boolean unitless = current.type == MetricType.INFO || current.type == MetricType.STATESET;
    if (unitless && current.hasUnit) {
      throw fail("expected no unit for " + current.type.text());
    }
  }

  private Family begin(String name) {
    endFamily();
    Family begun = new Family(name);
    family = begun;
    return begun;
  }

  private void endFamily() {
    Family ended = family;
    if (ended == null) {
      return;
    }
    ended.endGroup();
    for (String suffix : suffixes(ended.type)) {
      claim(ended.name + suffix);
    }
    if (!suffixes(ended.type).contains("")) {
      claim(ended.name);
    }
    family = null;
  }

  private void claim(String name) {
    if (!takenNames.add(name)) {
      throw fail("expected a name that no other metric family uses, " + name + " is taken");
    }
  }

  private static List<String> suffixes(MetricType type) {
    return switch (type) {
      case COUNTER -> List.of("_total", "_created");
      case HISTOGRAM -> List.of("_bucket", "_count", "_sum", "_created");
      case GAUGEHISTOGRAM -> List.of("_bucket", "_gcount", "_gsum");
      case SUMMARY -> List.of("", "_count", "_sum", "_created");
      case INFO -> List.of("_info");
      case GAUGE, STATESET, UNKNOWN -> List.of("");
    };
  }

  private void sample() {
    String text = Utf8.text(page, tokenizer.from(), tokenizer.to() - tokenizer.from());
    if (text.endsWith(",}")) {
      throw fail("expected no comma before the closing brace");
    }
    // As they were written: a scrape would mend le and quantile.
    MetricType said = tokenizer.type();
    tokenizer.type(MetricType.UNKNOWN);
    tokenizer.labels(builder);
    tokenizer.type(said);
    String name = String.valueOf(builder.get(Labels.METRIC_NAME));
    Family current = family;
    String suffix = current == null ? null : current.suffix(name);
    if (current == null || suffix == null) {
      current = begin(name);
      suffix = "";
    }
    current.sample(suffix);
  }

  /** A family while its lines come. */
  private final class Family {
    final String name;
    final Set<Entry> said = new HashSet<>();
    final Set<Labels> endedGroups = new HashSet<>();
    MetricType type = MetricType.UNKNOWN;
    boolean hasUnit;
    boolean hasSamples;
    @Nullable Group group;

    Family(String name) {
      this.name = name;
    }

    @Nullable String suffix(String sample) {
      if (!sample.startsWith(name)) {
        return null;
      }
      String rest = sample.substring(name.length());
      return suffixes(type).contains(rest) ? rest : null;
    }

    void sample(String suffix) {
      hasSamples = true;
      checkLabels(suffix);
      checkValue(suffix);
      checkExemplar(suffix);
      Labels series = builder.build();
      String le = builder.get("le");
      Labels key = groupKey(suffix);
      Group current = group;
      if (current == null || !current.key.equals(key)) {
        endGroup();
        if (endedGroups.contains(key)) {
          throw fail("expected the samples of " + key + " together");
        }
        current = new Group(type, key);
        group = current;
      }
      current.sample(suffix, series, le);
    }

    /** The labels without those that tell the samples of one metric apart. */
    private Labels groupKey(String suffix) {
      builder.remove(Labels.METRIC_NAME);
      switch (type) {
        case HISTOGRAM, GAUGEHISTOGRAM -> {
          if (suffix.equals("_bucket")) {
            builder.remove("le");
          }
        }
        case SUMMARY -> {
          if (suffix.isEmpty()) {
            builder.remove("quantile");
          }
        }
        case STATESET -> builder.remove(name);
        case COUNTER, GAUGE, INFO, UNKNOWN -> {}
      }
      return builder.build();
    }

    private void checkLabels(String suffix) {
      switch (type) {
        case HISTOGRAM, GAUGEHISTOGRAM -> {
          String le = builder.get("le");
          if (suffix.equals("_bucket") && (le == null || !isBound(le))) {
            throw fail("expected a number or +Inf as le of a bucket");
          }
        }
        case SUMMARY -> {
          String quantile = builder.get("quantile");
          if (suffix.isEmpty() && (quantile == null || !isQuantile(quantile))) {
            throw fail("expected a number from 0 to 1 as quantile of a summary");
          }
        }
        case STATESET -> {
          if (builder.get(name) == null) {
            throw fail("expected the state in the label " + name);
          }
        }
        case COUNTER, GAUGE, INFO, UNKNOWN -> {}
      }
    }

    private void checkValue(String suffix) {
      double value = tokenizer.value();
      switch (type) {
        case COUNTER, HISTOGRAM -> {
          if (!suffix.equals("_created") && !(value >= 0)) {
            throw fail("expected a value that is neither negative nor NaN");
          }
        }
        case SUMMARY -> {
          // A quantile that nothing was observed for is NaN.
          boolean unknownQuantile = suffix.isEmpty() && Double.isNaN(value);
          if (!suffix.equals("_created") && !unknownQuantile && !(value >= 0)) {
            throw fail("expected a value that is neither negative nor NaN");
          }
        }
        case GAUGEHISTOGRAM -> {
          if (Double.isNaN(value) || (value < 0 && !suffix.equals("_gsum"))) {
            throw fail("expected a value that is neither negative nor NaN");
          }
        }
        case INFO -> {
          if (value != 1) {
            throw fail("expected 1 as value of an info");
          }
        }
        case STATESET -> {
          if (value != 0 && value != 1) {
            throw fail("expected 0 or 1 as value of a state");
          }
        }
        case GAUGE, UNKNOWN -> {}
      }
    }

    private void checkExemplar(String suffix) {
      if (!tokenizer.hasExemplar()) {
        return;
      }
      boolean allowed =
          switch (type) {
            case COUNTER -> suffix.equals("_total");
            case HISTOGRAM, GAUGEHISTOGRAM -> suffix.equals("_bucket");
            case GAUGE, SUMMARY, INFO, STATESET, UNKNOWN -> false;
          };
      if (!allowed) {
        throw fail("expected exemplars only on buckets and counters");
      }
      LabelsBuilder exemplar = new LabelsBuilder();
      tokenizer.exemplarLabels(exemplar);
      int characters = 0;
      for (int i = 0; i < exemplar.size(); i++) {
        characters += length(exemplar.name(i)) + length(exemplar.value(i));
      }
      if (characters > MOST_EXEMPLAR_CHARACTERS) {
        throw fail(
            "expected at most "
                + MOST_EXEMPLAR_CHARACTERS
                + " characters in an exemplar's labels, got "
                + characters);
      }
    }

    void endGroup() {
      Group ended = group;
      if (ended != null) {
        ended.end();
        endedGroups.add(ended.key);
        group = null;
      }
    }
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  private static boolean isBound(String le) {
    return le.equals("+Inf") || Double.isFinite(number(le));
  }

  private static boolean isQuantile(String quantile) {
    double value = number(quantile);
    return value >= 0 && value <= 1;
  }

  private static double number(String text) {
    byte[] bytes = Utf8.bytes(text);
    return Numbers.parse(bytes, 0, bytes.length);
  }

  /** The samples of one metric: equal labels but for le, quantile and the state. */
  private final class Group {
    final MetricType type;
    final Labels key;
    // Per series its last timestamp; NaN for one without.
    final Map<Labels, Double> times = new HashMap<>();
    double lastBound = Double.NEGATIVE_INFINITY;
    double lastCount;
    boolean hasNegativeBounds;
    boolean hasInfinity;
    double count = Double.NaN;
    double sum = Double.NaN;

    Group(MetricType type, Labels key) {
      this.type = type;
      this.key = key;
    }

    void sample(String suffix, Labels series, @Nullable String le) {
      checkTime(series);
      double value = tokenizer.value();
      if (suffix.equals("_bucket") && le != null) {
        bucket(le, value);
      } else if (suffix.equals("_count") || suffix.equals("_gcount")) {
        count = value;
      } else if (suffix.equals("_sum") || suffix.equals("_gsum")) {
        sum = value;
      }
    }

    private void checkTime(Labels series) {
      double time = tokenizer.hasTimestamp() ? tokenizer.timestampSeconds() : Double.NaN;
      Double before = times.put(series, time);
      if (before == null) {
        return;
      }
      if (before.isNaN() != Double.isNaN(time)) {
        throw fail("expected timestamps on all samples of a series or on none");
      }
      if (Double.isNaN(time)) {
        throw fail("expected each series once");
      }
      if (time < before) {
        throw fail("expected the timestamps of a series in order");
      }
    }

    private void bucket(String le, double value) {
      double bound = le.equals("+Inf") ? Double.POSITIVE_INFINITY : number(le);
      if (bound <= lastBound) {
        throw fail("expected the buckets in order of le");
      }
      if (value < lastCount) {
        throw fail("expected buckets that count all below them");
      }
      hasNegativeBounds |= bound < 0;
      hasInfinity |= bound == Double.POSITIVE_INFINITY;
      lastBound = bound;
      lastCount = value;
    }

    void end() {
      if (type != MetricType.HISTOGRAM && type != MetricType.GAUGEHISTOGRAM) {
        return;
      }
      if (!hasInfinity) {
        throw fail("expected a bucket +Inf in the histogram before this line");
      }
      if (Double.isNaN(sum) != Double.isNaN(count)) {
        throw fail("expected both count and sum in the histogram before this line, or none");
      }
      if (!Double.isNaN(count) && count != lastCount) {
        throw fail("expected the count to equal the bucket +Inf before this line");
      }
      boolean mayBeNegative = type == MetricType.GAUGEHISTOGRAM && hasNegativeBounds;
      if (sum < 0 && !mayBeNegative) {
        throw fail("expected a sum that is not negative before this line");
      }
      if (type == MetricType.HISTOGRAM && hasNegativeBounds && !Double.isNaN(sum)) {
        throw fail("expected no sum with negative buckets before this line");
      }
    }
  }
}
