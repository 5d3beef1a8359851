package io.narthex.tsdb.index;

import io.narthex.base.bytes.Varint;
import io.narthex.base.file.BufferedOutput;
import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.MappedCursor;
import io.narthex.base.file.MappedFile;
import io.narthex.base.file.OutputFile;
import io.narthex.model.labels.Labels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes an index in version 2, byte by byte as Prometheus 3.5 does. Not thread-safe.
 *
 * <p>The file begins with its sorted symbols, which are known only at the end. So the series come
 * in once, in the order of their labels, and go to a file beside the index, their labels as numbers
 * of pairs of name and value; {@link #finish} sorts the symbols, writes the series with the final
 * numbers, and reads the file again for the postings, as many at a time as {@value #BATCH} series
 * numbers take. In memory are the distinct texts and pairs, and four bytes per series.
 *
 * <p>Closing without {@link #finish} leaves an unfinished file behind, which is the caller's to
 * delete with its directory.
 */
public final class IndexWriter implements AutoCloseable {

  static final int MAGIC = 0xBAAAD700;
  static final int VERSION = 2;
  static final int SERIES_ALIGNMENT = 16;
  private static final int BATCH = 16 << 20;
  private static final long MAX_SIZE = 16L * 0xffff_ffffL;

  private final Disk disk;
  private final Path file;
  private final Path spoolFile;
  private final BufferedOutput spool;
  private @Nullable BufferedOutput out;
  private boolean finished;

  private final SymbolPool symbols = new SymbolPool();
  private final PairPool pairs = new PairPool();
  private int series;
  private Labels last = Labels.EMPTY;
  private long lastChunkRef;
  private int[] pairNumbers = new int[32];

  /**
   * @param file the index; one that is there is replaced
   */
  public IndexWriter(Disk disk, Path file) {
    this.disk = disk;
    this.file = file;
    this.spoolFile = file.resolveSibling(file.getFileName() + "_tmp_series");
    this.spool = new BufferedOutput(disk.create(spoolFile));
    // The empty name and value under which all series are listed.
    symbols.add(new byte[0], 0, 0);
  }

  /** Adds a symbol that no series may use; Prometheus keeps those of the series it left out. */
  public void addSymbol(byte[] bytes, int from, int length) {
    symbols.add(bytes, from, length);
  }

  /** The number of series so far. */
  public int series() {
    return series;
  }

  /**
   * Adds a series.
   *
   * @param labels greater than those of the series before
   * @param chunks not overlapping, in the order of time, their references ascending over all series
   * @throws IndexException if the order is wrong or the disk is full
   */
  public void addSeries(Labels labels, ChunkMetas chunks) {
    if (series > 0 && labels.compareTo(last) <= 0) {
      throw new IndexException(
          "out-of-order series added with label set " + labels + ", last label set " + last);
    }
    last = labels;
    check(chunks);
    int n = 0;
    for (Labels.Cursor c = labels.cursor(); c.next(); ) {
      if (n == pairNumbers.length) {
        pairNumbers = Arrays.copyOf(pairNumbers, 2 * n);
      }
      int name = symbols.add(c.bytes(), c.nameFrom(), c.nameLength());
      int value = symbols.add(c.bytes(), c.valueFrom(), c.valueLength());
      pairNumbers[n++] = pairs.count(name, value);
    }
    try {
      spool.uvarint(n);
      for (int i = 0; i < n; i++) {
        spool.uvarint(pairNumbers[i]);
      }
      spool.uvarint(chunks.size());
      for (int i = 0; i < chunks.size(); i++) {
        spool.varint(chunks.minTime(i));
        spool.uvarint(chunks.maxTime(i) - chunks.minTime(i));
        spool.uvarint(chunks.ref(i));
      }
    } catch (DiskException e) {
      throw failed(e);
    }
    series++;
  }

  private void check(ChunkMetas chunks) {
    for (int i = 0; i < chunks.size(); i++) {
      if (Long.compareUnsigned(chunks.ref(i), lastChunkRef) < 0) {
        throw new IndexException(
            "unsorted chunk reference: " + chunks.ref(i) + ", previous: " + lastChunkRef);
      }
      lastChunkRef = chunks.ref(i);
      if (i > 0 && chunks.minTime(i) <= chunks.maxTime(i - 1)) {
        throw new IndexException(
            "chunk minT "
                + chunks.minTime(i)
                + " is not higher than previous chunk maxT "
                + chunks.maxTime(i - 1));
      }
      if (chunks.maxTime(i) < chunks.minTime(i)) {
        throw new IndexException(
            "chunk maxT " + chunks.maxTime(i) + " is less than minT " + chunks.minTime(i));
      }
    }
  }

  /**
   * Writes the index and makes it durable; the directory is the caller's to sync.
   *
   * @throws IndexException if it cannot be written, or would be greater than 64 GiB
   */
  public void finish() {
    try {
      spool.flush();
      spool.close();
      OutputFile created = disk.create(file);
      BufferedOutput to = new BufferedOutput(created);
      out = to;
      try (MappedFile spooled = disk.map(spoolFile)) {
        write(to, spooled);
      }
      to.sync();
      to.close();
      disk.delete(spoolFile);
      finished = true;
    } catch (DiskException e) {
      throw failed(e);
    }
  }

  private void write(BufferedOutput to, MappedFile spooled) {
    to.u32(MAGIC);
    to.u8(VERSION);
    int[] order = symbols.sorted();
    long symbolsAt = to.position();
    writeSymbols(to, order);
    int[] rank = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      rank[order[i]] = i;
    }

    long seriesAt = to.position();
    int[] refs = writeSeries(to, spooled, rank);
    int[] pairOrder = sortedPairs(rank);
    long labelIndicesAt = to.position();
    LabelIndices labelIndices = writeLabelIndices(to, pairOrder, rank);
    long postingsAt = to.position();
    to.pad(4);
    long[] listAt = new long[pairOrder.length];
    long allAt = writePostings(to, refs, 0, refs.length);
    writeAllPostings(to, spooled, refs, pairOrder, listAt);
    long labelTableAt = to.position();
    writeLabelTable(to, labelIndices);
    long tableAt = to.position();
    writeOffsetTable(to, pairOrder, allAt, listAt);

    to.beginChecksum();
    to.i64(symbolsAt);
    to.i64(seriesAt);
    to.i64(labelIndicesAt);
    to.i64(labelTableAt);
    to.i64(postingsAt);
    to.i64(tableAt);
    to.endChecksum();
  }

  private void writeSymbols(BufferedOutput to, int[] order) {
    long length = 4;
    for (int number : order) {
      int bytes = symbols.length(number);
      length += bytes + Varint.unsignedSize(bytes);
    }
    if (length > 0xffff_ffffL) {
      throw new IndexException("symbol table size exceeds 4294967295 bytes: " + length);
    }
    to.u32(length);
    to.beginChecksum();
    to.u32(order.length);
    for (int number : order) {
      to.uvarint(symbols.length(number));
      to.bytes(symbols.text(), symbols.from(number), symbols.length(number));
    }
    to.endChecksum();
  }

  /** Writes the series and answers their references. */
  private int[] writeSeries(BufferedOutput to, MappedFile spooled, int[] rank) {
    int[] refs = new int[series];
    MappedCursor in = spooled.cursor(0);
    EntryBuffer entry = new EntryBuffer();
    CRC32C crc = new CRC32C();
    for (int i = 0; i < series; i++) {
      to.pad(SERIES_ALIGNMENT);
      if (to.position() > MAX_SIZE) {
        throw new IndexException(file + " exceeding max size of 64GiB");
      }
      refs[i] = (int) (to.position() / SERIES_ALIGNMENT);
      entry.clear();
      int labels = in.length();
      entry.uvarint(labels);
      for (int k = 0; k < labels; k++) {
        int pair = in.length();
        entry.uvarint(rank[pairs.name(pair)]);
        entry.uvarint(rank[pairs.value(pair)]);
      }
      copyChunks(in, entry);
      to.uvarint(entry.length);
      to.bytes(entry.bytes, 0, entry.length);
      crc.reset();
      crc.update(entry.bytes, 0, entry.length);
      to.u32(crc.getValue());
    }
    return refs;
  }

  private static void copyChunks(MappedCursor in, EntryBuffer entry) {
    int chunks = in.length();
    entry.uvarint(chunks);
    long lastMax = 0;
    long lastRef = 0;
    for (int k = 0; k < chunks; k++) {
      long minTime = in.varint();
      long width = in.uvarint();
      long ref = in.uvarint();
      if (k == 0) {
        entry.varint(minTime);
        entry.uvarint(width);
        entry.uvarint(ref);
      } else {
        entry.uvarint(minTime - lastMax);
        entry.uvarint(width);
        entry.varint(ref - lastRef);
      }
      lastMax = minTime + width;
      lastRef = ref;
    }
  }

  private int[] sortedPairs(int[] rank) {
    int[] order = new int[pairs.size()];
    Arrays.setAll(order, i -> i);
    IntSort.sort(
        order,
        order.length,
        (a, b) -> {
          int byName = Integer.compare(rank[pairs.name(a)], rank[pairs.name(b)]);
          return byName != 0 ? byName : Integer.compare(rank[pairs.value(a)], rank[pairs.value(b)]);
        });
    return order;
  }

  /** Where the values of each name are listed. */
  private record LabelIndices(List<Integer> names, List<Long> at) {}

  /** Writes for each name the symbols of its values. */
  private LabelIndices writeLabelIndices(BufferedOutput to, int[] order, int[] rank) {
    LabelIndices written = new LabelIndices(new ArrayList<>(), new ArrayList<>());
    int from = 0;
    while (from < order.length) {
      int name = pairs.name(order[from]);
      int end = from;
      while (end < order.length && pairs.name(order[end]) == name) {
        end++;
      }
      to.pad(4);
      written.names.add(name);
      written.at.add(to.position());
      to.u32(8L + 4L * (end - from));
      to.beginChecksum();
      to.u32(1);
      to.u32(end - from);
      for (int i = from; i < end; i++) {
        to.u32(rank[pairs.value(order[i])]);
      }
      to.endChecksum();
      from = end;
    }
    return written;
  }

  private void writeLabelTable(BufferedOutput to, LabelIndices indices) {
    long lengthAt = to.position();
    to.u32(0);
    to.beginChecksum();
    to.u32(indices.names.size());
    for (int i = 0; i < indices.names.size(); i++) {
      to.uvarint(1);
      text(to, indices.names.get(i));
      to.uvarint(indices.at.get(i));
    }
    long length = to.position() - lengthAt - 4;
    to.endChecksum();
    to.patch32(lengthAt, length);
  }

  /** Writes the lists of all pairs in their order, a batch of lists per reading of the series. */
  private void writeAllPostings(
      BufferedOutput to, MappedFile spooled, int[] refs, int[] order, long[] listAt) {
    int[] next = new int[order.length]; // By pair: where its next series goes, or -1.
    int from = 0;
    while (from < order.length) {
      Arrays.fill(next, -1);
      int total = 0;
      int end = from;
      while (end < order.length && (end == from || total + pairs.count(order[end]) <= BATCH)) {
        next[order[end]] = total;
        total += pairs.count(order[end]);
        end++;
      }
      int[] lists = new int[total];
      MappedCursor in = spooled.cursor(0);
      for (int ref : refs) {
        int labels = in.length();
        for (int k = 0; k < labels; k++) {
          int pair = in.length();
          if (next[pair] >= 0) {
            lists[next[pair]++] = ref;
          }
        }
        int chunks = in.length();
        for (int k = 0; k < 3 * chunks; k++) {
          in.uvarint();
        }
      }
      int at = 0;
      for (int i = from; i < end; i++) {
        int count = pairs.count(order[i]);
        listAt[i] = writePostings(to, lists, at, count);
        at += count;
      }
      from = end;
    }
  }

  /** Writes one list and answers where it begins. */
  private static long writePostings(BufferedOutput to, int[] refs, int from, int count) {
    to.pad(4);
    long at = to.position();
    to.u32(4L + 4L * count);
    to.beginChecksum();
    to.u32(count);
    for (int i = from; i < from + count; i++) {
      to.u32(refs[i]);
    }
    to.endChecksum();
    return at;
  }

  private void writeOffsetTable(BufferedOutput to, int[] order, long allAt, long[] listAt) {
    long lengthAt = to.position();
    to.u32(0);
    to.beginChecksum();
    to.u32(order.length + 1L);
    to.uvarint(2);
    to.uvarint(0);
    to.uvarint(0);
    to.uvarint(allAt);
    for (int i = 0; i < order.length; i++) {
      to.uvarint(2);
      text(to, pairs.name(order[i]));
      text(to, pairs.value(order[i]));
      to.uvarint(listAt[i]);
    }
    long length = to.position() - lengthAt - 4;
    if (length > 0xffff_ffffL) {
      throw new IndexException("postings offset table: length size exceeds 4 bytes: " + length);
    }
    to.endChecksum();
    to.patch32(lengthAt, length);
  }

  private void text(BufferedOutput to, int symbol) {
    to.uvarint(symbols.length(symbol));
    to.bytes(symbols.text(), symbols.from(symbol), symbols.length(symbol));
  }

  private IndexException failed(DiskException e) {
    return new IndexException("index " + file + ": " + e.getMessage(), e);
  }

  /** Closes the files; an index that was not finished stays as it is. */
  @Override
  public void close() {
    if (!finished) {
      spool.close();
      if (out != null) {
        out.close();
      }
    }
  }
}
