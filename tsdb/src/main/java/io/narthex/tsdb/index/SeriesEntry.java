package io.narthex.tsdb.index;

import io.narthex.base.bytes.Varint;
import io.narthex.base.file.MappedCursor;
import io.narthex.base.file.MappedFile;
import io.narthex.model.labels.Labels;
import java.util.Arrays;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;

/**
 * Reads series entries of one index: {@link #read} takes one in, the other methods tell of it.
 * Reusable; belongs to one thread.
 */
public final class SeriesEntry {

  private static final int MAX_ENTRY = 1 << 28;

  private final IndexReader index;
  private final MappedFile file;
  private final Symbols symbols;
  private final CRC32C crc = new CRC32C();

  private byte[] entry = new byte[512];
  private int length;
  private int labelCount;
  private int labelsAt;
  private int chunksAt = -1;
  private byte[] packed = new byte[512];

  // What the last varint was, and where the next begins.
  private int at;

  SeriesEntry(IndexReader index, MappedFile file, Symbols symbols) {
    this.index = index;
    this.file = file;
    this.symbols = symbols;
  }

  /**
   * Reads the entry of a series.
   *
   * @param series as postings number it
   * @throws IndexException if there is no sound entry
   */
  public SeriesEntry read(int series) {
    long place = index.seriesPlace(series);
    try {
      long size = 0;
      int b;
      int shift = 0;
      do {
        b = file.u8(place++);
        size |= (long) (b & 0x7f) << shift;
        shift += 7;
      } while (b >= 0x80 && shift < 35);
      if (size > MAX_ENTRY) {
        throw index.broken("series " + Integer.toUnsignedString(series) + " of " + size + " bytes");
      }
      length = (int) size;
      if (length > entry.length) {
        entry = new byte[Math.max(length, 2 * entry.length)];
      }
      file.copy(place, entry, 0, length);
      crc.reset();
      crc.update(entry, 0, length);
      if ((int) crc.getValue() != file.i32(place + length)) {
        throw index.broken("series " + Integer.toUnsignedString(series) + ": invalid checksum");
      }
      at = 0;
      labelCount = (int) uvarint();
      labelsAt = at;
      chunksAt = -1;
      return this;
    } catch (IndexOutOfBoundsException e) {
      throw index.broken("series " + Integer.toUnsignedString(series) + ": " + e.getMessage());
    }
  }

  /** Its labels, made anew. */
  public Labels labels() {
    try {
      int used = 0;
      at = labelsAt;
      for (int i = 0; i < 2 * labelCount; i++) {
        used = copySymbol(uvarint(), used);
      }
      chunksAt = at;
      return Labels.ofPacked(Arrays.copyOf(packed, used));
    } catch (IndexOutOfBoundsException e) {
      throw index.broken("labels of a series: " + e.getMessage());
    }
  }

  /** Calls back with the symbols of its label names. */
  void labelNames(LongConsumer names) {
    at = labelsAt;
    for (int i = 0; i < labelCount; i++) {
      names.accept(uvarint());
      uvarint();
    }
    chunksAt = at;
  }

  /** The symbol of the value of a label, or -1 if the series does not have it. */
  long valueSymbol(long nameSymbol) {
    at = labelsAt;
    for (int i = 0; i < labelCount; i++) {
      long name = uvarint();
      long value = uvarint();
      if (name == nameSymbol) {
        return value;
      }
    }
    return -1;
  }

  /** Fills in its chunks. */
  public void chunks(ChunkMetas into) {
    into.clear();
    try {
      toChunks();
      long n = uvarint();
      long maxTime = 0;
      long ref = 0;
      for (long i = 0; i < n; i++) {
        long minTime;
        if (i == 0) {
          minTime = Varint.unzigzag(uvarint());
          maxTime = minTime + uvarint();
          ref = uvarint();
        } else {
          minTime = maxTime + uvarint();
          maxTime = minTime + uvarint();
          ref += Varint.unzigzag(uvarint());
        }
        into.add(minTime, maxTime, ref);
      }
    } catch (IndexOutOfBoundsException e) {
      throw index.broken("chunks of a series: " + e.getMessage());
    }
  }

  /** Whether a chunk of it may hold samples in a range of time, both ends inclusive. */
  public boolean overlaps(long from, long to) {
    try {
      toChunks();
      long n = uvarint();
      long maxTime = 0;
      for (long i = 0; i < n; i++) {
        long minTime = i == 0 ? Varint.unzigzag(uvarint()) : maxTime + uvarint();
        maxTime = minTime + uvarint();
        uvarint();
        if (minTime > to) {
          return false;
        }
        if (maxTime >= from) {
          return true;
        }
      }
      return false;
    } catch (IndexOutOfBoundsException e) {
      throw index.broken("chunks of a series: " + e.getMessage());
    }
  }

  private void toChunks() {
    if (chunksAt < 0) {
      at = labelsAt;
      for (int i = 0; i < 2 * labelCount; i++) {
        uvarint();
      }
      chunksAt = at;
    }
    at = chunksAt;
  }

  /** Copies a symbol with its length, which is how label sets are packed. */
  private int copySymbol(long symbol, int used) {
    long place = symbols.place(symbol);
    int size = file.u8(place);
    int lengthBytes = 1;
    if (size >= 0x80) {
      MappedCursor in = file.cursor(place);
      size = in.length();
      lengthBytes = (int) (in.at() - place);
    }
    int all = lengthBytes + size;
    if (used + all > packed.length) {
      packed = Arrays.copyOf(packed, Math.max(used + all, 2 * packed.length));
    }
    file.copy(place, packed, used, all);
    return used + all;
  }

  private long uvarint() {
    int b = next();
    long value = b & 0x7f;
    for (int shift = 7; b < 0; shift += 7) {
      if (shift > 63) {
        throw new IndexOutOfBoundsException("a varint of more than ten bytes");
      }
      b = next();
      value |= (long) (b & 0x7f) << shift;
    }
    return value;
  }

  private int next() {
    if (at >= length) {
      throw new IndexOutOfBoundsException("the entry ends too early");
    }
    return entry[at++];
  }
}
