package io.narthex.tsdb.index;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.MappedCursor;
import io.narthex.base.file.MappedFile;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Finds the series of an index by their own entries, without its tables: to check all of them, and
 * to save what is sound of an index whose tables are broken. It needs the symbols, which lie behind
 * the header; from there it goes from entry to entry, and over what is none to the next place where
 * one may begin. An entry is one if its checksum is right and it says what an entry says. Not
 * thread-safe.
 */
public final class SeriesWalk implements AutoCloseable {

  private static final int HEADER = 5;
  private static final int CONTENTS = 6 * 8 + 4;
  private static final int MAX_ENTRY = 1 << 28;

  private final MappedFile file;
  private final int version;
  private final Symbols symbols;
  private final LabelsBuilder builder = new LabelsBuilder();
  private final ChunkMetas chunks = new ChunkMetas();
  private byte[] text = new byte[256];
  private Labels labels = Labels.EMPTY;
  private long at;
  private long place;
  private final long end;
  private long gaps;
  private boolean inGap;

  private SeriesWalk(MappedFile file) {
    this.file = file;
    if (file.size() < HEADER + 8 + 4) {
      throw broken("too short: " + file.size() + " bytes");
    }
    int said = file.u8(4);
    // A broken byte there is known by that no version is so; the present one is the likeliest.
    version = said >= 1 && said <= 3 ? said : 2;
    long length = file.u32(HEADER);
    long behind = HEADER + 4 + length + 4;
    if (behind > file.size() || file.crc32c(HEADER + 4, length) != file.u32(behind - 4)) {
      throw broken("the symbols are broken, without which no series has a name");
    }
    try {
      symbols = Symbols.read(file, version, HEADER + 4, HEADER + 4 + length);
    } catch (IndexOutOfBoundsException e) {
      throw broken("symbols: " + e.getMessage());
    }
    at = behind;
    end = seriesEnd(behind);
  }

  /** Where the series end, as the table of contents says if it is sound; else the file's end. */
  private long seriesEnd(long from) {
    long contents = file.size() - CONTENTS;
    boolean sound =
        contents > from && file.crc32c(contents, CONTENTS - 4) == file.u32(file.size() - 4);
    if (!sound) {
      return file.size();
    }
    long behind = contents;
    // The section behind the series: label indices, their table, or postings.
    for (int i = 2; i < 6; i++) {
      long section = file.i64(contents + 8L * i);
      if (section > from) {
        behind = Math.min(behind, section);
      }
    }
    return behind;
  }

  /**
   * Opens an index.
   *
   * @throws IndexException if no series can be found in it; it names the file and the reason
   */
  public static SeriesWalk open(Disk disk, Path path) {
    MappedFile file;
    try {
      file = disk.map(path);
    } catch (DiskException e) {
      throw new IndexException("index: " + e.getMessage(), e);
    }
    boolean done = false;
    try {
      SeriesWalk walk = new SeriesWalk(file);
      done = true;
      return walk;
    } finally {
      if (!done) {
        file.close();
      }
    }
  }

  /** Goes to the next sound series whose labels are greater than those before, if there is one. */
  public boolean next() {
    int alignment = version == IndexReader.V1 ? 1 : IndexWriter.SERIES_ALIGNMENT;
    while (true) {
      at = (at + alignment - 1) / alignment * alignment;
      if (at >= end) {
        return false;
      }
      long behind = read(at);
      if (behind > 0) {
        place = at;
        at = behind;
        inGap = false;
        return true;
      }
      boolean padding = file.u8(at) == 0;
      if (!inGap && !padding) {
        gaps++;
        inGap = true;
      }
      at += alignment;
    }
  }

  /** Reads an entry and answers the place behind it, or -1 if there is none. */
  private long read(long start) {
    try {
      MappedCursor in = file.cursor(start);
      long size = in.uvarint();
      long from = in.at();
      long last = from + size;
      if (size < 3 || size > MAX_ENTRY || last + 4 > file.size()) {
        return -1;
      }
      if (file.crc32c(from, size) != file.u32(last)) {
        return -1;
      }
      readLabels(in);
      readChunks(in);
      if (in.at() != last) {
        return -1;
      }
      Labels found = builder.build();
      if (found.isEmpty() || found.compareTo(labels) <= 0) {
        return -1;
      }
      labels = found;
      return last + 4;
    } catch (IndexOutOfBoundsException e) {
      return -1;
    }
  }

  private void readLabels(MappedCursor in) {
    builder.clear();
    int n = in.length();
    MappedCursor symbol = file.cursor(0);
    for (int i = 0; i < n; i++) {
      int name = copy(symbol.to(symbols.place(in.uvarint())), 0);
      int value = copy(symbol.to(symbols.place(in.uvarint())), name);
      builder.set(text, 0, name, text, name, value);
    }
  }

  /** Copies a symbol behind what is in the text, and answers its length. */
  private int copy(MappedCursor symbol, int used) {
    int length = symbol.length();
    if (used + length > text.length) {
      if (length > file.size()) {
        throw new IndexOutOfBoundsException("a symbol of " + length + " bytes");
      }
      text = Arrays.copyOf(text, Math.max(used + length, 2 * text.length));
    }
    symbol.bytes(text, used, length);
    return length;
  }

  private void readChunks(MappedCursor in) {
    chunks.clear();
    int n = in.length();
    long maxTime = 0;
    long ref = 0;
    for (int i = 0; i < n; i++) {
      long minTime = i == 0 ? in.varint() : maxTime + in.uvarint();
      maxTime = minTime + in.uvarint();
      ref = i == 0 ? in.uvarint() : ref + in.varint();
      chunks.add(minTime, maxTime, ref);
    }
  }

  /** The labels of the series that was gone to. */
  public Labels labels() {
    return labels;
  }

  /** Its chunks, until the next one is gone to. */
  public ChunkMetas chunks() {
    return chunks;
  }

  /** Its number, as postings and tombstones have it. */
  public int series() {
    return (int) (version == IndexReader.V1 ? place : place / IndexWriter.SERIES_ALIGNMENT);
  }

  /** In how many places so far there was something else than a series. */
  public long gaps() {
    return gaps;
  }

  private IndexException broken(String reason) {
    return new IndexException("index " + file.path() + ": " + reason);
  }

  @Override
  public void close() {
    file.close();
  }
}
