package io.narthex.tsdb.head;

import io.narthex.storage.StorageException;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.snapshot.SnapshotHandler;
import io.narthex.tsdb.snapshot.SnapshotSeries;
import io.narthex.tsdb.wal.RecordBytes;
import io.narthex.tsdb.wal.RecordType;
import io.narthex.tsdb.wal.WalFormatException;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * Fills rows from a chunk snapshot, or from an image of a head. The chunks' samples are appended
 * anew, those left out that files have by now: the process that the snapshot began may have ended a
 * chunk and died.
 *
 * <p>The snapshot's labels are not needed: the log has a record of every series, and has been read
 * for these.
 */
final class SnapshotReplay implements SnapshotHandler {

  private final HeadReplay replay;
  private final ImageRows rows;
  private final LongPredicate files;
  private final Map<ChunkEncoding, ChunkDecoder> decoders = new EnumMap<>(ChunkEncoding.class);
  private byte[] padded = new byte[HeadReader.CHUNK_BYTES];

  /**
   * @param rows takes those of an image
   * @param files whether the chunk files are there that were written up to a place
   */
  SnapshotReplay(HeadReplay replay, ImageRows rows, LongPredicate files) {
    this.replay = replay;
    this.rows = rows;
    this.files = files;
  }

  @Override
  public void image(long place) {
    if (!files.test(place)) {
      throw new StorageException("chunk files that the image of the head builds on are gone");
    }
  }

  @Override
  public void rows(RecordBytes record) throws WalFormatException {
    rows.take(record);
  }

  @Override
  public void series(SnapshotSeries series) {
    if (!series.hasChunk()) {
      return;
    }
    if (!ChunkEncoding.isKnown(series.encoding())) {
      throw new StorageException("chunk snapshot: a chunk of encoding " + series.encoding());
    }
    ChunkEncoding encoding = ChunkEncoding.of(series.encoding());
    ChunkDecoder chunk = decoders.computeIfAbsent(encoding, ChunkDecoder::of);
    int length = series.chunkLength();
    if (length + ChunkDecoder.PADDING > padded.length) {
      padded = new byte[2 * length + ChunkDecoder.PADDING];
    }
    System.arraycopy(series.chunk(), series.chunkFrom(), padded, 0, length);
    chunk.open(padded, 0, length);
    int slot = replay.slot(series.ref());
    while (chunk.next()) {
      if (slot == RefMap.ABSENT) {
        replay.unknown(series.ref(), 1);
      } else if (encoding.histograms()) {
        replay.histogram(slot, chunk.startTimestamp(), chunk.time(), chunk.histogram());
      } else {
        replay.sample(slot, chunk.startTimestamp(), chunk.time(), chunk.value());
      }
    }
  }

  @Override
  public void tombstone(long ref, long minTime, long maxTime) {
    replay.deletion(ref, minTime, maxTime);
  }

  @Override
  public void exemplar(long ref, long timestamp, double value, byte[] bytes, int from, int length) {
    if (replay.wants(RecordType.EXEMPLARS)) {
      replay.exemplar(ref, timestamp, value, bytes, from, length);
    }
  }
}
