package io.narthex.tsdb.index;

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
}
