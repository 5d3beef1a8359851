package io.narthex.tsdb.exemplar;

import java.util.Arrays;

/**
 * Label sets in packed form, first in, first out: a stream of bytes of which only the young end is
 * kept, in pages. A place in the stream never changes. Not thread-safe.
 */
final class LabelBytes {

  private static final int PAGE_SHIFT = 16;
  private static final int PAGE_BYTES = 1 << PAGE_SHIFT;
  private static final byte[] NO_PAGE = {};

  // Those from number firstPage on.
  private byte[][] pages = {};
  private int count;
  private long firstPage;
  private long end;
  private byte[] spare = NO_PAGE;

  /**
   * Adds a label set.
   *
   * @param length at most a page
   * @return its place
   */
  long add(byte[] packed, int from, int length) {
    int room = PAGE_BYTES - (int) (end & (PAGE_BYTES - 1));
    if (room < length) {
      end += room;
    }
    long place = end;
    int index = (int) ((place >>> PAGE_SHIFT) - firstPage);
    while (index >= count) {
      newPage();
    }
    System.arraycopy(packed, from, pages[index], offset(place), length);
    end += length;
    return place;
  }

  private void newPage() {
    if (count == pages.length) {
      pages = Arrays.copyOf(pages, Math.max(4, 2 * count));
    }
    pages[count++] = spare.length > 0 ? spare : new byte[PAGE_BYTES];
    spare = NO_PAGE;
  }

  /** The array in which a label set lies. */
  byte[] page(long place) {
    return pages[(int) ((place >>> PAGE_SHIFT) - firstPage)];
  }

  /** Where in its array a label set begins. */
  static int offset(long place) {
    return (int) place & (PAGE_BYTES - 1);
  }

  /** Forgets what is older than a place. */
  void dropBefore(long place) {
    int drop = (int) Math.min((place >>> PAGE_SHIFT) - firstPage, count);
    if (drop <= 0) {
      return;
    }
    spare = pages[drop - 1];
    System.arraycopy(pages, drop, pages, 0, count - drop);
    Arrays.fill(pages, count - drop, count, NO_PAGE);
    count -= drop;
    firstPage += drop;
  }

  /** Behind the youngest label set. */
  long end() {
    return end;
  }

  /** Forgets everything. */
  void clear() {
    pages = new byte[0][];
    count = 0;
    firstPage = (end + PAGE_BYTES - 1) >>> PAGE_SHIFT;
    end = firstPage << PAGE_SHIFT;
    spare = NO_PAGE;
  }

  /** The bytes that the pages take. */
  long bytes() {
    return (count + (spare.length > 0 ? 1L : 0)) * PAGE_BYTES;
  }
}
