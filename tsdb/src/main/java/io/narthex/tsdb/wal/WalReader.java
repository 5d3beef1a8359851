package io.narthex.tsdb.wal;

import io.narthex.base.compress.CompressionException;
import io.narthex.base.compress.Snappy;
import io.narthex.base.compress.Zstd;
import io.narthex.base.file.Disk;
import io.narthex.base.file.InputFile;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a list of segments, one after the other. Not thread-safe.
 *
 * <p>A record that cannot be read ends the reading: {@link #next} answers false and {@link
 * #corruption} says where and why. Its place is where the record begins, so that {@link
 * WalDirectory#repair} can cut there. A segment that ends in the middle of a page is read as though
 * zeros followed, as Prometheus does; one that ends in the middle of a record is torn.
 */
public final class WalReader implements AutoCloseable {

  private static final int BUFFERED_PAGES = 32;
  private static final int MAX_RECORD = 1 << 30;

  private final Disk disk;
  private final List<WalDirectory.Segment> segments;
  private int nextSegment;
  private WalDirectory.@Nullable Segment segment;
  private @Nullable InputFile input;

  private final byte[] pages = new byte[BUFFERED_PAGES * Wal.PAGE];
  private long pagesOffset; // Where in the segment the buffer begins.
  private int buffered; // Bytes of the segment in the buffer.
  private int at; // The next fragment, in the buffer.

  private final CRC32C crc = new CRC32C();
  private final Snappy snappy = new Snappy();
  private final Zstd zstd = new Zstd();
  private byte[] joined = new byte[Wal.PAGE];
  private byte[] plain = new byte[4 * Wal.PAGE];

  private byte[] record = pages;
  private int from;
  private int length;
  private long recordOffset;
  private @Nullable WalCorruption corruption;

  public WalReader(Disk disk, List<WalDirectory.Segment> segments) {
    this.disk = disk;
    this.segments = List.copyOf(segments);
  }

  /** Moves to the next record; false behind the last, and at one that cannot be read. */
  public boolean next() {
    if (corruption != null) {
      return false;
    }
    int parts = 0;
    int joinedLength = 0;
    while (true) {
      if (at >= buffered && !fill(parts > 0)) {
        return false;
      }
      int pageEnd = (at / Wal.PAGE + 1) * Wal.PAGE;
      int type = pages[at] & 7;
      if (parts == 0) {
        recordOffset = pagesOffset + at;
      }
      if (type == 0) {
        if (!zeros(at, pageEnd)) {
          return corrupt("unexpected non-zero byte in padded page", false);
        }
        at = pageEnd;
        continue;
      }
      int flags = pages[at] & 0xf8;
      if (at + Wal.HEADER > pageEnd) {
        return corrupt("no room for a header at the end of a page", false);
      }
      if (at + Wal.HEADER > buffered) {
        return corrupt("last record is torn", true);
      }
      int size = (pages[at + 1] & 0xff) << 8 | (pages[at + 2] & 0xff);
      int data = at + Wal.HEADER;
      if (data + size > pageEnd) {
        return corrupt("invalid record size " + size, false);
      }
      boolean torn = data + size > buffered;
      int expected = i32(at + 3);
      crc.reset();
      crc.update(pages, data, size);
      if ((int) crc.getValue() != expected) {
        String reason =
            "unexpected checksum "
                + Integer.toHexString((int) crc.getValue())
                + ", expected "
                + Integer.toHexString(expected);
        return corrupt(reason, torn);
      }
      String misplaced = misplaced(type, parts);
      if (misplaced != null) {
        return corrupt(misplaced, false);
      }
      at = data + size;
      if (type == Wal.FULL) {
        return accept(pages, data, size, flags);
      }
      if (joinedLength + size > joined.length) {
        joined = Arrays.copyOf(joined, Math.max(joinedLength + size, 2 * joined.length));
      }
      System.arraycopy(pages, data, joined, joinedLength, size);
      joinedLength += size;
      if (type == Wal.LAST) {
        return accept(joined, 0, joinedLength, flags);
      }
      parts++;
    }
  }

  /**
   * Reads all records through a decoder.
   *
   * @return what stopped it, or null if everything was read
   */
  public @Nullable WalCorruption readAll(WalDecoder decoder, WalHandler handler) {
    while (next()) {
      try {
        decoder.decode(record, from, length, handler);
      } catch (WalFormatException e) {
        corruption = corruptionHere(String.valueOf(e.getMessage()), false);
      }
    }
    return corruption;
  }

  /** The array that the record lies in, valid until the next call of {@link #next}. */
  public byte[] bytes() {
    return record;
  }

  /** Where the record begins in {@link #bytes}. */
  public int from() {
    return from;
  }

  /** The record's length. */
  public int length() {
    return length;
  }

  /** The number of the segment of the record. */
  public int segment() {
    return segment == null ? -1 : segment.number();
  }

  /** Where the record begins in its segment. */
  public long offset() {
    return recordOffset;
  }

  /** What ended the reading, or null if nothing is wrong. */
  public @Nullable WalCorruption corruption() {
    return corruption;
  }

  @Override
  public void close() {
    if (input != null) {
      input.close();
      input = null;
    }
  }

  private boolean accept(byte[] bytes, int start, int size, int flags) {
    if ((flags & (WalCompression.SNAPPY.flag() | WalCompression.ZSTD.flag())) == 0 || size == 0) {
      record = bytes;
      from = start;
      length = size;
      return true;
    }
    try {
      if ((flags & WalCompression.SNAPPY.flag()) != 0) {
        int room = snappy.uncompressedLength(bytes, start, size);
        if (room > MAX_RECORD) {
          return corrupt("a record of " + room + " bytes", false);
        }
        if (room > plain.length) {
          plain = new byte[Math.max(room, 2 * plain.length)];
        }
        length = snappy.decompress(bytes, start, size, plain, 0);
        record = plain;
      } else {
        record = zstd.decompress(bytes, start, size, MAX_RECORD);
        length = record.length;
      }
      from = 0;
      return true;
    } catch (CompressionException e) {
      return corrupt(String.valueOf(e.getMessage()), false);
    }
  }

  private static @Nullable String misplaced(int type, int parts) {
    return switch (type) {
      case Wal.FULL -> parts == 0 ? null : "unexpected full record";
      case Wal.FIRST -> parts == 0 ? null : "unexpected first record, dropping buffer";
      case Wal.MIDDLE -> parts > 0 ? null : "unexpected middle record, dropping buffer";
      case Wal.LAST -> parts > 0 ? null : "unexpected last record, dropping buffer";
      default -> "unexpected record type " + type;
    };
  }

  /**
   * Fills the buffer from the segment, or from the next one.
   *
   * @param inRecord whether a record has begun; records do not go on in another segment
   */
  private boolean fill(boolean inRecord) {
    while (true) {
      if (input != null) {
        pagesOffset += buffered;
        at = 0;
        buffered = input.read(pages, 0, pages.length);
        if (buffered > 0) {
          // Zeros stand for the rest of a page that was not written.
          int full = (buffered + Wal.PAGE - 1) / Wal.PAGE * Wal.PAGE;
          Arrays.fill(pages, buffered, full, (byte) 0);
          return true;
        }
        if (inRecord) {
          return corrupt("last record is torn", true);
        }
        close();
      }
      if (nextSegment == segments.size()) {
        return false;
      }
      segment = segments.get(nextSegment++);
      input = disk.open(segment.file());
      pagesOffset = 0;
      buffered = 0;
    }
  }

  private boolean zeros(int start, int end) {
    for (int i = start; i < end; i++) {
      if (pages[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private int i32(int place) {
    return (pages[place] & 0xff) << 24
        | (pages[place + 1] & 0xff) << 16
        | (pages[place + 2] & 0xff) << 8
        | (pages[place + 3] & 0xff);
  }

  private boolean corrupt(String reason, boolean torn) {
    corruption = corruptionHere(reason, torn);
    return false;
  }

  private WalCorruption corruptionHere(String reason, boolean torn) {
    WalDirectory.Segment here = segment;
    if (here == null) {
      throw new IllegalStateException("no segment is open");
    }
    return new WalCorruption(here.file(), here.number(), recordOffset, torn, reason);
  }
}
