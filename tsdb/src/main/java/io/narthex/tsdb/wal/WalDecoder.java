package io.narthex.tsdb.wal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decodes records into calls of a {@link WalHandler}. Samples go straight into arrays that are
 * kept. Not thread-safe; several decoders may share the work of one reader.
 *
 * <p>Records that carry what the house does not keep yet (exemplars, metadata, native histograms)
 * and those of unknown types are passed over and counted by name. Of samples in the second form
 * (type 11) the start timestamps are dropped.
 */
public final class WalDecoder {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final RecordBytes in = new RecordBytes(new byte[0], 0, 0);
  private long[] refs = new long[1024];
  private long[] timestamps = new long[1024];
  private double[] values = new double[1024];
  private final long[] skipped = new long[RecordType.COUNT + 1];

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
    int type = record[from];
    in.reset(record, from + 1, from + length);
    try {
      switch (type) {
        case RecordType.SERIES -> {
          if (handler.wants(type)) {
            series(handler);
          }
        }
        case RecordType.SAMPLES -> {
          if (handler.wants(type)) {
            samples(handler);
          }
        }
        case RecordType.SAMPLES_V2 -> {
          if (handler.wants(RecordType.SAMPLES)) {
            samplesV2(handler);
          }
        }
        case RecordType.TOMBSTONES -> {
          if (handler.wants(type)) {
            tombstones(handler);
          }
        }
        default -> {
          skipped[type < 0 || type >= RecordType.COUNT ? RecordType.COUNT : type]++;
          handler.skipped(type);
        }
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

  private void series(WalHandler handler) throws WalFormatException {
    while (in.more()) {
      long ref = in.i64();
      long labels = in.uvarint();
      int from = in.at();
      for (long i = 0; i < 2 * labels; i++) {
        in.skip(in.uvarint());
      }
      handler.series(ref, in.bytes(), from, in.at() - from);
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
      for (int shift = 7; b < 0 && at < end; shift += 7) {
        b = from[at++];
        delta |= (long) (b & 0x7f) << shift;
      }
      refs[n] = firstRef + ((delta >>> 1) ^ -(delta & 1));
      if (at >= end) {
        throw tooShort(n);
      }
      b = from[at++];
      delta = b & 0x7f;
      for (int shift = 7; b < 0 && at < end; shift += 7) {
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
    handler.samples(refs, timestamps, values, n);
  }

  private static WalFormatException tooShort(int samples) {
    return new WalFormatException("the record ends too early, after " + samples + " samples");
  }

  private void samplesV2(WalHandler handler) throws WalFormatException {
    reserve(in.left() / 10 + 1);
    long ref = 0;
    long firstTime = 0;
    int n = 0;
    while (in.more()) {
      if (n == 0) {
        ref = in.varint();
        firstTime = in.varint();
        timestamps[0] = firstTime;
        in.varint(); // The first start timestamp.
      } else {
        ref += in.varint();
        timestamps[n] = firstTime + in.varint();
        int marker = in.u8();
        // 0: no start timestamp, 1: that of the sample before, else a delta to the first one.
        if (marker > 1) {
          in.varint();
        }
      }
      refs[n] = ref;
      values[n++] = Double.longBitsToDouble(in.i64());
    }
    if (n > 0) {
      handler.samples(refs, timestamps, values, n);
    }
  }

  private void tombstones(WalHandler handler) throws WalFormatException {
    while (in.more()) {
      long ref = in.i64();
      long minTime = in.varint();
      long maxTime = in.varint();
      handler.tombstone(ref, minTime, maxTime);
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
