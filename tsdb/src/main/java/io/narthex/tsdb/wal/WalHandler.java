package io.narthex.tsdb.wal;

import io.narthex.model.histogram.SpanHistogram;

/**
 * Takes what {@link WalDecoder} finds in records, in their order. All arrays and objects belong to
 * the decoder and are valid during the call only. Timestamps are milliseconds since the epoch.
 *
 * <p>A handler names the types it takes by {@link #wants}; records of others are passed over and
 * counted, so that nothing is ignored unnoticed. The methods for types that are not wanted by
 * default need no implementation where they stay so.
 */
public interface WalHandler {

  /**
   * Whether records of a type are worth decoding; those that are not are passed over unread. By
   * default series, float samples, tombstones and the time in checkpoints are.
   *
   * @param type a constant of {@link RecordType}
   */
  default boolean wants(int type) {
    return switch (type) {
      case RecordType.SERIES,
          RecordType.SAMPLES,
          RecordType.SAMPLES_V2,
          RecordType.TOMBSTONES,
          RecordType.MIN_VALID_TIME ->
          true;
      default -> false;
    };
  }

  /**
   * A series.
   *
   * @param bytes its labels in the packed form of {@link io.narthex.model.labels.Labels}, from
   *     {@code from} on
   */
  void series(long ref, byte[] bytes, int from, int length);

  /**
   * The float samples of one record.
   *
   * @param n how many of the arrays' elements are meant
   */
  void samples(long[] refs, long[] timestamps, double[] values, int n);

  /**
   * The float samples of one record of the second form. A handler that keeps no start timestamps
   * takes them as any others, as this method does.
   *
   * @param starts the start timestamps, 0 where a sample has none
   */
  default void samplesWithStarts(
      long[] refs, long[] starts, long[] timestamps, double[] values, int n) {
    samples(refs, timestamps, values, n);
  }

  /** A deletion of a series' samples, both ends inclusive. */
  void tombstone(long ref, long minTime, long maxTime);

  /**
   * A native histogram, of a record of either form.
   *
   * @param start its start timestamp, 0 if it has none
   */
  default void histogram(long ref, long start, long timestamp, SpanHistogram histogram) {
    throw unwanted("histogram");
  }

  /**
   * An exemplar.
   *
   * @param bytes its labels in packed form, from {@code from} on
   */
  default void exemplar(
      long ref, long timestamp, double value, byte[] bytes, int from, int length) {
    throw unwanted("exemplar");
  }

  /**
   * What is known of a series' metric. The texts are UTF-8 ranges of one array; those that are not
   * known are empty.
   *
   * @param type the metric's type as the record has it, see {@link WalDecoder#metricType}
   */
  default void metadata(
      long ref,
      int type,
      byte[] bytes,
      int unitFrom,
      int unitLength,
      int helpFrom,
      int helpLength) {
    throw unwanted("metadata");
  }

  /** The out-of-order samples of a series up to here are in a chunk of the head chunk files. */
  default void mmapMarker(long ref, long chunkRef) {
    throw unwanted("mmap marker");
  }

  /**
   * A checkpoint was made without the samples before a time. Ignoring it is right where the blocks
   * say from when on samples count.
   */
  default void minValidTime(long time) {}

  /** A record that is not wanted, or of a type that is not known. */
  default void skipped(int type) {}

  private static IllegalStateException unwanted(String what) {
    return new IllegalStateException("a " + what + " for a handler that wants none");
  }
}
