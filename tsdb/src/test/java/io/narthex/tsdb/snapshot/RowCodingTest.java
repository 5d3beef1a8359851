package io.narthex.tsdb.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.memory.OffHeap;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.tsdb.chunk.OpenChunk;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.chunk.XorDecoder;
import io.narthex.tsdb.wal.RecordBuffer;
import io.narthex.tsdb.wal.RecordBytes;
import io.narthex.tsdb.wal.WalFormatException;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RowCodingTest {

  private static final int ROWS = 5;
  private static final int MOST_BYTES = 1000;

  /** An open chunk, and its twin that is opened as a row says. */
  private static final class Pair implements RowHandler {
    private final SlabAllocator allocator;
    private final long state;
    private final long twin;
    private final long ref;
    private long first;
    private long twinFirst;
    private long time;
    private long minTime;

    Pair(SlabAllocator allocator, Random random) {
      this.allocator = allocator;
      state = allocator.allocate(64);
      twin = allocator.allocate(64);
      ref = random.nextLong();
      time = random.nextLong() >> random.nextInt(1, 60);
      minTime = time;
      noSample(state);
      noSample(twin);
    }

    private static void noSample(long state) {
      long[] empty = new long[XorAppender.STATE_BYTES / Long.BYTES];
      XorAppender.noSample(empty);
      OffHeap.copy(empty, state);
    }

    void append(Random random) {
      XorAppender appender = new XorAppender(allocator);
      long value =
          switch (random.nextInt(4)) {
            case 0 -> random.nextLong();
            case 1 -> Double.doubleToRawLongBits(random.nextInt(1000));
            case 2 -> XorAppender.lastValueBits(state);
            default -> 0;
          };
      if (first == 0) {
        first = appender.begin(state, time, value);
      } else if (XorAppender.bytes(state) < MOST_BYTES) {
        time += random.nextInt(3) > 0 ? 15_000 : random.nextLong(1, 1L << random.nextInt(1, 50));
        appender.append(state, time, value);
      }
    }

    void write(RowCoding coding, RecordBuffer out) {
      OpenChunk copy = new OpenChunk();
      copy.copy(state, first);
      coding.write(out, ref, minTime, time - 1, copy);
    }

    @Override
    public void row(long itsRef, long itsMinTime, long nextCut, OpenChunk chunk) {
      assertThat(itsRef).isEqualTo(ref);
      assertThat(itsMinTime).isEqualTo(minTime);
      assertThat(nextCut).isEqualTo(time - 1);
      XorAppender appender = new XorAppender(allocator);
      byte[] bytes = new byte[2 * MOST_BYTES];
      assertThat(Arrays.copyOf(bytes, chunk.chunk(bytes))).isEqualTo(bytes(state, first));
      noSample(twin);
      twinFirst = appender.open(twin, chunk);
      assertThat(twinFirst).isNotZero();
    }

    void areAlike() {
      assertThat(bytes(twin, twinFirst)).isEqualTo(bytes(state, first));
      assertThat(XorAppender.lastTime(twin)).isEqualTo(XorAppender.lastTime(state));
    }

    private static byte[] bytes(long of, long from) {
      byte[] into = new byte[2 * MOST_BYTES + XorDecoder.PADDING];
      return Arrays.copyOf(into, XorAppender.copyOpen(of, from, into, 0, () -> true));
    }
  }

  @Property(tries = 300)
  void aTwinThatIsOpenedFromItIsAlike(@ForAll long seed) throws WalFormatException {
    Random random = new Random(seed);
    try (SlabAllocator allocator = new SlabAllocator(true)) {
      Pair[] pairs = new Pair[ROWS];
      for (int i = 0; i < ROWS; i++) {
        pairs[i] = new Pair(allocator, random);
      }
      for (int round = random.nextInt(1, 12); round > 0; round--) {
        RecordBuffer out = new RecordBuffer();
        RowCoding coding = new RowCoding();
        coding.begin();
        for (Pair pair : pairs) {
          for (int n = random.nextInt(pair.first == 0 ? 1 : 0, 40); n > 0; n--) {
            pair.append(random);
          }
          pair.write(coding, out);
        }
        RecordBytes in = new RecordBytes(out.bytes(), 0, out.length());
        RowCoding reading = new RowCoding();
        reading.begin();
        for (Pair pair : pairs) {
          reading.read(in, new OpenChunk(), pair);
          pair.areAlike();
        }
        assertThat(in.more()).isFalse();
      }
      for (Pair pair : pairs) {
        // The twin is a chunk that one can go on with.
        XorAppender appender = new XorAppender(allocator);
        for (int i = 1; i < 9; i++) {
          appender.append(pair.state, pair.time + 1000 * i, 77L << 5 * i);
          appender.append(pair.twin, pair.time + 1000 * i, 77L << 5 * i);
        }
        pair.areAlike();
      }
    }
  }

  @Test
  void numbersThatNoChunkHasAreErrors() {
    RecordBuffer out = new RecordBuffer();
    OpenChunk chunk = new OpenChunk();
    chunk.samples(1);
    chunk.words(OpenChunk.MAX_WORDS + 1, new byte[8 * OpenChunk.MAX_WORDS + 8], 0);
    RowCoding coding = new RowCoding();
    coding.begin();
    coding.write(out, 1, 2, 3, chunk);
    RowCoding reading = new RowCoding();
    reading.begin();
    RecordBytes in = new RecordBytes(out.bytes(), 0, out.length());
    try (SlabAllocator allocator = new SlabAllocator(true)) {
      Pair never = new Pair(allocator, new Random(1));
      assertThatThrownBy(() -> reading.read(in, new OpenChunk(), never))
          .isInstanceOf(WalFormatException.class)
          .hasMessage("an open chunk with 256 where 255 is most");
    }
  }
}
