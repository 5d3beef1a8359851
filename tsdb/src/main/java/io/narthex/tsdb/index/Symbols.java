package io.narthex.tsdb.index;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.file.MappedCursor;
import io.narthex.base.file.MappedFile;

/**
 * The symbol table of an index. Every {@value #STRIDE}th symbol's place is kept in memory, the
 * others are found by walking from there. Immutable and thread-safe.
 */
final class Symbols {

  private static final int STRIDE = 8;

  private final MappedFile file;
  private final boolean byOffset;
  private final long base;
  private final int count;
  // Where every STRIDE-th symbol begins, from the base on; the table has less than 4 GiB.
  private final int[] places;

  private Symbols(MappedFile file, boolean byOffset, long base, int count, int[] places) {
    this.file = file;
    this.byOffset = byOffset;
    this.base = base;
    this.count = count;
    this.places = places;
  }

  /** Reads the table once; the section's checksum has been verified. */
  static Symbols read(MappedFile file, int version, long at, long end) {
    MappedCursor in = file.cursor(at);
    long n = in.u32();
    if (n > end - at) {
      throw new IndexOutOfBoundsException("more symbols than bytes");
    }
    int[] places = new int[(int) ((n + STRIDE - 1) / STRIDE)];
    long base = in.at();
    for (int i = 0; i < n; i++) {
      if (i % STRIDE == 0) {
        places[i / STRIDE] = (int) (in.at() - base);
      }
      in.skip(in.length());
    }
    if (in.at() > end) {
      throw new IndexOutOfBoundsException("the symbols do not end where they should");
    }
    return new Symbols(file, version == IndexReader.V1, base, (int) n, places);
  }

  int count() {
    return count;
  }

  long memoryBytes() {
    return 4L * places.length;
  }

  void visit(IndexReader.SymbolVisitor visitor) {
    MappedCursor in = file.cursor(base);
    byte[] symbol = new byte[256];
    for (int i = 0; i < count; i++) {
      int length = in.length();
      if (length > symbol.length) {
        symbol = new byte[Math.max(length, 2 * symbol.length)];
      }
      in.bytes(symbol, 0, length);
      visitor.symbol(symbol, length);
    }
  }

  /** Where a symbol's length and bytes begin in the file. */
  long place(long symbol) {
    if (byOffset) {
      return symbol;
    }
    if (symbol < 0 || symbol >= count) {
      throw new IndexOutOfBoundsException("unknown symbol offset " + symbol);
    }
    int number = (int) symbol;
    long at = base + Integer.toUnsignedLong(places[number / STRIDE]);
    for (int left = number % STRIDE; left > 0; left--) {
      // Nearly all symbols are shorter than 128 bytes.
      int length = file.u8(at++);
      if (length >= 0x80) {
        MappedCursor in = file.cursor(at - 1);
        length = in.length();
        at = in.at();
      }
      at += length;
    }
    return at;
  }

  /** The symbol of a text, or -1 if there is none. */
  long find(byte[] text) {
    // The last kept place whose symbol is not greater.
    int low = 0;
    int high = places.length - 1;
    int found = -1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (compare(base + Integer.toUnsignedLong(places[middle]), text) <= 0) {
        found = middle;
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    if (found < 0) {
      return -1;
    }
    MappedCursor in = file.cursor(base + Integer.toUnsignedLong(places[found]));
    int last = Math.min(count, (found + 1) * STRIDE);
    for (int i = found * STRIDE; i < last; i++) {
      long place = in.at();
      int order = compare(place, text);
      if (order == 0) {
        return byOffset ? place : i;
      }
      if (order > 0) {
        return -1;
      }
      in.skip(in.length());
    }
    return -1;
  }

  private int compare(long place, byte[] text) {
    MappedCursor in = file.cursor(place);
    byte[] symbol = new byte[in.length()];
    in.bytes(symbol, 0, symbol.length);
    return Utf8.compare(symbol, 0, symbol.length, text, 0, text.length);
  }
}
