package io.narthex.tools.repair;

import io.narthex.model.histogram.SpanHistogram;
import io.narthex.tsdb.chunk.OpenChunk;
import io.narthex.tsdb.snapshot.RowCoding;
import io.narthex.tsdb.snapshot.SnapshotHandler;
import io.narthex.tsdb.snapshot.SnapshotSeries;
import io.narthex.tsdb.wal.RecordBytes;
import io.narthex.tsdb.wal.WalFormatException;
import io.narthex.tsdb.wal.WalHandler;

/** Counts what is in a log or a snapshot. */
final class CountingHandler implements WalHandler, SnapshotHandler {

  private long series;
  private long samples;
  private long histograms;
  private final RowCoding coding = new RowCoding();
  private final OpenChunk chunk = new OpenChunk();

  @Override
  public boolean wants(int type) {
    return true;
  }

  @Override
  public void series(long ref, byte[] bytes, int from, int length) {
    series++;
  }

  @Override
  public void series(SnapshotSeries its) {
    series++;
  }

  @Override
  public void image(long chunkPlace) {
    // what it builds on is looked at with the chunk files
  }

  @Override
  public void rows(RecordBytes rows) throws WalFormatException {
    coding.readAll(rows, chunk, (ref, minTime, nextCut, open) -> series++);
  }

  @Override
  public void samples(long[] refs, long[] timestamps, double[] values, int n) {
    samples += n;
  }

  @Override
  public void histogram(long ref, long start, long timestamp, SpanHistogram histogram) {
    histograms++;
  }

  @Override
  public void tombstone(long ref, long minTime, long maxTime) {}

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

  @Override
  public String toString() {
    return series + " series, " + samples + " samples, " + histograms + " histograms";
  }
}
