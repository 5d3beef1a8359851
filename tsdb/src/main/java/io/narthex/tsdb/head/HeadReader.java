package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.SeriesSet;
import io.narthex.tsdb.block.Tombstones;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.Xor2Appender;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.chunk.XorDecoder;
import io.narthex.tsdb.headchunks.ChunkBytes;
import io.narthex.tsdb.headchunks.HeadChunks;
import io.narthex.tsdb.outoforder.LateReader;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Copies what a series has in a range of time, and decodes the copy. Belongs to one thread.
 *
 * <p>The copy is taken without a lock, between two looks at the row's stamp; where a writer keeps
 * getting in the way, under the lock of the row's group. Chunks in files are only noted; the files'
 * view keeps them readable as long as the querier is open.
 */
final class HeadReader implements SeriesSet.Reader, XorAppender.Witness {

  /** Room for the largest chunk with its padding. */
  static final int CHUNK_BYTES = 2 * SeriesWriter.MAX_CHUNK_BYTES;

  private static final int PATIENCE = 16;

  private final Head head;
  private final Isolation.Reader isolation;
  private final HeadChunks.@Nullable View view;
  private final int[] slots;
  private final @Nullable SinceStart sinceStart; // of early readers
  private final boolean rowsReadable;

  // The row being copied.
  private long row;
  private int stamp;

  // The pieces, in the order of time: either a stored chunk's place, or a length in the bytes
  // below.
  private long[] places = new long[16];
  private int[] lengths = new int[16];
  private ChunkEncoding[] encodings = new ChunkEncoding[16]; // of those below
  private long[] minTimes = new long[16];
  private long[] maxTimes = new long[16];
  private int pieces;
  private byte[] pieceBytes = {};
  private int pieceFrom;
  private int pieceLength;
  private ChunkEncoding pieceEncoding = ChunkEncoding.XOR;
  private final Map<ChunkEncoding, ChunkDecoder> decoders = new EnumMap<>(ChunkEncoding.class);
  private byte[] bytes = new byte[4 * CHUNK_BYTES];
  private int used;
  private final ChunkBytes stored = new ChunkBytes();
  private final CRC32C crc = new CRC32C();
  private int group;
  private @Nullable LateReader late;

  HeadReader(Head head, Isolation.Reader isolation, HeadChunks.@Nullable View view, int[] slots) {
    this(head, isolation, view, slots, null);
  }

  /**
   * @param sinceStart what the log alone has, if the head was being filled from disk when the
   *     querier was opened
   */
  HeadReader(
      Head head,
      Isolation.Reader isolation,
      HeadChunks.@Nullable View view,
      int[] slots,
      @Nullable SinceStart sinceStart) {
    this.sinceStart = sinceStart;
    // Rows know of chunks in files before anybody can read these.
    this.rowsReadable = !isolation.isEarly() || view != null;
    this.view = view;
    this.head = head;
    this.isolation = isolation;
    this.slots = slots;
  }

  @Override
  public boolean stillTrue() {
    VarHandle.loadLoadFence();
    return OffHeap.getInt(row + Rows.STAMP) == stamp;
  }

  @Override
  public void read(int series, long minTime, long maxTime, SampleBuffer into) {
    into.clear();
    if (rowsReadable) {
      readRow(slots[series], minTime, maxTime, into);
    }
    SinceStart since = sinceStart;
    if (since != null) {
      long ref = Rows.ref(head.index.rows.address(slots[series]));
      since.addTo(ref, minTime, maxTime, into);
    }
  }

  private void readRow(int slot, long minTime, long maxTime, SampleBuffer into) {
    long limit = Math.min(maxTime, copyPieces(slot, minTime, maxTime));
    for (int i = 0; i < pieces; i++) {
      decode(i, minTime, limit, into);
    }
    long[] deleted = deleted(slot);
    if (deleted != null) {
      Tombstones.apply(deleted, into, 0);
    }
    if (!isolation.isEarly() && head.outOfOrder.has(slot)) {
      late().addTo(slot, minTime, maxTime, isolation.number(), into);
    }
  }

  private LateReader late() {
    LateReader reader = late;
    if (reader == null) {
      reader = new LateReader(head.outOfOrder, view);
      late = reader;
    }
    return reader;
  }

  private void decode(int piece, long from, long to, SampleBuffer into) {
    load(piece);
    if (pieceEncoding == ChunkEncoding.XOR) {
      XorDecoder.decode(pieceBytes, pieceFrom, pieceLength, from, to, into);
    } else {
      decoders
          .computeIfAbsent(pieceEncoding, ChunkDecoder::of)
          .decode(pieceBytes, pieceFrom, pieceLength, from, to, into);
    }
  }

  /** What of a slot's series is deleted, as from, to, from, to, ...; null if nothing is. */
  long @Nullable [] deleted(int slot) {
    Tombstones all = head.deleted();
    return all.isEmpty() ? null : all.of(Rows.ref(head.index.rows.address(slot)));
  }

  @Override
  public void readNewest(int series, long minTime, long maxTime, SampleBuffer into) {
    if (isolation.isEarly()) {
      read(series, minTime, maxTime, into);
      return;
    }
    int slot = slots[series];
    row = head.index.rows.address(slot);
    stamp = Head.stamp(row);
    // The row knows its last sample; only a row that was filled from files does not know its value.
    int count = XorAppender.count(row);
    long time = XorAppender.lastTime(row);
    long valueBits = XorAppender.lastValueBits(row);
    group = Rows.group(row);
    if ((stamp & 1) == 0
        && stillTrue()
        && count > 0
        && time <= maxTime
        && head.deleted().isEmpty()
        && !head.outOfOrder.has(slot)
        && time <= isolation.limit(head.group(group), slot)) {
      into.clear();
      if (time >= minTime) {
        into.add(time, Double.longBitsToDouble(valueBits));
      }
      return;
    }
    if (head.outOfOrder.has(slot)) {
      read(series, minTime, maxTime, into); // the newest may have come late
    } else {
      readNewestPiece(slot, minTime, maxTime, into);
    }
  }

  /** From the newest chunk back to the one that has a sample; mostly it is the first looked at. */
  private void readNewestPiece(int slot, long minTime, long maxTime, SampleBuffer into) {
    into.clear();
    readPiecesBack(slot, maxTime, minTime, maxTime, into);
    if (into.size() == 0) {
      readPiecesBack(slot, minTime, minTime, maxTime, into);
    }
  }

  /**
   * @param from the chunks that overlap the time from here to the range's end are looked at
   */
  private void readPiecesBack(int slot, long from, long minTime, long maxTime, SampleBuffer into) {
    long limit = Math.min(maxTime, copyPieces(slot, from, maxTime));
    long[] deleted = deleted(slot);
    for (int i = pieces - 1; i >= 0 && into.size() == 0; i--) {
      decode(i, minTime, limit, into);
      if (deleted != null) {
        Tombstones.apply(deleted, into, 0);
      }
    }
  }

  /**
   * Copies the chunks of a slot's series that overlap a range.
   *
   * @return the newest time that the reader may see
   */
  long copyPieces(int slot, long minTime, long maxTime) {
    row = head.index.rows.address(slot);
    copy(minTime, maxTime);
    return pieces == 0 ? maxTime : isolation.limit(head.group(group), slot);
  }

  int pieces() {
    return pieces;
  }

  long pieceMinTime(int piece) {
    return minTimes[piece];
  }

  long pieceMaxTime(int piece) {
    return maxTimes[piece];
  }

  /** Makes the bytes of a piece what the next three methods tell of. */
  void load(int piece) {
    int length = lengths[piece];
    if (length > 0) {
      pieceBytes = bytes;
      pieceFrom = (int) places[piece];
      pieceLength = length;
      pieceEncoding = encodings[piece];
      return;
    }
    HeadChunks.View files = Objects.requireNonNull(view, "a stored chunk without files");
    files.read(places[piece], stored, crc);
    pieceBytes = stored.bytes();
    pieceFrom = stored.from();
    pieceLength = stored.length();
    pieceEncoding = ChunkEncoding.of(stored.encoding());
  }

  ChunkEncoding pieceEncoding() {
    return pieceEncoding;
  }

  byte[] pieceBytes() {
    return pieceBytes;
  }

  int pieceFrom() {
    return pieceFrom;
  }

  int pieceLength() {
    return pieceLength;
  }

  private void copy(long minTime, long maxTime) {
    for (int tries = 0; tries < PATIENCE; tries++) {
      stamp = Head.stamp(row);
      if ((stamp & 1) == 0 && tryCopy(minTime, maxTime) && stillTrue()) {
        return;
      }
      Thread.onSpinWait();
    }
    Group owner = head.ownerOf(row);
    owner.lock.lock();
    try {
      stamp = Head.stamp(row);
      if (!isolation.isEarly() && head.startUp() == null) {
        if (!tryCopy(minTime, maxTime)) {
          throw new IllegalStateException("a row changed under its group's lock");
        }
        return;
      }
      // The replay takes no locks of groups, but it comes to a row only now and then.
      while ((stamp & 1) != 0 || !tryCopy(minTime, maxTime) || !stillTrue()) {
        Thread.onSpinWait();
        stamp = Head.stamp(row);
      }
    } finally {
      owner.lock.unlock();
    }
  }

  /** Copies the row's pieces; whether nothing stood in the way. */
  private boolean tryCopy(long minTime, long maxTime) {
    pieces = 0;
    used = 0;
    group = Rows.group(row);
    int count = OffHeap.getInt(row + Rows.LIST_COUNT);
    long list = OffHeap.getLong(row + Rows.LIST);
    if (count > 0) {
      if (!stillTrue() || !copyList(list, count, minTime, maxTime)) {
        return false;
      }
    }
    int open = XorAppender.count(row);
    long openMinTime = OffHeap.getLong(row + Rows.CHUNK_MIN_TIME);
    long openMaxTime = XorAppender.lastTime(row);
    if (!Rows.hasOpen(row) || openMinTime > maxTime || openMaxTime < minTime) {
      return true;
    }
    if (open == 0) {
      return copyOnHeap(openMinTime, openMaxTime);
    }
    reserve(CHUNK_BYTES);
    int length =
        XorAppender.copyOpen(row, OffHeap.getLong(row + Rows.CHUNK_START), bytes, used, this);
    if (length < 0) {
      return false;
    }
    add(used, length, ChunkEncoding.XOR, openMinTime, openMaxTime);
    return true;
  }

  /** Copies the open chunk, one of histograms or an XOR2 one. */
  private boolean copyOnHeap(long openMinTime, long openMaxTime) {
    int number = (int) OffHeap.getLong(row + Rows.CHUNK_START);
    boolean floats = Rows.hasOpenXor2(row);
    if (!stillTrue()) {
      return false;
    }
    if (floats) {
      return copyXor2(number, openMinTime, openMaxTime);
    }
    Histograms.Open open = head.histograms.open(number);
    if (open == null) {
      return false;
    }
    int length = open.appender.length();
    ChunkEncoding encoding = open.appender.encoding();
    if (!stillTrue()) {
      return false;
    }
    reserve(length + XorDecoder.PADDING);
    open.appender.copyTo(bytes, used, length);
    add(used, length, encoding, openMinTime, openMaxTime);
    return true;
  }

  private boolean copyXor2(int number, long openMinTime, long openMaxTime) {
    Xor2Appender open = head.histograms.openFloats(number);
    if (open == null) {
      return false;
    }
    int length = open.length();
    if (!stillTrue()) {
      return false;
    }
    reserve(length + XorDecoder.PADDING);
    open.copyTo(bytes, used, length);
    add(used, length, ChunkEncoding.XOR2, openMinTime, openMaxTime);
    return true;
  }

  private boolean copyList(long list, int count, long minTime, long maxTime) {
    // From the end: most readers want the newest.
    int first = count;
    while (first > 0
        && OffHeap.getLong(list + (first - 1L) * ChunkList.ENTRY_BYTES + ChunkList.MAX_TIME)
            >= minTime) {
      first--;
    }
    for (int i = first; i < count; i++) {
      long entry = list + (long) i * ChunkList.ENTRY_BYTES;
      long from = OffHeap.getLong(entry);
      long to = OffHeap.getLong(entry + ChunkList.MAX_TIME);
      long place = OffHeap.getLong(entry + ChunkList.PLACE);
      if (!stillTrue()) {
        return false;
      }
      if (from > maxTime) {
        return true;
      }
      if (!ChunkList.isInMemory(place)) {
        add(place, 0, ChunkEncoding.XOR, from, to);
        continue;
      }
      if (ChunkList.isOnHeap(place)) {
        Histograms.Sealed chunk = head.histograms.sealed((int) ChunkList.address(place));
        if (chunk == null) {
          return false;
        }
        reserve(chunk.bytes().length);
        System.arraycopy(chunk.bytes(), 0, bytes, used, chunk.length());
        add(used, chunk.length(), chunk.encoding(), from, to);
        continue;
      }
      reserve(CHUNK_BYTES);
      int length = ChunkList.length(place);
      if (!XorAppender.copySealed(ChunkList.address(place), length, bytes, used, this)) {
        return false;
      }
      add(used, length, ChunkEncoding.XOR, from, to);
    }
    return true;
  }

  private void reserve(int room) {
    if (used + room > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, used + room));
    }
  }

  private void add(long place, int length, ChunkEncoding encoding, long minTime, long maxTime) {
    if (pieces == places.length) {
      encodings = Arrays.copyOf(encodings, pieces * 2);
      places = Arrays.copyOf(places, pieces * 2);
      lengths = Arrays.copyOf(lengths, pieces * 2);
      minTimes = Arrays.copyOf(minTimes, pieces * 2);
      maxTimes = Arrays.copyOf(maxTimes, pieces * 2);
    }
    places[pieces] = place;
    lengths[pieces] = length;
    encodings[pieces] = encoding;
    minTimes[pieces] = minTime;
    maxTimes[pieces] = maxTime;
    pieces++;
    used += length == 0 ? 0 : length + XorDecoder.PADDING;
  }

  /**
   * The time of the oldest sample of a slot's series that the reader may see, and of the newest
   * that is there; whether the two overlap a range.
   */
  boolean mayHave(int slot, long minTime, long maxTime) {
    row = head.index.rows.address(slot);
    SinceStart since = sinceStart;
    if (since != null && since.has(Rows.ref(row))) {
      return true;
    }
    if (!rowsReadable) {
      return false;
    }
    long first = 0;
    boolean some = false;
    long last = 0;
    do {
      stamp = Head.stamp(row);
      if ((stamp & 1) != 0) {
        Thread.onSpinWait();
        continue;
      }
      group = Rows.group(row);
      last = XorAppender.lastTime(row);
      some = true;
      int count = OffHeap.getInt(row + Rows.LIST_COUNT);
      if (count > 0) {
        long list = OffHeap.getLong(row + Rows.LIST);
        if (!stillTrue()) {
          continue;
        }
        first = OffHeap.getLong(list);
      } else if (Rows.hasOpen(row)) {
        first = OffHeap.getLong(row + Rows.CHUNK_MIN_TIME);
      } else {
        some = false;
      }
    } while (!stillTrue() || (stamp & 1) != 0);
    return some
        && last >= minTime
        && first <= maxTime
        && first <= isolation.limit(head.group(group), slot);
  }
}
