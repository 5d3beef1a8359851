package io.narthex.tsdb.index;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.MappedCursor;
import io.narthex.base.file.MappedFile;
import io.narthex.storage.StopSignal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.roaringbitmap.PeekableIntIterator;
import org.roaringbitmap.RoaringBitmap;
import org.roaringbitmap.RoaringBitmapWriter;

/**
 * Reads an index, mapped. Thread-safe, except that a {@link SeriesEntry} belongs to one thread.
 *
 * <p>Series are numbered as in the postings: unsigned, ascending in the order of their labels. The
 * bitmaps that are handed out belong to the caller.
 */
public final class IndexReader implements PostingsSource, AutoCloseable {

  static final int V1 = 1;
  private static final int V2 = 2;
  private static final int V3 = 3;
  private static final int HEADER = 5;

  /** A list that is this much longer than a set is searched rather than read. */
  private static final int LONG_LIST = 16;

  private static final int CONTENTS = 6 * 8 + 4;

  private final MappedFile file;
  private final int version;
  private final Symbols symbols;
  private final PostingsTable postings;

  private IndexReader(MappedFile file) {
    this.file = file;
    if (file.size() < HEADER + CONTENTS) {
      throw broken("too short: " + file.size() + " bytes");
    }
    if (file.i32(0) != IndexWriter.MAGIC) {
      throw broken("invalid magic number " + Integer.toHexString(file.i32(0)));
    }
    version = file.u8(4);
    if (version != V1 && version != V2 && version != V3) {
      throw broken("unknown index file version " + version);
    }
    long contents = file.size() - CONTENTS;
    if (file.crc32c(contents, CONTENTS - 4) != file.u32(file.size() - 4)) {
      throw broken("read TOC: invalid checksum");
    }
    try {
      long symbolsAt = section(file.i64(contents), "symbols");
      symbols = Symbols.read(file, version, symbolsAt, symbolsAt + file.u32(symbolsAt - 4));
      long tableAt = section(file.i64(contents + 40), "postings table");
      postings = PostingsTable.read(file, version, tableAt, tableAt + file.u32(tableAt - 4));
    } catch (IndexOutOfBoundsException e) {
      throw broken(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Opens an index and checks its tables.
   *
   * @throws IndexException if it is not a sound index; it names the file and the reason
   */
  public static IndexReader open(Disk disk, Path path) {
    MappedFile file;
    try {
      file = disk.map(path);
    } catch (DiskException e) {
      throw new IndexException("index: " + e.getMessage(), e);
    }
    boolean done = false;
    try {
      IndexReader reader = new IndexReader(file);
      done = true;
      return reader;
    } finally {
      if (!done) {
        file.close();
      }
    }
  }

  /** Checks a section and answers where its content begins, behind the length. */
  private long section(long at, String name) {
    if (at < HEADER || at + 8 > file.size()) {
      throw broken("read " + name + ": no section at " + at);
    }
    long length = file.u32(at);
    if (at + 4 + length + 4 > file.size()) {
      throw broken("read " + name + ": invalid size");
    }
    if (file.crc32c(at + 4, length) != file.u32(at + 4 + length)) {
      throw broken("read " + name + ": invalid checksum");
    }
    return at + 4;
  }

  /** The format's version: 1, 2 or 3. */
  public int version() {
    return version;
  }

  /** The size of the file in bytes. */
  public long size() {
    return file.size();
  }

  /** The number of symbols. */
  public int symbolCount() {
    return symbols.count();
  }

  /** The memory that the table of symbols takes. */
  public long symbolBytes() {
    return symbols.memoryBytes();
  }

  /** Is told of symbols. */
  public interface SymbolVisitor {

    /** A symbol; the bytes change with the next one. */
    void symbol(byte[] bytes, int length);
  }

  /** Tells of all symbols, sorted. */
  public void symbols(SymbolVisitor visitor) {
    try {
      symbols.visit(visitor);
    } catch (IndexOutOfBoundsException e) {
      throw broken("symbols: " + e.getMessage());
    }
  }

  /** All label names, sorted. */
  public List<String> labelNames() {
    return postings.names();
  }

  /** The number of values that a label has. */
  public int labelValueCount(String name) {
    return postings.valueCount(name);
  }

  /** The values of a label, sorted. */
  public List<String> labelValues(String name) {
    List<String> values = new ArrayList<>(postings.valueCount(name));
    postings.visit(
        name,
        null,
        (bytes, length, list) -> {
          StopSignal.every(values.size());
          values.add(Utf8.text(bytes, 0, length));
          return true;
        });
    return values;
  }

  /** The values of a label that some series of a set have, sorted. */
  public List<String> labelValues(String name, RoaringBitmap among) {
    List<String> values = new ArrayList<>();
    postings.visit(
        name,
        null,
        (bytes, length, list) -> {
          StopSignal.check();
          if (listIntersects(list, among)) {
            values.add(Utf8.text(bytes, 0, length));
          }
          return true;
        });
    return values;
  }

  /** The names of the labels of the series of a set, sorted. */
  public List<String> labelNames(RoaringBitmap of) {
    SeriesEntry entry = entry();
    TreeSet<Long> found = new TreeSet<>();
    PeekableIntIterator each = of.getIntIterator();
    for (int i = 0; each.hasNext(); i++) {
      StopSignal.every(i);
      entry.read(each.next()).labelNames(found::add);
    }
    List<String> names = new ArrayList<>(found.size());
    for (long symbol : found) {
      names.add(text(symbols.place(symbol)));
    }
    names.sort(Utf8::compare);
    return names;
  }

  @Override
  public RoaringBitmap allSeries() {
    RoaringBitmap all = new RoaringBitmap();
    if (postings.allSeries() >= 0) {
      addList(postings.allSeries(), all);
    }
    return all;
  }

  /**
   * The last of all series, if there is any.
   *
   * @throws IndexException if the list of all series is broken
   */
  public OptionalInt lastSeries() {
    long list = postings.allSeries();
    try {
      long n = list < 0 ? 0 : file.u32(list + 4);
      return n == 0 ? OptionalInt.empty() : OptionalInt.of(file.i32(list + 8 + 4 * (n - 1)));
    } catch (IndexOutOfBoundsException e) {
      throw broken("postings at " + list + ": " + e.getMessage());
    }
  }

  @Override
  public RoaringBitmap series(String name, String value) {
    RoaringBitmap found = new RoaringBitmap();
    long list = postings.find(name, Utf8.bytes(value));
    if (list >= 0) {
      addList(list, found);
    }
    return found;
  }

  @Override
  public RoaringBitmap series(String name, Iterable<String> values) {
    RoaringBitmap found = new RoaringBitmap();
    for (String value : values) {
      long list = postings.find(name, Utf8.bytes(value));
      if (list >= 0) {
        addList(list, found);
      }
    }
    return found;
  }

  @Override
  public RoaringBitmap series(String name) {
    RoaringBitmap found = new RoaringBitmap();
    postings.visit(
        name,
        null,
        (bytes, length, list) -> {
          addList(list, found);
          return true;
        });
    return found;
  }

  @Override
  public RoaringBitmap seriesMatching(String name, String prefix, Predicate<String> accepts) {
    RoaringBitmap found = new RoaringBitmap();
    byte[] start = Utf8.bytes(prefix);
    postings.visit(
        name,
        start.length == 0 ? null : start,
        (bytes, length, list) -> {
          if (length < start.length
              || !Utf8.equal(bytes, 0, start.length, start, 0, start.length)) {
            return false; // Values are sorted: those behind do not begin so either.
          }
          if (accepts.test(Utf8.text(bytes, 0, length))) {
            addList(list, found);
          }
          return true;
        });
    return found;
  }

  @Override
  public long count(String name, String value) {
    long list = name.isEmpty() ? postings.allSeries() : postings.find(name, Utf8.bytes(value));
    try {
      // The list itself is checked when it is read.
      return list < 0 ? 0 : file.u32(list + 4);
    } catch (IndexOutOfBoundsException e) {
      throw broken("postings at " + list + ": " + e.getMessage());
    }
  }

  @Override
  public void retain(RoaringBitmap series, String name, String value) {
    long list = postings.find(name, Utf8.bytes(value));
    if (list < 0) {
      series.clear();
      return;
    }
    long n = checkedList(list);
    if (n < LONG_LIST * series.getLongCardinality()) {
      RoaringBitmap found = new RoaringBitmap();
      addList(list, found);
      series.and(found);
      return;
    }
    // The list is long: look the series up in it.
    RoaringBitmapWriter<RoaringBitmap> kept = RoaringBitmapWriter.writer().get();
    PeekableIntIterator each = series.getIntIterator();
    long from = 0;
    while (each.hasNext() && from < n) {
      int wanted = each.next();
      from = seek(list + 8, from, n, wanted);
      if (from < n && file.i32(list + 8 + 4 * from) == wanted) {
        kept.add(wanted);
        from++;
      }
    }
    replace(series, kept.get());
  }

  /** The first place from one on whose series is not smaller, or {@code n}. */
  private long seek(long at, long from, long n, int wanted) {
    long low = from;
    long step = 1;
    while (low + step < n && Integer.compareUnsigned(file.i32(at + 4 * (low + step)), wanted) < 0) {
      low += step;
      step *= 2;
    }
    long high = Math.min(n, low + step + 1);
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (Integer.compareUnsigned(file.i32(at + 4 * middle), wanted) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  @Override
  public void filter(RoaringBitmap series, String name, Predicate<String> accepts) {
    long nameSymbol = symbols.find(Utf8.bytes(name));
    if (nameSymbol < 0) {
      if (!accepts.test("")) {
        series.clear();
      }
      return;
    }
    SeriesEntry entry = entry();
    Map<Long, Boolean> known = new HashMap<>();
    RoaringBitmapWriter<RoaringBitmap> kept = RoaringBitmapWriter.writer().get();
    PeekableIntIterator each = series.getIntIterator();
    while (each.hasNext()) {
      int ref = each.next();
      long value = entry.read(ref).valueSymbol(nameSymbol);
      boolean accepted =
          known.computeIfAbsent(
              value, symbol -> accepts.test(symbol < 0 ? "" : text(symbols.place(symbol))));
      if (accepted) {
        kept.add(ref);
      }
    }
    replace(series, kept.get());
  }

  private static void replace(RoaringBitmap series, RoaringBitmap by) {
    series.clear();
    series.or(by);
  }

  /**
   * Checks what opening does not: every list of series, and the label indices.
   *
   * @return how many series there are
   * @throws IndexException for the first that is broken
   */
  public long checkLists() {
    long all = postings.allSeries() < 0 ? 0 : checkedList(postings.allSeries());
    for (String name : postings.names()) {
      postings.visit(
          name,
          null,
          (bytes, length, list) -> {
            if (checkedList(list) > all) {
              throw broken("postings at " + list + ": more series than there are");
            }
            return true;
          });
    }
    checkLabelIndices();
    return all;
  }

  private void checkLabelIndices() {
    long place = file.i64(file.size() - CONTENTS + 24);
    if (place == 0) {
      return;
    }
    long at = section(place, "label offset table");
    try {
      MappedCursor in = file.cursor(at);
      long n = in.u32();
      for (long i = 0; i < n; i++) {
        for (int keys = in.length(); keys > 0; keys--) {
          in.skip(in.length());
        }
        section(in.uvarint(), "label index");
      }
    } catch (IndexOutOfBoundsException e) {
      throw broken("label offset table: " + e.getMessage());
    }
  }

  /** A reader of series entries for the calling thread. */
  public SeriesEntry entry() {
    return new SeriesEntry(this, file, symbols);
  }

  @Override
  public void close() {
    file.close();
  }

  long seriesPlace(int series) {
    long number = Integer.toUnsignedLong(series);
    return version == V1 ? number : number * IndexWriter.SERIES_ALIGNMENT;
  }

  IndexException broken(String reason) {
    return new IndexException("index " + file.path() + ": " + reason);
  }

  private String text(long place) {
    MappedCursor in = file.cursor(place);
    byte[] bytes = new byte[in.length()];
    in.bytes(bytes, 0, bytes.length);
    return Utf8.text(bytes, 0, bytes.length);
  }

  private long checkedList(long list) {
    try {
      section(list, "postings");
      long length = file.u32(list);
      long n = file.u32(list + 4);
      if (length != 4 + 4 * n) {
        throw broken(
            "unexpected postings length, should be "
                + 4 * n
                + " bytes for "
                + n
                + " postings, got "
                + (length - 4)
                + " bytes");
      }
      return n;
    } catch (IndexOutOfBoundsException e) {
      throw broken("postings at " + list + ": " + e.getMessage());
    }
  }

  private void addList(long list, RoaringBitmap into) {
    long n = checkedList(list);
    int[] buffer = new int[(int) Math.min(n, 4096)];
    long at = list + 8;
    for (long done = 0; done < n; done += buffer.length) {
      int part = (int) Math.min(n - done, buffer.length);
      for (int i = 0; i < part; i++) {
        buffer[i] = file.i32(at);
        at += 4;
      }
      into.addN(buffer, 0, part);
    }
  }

  private boolean listIntersects(long list, RoaringBitmap among) {
    long n = checkedList(list);
    long at = list + 8;
    for (long i = 0; i < n; i++) {
      if (among.contains(file.i32(at))) {
        return true;
      }
      at += 4;
    }
    return false;
  }
}
