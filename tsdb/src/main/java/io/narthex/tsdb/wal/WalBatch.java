package io.narthex.tsdb.wal;

import io.narthex.base.bytes.Varint;
import io.narthex.model.labels.Labels;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Encodes records, one behind the other, into one array that is kept. {@link Wal#append(WalBatch)}
 * takes them all in one write. Reusable after {@link #clear}; belongs to one thread at a time.
 *
 * <p>Series that follow each other share a record, and so do tombstones, until the record is
 * {@value #FULL} bytes long; each run of samples is a record of its own.
 */
public final class WalBatch {

  /** A record that is this long takes no more entries, so that a reader needs little memory. */
  static final int FULL = 1 << 20;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final int SAMPLE_BYTES = 2 * Varint.MAX_BYTES + 8;

  private byte[] bytes = new byte[1024];
  private int length;
  // Where each record ends; the last one may still be growing.
  private int[] ends = new int[4];
  private int records;
  private int openType;

  /** Forgets all records. */
  public void clear() {
    length = 0;
    records = 0;
    openType = 0;
  }

  /** Whether there is no record. */
  public boolean isEmpty() {
    return records == 0;
  }

  /** The number of records. */
  public int records() {
    return records;
  }

  /** The bytes of all records together. */
  public int byteCount() {
    return length;
  }

  /** Adds a series. */
  public void series(long ref, Labels labels) {
    byte[] packed = labels.packed();
    series(ref, labels.size(), packed, 0, packed.length);
  }

  /** Adds a series whose packed labels lie in an array. */
  void series(long ref, int labelCount, byte[] packed, int from, int packedLength) {
    open(RecordType.SERIES);
    ensure(8 + Varint.MAX_BYTES + packedLength);
    LONG.set(bytes, length, ref);
    length = Varint.putUnsigned(bytes, length + 8, labelCount);
    System.arraycopy(packed, from, bytes, length, packedLength);
    length += packedLength;
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
    ensure(16 + n * SAMPLE_BYTES);
    byte[] into = bytes;
    int at = length;
    long firstRef = refs[from];
    long firstTime = timestamps[from];
    LONG.set(into, at, firstRef);
    LONG.set(into, at + 8, firstTime);
    at += 16;
    for (int i = from; i < from + n; i++) {
      at = Varint.putSigned(into, at, refs[i] - firstRef);
      at = Varint.putSigned(into, at, timestamps[i] - firstTime);
      LONG.set(into, at, Double.doubleToRawLongBits(values[i]));
      at += 8;
    }
    length = at;
    grown();
    openType = 0;
  }

  /** Adds a deletion, both ends inclusive. */
  public void tombstone(long ref, long minTime, long maxTime) {
    open(RecordType.TOMBSTONES);
    ensure(8 + 2 * Varint.MAX_BYTES);
    LONG.set(bytes, length, ref);
    length = Varint.putSigned(bytes, length + 8, minTime);
    length = Varint.putSigned(bytes, length, maxTime);
    grown();
  }

  /** Adds a record that is encoded already, its type byte first. */
  public void raw(byte[] record, int from, int recordLength) {
    openType = 0;
    newRecord();
    ensure(recordLength);
    System.arraycopy(record, from, bytes, length, recordLength);
    length += recordLength;
    grown();
  }

  byte[] bytes() {
    return bytes;
  }

  int start(int record) {
    return record == 0 ? 0 : ends[record - 1];
  }

  int end(int record) {
    return ends[record];
  }

  private void open(int type) {
    if (openType != type || length - start(records - 1) >= FULL) {
      begin(type);
      openType = type;
    }
  }

  private void begin(int type) {
    newRecord();
    ensure(1);
    bytes[length++] = (byte) type;
  }

  private void newRecord() {
    if (records == ends.length) {
      ends = Arrays.copyOf(ends, records * 2);
    }
    ends[records++] = length;
  }

  private void grown() {
    ends[records - 1] = length;
  }

  private void ensure(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
    }
  }
}
