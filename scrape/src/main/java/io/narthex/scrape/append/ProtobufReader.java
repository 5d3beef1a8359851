package io.narthex.scrape.append;

import io.narthex.base.hash.KeyedHash;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.exposition.ProtobufPage;
import io.narthex.model.exposition.ProtobufPage.Part;
import io.narthex.model.histogram.ClassicBuckets;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.scrape.cache.MetadataCache;
import io.narthex.scrape.cache.MetadataCache.Kind;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads pages of the protobuf format into a {@link PageRun}.
 *
 * <p>What stands for a line of text here is a key that is put together per series, and hashed like
 * a line: the bytes of the metric's labels as they were sent, the family's name and unit, and at
 * the end, so that no two series can have one key, numbers of a fixed size: the bound, what of the
 * metric is meant, the type, and the lengths of the names. Only this end changes from bucket to
 * bucket. So a known series costs copying and hashing its labels, and reading its value.
 */
final class ProtobufReader {

  private static final int CONTEXT = -3;
  private static final int CUSTOM_BUCKETS = 100;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** The bytes of a key behind labels and names: bound, and two longs of numbers. */
  private static final int KEY_END = 24;

  private final PageRun run;
  private final int metadataContext;
  private final ProtobufPage page = new ProtobufPage();
  private final KeyedHash hash = new KeyedHash();
  private final SpanHistogram histogram = new SpanHistogram();
  private final ClassicBuckets classic = new ClassicBuckets();
  private final MetricSample sample = new MetricSample();
  private byte[] key = new byte[512];
  private int keyNames;

  ProtobufReader(PageRun run, int metadataContext) {
    this.run = run;
    this.metadataContext = metadataContext;
  }

  /** Appends all samples of a page to the run, which has been begun. */
  void read(byte[] bytes, int from, int to) {
    page.reset(bytes, from, to);
    while (page.nextFamily()) {
      metadata();
      while (page.nextMetric()) {
        metric();
      }
    }
  }

  private void metadata() {
    boolean fresh = comment(Kind.TYPE);
    fresh |= comment(Kind.HELP);
    if (page.unitLength() > 0) {
      fresh |= comment(Kind.UNIT);
    }
    if (fresh) {
      page.checkFamily();
      MetadataCache metadata = run.cache().metadata;
      put(metadata, Kind.TYPE, "");
      put(metadata, Kind.HELP, page.help());
      if (page.unitLength() > 0) {
        put(metadata, Kind.UNIT, page.unit());
      }
    }
  }

  /** Whether what the family says of a kind is not known. */
  private boolean comment(Kind kind) {
    hashComment(kind);
    return !run.cache().metadata.find(hash);
  }

  private void put(MetadataCache metadata, Kind kind, String text) {
    hashComment(kind);
    if (!metadata.find(hash)) {
      metadata.put(hash, kind, page.name(), page.type(), text);
    }
  }

  private void hashComment(Kind kind) {
    ensureKey(page.nameLength() + page.helpLength() + page.unitLength() + KEY_END);
    int at = page.copyName(key, 0);
    switch (kind) {
      case TYPE -> key[at++] = (byte) page.type().ordinal();
      case HELP -> at = page.copyHelp(key, at);
      case UNIT -> at = page.copyUnit(key, at);
    }
    LONG.set(key, at, (long) page.nameLength() << 8 | kind.ordinal());
    hash.hash(key, 0, at + 8, metadataContext);
  }

  private void ensureKey(int length) {
    if (key.length < length) {
      key = new byte[2 * length];
    }
  }

  private void metric() {
    int labels = page.labelsTo() - page.labelsFrom();
    ensureKey(labels + page.nameLength() + page.unitLength() + KEY_END);
    System.arraycopy(page.labelBytes(), page.labelsFrom(), key, 0, labels);
    keyNames = page.copyUnit(key, page.copyName(key, labels));
    sample.hasTimestamp = page.hasTimestamp();
    sample.timestamp = page.timestamp();
    sample.histogram = null;
    switch (page.type()) {
      case SUMMARY -> {
        floats(Part.COUNT);
        floats(Part.SUM);
        floats(Part.QUANTILE);
      }
      case HISTOGRAM, GAUGEHISTOGRAM -> histogram();
      case COUNTER, GAUGE, UNKNOWN, INFO, STATESET -> floats(Part.VALUE);
    }
  }

  private void histogram() {
    HistogramScraping how = run.rules().histograms();
    boolean whole = how.natives() && page.isNative();
    if (whole) {
      page.fill(histogram);
      histogramSample(Part.NATIVE.ordinal());
    } else if (how.toCustomBuckets() && page.type() == MetricType.HISTOGRAM) {
      page.fill(classic);
      whole = classic.convert(histogram);
      if (whole) {
        histogramSample(CUSTOM_BUCKETS);
      }
    }
    if (!whole || (how.alwaysClassic() && page.classicBuckets() > 0)) {
      floats(Part.COUNT);
      floats(Part.SUM);
      floats(Part.BUCKET);
    }
  }

  private void histogramSample(int kind) {
    sample.part = Part.NATIVE;
    sample.index = 0;
    sample.histogram = histogram;
    append(0, kind);
    sample.histogram = null;
  }

  private void floats(Part part) {
    int series = page.series(part);
    for (int i = 0; i < series; i++) {
      sample.part = part;
      sample.index = i;
      sample.value = page.value(part, i);
      append(page.bound(part, i), part.ordinal());
    }
  }

  private void append(double bound, int kind) {
    int at = keyNames;
    LONG.set(key, at, Double.doubleToRawLongBits(bound));
    LONG.set(key, at + 8, (long) kind << 32 | page.type().ordinal());
    LONG.set(key, at + 16, (long) page.nameLength() << 32 | page.unitLength());
    hash.hash(key, 0, at + KEY_END, CONTEXT);
    sample.start = page.created();
    int line = run.cache().series.find(hash);
    if (line >= 0) {
      run.known(line, sample);
    } else {
      run.unknown(hash, sample);
    }
  }

  /** A series of the metric that the page stands at. */
  private final class MetricSample extends PageSample {
    private Part part = Part.VALUE;
    private int index;

    @Override
    void labels(LabelsBuilder into) {
      page.labels(into, part, index);
    }

    @Override
    boolean hasExemplars() {
      return page.exemplars(part, index) > 0;
    }

    @Override
    void exemplars(ExemplarBatch into) {
      int count = page.exemplars(part, index);
      for (int i = 0; i < count; i++) {
        if (page.exemplar(part, index, i, into.builder())) {
          into.add(page.exemplarTimestamp(), page.hasExemplarTimestamp(), page.exemplarValue());
        }
      }
    }
  }
}
