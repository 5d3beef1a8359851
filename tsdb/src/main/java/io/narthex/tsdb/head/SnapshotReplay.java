package io.narthex.tsdb.head;

import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.chunk.XorDecoder;
import io.narthex.tsdb.snapshot.SnapshotHandler;
import io.narthex.tsdb.snapshot.SnapshotSeries;

/**
 * Fills rows from a chunk snapshot. The chunks' samples are appended anew, those left out that
 * files have by now: the process that the snapshot began may have ended a chunk and died.
 *
 * <p>The snapshot's labels are not needed: the log has a record of every series, and has been read
 * for these.
 */
final class SnapshotReplay implements SnapshotHandler {

  private final HeadReplay replay;
  private final SampleBuffer samples = new SampleBuffer();
  private byte[] padded = new byte[HeadReader.CHUNK_BYTES];

  SnapshotReplay(HeadReplay replay) {
    this.replay = replay;
  }

  @Override
  public void series(SnapshotSeries series) {
    if (!series.hasChunk()) {
      return;
    }
    if (series.encoding() != XorAppender.ENCODING) {
      throw new StorageException(
          "chunk snapshot: a chunk of encoding " + series.encoding() + ", which the head has not");
    }
    int length = series.chunkLength();
    if (length + XorDecoder.PADDING > padded.length) {
      padded = new byte[2 * length + XorDecoder.PADDING];
    }
    System.arraycopy(series.chunk(), series.chunkFrom(), padded, 0, length);
    samples.clear();
    XorDecoder.decode(padded, 0, length, Long.MIN_VALUE, Long.MAX_VALUE, samples);
    int slot = replay.slot(series.ref());
    if (slot == RefMap.ABSENT) {
      replay.unknown(samples.size());
      return;
    }
    for (int i = 0; i < samples.size(); i++) {
      replay.sample(slot, samples.timestamps()[i], samples.values()[i]);
    }
  }

  @Override
  public void tombstone(long ref, long minTime, long maxTime) {
    replay.tombstone(ref, minTime, maxTime);
  }

  @Override
  public void exemplar(
      long ref, long timestamp, double value, byte[] bytes, int from, int length) {
    // The head keeps none, neither from the log nor from here.
  }
}
