package io.narthex.tsdb.snapshot;

import io.narthex.base.file.Disk;
import io.narthex.base.file.FileNumber;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.tsdb.wal.RecordBytes;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalCorruption;
import io.narthex.tsdb.wal.WalDecoder;
import io.narthex.tsdb.wal.WalDirectory;
import io.narthex.tsdb.wal.WalException;
import io.narthex.tsdb.wal.WalFormatException;
import io.narthex.tsdb.wal.WalReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The snapshots of one kind in a database's directory. */
public final class SnapshotDirectory {

  static final String TEMPORARY = ".tmp";

  /**
   * A snapshot.
   *
   * @param place up to where the log is in it
   */
  public record Snapshot(Path directory, Wal.Place place) {}

  private final Disk disk;
  private final Path root;
  private final SnapshotKind kind;
  private final String prefix;

  /**
   * @param root the database's directory
   */
  public SnapshotDirectory(Disk disk, Path root, SnapshotKind kind) {
    this.disk = disk;
    this.root = root;
    this.kind = kind;
    this.prefix = kind.prefix;
  }

  static String name(SnapshotKind kind, Wal.Place place) {
    return kind.prefix
        + FileNumber.text(place.segment(), 6)
        + "."
        + FileNumber.text(place.offset(), 10);
  }

  /** The snapshots, oldest first. */
  public List<Snapshot> all() {
    List<Snapshot> found = new ArrayList<>();
    for (Path entry : disk.list(root)) {
      Wal.Place place = place(name(entry));
      if (place != null && disk.isDirectory(entry)) {
        found.add(new Snapshot(entry, place));
      }
    }
    found.sort(Comparator.comparing(Snapshot::place));
    return found;
  }

  /** The snapshot that counts, or null. */
  public @Nullable Snapshot last() {
    List<Snapshot> all = all();
    return all.isEmpty() ? null : all.getLast();
  }

  /** Deletes the snapshots that hold less of the log than up to a place. */
  public void deleteBelow(Wal.Place place) {
    for (Snapshot snapshot : all()) {
      if (snapshot.place.compareTo(place) < 0) {
        disk.deleteTree(snapshot.directory);
      }
    }
  }

  /**
   * Deletes the snapshots of all kinds that hold less of the log than up to a place.
   *
   * @param root the database's directory
   */
  public static void deleteAllBelow(Disk disk, Path root, Wal.Place place) {
    for (SnapshotKind kind : SnapshotKind.values()) {
      new SnapshotDirectory(disk, root, kind).deleteBelow(place);
    }
  }

  /** Whether a directory of this name was left behind by an interrupted snapshot of any kind. */
  public static boolean isTemporary(String name) {
    if (!name.endsWith(TEMPORARY)) {
      return false;
    }
    for (SnapshotKind kind : SnapshotKind.values()) {
      if (name.startsWith(kind.prefix)) {
        return true;
      }
    }
    return false;
  }

  /** Deletes what an interrupted snapshot left behind. */
  public void deleteTemporary() {
    for (Path entry : disk.list(root)) {
      String name = name(entry);
      if (name.startsWith(prefix) && name.endsWith(TEMPORARY)) {
        disk.deleteTree(entry);
      }
    }
  }

  /**
   * Reads a snapshot.
   *
   * @throws WalException if it cannot be read as a whole: what the handler was given is of no use
   *     then, and the log has to be replayed from its beginning
   */
  public void read(Snapshot snapshot, SnapshotHandler handler) {
    List<WalDirectory.Segment> segments = new WalDirectory(disk, snapshot.directory).segments();
    // A power cut may leave a part of one that was being deleted, even of its last file nothing.
    int end = kind == SnapshotKind.IMAGE ? SnapshotRecords.END : SnapshotRecords.TOMBSTONES;
    boolean ended = false;
    RecordBytes in = new RecordBytes(new byte[0], 0, 0);
    SnapshotSeries series = new SnapshotSeries();
    SpanHistogram histogram = new SpanHistogram();
    try (WalReader reader = new WalReader(disk, segments)) {
      while (reader.next()) {
        in.reset(reader.bytes(), reader.from(), reader.from() + reader.length());
        int type = in.u8();
        ended |= type == end;
        switch (type) {
          case SnapshotRecords.END -> in.skip(in.left());
          case SnapshotRecords.SERIES -> {
            SnapshotRecords.readSeries(in, series, histogram);
            handler.series(series);
          }
          case SnapshotRecords.IMAGE -> SnapshotRecords.readImage(in, handler);
          case SnapshotRecords.ROWS -> handler.rows(in);
          case SnapshotRecords.TOMBSTONES -> tombstones(in, handler);
          case SnapshotRecords.EXEMPLARS -> WalDecoder.exemplars(in, handler::exemplar);
          default -> throw new WalFormatException("invalid record type " + type);
        }
      }
      WalCorruption corruption = reader.corruption();
      if (corruption != null) {
        throw new WalException("snapshot of the head: " + corruption.message());
      }
      if (!ended || segments.getLast().number() != segments.size() - 1) {
        throw new WalException(
            "snapshot of the head " + snapshot.directory + ": a part is missing");
      }
    } catch (WalFormatException e) {
      throw new WalException(
          "snapshot of the head " + snapshot.directory + ": " + e.getMessage(), e);
    }
  }

  private static void tombstones(RecordBytes in, SnapshotHandler handler)
      throws WalFormatException {
    in.count(1);
    int format = in.u8();
    if (format != SnapshotRecords.TOMBSTONE_FORMAT) {
      throw new WalFormatException("invalid tombstone format " + Integer.toHexString(format));
    }
    while (in.more()) {
      long ref = in.uvarint();
      long minTime = in.varint();
      handler.tombstone(ref, minTime, in.varint());
    }
  }

  private static String name(Path path) {
    Path name = path.getFileName();
    return name == null ? "" : name.toString();
  }

  private Wal.@Nullable Place place(String name) {
    if (!name.startsWith(prefix)) {
      return null;
    }
    int dot = name.indexOf('.', prefix.length());
    if (dot < 0) {
      return null;
    }
    long segment = number(name.substring(prefix.length(), dot));
    long offset = number(name.substring(dot + 1));
    return segment < 0 || segment > Integer.MAX_VALUE || offset < 0
        ? null
        : new Wal.Place((int) segment, offset);
  }

  /** The number that a text is, or -1. */
  private static long number(String text) {
    if (text.isEmpty() || text.length() > 18) {
      return -1;
    }
    long number = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      number = number * 10 + (c - '0');
    }
    return number;
  }
}
