package io.narthex.tsdb.wal;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.bytes.Varint;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Encodes records, one behind the other, into one array that is kept. {@link Wal#append(WalBatch)}
 * takes them all in one write. Reusable after {@link #clear}; belongs to one thread at a time.
 *
 * <p>Entries of one kind that follow each other share a record, until it is {@value #FULL} bytes
 * long; each call that adds float samples makes a record of its own. What is written is what
 * Prometheus' encoder writes for the same entries.
 *
 * <p><b>Histograms</b> that follow each other are a run. It ends when anything else is added, or at
 * {@link #endRun}, and becomes up to four records in this order: whole counts, then those of them
 * with custom buckets, float counts, then those of them with custom buckets. So a series whose
 * histograms change from one kind to the other needs a new run at the change.
 *
 * <p><b>Start timestamps</b> (milliseconds since the epoch, 0 for none) are kept by records of the
 * second form (types 11 to 13), which Prometheus writes with {@code st-storage} and older versions
 * do not know. They replace the types 2 and 7 to 10.
 */
public final class WalBatch {

  /** A record that is this long takes no more entries, so that a reader needs little memory. */
  static final int FULL = 1 << 20;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final int SAMPLE_BYTES = 2 * Varint.MAX_BYTES + 8;
  private static final int SAMPLE_V2_BYTES = 3 * Varint.MAX_BYTES + 1 + 8;

  static final byte[] UNIT = Utf8.bytes("UNIT");
  static final byte[] HELP = Utf8.bytes("HELP");

  private final RecordBuffer out = new RecordBuffer();
  // Where each record ends; the last one may still be growing.
  private int[] ends = new int[4];
  private int records;
  // The type of the record that takes more entries; in a run of histograms that of whole counts.
  private int openType;
  // What the exemplars of the open record are relative to.
  private long firstRef;
  private long firstTime;

  private final HistogramLane whole = new HistogramLane(RecordType.HISTOGRAM_SAMPLES);
  private final HistogramLane wholeCustom =
      new HistogramLane(RecordType.CUSTOM_BUCKETS_HISTOGRAM_SAMPLES);
  private final HistogramLane floats = new HistogramLane(RecordType.FLOAT_HISTOGRAM_SAMPLES);
  private final HistogramLane floatsCustom =
      new HistogramLane(RecordType.CUSTOM_BUCKETS_FLOAT_HISTOGRAM_SAMPLES);
  private final HistogramLane wholeV2 = new HistogramLane(RecordType.HISTOGRAM_SAMPLES_V2);
  private final HistogramLane floatsV2 = new HistogramLane(RecordType.FLOAT_HISTOGRAM_SAMPLES_V2);
  // In the order in which they are written.
  private final HistogramLane[] lanes = {
    whole, wholeCustom, floats, floatsCustom, wholeV2, floatsV2
  };

  /** Forgets all records. */
  public void clear() {
    out.clear();
    records = 0;
    openType = 0;
    for (HistogramLane lane : lanes) {
      lane.clear();
    }
  }

  /** Whether there is no record. */
  public boolean isEmpty() {
    // A run has at least one histogram.
    return records == 0 && openType == 0;
  }

  /** The number of records; ends the run. */
  public int records() {
    endRun();
    return records;
  }

  /** The bytes of all records together; ends the run. */
  public int byteCount() {
    endRun();
    return out.length();
  }

  /** Adds a series. */
  public void series(long ref, Labels labels) {
    byte[] packed = labels.packed();
    series(ref, packed, 0, packed.length);
  }

  /** Adds a series whose packed labels lie in an array. */
  public void series(long ref, byte[] packed, int from, int packedLength) {
    open(RecordType.SERIES);
    out.i64(ref);
    out.labels(packed, from, packedLength);
    grown();
  }

  /**
   * Adds a record of float samples; nothing if there are none.
   *
   * @param refs the series of each sample
   * @param timestamps milliseconds since the epoch
   * @param from the first sample's place in the arrays
   * @param n the number of samples
   */
  public void samples(long[] refs, long[] timestamps, double[] values, int from, int n) {
    int done = 0;
    while (done < n) {
      int part = Math.min(n - done, FULL / SAMPLE_BYTES);
      sampleRecord(refs, timestamps, values, from + done, part);
      done += part;
    }
  }

  private void sampleRecord(long[] refs, long[] timestamps, double[] values, int from, int n) {
    begin(RecordType.SAMPLES);
    byte[] into = out.reserve(16 + n * SAMPLE_BYTES);
    int at = out.length();
    long baseRef = refs[from];
    long baseTime = timestamps[from];
    LONG.set(into, at, baseRef);
    LONG.set(into, at + 8, baseTime);
    at += 16;
    for (int i = from; i < from + n; i++) {
      at = Varint.putSigned(into, at, refs[i] - baseRef);
      at = Varint.putSigned(into, at, timestamps[i] - baseTime);
      LONG.set(into, at, Double.doubleToRawLongBits(values[i]));
      at += 8;
    }
    out.length(at);
    grown();
  }

  /**
   * Adds a record of float samples in the second form; nothing if there are none.
   *
   * @param starts the start timestamp of each sample, 0 if it has none
   */
  public void samplesWithStarts(
      long[] refs, long[] starts, long[] timestamps, double[] values, int from, int n) {
    int done = 0;
    while (done < n) {
      int part = Math.min(n - done, FULL / SAMPLE_V2_BYTES);
      sampleRecordV2(refs, starts, timestamps, values, from + done, part);
      done += part;
    }
  }

  private void sampleRecordV2(
      long[] refs, long[] starts, long[] timestamps, double[] values, int from, int n) {
    begin(RecordType.SAMPLES_V2);
    out.reserve(n * SAMPLE_V2_BYTES);
    long baseTime = timestamps[from];
    long baseStart = starts[from];
    out.varint(refs[from]);
    out.varint(baseTime);
    out.varint(baseStart);
    out.f64(values[from]);
    for (int i = from + 1; i < from + n; i++) {
      out.varint(refs[i] - refs[i - 1]);
      out.varint(timestamps[i] - baseTime);
      StartMarker.write(out, starts[i], starts[i - 1], baseStart);
      out.f64(values[i]);
    }
    grown();
  }

  /**
   * Adds a native histogram to the run, in the first form; its content is copied.
   *
   * @param timestamp milliseconds since the epoch
   */
  public void histogram(long ref, long timestamp, SpanHistogram histogram) {
    run(RecordType.HISTOGRAM_SAMPLES);
    HistogramLane exponential = histogram.floats() ? floats : whole;
    exponential.base(ref, timestamp);
    HistogramLane custom = histogram.floats() ? floatsCustom : wholeCustom;
    HistogramLane lane = histogram.usesCustomBuckets() ? custom : exponential;
    lane.add(ref, 0, timestamp, histogram);
    takeIfFull(lane);
  }

  /**
   * Adds a native histogram to the run, in the second form; its content is copied.
   *
   * @param start the start timestamp, 0 if it has none
   */
  public void histogramWithStart(long ref, long start, long timestamp, SpanHistogram histogram) {
    run(RecordType.HISTOGRAM_SAMPLES_V2);
    HistogramLane lane = histogram.floats() ? floatsV2 : wholeV2;
    lane.add(ref, start, timestamp, histogram);
    takeIfFull(lane);
  }

  /** Ends the run of histograms, if there is one: those that follow go into other records. */
  public void endRun() {
    if (RecordType.isHistogram(openType)) {
      openType = 0;
      for (HistogramLane lane : lanes) {
        take(lane);
      }
    }
  }

  private void run(int type) {
    if (openType != type) {
      endRun();
      openType = type;
    }
  }

  private void takeIfFull(HistogramLane lane) {
    if (lane.record().length() >= FULL) {
      take(lane);
    }
  }

  private void take(HistogramLane lane) {
    if (!lane.isEmpty()) {
      newRecord();
      out.raw(lane.record().bytes(), 0, lane.record().length());
      grown();
    }
    lane.clear();
  }

  /** Adds an exemplar. */
  public void exemplar(long ref, long timestamp, double value, Labels labels) {
    byte[] packed = labels.packed();
    exemplar(ref, timestamp, value, packed, 0, packed.length);
  }

  /** Adds an exemplar whose packed labels lie in an array. */
  public void exemplar(
      long ref, long timestamp, double value, byte[] packed, int from, int packedLength) {
    if (open(RecordType.EXEMPLARS)) {
      firstRef = ref;
      firstTime = timestamp;
      out.i64(ref);
      out.i64(timestamp);
    }
    out.varint(ref - firstRef);
    out.varint(timestamp - firstTime);
    out.f64(value);
    out.labels(packed, from, packedLength);
    grown();
  }

  /** Adds a deletion, both ends inclusive. */
  public void tombstone(long ref, long minTime, long maxTime) {
    open(RecordType.TOMBSTONES);
    out.i64(ref);
    out.varint(minTime);
    out.varint(maxTime);
    grown();
  }

  /** Adds what is known of a series' metric. */
  public void metadata(long ref, MetricType type, String unit, String help) {
    metadata(ref, code(type), Utf8.bytes(unit), Utf8.bytes(help));
  }

  /** Adds metadata whose parts are encoded already. */
  void metadata(long ref, int type, byte[] unit, byte[] help) {
    open(RecordType.METADATA);
    out.uvarint(ref);
    out.u8(type);
    out.uvarint(2);
    out.text(UNIT, 0, UNIT.length);
    out.text(unit, 0, unit.length);
    out.text(HELP, 0, HELP.length);
    out.text(help, 0, help.length);
    grown();
  }

  private static int code(MetricType type) {
    return switch (type) {
      case UNKNOWN -> 0;
      case COUNTER -> 1;
      case GAUGE -> 2;
      case HISTOGRAM -> 3;
      case GAUGEHISTOGRAM -> 4;
      case SUMMARY -> 5;
      case INFO -> 6;
      case STATESET -> 7;
    };
  }

  /**
   * Notes in the log of out-of-order samples that those of a series up to here are in a chunk file.
   *
   * @param chunkRef the chunk's place in the head chunk files
   */
  public void mmapMarker(long ref, long chunkRef) {
    open(RecordType.MMAP_MARKERS);
    out.i64(ref);
    out.i64(chunkRef);
    grown();
  }

  /** Notes in a checkpoint that samples before a time were dropped. */
  void minValidTime(long time) {
    begin(RecordType.MIN_VALID_TIME);
    out.i64(time);
    grown();
  }

  /** Adds a record that is encoded already, its type byte first. */
  public void raw(byte[] record, int from, int length) {
    endRun();
    openType = 0;
    newRecord();
    out.raw(record, from, length);
    grown();
  }

  byte[] bytes() {
    return out.bytes();
  }

  int start(int record) {
    return record == 0 ? 0 : ends[record - 1];
  }

  int end(int record) {
    return ends[record];
  }

  /** Has a record of the type take what comes next; true if it is a new one. */
  private boolean open(int type) {
    if (openType != type || out.length() - start(records - 1) >= FULL) {
      begin(type);
      openType = type;
      return true;
    }
    return false;
  }

  private void begin(int type) {
    endRun();
    openType = 0;
    newRecord();
    out.u8(type);
  }

  private void newRecord() {
    if (records == ends.length) {
      ends = Arrays.copyOf(ends, records * 2);
    }
    ends[records++] = out.length();
  }

  private void grown() {
    ends[records - 1] = out.length();
  }
}
