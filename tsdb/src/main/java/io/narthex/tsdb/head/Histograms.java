package io.narthex.tsdb.head;

import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.HistogramAppender;
import io.narthex.tsdb.chunk.SampleForms;
import io.narthex.tsdb.chunk.Xor2Appender;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The histogram chunks that are in memory, and the XOR2 chunks of floats. They lie on the heap
 * (RATIONALE.md has the reason): the open ones in their appenders, whose numbers stand in the rows
 * in place of a block's address; full ones as bytes until they are moved to files, their numbers in
 * the chunk lists.
 */
final class Histograms {

  /** The open chunk of a series, and the newest sample with it. The lock of its group guards it. */
  static final class Open {
    final HistogramAppender appender;

    /** Whether the chunk's end has been predicted from how full it was. */
    boolean predicted;

    Open(ChunkEncoding encoding) {
      appender = new HistogramAppender(encoding);
    }
  }

  /**
   * A full chunk.
   *
   * @param bytes with {@link io.narthex.tsdb.chunk.ChunkDecoder#PADDING} bytes behind the chunk;
   *     never changed
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Sealed(byte[] bytes, int length, ChunkEncoding encoding) {}

  /** Whether new chunks of floats are XOR2 ones; it may change while the head lives. */
  volatile boolean xor2;

  private final SampleForms forms;
  private final HeapTable<Open> open = new HeapTable<>();
  private final HeapTable<Xor2Appender> openFloats = new HeapTable<>();
  private final HeapTable<Sealed> sealed = new HeapTable<>();
  private final AtomicLong sealedBytes = new AtomicLong();

  Histograms(SampleForms forms) {
    xor2 = forms.xor2();
    this.forms = forms;
  }

  /** A chunk for histograms of one kind; it is not in here yet. */
  Open newOpen(boolean floatCounts) {
    return new Open(forms.ofHistograms(floatCounts));
  }

  int add(Xor2Appender chunk) {
    return openFloats.add(chunk);
  }

  @Nullable Xor2Appender openFloats(int number) {
    return openFloats.get(number);
  }

  void removeOpenFloats(int number) {
    openFloats.remove(number);
  }

  int add(Open chunk) {
    return open.add(chunk);
  }

  @Nullable Open open(int number) {
    return open.get(number);
  }

  void removeOpen(int number) {
    open.remove(number);
  }

  int add(Sealed chunk) {
    sealedBytes.addAndGet(chunk.length);
    return sealed.add(chunk);
  }

  @Nullable Sealed sealed(int number) {
    return sealed.get(number);
  }

  void removeSealed(int number) {
    Sealed chunk = sealed.get(number);
    if (chunk != null) {
      sealedBytes.addAndGet(-chunk.length);
      sealed.remove(number);
    }
  }

  /** The bytes of the full chunks. */
  long sealedBytes() {
    return sealedBytes.get();
  }

  /** How many chunks there are, open and full; for tests of leaks. */
  int chunks() {
    return open.size() + openFloats.size() + sealed.size();
  }
}
