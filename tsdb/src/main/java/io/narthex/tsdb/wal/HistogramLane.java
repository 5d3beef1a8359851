package io.narthex.tsdb.wal;

import io.narthex.model.histogram.SpanHistogram;

/**
 * A record of native histograms while it grows. A run of histograms may grow several at a time:
 * whole and float counts, exponential and custom buckets go into records of different types.
 */
final class HistogramLane {

  private final int type;
  private final boolean second;
  private final RecordBuffer record = new RecordBuffer();
  private boolean based;
  private long firstRef;
  private long firstTime;
  private long firstStart;
  private long lastRef;
  private long lastStart;

  /**
   * @param type one of the types 7 to 10, 12 and 13
   */
  HistogramLane(int type) {
    this.type = type;
    this.second =
        type == RecordType.HISTOGRAM_SAMPLES_V2 || type == RecordType.FLOAT_HISTOGRAM_SAMPLES_V2;
  }

  boolean isEmpty() {
    return record.length() == 0;
  }

  RecordBuffer record() {
    return record;
  }

  void clear() {
    record.clear();
    based = false;
  }

  /**
   * Sets what references and times are relative to, if nothing has yet. Records of exponential
   * buckets take it from the first histogram of the run, even if that one has custom buckets and is
   * in another record: Prometheus' encoder does so.
   */
  void base(long ref, long time) {
    if (!based) {
      based = true;
      firstRef = ref;
      firstTime = time;
    }
  }

  /**
   * Adds a histogram.
   *
   * @param start the start timestamp, milliseconds since the epoch, 0 if there is none; only the
   *     second form has it
   */
  void add(long ref, long start, long time, SpanHistogram histogram) {
    base(ref, time);
    if (second) {
      addSecond(ref, start, time);
    } else {
      if (isEmpty()) {
        record.u8(type);
        record.i64(firstRef);
        record.i64(firstTime);
      }
      record.varint(ref - firstRef);
      record.varint(time - firstTime);
    }
    HistogramCoding.write(record, histogram);
  }

  private void addSecond(long ref, long start, long time) {
    if (isEmpty()) {
      record.u8(type);
      record.varint(ref);
      record.varint(time);
      record.varint(start);
      firstStart = start;
    } else {
      record.varint(ref - lastRef);
      record.varint(time - firstTime);
      StartMarker.write(record, start, lastStart, firstStart);
    }
    lastRef = ref;
    lastStart = start;
  }
}
