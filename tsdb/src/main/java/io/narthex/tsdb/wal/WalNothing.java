package io.narthex.tsdb.wal;

import io.narthex.model.histogram.SpanHistogram;

/** Takes everything and does nothing with it: what is wanted is whether it can be decoded. */
final class WalNothing implements WalHandler {

  static final WalNothing INSTANCE = new WalNothing();

  private WalNothing() {}

  @Override
  public boolean wants(int type) {
    return true;
  }

  @Override
  public void series(long ref, byte[] bytes, int from, int length) {}

  @Override
  public void samples(long[] refs, long[] timestamps, double[] values, int n) {}

  @Override
  public void tombstone(long ref, long minTime, long maxTime) {}

  @Override
  public void histogram(long ref, long start, long timestamp, SpanHistogram histogram) {}

  @Override
  public void exemplar(
      long ref, long timestamp, double value, byte[] bytes, int from, int length) {}

  @Override
  public void metadata(
      long ref,
      int type,
      byte[] bytes,
      int unitFrom,
      int unitLength,
      int helpFrom,
      int helpLength) {}

  @Override
  public void mmapMarker(long ref, long chunkRef) {}
}
