package io.narthex.model.exposition;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.text.GoQuote;
import io.narthex.model.histogram.ClassicBuckets;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.util.Arrays;

/**
 * Reads a page of the protobuf format by pulling: families, their metrics, and of each metric the
 * series that it stands for. The format is {@code io.prometheus.client.MetricFamily} of
 * client_model, each message behind its length as a varint; only what a scrape needs is read, and
 * no object is made for anything.
 *
 * <pre>
 *   MetricFamily  1 name  2 help  3 type  4 metric*  5 unit
 *   Metric        1 label*  2 gauge  3 counter  4 summary  5 untyped  6 timestamp_ms  7 histogram
 *   LabelPair     1 name  2 value
 * </pre>
 *
 * <p><b>Known series.</b> The labels of a metric stand as they were sent in {@link #labelBytes}:
 * together with the family's name and what of the metric is meant they tell a series from all
 * others, so whoever knows them need not read them. {@link #labels} reads them with every check,
 * and {@link #checkFamily} the family; both are for what is seen for the first time.
 *
 * <p>A histogram can be native, classic, or both. As upstream has it a histogram is native if it
 * has a span or a zero bucket; a classic one always has the bucket {@code +Inf}; a timestamp of 0
 * is none.
 *
 * <p>Errors name the byte of the page, counted from 0. Reusable; it belongs to one thread.
 */
public final class ProtobufPage {

  /** What of a metric a series is about. */
  public enum Part {
    /** The one value of a counter, a gauge or an untyped metric. */
    VALUE(""),
    COUNT("_count"),
    SUM("_sum"),
    BUCKET("_bucket"),
    QUANTILE(""),
    /** The whole native histogram. */
    NATIVE("");

    private final byte[] suffix;

    Part(String suffix) {
      this.suffix = Utf8.bytes(suffix);
    }
  }

  private static final MetricType[] TYPES = {
    MetricType.COUNTER,
    MetricType.GAUGE,
    MetricType.SUMMARY,
    MetricType.UNKNOWN,
    MetricType.HISTOGRAM,
    MetricType.GAUGEHISTOGRAM
  };
  private static final byte[] NAME = Utf8.bytes(Labels.METRIC_NAME);
  private static final byte[] LE = Utf8.bytes("le");
  private static final byte[] QUANTILE = Utf8.bytes("quantile");
  private static final String TOTAL = "_total";

  private final WireFields fields = new WireFields();
  private final WireExemplars exemplars = new WireExemplars();
  private final WireHistogram histogram = new WireHistogram();
  private byte[] page = new byte[0];
  private int next;
  private int end;

  // The family.
  private int familyFrom;
  private int familyTo;
  private int metricAt;
  private int nameFrom;
  private int nameTo;
  private int helpFrom;
  private int helpTo;
  private int unitFrom;
  private int unitTo;
  private MetricType type = MetricType.UNKNOWN;

  // The metric.
  private final WireLabels labels = new WireLabels();
  private long timestamp;
  private double value;
  private double count;
  private double sum;
  private long created;
  private double[] quantiles = new double[16];
  private double[] quantileValues = new double[16];
  private int quantileCount;
  private byte[] scratch = new byte[64];

  /** Begins a page; the array is read until the next reset and never written. */
  public void reset(byte[] page, int from, int to) {
    this.page = page;
    this.next = from;
    this.end = to;
    fields.reset(page, from);
    exemplars.reset(page, from);
    labels.reset(page, from);
  }

  /**
   * Goes on to the next family that has a metric; false at the end of the page.
   *
   * @throws ExpositionException if the page does not follow its format; it is over then
   */
  public boolean nextFamily() {
    while (next < end) {
      fields.at(next);
      familyTo = fields.lengthEnd(end);
      familyFrom = fields.at();
      next = familyTo;
      if (readFamily()) {
        return true;
      }
    }
    return false;
  }

  private boolean readFamily() {
    nameFrom = familyFrom;
    nameTo = familyFrom;
    helpFrom = familyFrom;
    helpTo = familyFrom;
    unitFrom = familyFrom;
    unitTo = familyFrom;
    long wireType = 0;
    int typeAt = familyFrom;
    metricAt = -1;
    while (fields.at() < familyTo) {
      switch (fields.tag(familyTo)) {
        case 1 -> {
          nameTo = fields.lengthField(familyTo);
          nameFrom = fields.at();
          fields.at(nameTo);
        }
        case 2 -> {
          helpTo = fields.lengthField(familyTo);
          helpFrom = fields.at();
          fields.at(helpTo);
        }
        case 3 -> {
          typeAt = fields.tagAt();
          wireType = fields.varintField(familyTo);
        }
        case 4 -> {
          int tag = fields.tagAt();
          fields.at(fields.lengthField(familyTo));
          metricAt = metricAt < 0 ? tag : metricAt;
        }
        case 5 -> {
          unitTo = fields.lengthField(familyTo);
          unitFrom = fields.at();
          fields.at(unitTo);
        }
        default -> fields.skip(familyTo);
      }
    }
    if (metricAt < 0) {
      return false;
    }
    if (wireType < 0 || wireType >= TYPES.length) {
      throw fields.fail(
          typeAt,
          "unknown metric type for metric " + GoQuote.quote(name()) + ": " + (int) wireType);
    }
    type = TYPES[(int) wireType];
    return true;
  }

  /**
   * Checks what is said of the family, once for each that is seen for the first time.
   *
   * @throws ExpositionException if the name is none, the help is no UTF-8, or the unit is not the
   *     end of the name
   */
  public void checkFamily() {
    if (nameFrom == nameTo || !Utf8.isValid(page, nameFrom, nameTo - nameFrom)) {
      throw fields.fail(nameFrom, "invalid metric name: " + name());
    }
    if (!Utf8.isValid(page, helpFrom, helpTo - helpFrom)) {
      throw fields.fail(
          helpFrom, "invalid help for metric " + GoQuote.quote(name()) + ": " + help());
    }
    String unit = unit();
    if (unit.isEmpty()) {
      return;
    }
    String name = name();
    boolean counter = type == MetricType.COUNTER && name.endsWith(TOTAL);
    String stem = counter ? name.substring(0, name.length() - TOTAL.length()) : name;
    if (!stem.endsWith("_" + unit)) {
      throw fields.fail(
          unitFrom,
          "unit "
              + GoQuote.quote(unit)
              + " not a suffix of "
              + (counter ? "counter " : "metric ")
              + GoQuote.quote(name));
    }
  }

  /** Of a family without a type, the first one that the format has: a counter. */
  public MetricType type() {
    return type;
  }

  public String name() {
    return Utf8.text(page, nameFrom, nameTo - nameFrom);
  }

  /** The help text, or empty. */
  public String help() {
    return Utf8.text(page, helpFrom, helpTo - helpFrom);
  }

  /** The unit, or empty. */
  public String unit() {
    return Utf8.text(page, unitFrom, unitTo - unitFrom);
  }

  public int nameLength() {
    return nameTo - nameFrom;
  }

  public int helpLength() {
    return helpTo - helpFrom;
  }

  public int unitLength() {
    return unitTo - unitFrom;
  }

  /** Copies the name's bytes and returns the offset behind them. */
  public int copyName(byte[] into, int at) {
    return copy(nameFrom, nameTo, into, at);
  }

  /** Copies the help text's bytes and returns the offset behind them. */
  public int copyHelp(byte[] into, int at) {
    return copy(helpFrom, helpTo, into, at);
  }

  /** Copies the unit's bytes and returns the offset behind them. */
  public int copyUnit(byte[] into, int at) {
    return copy(unitFrom, unitTo, into, at);
  }

  private int copy(int from, int to, byte[] into, int at) {
    System.arraycopy(page, from, into, at, to - from);
    return at + to - from;
  }

  /**
   * Goes on to the next metric of the family, and reads its value; false behind the last.
   *
   * @throws ExpositionException if the page does not follow its format; it is over then
   */
  public boolean nextMetric() {
    fields.at(metricAt);
    while (fields.at() < familyTo) {
      if (fields.tag(familyTo) == 4) {
        int behind = fields.lengthField(familyTo);
        readMetric(behind);
        metricAt = behind;
        return true;
      }
      fields.skip(familyTo);
    }
    metricAt = familyTo;
    return false;
  }

  private void readMetric(int to) {
    labels.begin(fields.at());
    timestamp = 0;
    value = 0;
    count = 0;
    sum = 0;
    created = 0;
    quantileCount = 0;
    exemplars.clear();
    if (isHistogram()) {
      histogram.clear();
    }
    while (fields.at() < to) {
      switch (fields.tag(to)) {
        case 1 -> {
          int from = fields.tagAt();
          fields.at(fields.lengthField(to));
          labels.add(from, fields.at());
        }
        case 2 -> value(fields.lengthField(to), MetricType.GAUGE);
        case 3 -> counter(fields.lengthField(to));
        case 4 -> summary(fields.lengthField(to));
        case 5 -> value(fields.lengthField(to), MetricType.UNKNOWN);
        case 6 -> timestamp = fields.varintField(to);
        case 7 -> {
          int behind = fields.lengthField(to);
          if (isHistogram()) {
            histogram.read(fields, behind, exemplars);
          }
          fields.at(behind);
        }
        default -> fields.skip(to);
      }
    }
    if (isHistogram()) {
      created = histogram.created;
      sum = histogram.sum;
      count = histogram.observations();
    }
  }

  private void value(int to, MetricType wanted) {
    while (type == wanted && fields.at() < to) {
      if (fields.tag(to) == 1) {
        value = fields.doubleField(to);
      } else {
        fields.skip(to);
      }
    }
    fields.at(to);
  }

  private void counter(int to) {
    while (type == MetricType.COUNTER && fields.at() < to) {
      switch (fields.tag(to)) {
        case 1 -> value = fields.doubleField(to);
        case 2 -> {
          int behind = fields.lengthField(to);
          exemplars.clear();
          exemplars.add(fields.at(), behind);
          fields.at(behind);
        }
        case 3 -> created = WireExemplars.timestamp(fields, fields.lengthField(to));
        default -> fields.skip(to);
      }
    }
    fields.at(to);
  }

  private void summary(int to) {
    while (type == MetricType.SUMMARY && fields.at() < to) {
      switch (fields.tag(to)) {
        case 1 -> {
          long wire = fields.varintField(to);
          count = wire >= 0 ? wire : (double) (wire >>> 1 | wire & 1) * 2;
        }
        case 2 -> sum = fields.doubleField(to);
        case 3 -> quantile(fields.lengthField(to));
        case 4 -> created = WireExemplars.timestamp(fields, fields.lengthField(to));
        default -> fields.skip(to);
      }
    }
    fields.at(to);
  }

  private void quantile(int to) {
    if (quantileCount == quantiles.length) {
      quantiles = Arrays.copyOf(quantiles, quantileCount * 2);
      quantileValues = Arrays.copyOf(quantileValues, quantileCount * 2);
    }
    int at = quantileCount++;
    quantiles[at] = 0;
    quantileValues[at] = 0;
    while (fields.at() < to) {
      switch (fields.tag(to)) {
        case 1 -> quantiles[at] = fields.doubleField(to);
        case 2 -> quantileValues[at] = fields.doubleField(to);
        default -> fields.skip(to);
      }
    }
  }

  /** Whether the family is one of histograms, of whatever form. */
  public boolean isHistogram() {
    return type == MetricType.HISTOGRAM || type == MetricType.GAUGEHISTOGRAM;
  }

  /** Whether the metric is a native histogram; it may be a classic one too. */
  public boolean isNative() {
    return isHistogram() && histogram.isNative();
  }

  /** The metric's classic buckets that the page has; {@code +Inf} may be missing. */
  public int classicBuckets() {
    return isHistogram() ? histogram.buckets() : 0;
  }

  /** How many series of a part the metric has; a classic histogram always has the bucket +Inf. */
  public int series(Part part) {
    return switch (part) {
      case VALUE, COUNT, SUM, NATIVE -> 1;
      case BUCKET -> histogram.bucketSeries();
      case QUANTILE -> quantileCount;
    };
  }

  /** The value of a series; that of a native histogram is in {@link #fill(SpanHistogram)}. */
  public double value(Part part, int i) {
    return switch (part) {
      case VALUE -> value;
      case COUNT -> count;
      case SUM, NATIVE -> sum;
      case BUCKET -> histogram.cumulative(i);
      case QUANTILE -> quantileValues[i];
    };
  }

  /** What tells series of a part apart: a bucket's bound, a quantile, or 0. */
  public double bound(Part part, int i) {
    return switch (part) {
      case VALUE, COUNT, SUM, NATIVE -> 0;
      case BUCKET -> histogram.bound(i);
      case QUANTILE -> quantiles[i];
    };
  }

  /** Writes the native histogram, without empty buckets; nothing in it is checked. */
  public void fill(SpanHistogram into) {
    histogram.fill(into, type == MetricType.GAUGEHISTOGRAM);
  }

  /** Writes the classic histogram. */
  public void fill(ClassicBuckets into) {
    histogram.fill(into);
  }

  /** Whether the metric has a timestamp of its own. */
  public boolean hasTimestamp() {
    return timestamp != 0;
  }

  /** Its timestamp in milliseconds since the epoch. */
  public long timestamp() {
    return timestamp;
  }

  /** When the metric was created, in milliseconds since the epoch; 0 if nobody says so. */
  public long created() {
    return created;
  }

  /** The array in which the labels stand as they were sent. */
  public byte[] labelBytes() {
    return labels.bytes();
  }

  public int labelsFrom() {
    return labels.from();
  }

  public int labelsTo() {
    return labels.to();
  }

  /**
   * Replaces what the builder holds by the labels of a series, its name among them.
   *
   * @throws ExpositionException if a label stands there twice, or is no UTF-8
   */
  public void labels(LabelsBuilder into, Part part, int i) {
    into.clear();
    int length = nameTo - nameFrom + part.suffix.length;
    if (scratch.length < length) {
      scratch = new byte[2 * length];
    }
    int at = copy(nameFrom, nameTo, scratch, 0);
    System.arraycopy(part.suffix, 0, scratch, at, part.suffix.length);
    into.set(NAME, 0, NAME.length, scratch, 0, length);
    labels.read(into);
    if (part == Part.BUCKET || part == Part.QUANTILE) {
      byte[] key = part == Part.BUCKET ? LE : QUANTILE;
      labels.requireUnique(into, key, 0, key.length, labels.from());
      byte[] bound = Utf8.bytes(OpenMetricsFloat.format(bound(part, i)));
      into.set(key, 0, key.length, bound, 0, bound.length);
    }
  }

  /**
   * The number of exemplars of a series. Those of a native histogram are its own, or where it has
   * none those of its classic buckets.
   */
  public int exemplars(Part part, int i) {
    return switch (part) {
      case VALUE -> exemplars.count();
      case COUNT, SUM, QUANTILE -> 0;
      case BUCKET -> histogram.exemplarTo(i) > 0 ? 1 : 0;
      case NATIVE -> exemplars.count() > 0 ? exemplars.count() : histogram.buckets();
    };
  }

  /**
   * Reads an exemplar: the builder's content is replaced by its labels.
   *
   * @return false if there is none after all, as in a classic bucket of a native histogram
   */
  public boolean exemplar(Part part, int i, int exemplar, LabelsBuilder labels) {
    boolean ofBucket = part == Part.BUCKET || (part == Part.NATIVE && exemplars.count() == 0);
    if (!ofBucket) {
      exemplars.read(exemplar, labels);
      return true;
    }
    int bucket = part == Part.BUCKET ? i : exemplar;
    int to = histogram.exemplarTo(bucket);
    if (to > 0) {
      exemplars.read(histogram.exemplarFrom(bucket), to, labels);
    }
    return to > 0;
  }

  /** The value of the exemplar that was read last. */
  public double exemplarValue() {
    return exemplars.value;
  }

  /** Whether the exemplar that was read last has a timestamp. */
  public boolean hasExemplarTimestamp() {
    return exemplars.hasTimestamp;
  }

  /** Its timestamp in milliseconds since the epoch. */
  public long exemplarTimestamp() {
    return exemplars.timestamp;
  }
}
