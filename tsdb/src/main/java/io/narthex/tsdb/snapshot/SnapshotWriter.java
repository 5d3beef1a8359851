package io.narthex.tsdb.snapshot;

import io.narthex.base.file.Disk;
import io.narthex.base.time.Clock;
import io.narthex.tsdb.chunk.OpenChunk;
import io.narthex.tsdb.wal.RecordBuffer;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalBatch;
import io.narthex.tsdb.wal.WalCompression;
import io.narthex.tsdb.wal.WalException;
import java.nio.file.Path;

/**
 * Writes a snapshot: first all series, then deletions, then exemplars; {@link #finish} makes it
 * durable and gives it its name. Closed without that, it leaves nothing behind. Belongs to one
 * thread.
 */
public final class SnapshotWriter implements AutoCloseable {

  private static final int FLUSH_BYTES = 1 << 20;
  private static final int ROWS_BYTES = 1 << 14;
  private static final int EXEMPLARS_PER_RECORD = 10_000;

  private enum Part {
    SERIES,
    TOMBSTONES,
    EXEMPLARS
  }

  private final Disk disk;
  private final SnapshotKind kind;
  private final Path root;
  private final Path directory;
  private final Path temporary;
  private final Wal out;
  private final WalBatch batch = new WalBatch();
  private final RecordBuffer record = new RecordBuffer();
  private final RecordBuffer rows = new RecordBuffer();
  private final RowCoding coding = new RowCoding();
  private final RecordBuffer tombstones = new RecordBuffer();
  private Part part = Part.SERIES;
  private int exemplars;
  private long firstRef;
  private long firstTime;
  private boolean finished;

  private SnapshotWriter(
      Disk disk, SnapshotKind kind, Path root, Path directory, Path temporary, Wal out) {
    this.disk = disk;
    this.kind = kind;
    this.root = root;
    this.directory = directory;
    this.temporary = temporary;
    this.out = out;
    tombstones.u8(SnapshotRecords.TOMBSTONE_FORMAT);
  }

  /**
   * Begins a snapshot.
   *
   * @param root the database's directory
   * @param place up to where the log is in the snapshot
   */
  public static SnapshotWriter create(
      Disk disk,
      Clock clock,
      Path root,
      SnapshotKind kind,
      Wal.Place place,
      WalCompression compression) {
    String name = SnapshotDirectory.name(kind, place);
    Path directory = root.resolve(name);
    Path temporary = root.resolve(name + SnapshotDirectory.TEMPORARY);
    disk.deleteTree(temporary);
    return new SnapshotWriter(
        disk, kind, root, directory, temporary, Wal.open(disk, clock, temporary, compression));
  }

  /**
   * Begins an image; before anything is added.
   *
   * @param chunkPlace up to where the chunk files have been written
   */
  public void image(long chunkPlace) {
    expect(Part.SERIES);
    record.clear();
    SnapshotRecords.writeImage(record, chunkPlace);
    add(record);
  }

  /** Adds a series to an image, with its open chunk of floats. */
  public void row(long ref, long minTime, long nextCut, OpenChunk chunk) {
    expect(Part.SERIES);
    if (rows.length() == 0) {
      rows.u8(SnapshotRecords.ROWS);
      coding.begin();
    }
    coding.write(rows, ref, minTime, nextCut, chunk);
    if (rows.length() >= ROWS_BYTES) {
      addRows();
    }
  }

  private void addRows() {
    if (rows.length() > 0) {
      add(rows);
      rows.clear();
    }
  }

  /** Adds a series. */
  public void series(SnapshotSeries series) {
    expect(Part.SERIES);
    record.clear();
    SnapshotRecords.writeSeries(record, series);
    add(record);
  }

  /** Adds a deletion, both ends inclusive. */
  public void tombstone(long ref, long minTime, long maxTime) {
    expect(Part.TOMBSTONES);
    tombstones.uvarint(ref);
    tombstones.varint(minTime);
    tombstones.varint(maxTime);
  }

  /** Adds an exemplar, the oldest first. */
  public void exemplar(
      long ref, long timestamp, double value, byte[] packed, int from, int length) {
    expect(Part.EXEMPLARS);
    if (exemplars == EXEMPLARS_PER_RECORD) {
      add(record);
      exemplars = 0;
    }
    if (exemplars++ == 0) {
      record.clear();
      record.u8(SnapshotRecords.EXEMPLARS);
      record.i64(ref);
      record.i64(timestamp);
      firstRef = ref;
      firstTime = timestamp;
    }
    record.varint(ref - firstRef);
    record.varint(timestamp - firstTime);
    record.f64(value);
    record.labels(packed, from, length);
  }

  /**
   * Ends the snapshot. Older ones are left to {@link SnapshotDirectory#deleteBelow}.
   *
   * @return its directory
   */
  public Path finish() {
    expect(Part.EXEMPLARS);
    if (exemplars > 0) {
      add(record);
      exemplars = 0;
    }
    if (kind == SnapshotKind.IMAGE) {
      record.clear();
      record.u8(SnapshotRecords.END);
      add(record);
    }
    flush();
    out.close();
    disk.syncDirectory(temporary);
    if (disk.exists(directory)) {
      // One of the same place in the log is of the same content.
      disk.deleteTree(temporary);
    } else {
      disk.rename(temporary, directory);
      disk.syncDirectory(root);
    }
    finished = true;
    return directory;
  }

  @Override
  public void close() {
    if (!finished) {
      finished = true;
      try {
        out.close();
      } finally {
        disk.deleteTree(temporary);
      }
    }
  }

  private void expect(Part wanted) {
    if (finished || wanted.compareTo(part) < 0) {
      throw new IllegalStateException(wanted + " in a snapshot that is at " + part);
    }
    if (wanted != Part.SERIES) {
      addRows();
    }
    if (part != Part.EXEMPLARS && wanted == Part.EXEMPLARS) {
      record.clear();
      record.u8(SnapshotRecords.TOMBSTONES);
      record.text(tombstones.bytes(), 0, tombstones.length());
      add(record);
    }
    part = wanted;
  }

  private void add(RecordBuffer whole) {
    batch.raw(whole.bytes(), 0, whole.length());
    if (batch.byteCount() >= FLUSH_BYTES) {
      flush();
    }
  }

  private void flush() {
    try {
      out.append(batch);
    } catch (WalException e) {
      throw new WalException("snapshot of the head: " + e.getMessage(), e);
    }
    batch.clear();
  }
}
