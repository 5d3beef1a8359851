package io.narthex.tsdb.wal;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.histogram.SpanHistogram;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decodes records into calls of a {@link WalHandler}. Samples go straight into arrays that are
 * kept, histograms into one object that is filled anew. Not thread-safe; several decoders may share
 * the work of one reader.
 *
 * <p>Records that the handler does not want and those of unknown types are passed over and counted
 * by name. So are histograms that make no sense although their record is sound: those of an unknown
 * schema, which Prometheus passes over too, and those whose spans contradict their buckets.
 */
public final class WalDecoder {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final RecordBytes in = new RecordBytes(new byte[0], 0, 0);
  private long[] refs = new long[1024];
  private long[] timestamps = new long[1024];
  private double[] values = new double[1024];
  private long[] starts = new long[0];
  private final SpanHistogram histogram = new SpanHistogram();
  private final long[] skipped = new long[RecordType.COUNT + 1];
  private long unusableHistograms;

  /**
   * Decodes one record.
   *
   * @throws WalFormatException if it is not what its type says; the handler may have been given its
   *     first entries
   */
  public void decode(byte[] record, int from, int length, WalHandler handler)
      throws WalFormatException {
    if (length == 0) {
      return;
    }
    int type = record[from] & 0xff;
    if (!RecordType.isKnown(type) || !handler.wants(type)) {
      skipped[RecordType.isKnown(type) ? type : RecordType.COUNT]++;
      handler.skipped(type);
      return;
    }
    in.reset(record, from + 1, from + length);
    try {
      switch (type) {
        case RecordType.SERIES -> series(handler);
        case RecordType.SAMPLES -> samples(handler);
        case RecordType.SAMPLES_V2 -> samplesV2(handler);
        case RecordType.TOMBSTONES -> tombstones(handler);
        case RecordType.EXEMPLARS -> exemplars(handler);
        case RecordType.METADATA -> metadata(handler);
        case RecordType.MMAP_MARKERS -> mmapMarkers(handler);
        case RecordType.MIN_VALID_TIME -> minValidTime(handler);
        default -> histograms(type, handler);
      }
    } catch (WalFormatException e) {
      throw new WalFormatException("decode " + RecordType.name(type) + ": " + e.getMessage());
    }
  }

  /** How many records were passed over, by the name of their type. */
  public Map<String, Long> skipped() {
    Map<String, Long> counts = new TreeMap<>();
    for (int type = 0; type < skipped.length; type++) {
      if (skipped[type] > 0) {
        counts.merge(RecordType.name(type), skipped[type], Long::sum);
      }
    }
    return counts;
  }

  /** How many histograms were passed over because they make no sense. */
  public long unusableHistograms() {
    return unusableHistograms;
  }

  /** The metric type that a metadata record means; {@code UNKNOWN} for codes nobody knows. */
  public static MetricType metricType(int code) {
    return switch (code) {
      case 1 -> MetricType.COUNTER;
      case 2 -> MetricType.GAUGE;
      case 3 -> MetricType.HISTOGRAM;
      case 4 -> MetricType.GAUGEHISTOGRAM;
      case 5 -> MetricType.SUMMARY;
      case 6 -> MetricType.INFO;
      case 7 -> MetricType.STATESET;
      default -> MetricType.UNKNOWN;
    };
  }

  private void series(WalHandler handler) throws WalFormatException {
    while (in.more()) {
      long ref = in.i64();
      int length = in.skipLabels();
      handler.series(ref, in.bytes(), in.at() - length, length);
    }
  }

  private void samples(WalHandler handler) throws WalFormatException {
    if (!in.more()) {
      return;
    }
    long firstRef = in.i64();
    long firstTime = in.i64();
    // A sample takes ten bytes or more.
    reserve(in.left() / 10 + 1);
    // The hot loop of every restart: read from locals, not through the reader's fields.
    byte[] from = in.bytes();
    int at = in.at();
    int end = at + in.left();
    int n = 0;
    while (at + 10 <= end) {
      int b = from[at++];
      long delta = b & 0x7f;
      for (int shift = 7; b < 0; shift += 7) {
        if (at >= end || shift > 63) {
          throw tooShort(n);
        }
        b = from[at++];
        delta |= (long) (b & 0x7f) << shift;
      }
      refs[n] = firstRef + ((delta >>> 1) ^ -(delta & 1));
      if (at >= end) {
        throw tooShort(n);
      }
      b = from[at++];
      delta = b & 0x7f;
      for (int shift = 7; b < 0; shift += 7) {
        if (at >= end || shift > 63) {
          throw tooShort(n);
        }
        b = from[at++];
        delta |= (long) (b & 0x7f) << shift;
      }
      timestamps[n] = firstTime + ((delta >>> 1) ^ -(delta & 1));
      if (at + 8 > end) {
        throw tooShort(n);
      }
      values[n++] = Double.longBitsToDouble((long) LONG.get(from, at));
      at += 8;
    }
    if (at != end) {
      throw tooShort(n);
    }
    if (n > 0) {
      handler.samples(refs, timestamps, values, n);
    }
  }

  private static WalFormatException tooShort(int samples) {
    return new WalFormatException("the record ends too early, after " + samples + " samples");
  }

  private void samplesV2(WalHandler handler) throws WalFormatException {
    if (!in.more()) {
      return;
    }
    reserve(in.left() / 10 + 1);
    if (starts.length < refs.length) {
      starts = new long[refs.length];
    }
    refs[0] = in.varint();
    timestamps[0] = in.varint();
    starts[0] = in.varint();
    values[0] = in.f64();
    long firstTime = timestamps[0];
    long firstStart = starts[0];
    int n = 1;
    while (in.more()) {
      refs[n] = refs[n - 1] + in.varint();
      timestamps[n] = firstTime + in.varint();
      starts[n] = StartMarker.read(in, starts[n - 1], firstStart);
      values[n++] = in.f64();
    }
    handler.samplesWithStarts(refs, starts, timestamps, values, n);
  }

  private void tombstones(WalHandler handler) throws WalFormatException {
    while (in.more()) {
      long ref = in.i64();
      long minTime = in.varint();
      long maxTime = in.varint();
      handler.tombstone(ref, minTime, maxTime);
    }
  }

  private void exemplars(WalHandler handler) throws WalFormatException {
    exemplars(in, handler::exemplar);
  }

  /** Takes exemplars, as {@link WalHandler#exemplar} does. */
  @FunctionalInterface
  public interface Exemplars {
    void exemplar(long ref, long timestamp, double value, byte[] bytes, int from, int length);
  }

  /**
   * Decodes exemplars as records and chunk snapshots have them: the reference and time of the
   * first, then each relative to these.
   */
  public static void exemplars(RecordBytes in, Exemplars handler) throws WalFormatException {
    if (!in.more()) {
      return;
    }
    long firstRef = in.i64();
    long firstTime = in.i64();
    while (in.more()) {
      long ref = firstRef + in.varint();
      long timestamp = firstTime + in.varint();
      double value = in.f64();
      int length = in.skipLabels();
      handler.exemplar(ref, timestamp, value, in.bytes(), in.at() - length, length);
    }
  }

  private void metadata(WalHandler handler) throws WalFormatException {
    while (in.more()) {
      long ref = in.uvarint();
      int type = in.u8();
      int unitFrom = 0;
      int unitLength = 0;
      int helpFrom = 0;
      int helpLength = 0;
      for (int fields = in.count(2); fields > 0; fields--) {
        int nameLength = in.skipText();
        int nameFrom = in.at() - nameLength;
        int length = in.skipText();
        if (isField(WalBatch.UNIT, nameFrom, nameLength)) {
          unitFrom = in.at() - length;
          unitLength = length;
        } else if (isField(WalBatch.HELP, nameFrom, nameLength)) {
          helpFrom = in.at() - length;
          helpLength = length;
        }
      }
      handler.metadata(ref, type, in.bytes(), unitFrom, unitLength, helpFrom, helpLength);
    }
  }

  private boolean isField(byte[] name, int from, int length) {
    return Utf8.equal(in.bytes(), from, length, name, 0, name.length);
  }

  private void mmapMarkers(WalHandler handler) throws WalFormatException {
    while (in.more()) {
      long ref = in.i64();
      handler.mmapMarker(ref, in.i64());
    }
  }

  private void minValidTime(WalHandler handler) throws WalFormatException {
    long time = in.i64();
    if (in.more()) {
      throw new WalFormatException("unexpected " + in.left() + " bytes left in entry");
    }
    handler.minValidTime(time);
  }

  private void histograms(int type, WalHandler handler) throws WalFormatException {
    if (!in.more()) {
      return;
    }
    boolean floats = RecordType.isFloatHistogram(type);
    boolean second = RecordType.hasStarts(type);
    long firstRef = second ? in.varint() : in.i64();
    long firstTime = second ? in.varint() : in.i64();
    long firstStart = second ? in.varint() : 0;
    long ref = firstRef;
    long start = firstStart;
    long timestamp = firstTime;
    boolean first = true;
    while (in.more()) {
      if (!second) {
        ref = firstRef + in.varint();
        timestamp = firstTime + in.varint();
      } else if (!first) {
        ref += in.varint();
        timestamp = firstTime + in.varint();
        start = StartMarker.read(in, start, firstStart);
      }
      first = false;
      if (HistogramCoding.read(in, floats, histogram)) {
        handler.histogram(ref, start, timestamp, histogram);
      } else {
        unusableHistograms++;
      }
    }
  }

  private void reserve(int samples) {
    if (samples > refs.length) {
      int length = Math.max(samples, refs.length * 2);
      refs = Arrays.copyOf(refs, length);
      timestamps = Arrays.copyOf(timestamps, length);
      values = Arrays.copyOf(values, length);
    }
  }
}
