package io.narthex.tsdb.wal;

/**
 * Takes what {@link WalDecoder} finds in records, in their order. All arrays belong to the decoder
 * and are valid during the call only.
 */
public interface WalHandler {

  /**
   * Whether records of a type are worth decoding; those that are not are passed over unread.
   *
   * @param type a constant of {@link RecordType}
   */
  default boolean wants(int type) {
    return true;
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
   * @param timestamps milliseconds since the epoch
   * @param n how many of the arrays' elements are meant
   */
  void samples(long[] refs, long[] timestamps, double[] values, int n);

  /** A deletion of a series' samples, both ends inclusive, milliseconds since the epoch. */
  void tombstone(long ref, long minTime, long maxTime);

  /** A record of a type that is known but not decoded, or not known. */
  default void skipped(int type) {}
}
