package io.narthex.tsdb.head;

import io.narthex.storage.StorageException;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.OpenChunk;
import io.narthex.tsdb.snapshot.RowCoding;
import io.narthex.tsdb.wal.RecordBytes;
import io.narthex.tsdb.wal.WalFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Opens the chunks that an image of the head has, on the workers of a replay: each gets some
 * records, and no two have a row of the same series. A chunk whose row has one as young is not
 * opened; those of its samples are appended that the row may have. Belongs to the thread that reads
 * the image.
 */
final class ImageRows {

  private static final int UNDER_WAY = 32;

  /** More than a record of rows takes, almost always. */
  private static final int RECORD_BYTES = 1 << 15;

  /** A record that is under way, and what those had that were read in this place. */
  private final class Part implements SampleAppliers.Work {
    byte[] bytes = new byte[RECORD_BYTES];
    int length;
    final RowCoding coding = new RowCoding();
    final OpenChunk chunk = new OpenChunk();
    final RecordBytes record = new RecordBytes(bytes, 0, 0);
    @Nullable ChunkDecoder decoder;
    byte[] padded = new byte[0];
    @Nullable String broken;
    int old;
    int unknown;

    @Override
    public void run(SampleAppliers.Worker by) {
      record.reset(bytes, 0, length);
      try {
        coding.readAll(
            record,
            chunk,
            (ref, chunkMinTime, nextCut, copy) -> row(by, ref, chunkMinTime, nextCut, copy));
      } catch (WalFormatException e) {
        broken = e.getMessage();
      } catch (RuntimeException e) {
        broken = e.toString(); // the log has it all
      } finally {
        free.add(this);
      }
    }

    private void row(
        SampleAppliers.Worker by, long ref, long chunkMinTime, long nextCut, OpenChunk copy) {
      int slot = slots.get(ref);
      if (slot == RefMap.ABSENT) {
        unknown++;
        head.index.reserveRefs(ref);
      } else if (chunkMinTime < minValidTime || !by.open(slot, chunkMinTime, nextCut, copy)) {
        samples(by, slot, copy);
      }
    }

    private void samples(SampleAppliers.Worker by, int slot, OpenChunk copy) {
      int most = (copy.words() + 1) * Long.BYTES + ChunkDecoder.PADDING;
      if (most > padded.length) {
        padded = new byte[2 * most];
      }
      ChunkDecoder samples = decoder;
      if (samples == null) {
        samples = ChunkDecoder.of(ChunkEncoding.XOR);
        decoder = samples;
      }
      samples.open(padded, 0, copy.chunk(padded));
      while (samples.next()) {
        if (samples.time() < minValidTime) {
          old++;
        } else {
          by.append(slot, samples.time(), Double.doubleToRawLongBits(samples.value()));
        }
      }
    }
  }

  private final Head head;
  private final RefMap slots;
  private final SampleAppliers workers;
  private final long minValidTime;
  private final List<Part> parts = new ArrayList<>();
  private final BlockingQueue<Part> free = new LinkedBlockingQueue<>();

  /**
   * @param slots must not change until {@link #await}
   */
  ImageRows(Head head, RefMap slots, SampleAppliers workers, long minValidTime) {
    this.head = head;
    this.slots = slots;
    this.workers = workers;
    this.minValidTime = minValidTime;
  }

  /** Takes a record of rows, whose bytes are copied. */
  void take(RecordBytes record) throws WalFormatException {
    Part part = free.poll();
    if (part == null && parts.size() < UNDER_WAY) {
      part = new Part();
      parts.add(part);
    } else if (part == null) {
      part = SampleAppliers.uninterrupted(free::take);
    }
    part.length = record.left();
    if (part.length > part.bytes.length) {
      part.bytes = new byte[part.length];
    }
    System.arraycopy(record.bytes(), record.at(), part.bytes, 0, part.length);
    record.skip(part.length);
    workers.give(part);
  }

  /** Waits until the chunks are open. */
  void await() {
    workers.drain();
  }

  /**
   * Throws what was met; behind {@link #await}.
   *
   * @throws StorageException if a record has no rows
   */
  void check() {
    for (Part part : parts) {
      if (part.broken != null) {
        throw new StorageException("image of the head: " + part.broken);
      }
    }
  }

  /** The samples that blocks have. */
  int old() {
    return parts.stream().mapToInt(part -> part.old).sum();
  }

  /** The rows of unknown references. */
  int unknown() {
    return parts.stream().mapToInt(part -> part.unknown).sum();
  }
}
