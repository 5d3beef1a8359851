package io.narthex.tsdb.wal;

import io.narthex.base.compress.CompressionException;
import io.narthex.base.compress.Snappy;
import io.narthex.base.compress.Zstd;
import io.narthex.base.file.Disk;
import io.narthex.base.file.InputFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a list of segments, one after the other. Not thread-safe.
 *
 * <p>A record that cannot be read stops the reading: {@link #next} answers false and {@link
 * #corruption} says where and why. {@link #resume} goes on behind it, at the first place from which
 * sound fragments fill the rest of the page, else at the next page, and there at the first record
 * that begins. A segment that ends in the middle of a page is read as though zeros followed, as
 * Prometheus does; one that ends in the middle of a record is torn.
 *
 * <p><b>The bits that no checksum covers.</b> Of a fragment's type byte, a flip is found because
 * the order of fragments or the checksum of what follows is wrong then, with two exceptions. The
 * three highest bits mean nothing. And a compressed record that lost the bit that says so looks
 * like one of an unknown type, since compressed data never begins like a known one: so records of
 * unknown types are tried as compressed ones before they are passed on.
 */
public final class WalReader implements AutoCloseable {

  private static final int BUFFERED_PAGES = 32;
  private static final int ZSTD_MAGIC = 0x28B52FFD;

  /** The longest record that is taken, before and after compression. */
  static final int MAX_RECORD = 1 << 30;

  private static final int COMPRESSED = WalCompression.SNAPPY.flag() | WalCompression.ZSTD.flag();

  private final Disk disk;
  private final List<WalDirectory.Segment> segments;
  private final long startOffset;
  private long only; // a bit for each type; 0 for all
  private long skipTo;
  private int nextSegment;
  private WalDirectory.@Nullable Segment segment;
  private @Nullable InputFile input;

  private final byte[] pages = new byte[BUFFERED_PAGES * Wal.PAGE];
  private long pagesOffset; // Where in the segment the buffer begins.
  private int buffered; // Bytes of the segment in the buffer.
  private int at; // The next fragment, in the buffer.
  private int resumeAt; // Where to go on behind a broken one.
  private boolean resuming; // Whether parts of a record whose beginning is lost are expected.

  private final CRC32C crc = new CRC32C();
  private final Snappy snappy = new Snappy();
  private final Zstd zstd = new Zstd();
  private byte[] joined = new byte[Wal.PAGE];
  private byte[] plain = new byte[4 * Wal.PAGE];

  private byte[] record = pages;
  private int from;
  private int length;
  private byte[] framed = pages;
  private int framedFrom;
  private int framedLength;
  private int framedFlags;
  private boolean flagWasLost;
  private long recordOffset;
  private @Nullable WalCorruption corruption;

  public WalReader(Disk disk, List<WalDirectory.Segment> segments) {
    this(disk, segments, 0);
  }

  /**
   * @param startOffset where a record begins in the first of the segments; what is before it is not
   *     read
   */
  public WalReader(Disk disk, List<WalDirectory.Segment> segments, long startOffset) {
    this.disk = disk;
    this.startOffset = startOffset;
    this.segments = List.copyOf(segments);
  }

  /**
   * Passes over records that are seen to be of other types, unpacked or not: {@link #length} is 0
   * for them. Others may still come.
   *
   * @param types constants of {@link RecordType}
   */
  public void only(int... types) {
    only = 0;
    for (int type : types) {
      only |= 1L << type;
    }
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
          return corrupt("unexpected non-zero byte in padded page", false, behind(at, pageEnd));
        }
        if (parts > 0) {
          // A page that was lost: what follows would be joined with another record's beginning.
          return corrupt("a record has a hole", false, pageEnd);
        }
        at = pageEnd;
        continue;
      }
      int flags = pages[at] & 0xf8;
      if (at + Wal.HEADER > pageEnd) {
        return corrupt("no room for a header at the end of a page", false, pageEnd);
      }
      if (at + Wal.HEADER > buffered) {
        return corrupt("last record is torn", true, pageEnd);
      }
      int size = (pages[at + 1] & 0xff) << 8 | (pages[at + 2] & 0xff);
      int data = at + Wal.HEADER;
      if (data + size > pageEnd) {
        return corrupt("invalid record size " + size, false, behind(at, pageEnd));
      }
      boolean torn = data + size > buffered;
      int expected = leadingInt(pages, at + 3);
      crc.reset();
      crc.update(pages, data, size);
      if ((int) crc.getValue() != expected) {
        String reason =
            "unexpected checksum "
                + Integer.toHexString((int) crc.getValue())
                + ", expected "
                + Integer.toHexString(expected);
        int next = !torn && isChain(data + size, pageEnd) ? data + size : behind(at, pageEnd);
        // What is torn has nothing behind it; else it is the length that is wrong.
        return corrupt(reason, torn && next == pageEnd, next);
      }
      if (resuming && parts == 0 && (type == Wal.MIDDLE || type == Wal.LAST)) {
        at = data + size;
        continue;
      }
      resuming = false;
      String misplaced = misplaced(type, parts);
      if (misplaced != null) {
        // What fills its page where a middle part should be is rather that part, its type broken:
        // what it begins would be no record.
        boolean middle = at % Wal.PAGE == 0 && data + size == pageEnd;
        boolean begins = (type == Wal.FULL || type == Wal.FIRST) && !middle;
        return corrupt(misplaced, false, begins ? at : data + size);
      }
      at = data + size;
      if (type == Wal.FULL) {
        return accept(pages, data, size, flags);
      }
      if (joinedLength > MAX_RECORD - size) {
        return corrupt("a record of more than " + MAX_RECORD + " bytes", false, at);
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
      decode(decoder, handler);
    }
    return corruption;
  }

  /** Decodes the record; if it is not what its type says, it is one that cannot be read. */
  public void decode(WalDecoder decoder, WalHandler handler) {
    try {
      decoder.decode(record, from, length, handler);
    } catch (WalFormatException e) {
      corrupt(String.valueOf(e.getMessage()), false, at);
    }
  }

  /**
   * Reads all records through a decoder, those behind broken ones too.
   *
   * @return what could not be read, in order; empty if everything was
   */
  public List<WalCorruption> readSound(WalDecoder decoder, WalHandler handler) {
    List<WalCorruption> found = new ArrayList<>();
    WalCorruption broken = readAll(decoder, handler);
    while (broken != null) {
      found.add(broken);
      resume();
      broken = readAll(decoder, handler);
    }
    return found;
  }

  /** Goes on behind a record that cannot be read; {@link #next} moves to the next one that can. */
  public void resume() {
    if (corruption == null) {
      throw new IllegalStateException("nothing has stopped the reading");
    }
    corruption = null;
    at = resumeAt;
    resuming = true;
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

  /** The segment of the record, or null before the first. */
  public @Nullable Path file() {
    return segment == null ? null : segment.file();
  }

  /**
   * Whether the record is compressed and does not say so, which other readers cannot know; {@link
   * WalDirectory#mend} writes it with the flag.
   */
  public boolean flagWasLost() {
    return flagWasLost;
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
    framed = bytes;
    framedFrom = start;
    framedLength = size;
    framedFlags = flags & COMPRESSED;
    flagWasLost = false;
    if (only != 0 && isOther()) {
      record = bytes;
      from = start;
      length = 0;
      return true;
    }
    if (framedFlags == 0 || size == 0) {
      record = bytes;
      from = start;
      length = size;
      if (size > 0 && !RecordType.isKnown(bytes[start] & 0xff)) {
        findLostFlag();
      }
      return true;
    }
    try {
      if ((flags & WalCompression.SNAPPY.flag()) != 0) {
        if (!isPlausibleSnappy()) {
          return corrupt("snappy: corrupt input", false, at);
        }
        unpackSnappy();
      } else {
        unpackZstd();
      }
      return true;
    } catch (CompressionException e) {
      return corrupt(String.valueOf(e.getMessage()), false, at);
    }
  }

  /** Whether the record is seen to be of a type that is not wanted; known types are below 64. */
  private boolean isOther() {
    int at = framedFrom;
    int end = framedFrom + framedLength;
    if (framedFlags == WalCompression.SNAPPY.flag()) {
      // The length as a varint, then always a literal, whose first byte is the record's.
      while (at < end && framed[at] < 0) {
        at++;
      }
      at++;
      if (at >= end || (framed[at] & 3) != 0) {
        return false;
      }
      at += 1 + Math.max(0, ((framed[at] & 0xff) >>> 2) - 59);
    } else if (framedFlags != 0) {
      return false;
    }
    if (at >= end) {
      return false;
    }
    int type = framed[at] & 0xff;
    return RecordType.isKnown(type) && (only >>> type & 1) == 0;
  }

  /** Whether a snappy block of the record's length can have the content that it claims. */
  private boolean isPlausibleSnappy() {
    // The greatest ratio of the format is about 21.
    int room = snappy.uncompressedLength(framed, framedFrom, framedLength);
    return room <= Math.min(MAX_RECORD, 32L * framedLength);
  }

  private void unpackSnappy() {
    int room = snappy.uncompressedLength(framed, framedFrom, framedLength);
    if (room > plain.length) {
      plain = new byte[Math.max(room, 2 * plain.length)];
    }
    length = snappy.decompress(framed, framedFrom, framedLength, plain, 0);
    record = plain;
    from = 0;
  }

  private void unpackZstd() {
    record = zstd.decompress(framed, framedFrom, framedLength, MAX_RECORD);
    length = record.length;
    from = 0;
  }

  /** Takes a record of an unknown type for a compressed one, if that makes one of a known type. */
  private void findLostFlag() {
    for (WalCompression compression : WalCompression.values()) {
      try {
        switch (compression) {
          case NONE -> {}
          case SNAPPY -> {
            if (isPlausibleSnappy()) {
              unpackSnappy();
            }
          }
          case ZSTD -> {
            if (framedLength > 4 && leadingInt(framed, framedFrom) == ZSTD_MAGIC) {
              unpackZstd();
            }
          }
        }
      } catch (CompressionException e) {
        continue; // It is not.
      }
      if (length > 0 && RecordType.isKnown(record[from] & 0xff)) {
        framedFlags = compression.flag();
        flagWasLost = true;
        return;
      }
    }
    record = framed;
    from = framedFrom;
    length = framedLength;
  }

  /** The record's bytes as they lie in the fragments, joined. */
  byte[] framed() {
    return framed;
  }

  int framedFrom() {
    return framedFrom;
  }

  int framedLength() {
    return framedLength;
  }

  /** The flag of the record's compression. */
  int framedFlags() {
    return framedFlags;
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
          if (pagesOffset + buffered <= skipTo) {
            continue;
          }
          at = (int) Math.max(0, skipTo - pagesOffset);
          skipTo = 0;
          // Zeros stand for the rest of a page that was not written.
          int full = (buffered + Wal.PAGE - 1) / Wal.PAGE * Wal.PAGE;
          Arrays.fill(pages, buffered, full, (byte) 0);
          return true;
        }
        if (inRecord) {
          return corrupt("last record is torn", true, 0);
        }
        close();
      }
      if (nextSegment == segments.size()) {
        return false;
      }
      skipTo = nextSegment == 0 ? startOffset : 0;
      resuming = false; // No record goes on in another segment.
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

  /**
   * Where to go on behind a fragment whose header cannot be trusted: at the first place from which
   * one sound fragment follows the other to the end of the page, else at the next page.
   */
  private int behind(int broken, int pageEnd) {
    for (int place = broken + 1; place + Wal.HEADER <= pageEnd; place++) {
      if (isChain(place, pageEnd)) {
        return place;
      }
    }
    return pageEnd;
  }

  /** Whether fragments, at least one, fill the page from here on, or what of it was written. */
  private boolean isChain(int start, int pageEnd) {
    int place = start;
    while (place < Math.min(pageEnd, buffered)) {
      int type = pages[place] & 0xff;
      if (type == 0 || place + Wal.HEADER > pageEnd) {
        return place > start && zeros(place, pageEnd);
      }
      int size = (pages[place + 1] & 0xff) << 8 | (pages[place + 2] & 0xff);
      int data = place + Wal.HEADER;
      // The sum of nothing is 0: an empty fragment looks like many a piece of data.
      boolean proofless = place == start && size == 0;
      if (proofless
          || (type & ~COMPRESSED) > Wal.LAST
          || data + size > Math.min(pageEnd, buffered)) {
        return false;
      }
      crc.reset();
      crc.update(pages, data, size);
      if ((int) crc.getValue() != leadingInt(pages, place + 3)) {
        return false;
      }
      place = data + size;
    }
    return place > start;
  }

  private static int leadingInt(byte[] bytes, int place) {
    return (bytes[place] & 0xff) << 24
        | (bytes[place + 1] & 0xff) << 16
        | (bytes[place + 2] & 0xff) << 8
        | (bytes[place + 3] & 0xff);
  }

  /**
   * Notes that the record cannot be read.
   *
   * @param next where in the buffer to go on, should the reading be resumed
   */
  private boolean corrupt(String reason, boolean torn, int next) {
    WalDirectory.Segment here = segment;
    if (here == null) {
      throw new IllegalStateException("no segment is open");
    }
    corruption = new WalCorruption(here.file(), here.number(), recordOffset, torn, reason);
    resumeAt = next;
    return false;
  }
}
